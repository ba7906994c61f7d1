# SPDX-License-Identifier: GPL-2.0
"""The machine of the benchmarks: that of selftests/vm/run, but its clock counts
instructions. It has one processor, time goes on by a nanosecond with each
instruction, and jumps to the next timer where there is nothing to do. So what
is read from its clock is a count that does not depend on the host, and two
runs of the same are alike.

    python3 selftests/bench/machine.py [--timed] [--with PACKAGE]... COMMAND

runs a command in there as selftests/vm/run does."""

import argparse
import importlib.machinery
import importlib.util
import signal
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VM = HERE.parent / "vm"
sys.path[:0] = [str(VM)]
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
import system  # noqa: E402

# No address may depend on the boot: hash chains and cache colours would.
WORDS = "nokaslr"


def load(path):
    """A program, which has no suffix, as a module."""
    name = path.name.replace("-", "_")
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def counted(command):
    """The command line of QEMU, with a clock that counts instructions."""
    changed = {"-accel": "tcg,thread=single", "-smp": "1"}
    words = list(command)
    for option, value in changed.items():
        words[words.index(option) + 1] = value
    words[words.index("-append") + 1] += f" {WORDS}"
    return [*words, "-icount", "shift=0,sleep=off"]


def machine(vm, timed):
    """vm.Machine as it is, or with that clock."""
    plain = vm._command  # pylint: disable=protected-access
    if not timed:
        vm._command = lambda *words: counted(plain(*words))


def boot(command, *, timed=False, packages=(), timeout=3600):
    """Run a command in a machine whose system has these packages, too. Returns
    its exit status. Systems with other packages are others."""
    vm = load(VM / "run")
    machine(vm, timed)
    system.PACKAGES = [*system.PACKAGES, *packages]
    place = system.System(system.DEFAULT)
    options = vm.command_line().parse_args(
        ["--timeout", str(timeout), *command])
    with tempfile.TemporaryDirectory(prefix="smtpguard-vm.") as scratch:
        return vm.boot(options, place, scratch)


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timed", action="store_true",
                        help="two processors and a clock of its own")
    parser.add_argument("--with", action="append", default=[], dest="packages",
                        metavar="PACKAGE", help="another package in there")
    parser.add_argument("--timeout", type=int, default=3600)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    # However this program ends, the machine must not stay behind.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    return boot(options.command, timed=options.timed,
                packages=options.packages, timeout=options.timeout)


if __name__ == "__main__":
    sys.exit(main())
