# SPDX-License-Identifier: GPL-2.0
"""The one way in which every suite prints its results.

    report = Report("suite")
    report.check("name", condition, "detail shown when it is false")
    with report.case("other name"):
        assert left == right, f"{left} is not {right}"
    sys.exit(report.finish())

Each case prints `ok N - suite: name` or `not ok N - suite: name` as soon as
it is known, diagnostics follow as `# ...` lines, and finish() prints the
line `N passed, N failed`, which selftests/check reads.
"""

import contextlib
import os
import re
import sys
import threading
import traceback

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$")


class Report:
    """Counts and prints the cases of one suite.

    Each case runs in a context that `witness` makes; what that has to say, it
    adds to the exception as a note (see witness.py)."""

    def __init__(self, suite, out=None, witness=contextlib.nullcontext):
        self.suite = suite
        self.out = out or sys.stdout
        self._witness = witness
        self.passed = 0
        self.failed = 0
        # Suites run cases in threads; a result and its notes stay together.
        self._lock = threading.RLock()

    def note(self, text):
        """Print text as diagnostics, one `# ` line for each of its lines."""
        with self._lock:
            for line in str(text).rstrip("\n").split("\n"):
                print(f"# {line}".rstrip(), file=self.out, flush=True)

    def check(self, name, condition, detail=""):
        """Record one case. Returns the condition as a bool."""
        good = bool(condition)
        with self._lock:
            if good:
                self.passed += 1
            else:
                self.failed += 1
            number = self.passed + self.failed
            # A name is one line, or it would look like several results.
            name = " ".join(str(name).split())
            print(f"{'ok' if good else 'not ok'} {number} - "
                  f"{self.suite}: {name}", file=self.out, flush=True)
            if not good and detail:
                self.note(detail)
        return good

    def equal(self, name, got, expected):
        """Record one case that holds when both values are equal."""
        return self.check(name, got == expected,
                          f"expected {expected!r}\n     got {got!r}")

    @contextlib.contextmanager
    def case(self, name):
        """Run the block as one case, which fails if it raises."""
        try:
            with self._witness():
                yield self
        except Exception as problem:  # any error in a case fails that case
            self.check(name, False, _describe(problem))
        else:
            self.check(name, True)

    def finish(self):
        """Print the plan and the summary; returns the exit status."""
        total = self.passed + self.failed
        print(f"1..{total}", file=self.out)
        if not total:
            self.note("no test ran")
        print(f"{self.passed} passed, {self.failed} failed",
              file=self.out, flush=True)
        return 0 if self.passed and not self.failed else 1


def _describe(problem):
    """What was raised, what is noted of it, and where in the test; frames of
    this file and of the standard library's context managers only hide that."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__)
              if os.path.abspath(frame.filename) != os.path.abspath(__file__)]
    lines = [f"{os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}"
             for frame in frames]
    what = str(problem) or "failed"
    if not isinstance(problem, AssertionError):
        what = f"{type(problem).__name__}: {what}"
    return "\n".join([what, *getattr(problem, "__notes__", ()), *lines])
