# SPDX-License-Identifier: GPL-2.0
"""The suites: which there are, and how one of them is run. A suite is a program
that ends with a line `N passed, N failed` and exits with 0 only if none
failed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "vm")]

# pylint: disable=wrong-import-position
import system  # noqa: E402
from report import SUMMARY  # noqa: E402

TREE = HERE.parent

# Two suites run at once, one of each lane, which take about as long: the first
# lane begins with what compiles, while the second one waits for packages.
# lint comes after kunit since it uses the system that the second lane makes.
VM = "selftests/vm/run"

# Whether mail goes through on a kernel, however it is cut: `make check` runs it
# on those that the other suites do not run on.
SMOKE = ["selftests/net/run", "cuts", "verbs", "helpers", "marks"]


def _smoke(kernel):
    assert kernel in system.KERNELS and kernel != system.DEFAULT
    return [VM, "--kernel", kernel, *SMOKE]


LANES = [
    {
        "core": ["selftests/core/run"],
        "fuzz": ["selftests/fuzz/run"],
        "rehearse": ["selftests/tool/rehearse"],
        "records": ["selftests/tool/records"],
        "conf": ["selftests/tool/conf"],
        "absence": ["selftests/tool/absence"],
        "kunit": ["selftests/kunit/run"],
        "soak": ["selftests/soak/run"],
        "lint": ["selftests/lint"],
        "insn": ["selftests/bench/run-insn", "--short"],
        "smuggling": [VM, "selftests/smuggling/run"],
        "smoke-backports": _smoke("backports"),
    },
    {
        # the longest, and others may run beside it
        "net": [VM, "--timeout", "2300", "selftests/net/run"],
        "stream": [VM, "selftests/stream/run"],
        "loss": [VM, "selftests/stream/loss"],
        "tool": [VM, "selftests/tool/run"],
        "ynl": ["selftests/tool/ynl"],
        "mail": [VM, "selftests/mail/run"],
        "smoke-6.1": _smoke("6.1"),
    },
]
SUITES = {name: command for lane in LANES for name, command in lane.items()}
# What runs in the VM on any kernel.
IN_VM = [name for name, command in SUITES.items()
         if command[0] == VM and "--kernel" not in command]

# How much of each suite's failures, and of each of them, is repeated behind all
# results, and in the summary.
MOST_FAILURES = 5
MOST_LINES = 30
FEW_LINES = 2
WIDTH = 240


def on(name, kernel=system.DEFAULT, helperless=False):
    """The command that runs a suite in the VM, with this kernel and module."""
    first, *rest = SUITES[name]
    assert first == VM, name
    options = ["--kernel", kernel] if name in IN_VM else []
    return [VM, *options, *["--helperless"] * helperless, *rest]


_running = set()
_output = threading.Lock()


class Suite:
    """One suite and, once it has run, its result."""

    def __init__(self, name, command, logs):
        self.name = name
        self.command = command
        self.log = logs / f"{name}.log"
        self.passed = 0
        self.failed = 0
        self.seconds = 0.0
        self.trouble = ""
        self.failures = []
        self._failing = False

    def say(self, text):
        """Print a line, marked as this suite's."""
        with _output:
            print(f"{self.name:15} | {text}", flush=True)

    def note(self, line):
        """Take what a line of the suite says of its result. A failure is
        kept with its diagnostics, the lines with a # right behind it."""
        summary = SUMMARY.match(line)
        if summary:
            self.passed = int(summary[1])
            self.failed = int(summary[2])
        if line.startswith("not ok "):
            self.failures.append([line])
            self._failing = True
        elif self._failing and line.startswith("#"):
            self.failures[-1].append(line)
        else:
            self._failing = False

    def repeat(self, most_lines):
        """Say again what failed, with as many lines for each failure."""
        for lines in self.failures[:MOST_FAILURES]:
            for line in lines[:most_lines]:
                self.say(line[:WIDTH])
        if len(self.failures) > MOST_FAILURES:
            self.say(f"... {len(self.failures)} failures, see its log")

    def run(self, deadline):
        """Run the suite, at most deadline seconds long."""
        started = time.monotonic()
        self.say(f"started, log in {self.log.relative_to(TREE)}")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            status = self._follow(deadline)
        except OSError as problem:
            self.trouble = str(problem)
        else:
            if not self.passed and not self.failed:
                self.trouble = f"status {status}, no results"
            elif status and not self.failed:
                self.trouble = f"status {status}, though no test failed"
        if self.trouble:
            self.failed += 1
            self.say(f"failed: {self.trouble}")
        self.seconds = time.monotonic() - started

    def _follow(self, deadline):
        """Show and keep what the suite prints. Returns its status."""
        with subprocess.Popen(
                self.command, cwd=TREE, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                errors="replace", start_new_session=True) as process:
            _running.add(process)
            timer = threading.Timer(deadline, self._late, [process, deadline])
            timer.start()
            try:
                with open(self.log, "w", encoding="utf-8") as out:
                    for line in process.stdout:
                        line = line.rstrip("\r\n")
                        out.write(f"{line}\n")
                        out.flush()
                        self.say(line)
                        self.note(line)
                return process.wait()
            finally:
                timer.cancel()
                _running.discard(process)

    def _late(self, process, deadline):
        """End a suite that takes too long."""
        self.say(f"ended after {deadline} s")
        end(process)


def end(process):
    """End a suite with all that it started."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        time.sleep(2)
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def end_with_us():
    """The suites are in process groups of their own, so that whoever ends
    this program does not reach them: end them when it is told to end."""
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)


def _interrupted(*_):
    for process in list(_running):
        end(process)
    print("interrupted", flush=True)
    os._exit(130)
