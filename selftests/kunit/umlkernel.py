# SPDX-License-Identifier: GPL-2.0
"""Builds (once) and boots the User-Mode Linux kernel."""

import fcntl
import hashlib
import mmap
import os
import re
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import modsrc

HERE = Path(__file__).resolve().parent
CACHE = modsrc.BUILD / "uml"
# More than the machines have that this runs on: what meets on them is decided
# by where they interrupt each other.
PROCESSORS = 3

# What the kernel prints when one of its checkers finds something.
REPORT = re.compile(
    r"BUG:|BUG at|WARNING:|KASAN:|UBSAN:|ODEBUG:|INFO: |Kernel panic|Oops"
    r"|unreferenced object|kmemleak: \d+ new|Invalid wait context"
    r"|possible (circular|recursive|irq) lock|inconsistent lock state"
    r"|suspicious RCU usage|sleeping function called|while atomic"
    r"|bad unlock balance|lock held when returning|held lock freed"
    r"|turning off the locking correctness|BUILD_BUG|DEBUG_LOCKS_WARN_ON"
    r"|list_(add|del) corruption|refcount_t:|Objects remaining in"
    r"|Segfault with no mm|segfault at|general protection|Bad page state"
    r"|unregister_netdevice: waiting")


# Parts of such a report that tell nothing: the raw stack, and what lies in it
# from earlier calls.
NOISE = re.compile(r"^ \[<[0-9a-f]+>\] \? | [0-9a-f]{8}( [0-9a-f]{8})*$")

# What no such report contains: results of tests, and lines of init.
OTHER = re.compile(r"^\s*(@@|(not )?ok \d|1\.\.\d|# |KTAP)")


def lock(directory):
    """Wait until no other program works in directory. The result is to be
    kept, and closed or dropped when done."""
    directory.mkdir(parents=True, exist_ok=True)
    held = open(directory / "lock", "w", encoding="ascii")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


def kernel(recipe=HERE):
    """The directory of the kernel of a recipe, a directory with uml.config and
    build-kernel, which is built first if need be."""
    compiler = subprocess.check_output(["gcc", "--version"])
    # The version is that of the day when it was built: what is built needs no
    # network any more.
    key = hashlib.sha256(b"\0".join([
        compiler,
        *((recipe / name).read_bytes() for name in
          ["uml.config", "uml.patch", "build-kernel"])])).hexdigest()[:16]
    place = CACHE / key
    with lock(CACHE):
        if not place.is_dir():
            _build(place, recipe)
    return place


def _build(place, recipe):
    """Build in a directory of another name: one that was left half-way must
    not look complete."""
    work = CACHE / "unfinished"
    log = CACHE / f"{place.name}.log"
    shutil.rmtree(work, ignore_errors=True)
    print(f"# building the UML kernel, log in {log}", flush=True)
    started = time.monotonic()
    told = started
    count = 0
    with subprocess.Popen([recipe / "build-kernel", work], text=True,
                          errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process, \
            open(log, "w", encoding="utf-8") as out:
        for line in process.stdout:
            out.write(line)
            count += line.startswith("  CC ")
            if time.monotonic() - told > 20:
                told = time.monotonic()
                print(f"# {told - started:.0f} s, {count} files compiled",
                      flush=True)
    if process.returncode:
        tail = log.read_text(errors="replace").rstrip().split("\n")[-30:]
        print("\n".join(tail))
        sys.exit(f"the UML kernel did not build, see {log}")
    work.rename(place)
    print(f"# built in {time.monotonic() - started:.0f} s", flush=True)


def build_module(place, copy, with_tests):
    """Build smtpguard.ko in copy. Returns (success, complaints)."""
    args = ["ARCH=um", "UBSAN_SANITIZE=y"]
    if with_tests:
        args.append("SMTPGUARD_KUNIT=y")
    return modsrc.build(copy, place, args, copy.with_suffix(".log"))


def memory_directory(scratch):
    """UML maps its memory from a file, executable, which containers may
    forbid in the place where it looks first."""
    for name in ["/dev/shm", os.environ.get("TMPDIR", "/tmp"), "/tmp",
                 str(scratch)]:
        try:
            with tempfile.TemporaryFile(dir=name) as file:
                file.truncate(4096)
                mmap.mmap(file.fileno(), 4096,
                          prot=mmap.PROT_READ | mmap.PROT_EXEC).close()
            return name
        except OSError:
            continue
    sys.exit("no directory to map executable memory from")


class Boot:
    """One boot of the kernel, with one module and perhaps a script."""

    def __init__(self, place, module, scratch, processors=PROCESSORS):
        self.place = place
        self.module = module
        self.scratch = scratch
        self.processors = processors
        self.console = []
        self.status = {}
        self.late = False

    def run(self, deadline, script=None, module_args="", show=None):
        """Boot, wait for the end, fill in console and status. What script
        prints goes to the binary file show."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        job = self.scratch / "job"
        job.write_text("".join(
            f"{name}={shlex.quote(str(value))}\n" for name, value in [
                ("TREE", modsrc.TREE), ("MODULE", self.module),
                ("ARGS", module_args), ("SCRIPT", script or "")]))
        screen, screen_end = os.pipe()
        output, output_end = os.pipe()
        directory = memory_directory(self.scratch)
        # However this program ends, the kernel must not stay behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        command = [
            self.place / "linux", "mem=1G",
            # More than one processor takes seccomp instead of ptrace.
            f"ncpus={self.processors}", "seccomp=on",
            "root=none", "rootfstype=hostfs", "ro",
            f"init={HERE}/init", f"JOB={job}", "no_hash_pointers",
            # Tests run when the module that has them is loaded.
            "kunit.autorun=1",
            # Or a busy host makes the kernel complain from its timer interrupt
            # of how long that took, and lockdep of the console's lock there.
            "highres=off",
            # Nor is it a stall of ours when the host lends a processor to
            # others for so long; what hangs misses the deadline.
            "rcupdate.rcu_cpu_stall_suppress=1",
            "panic=-1", f"uml_dir={self.scratch}/uml", "con=null",
            f"con0=null,fd:{screen_end}", f"con1=null,fd:{output_end}"]
        with subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=screen_end,
                stderr=screen_end, pass_fds=(screen_end, output_end),
                start_new_session=True,
                env={**os.environ, "TMPDIR": directory}) as process:
            os.close(screen_end)
            os.close(output_end)
            try:
                self._collect(screen, output, show, deadline)
            finally:
                # Its processes are in this group; each is the kernel's view
                # of one program, and survives a kernel that is killed.
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        os.close(screen)
        os.close(output)
        for line in self.console:
            match = re.match(r"@@ (\S+) (\S+)", line)
            if match:
                self.status[match[1]] = match[2]
        self._name_addresses()

    def _collect(self, screen, output, show, deadline):
        """Read what the kernel prints until it has ended."""
        end = time.monotonic() + deadline
        raw = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(screen, selectors.EVENT_READ)
            selector.register(output, selectors.EVENT_READ)
            while selector.get_map():
                left = end - time.monotonic()
                events = selector.select(left) if left > 0 else []
                if not events:
                    self.late = True
                    break
                for key, _ in events:
                    data = os.read(key.fd, 65536)
                    if not data:
                        selector.unregister(key.fd)
                    elif key.fd == screen:
                        raw += data
                        # The pipes stay open while any process of the
                        # kernel lives; this is its last word.
                        if b"@@ end 0" in raw[-len(data) - 8:]:
                            end = min(end, time.monotonic() + 10)
                    elif show:
                        show.write(data)
                        show.flush()
        if self.late and b"@@ end 0" in raw:
            self.late = False
        text = raw.replace(b"\r", b"").decode("utf-8", "replace")
        # Names relative to the tree can be opened from where one works.
        self.console = text.replace(f"{self.module.parent}/", "").split("\n")

    def _name_addresses(self):
        """kmemleak is asked after the module has gone, when the kernel no
        longer knows the names in its call traces."""
        table = []
        for section in [".text", ".init.text"]:
            base = int(self.status.get(f"section{section}", "0"), 16)
            listing = subprocess.run(
                ["objdump", "-t", "-j", section, self.module], check=False,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True).stdout
            table += [
                (base + int(start, 16), int(size, 16), symbol)
                for start, size, symbol in re.findall(
                    r"^([0-9a-f]+) .{6}F \S+\t([0-9a-f]+) (\S+)$", listing,
                    re.MULTILINE)]

        def name(match):
            address = int(match[1], 16)
            for start, size, symbol in table:
                if start <= address <= start + size:
                    return f"] {symbol}+{address - start:#x} [smtpguard]"
            return match[0]

        self.console = [re.sub(r"\] 0x([0-9a-f]+)$", name, line)
                        for line in self.console]

    def tail(self, lines=25):
        """The last words of the kernel."""
        return [line for line in self.console if not NOISE.match(line)][-lines:]

    def reports(self, context=100):
        """What the kernel's checkers found, each report with the lines that
        follow it."""
        found = []
        left = 0
        for line in self.console:
            if NOISE.match(line):
                continue
            if REPORT.search(line):
                left = context
            elif OTHER.match(line):
                left = 0
            if left:
                found.append(line)
                left -= 1
        return found
