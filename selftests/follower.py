# SPDX-License-Identifier: GPL-2.0
"""A running `smtpguard log`, and what it printed."""

import os
import select
import signal
import subprocess
import time

PATIENCE = 30
# Generic netlink's own group, which the tool joins last of all.
LAST_GROUP = 1 << (0x10 - 1)


class Follower:
    """Follows the log from when it is made to when it is stopped."""

    def __init__(self, *options, command=()):
        self._process = subprocess.Popen(
            [*command, "smtpguard", "log", *options], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self._pending = b""
        self._wait_until_joined()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()

    def suspend(self):
        """What is told from now on stays in its socket."""
        self._process.send_signal(signal.SIGSTOP)

    def _wait_until_joined(self):
        """Events that came before are not missed by mistake."""
        end = time.monotonic() + PATIENCE
        while not self._joined():
            if self._process.poll() is not None:
                raise AssertionError(self._process.stderr.read().decode())
            if time.monotonic() > end:
                raise TimeoutError("the log was not joined")
            time.sleep(0.02)

    def _joined(self):
        # The namespace of the process, not ours.
        with open(f"/proc/{self._process.pid}/net/netlink",
                  encoding="ascii") as sockets:
            for row in sockets.readlines()[1:]:
                _, protocol, port, groups = row.split()[:4]
                if (int(protocol), int(port)) == (16, self._process.pid):
                    return bool(int(groups, 16) & LAST_GROUP)
        return False

    def line(self):
        """The next line, without its end."""
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._pending:
            left = end - time.monotonic()
            if not select.select([self._process.stdout], [], [],
                                 max(left, 0))[0]:
                raise TimeoutError(f"no line, only {self._pending!r}")
            data = os.read(self._process.stdout.fileno(), 65536)
            if not data:
                raise EOFError(f"ended after {self._pending!r}")
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        # Whatever peers send, this is what a terminal gets.
        return line.decode("ascii")

    def until(self, text):
        """All lines up to one that text is in."""
        lines = [self.line()]
        while text not in lines[-1]:
            lines.append(self.line())
        return lines

    def send(self, number):
        self._process.send_signal(number)

    def end(self):
        """How it ends by itself: status, rest of its output, complaints."""
        output, complaints = self._process.communicate(timeout=PATIENCE)
        return (self._process.returncode,
                (self._pending + output).decode("ascii"),
                complaints.decode("ascii"))

    def stop(self, number=signal.SIGTERM):
        """How it ends when it is asked to."""
        self.send(number)
        return self.end()
