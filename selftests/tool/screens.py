# SPDX-License-Identifier: GPL-2.0
"""What `smtpguard flows` and `smtpguard top` show of three sessions, as tmux
has it on a terminal of 80 columns and 24 lines. Inside of the VM it prints
that as JSON; Documentation/flows.rst has it from selftests/tool/record-screens.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "mail"),
                os.path.dirname(HERE)]

# pylint: disable=wrong-import-position
from wire import Wire  # noqa: E402

PAGE = os.path.join(TREE, "Documentation/flows.rst")
# The names of the captures, and what runs then. flows has ended by then.
COMMANDS = {"flows": "smtpguard flows; sleep 600", "top": "smtpguard top"}
PATIENCE = 60
TMUX = ("tmux", "-L", "smtpguard", "-f", "/dev/null")


@contextlib.contextmanager
def sessions():
    """One says commands, one is in a message, one in TLS."""
    with Wire() as one, Wire() as other, Wire(socket.AF_INET6) as third:
        for wire in (one, other, third):
            wire.server(b"220 mx.example ESMTP\r\n")
            wire.command(b"EHLO client.example",
                         b"250-mx.example\r\n250 STARTTLS")
        one.command(b"EXPN root", b"500 what")
        other.command(b"MAIL FROM:<a@example>", b"250 ok")
        other.command(b"RCPT TO:<b@example>", b"250 ok")
        other.command(b"DATA", b"354 go")
        other.client((b"x" * 70 + b"\r\n") * 20000)
        third.command(b"STARTTLS", b"220 go")
        third.client(b"\x16\x03\x01\x00\x05\x01ello")
        third.server(b"\x16\x03\x03\x00\x05\x02ello")
        yield


def tmux(*words):
    """What it prints."""
    return subprocess.run([*TMUX, *words], check=True, capture_output=True,
                          text=True, timeout=PATIENCE).stdout


def screen(command):
    """What a terminal shows, once all sessions are there."""
    tmux("new-session", "-d", "-x", "80", "-y", "24", command)
    try:
        end = time.monotonic() + PATIENCE
        text = ""
        while not all(phase in text for phase in ("command", "body",
                                                  "opaque")):
            assert time.monotonic() < end, text
            time.sleep(0.2)
            text = tmux("capture-pane", "-p", "-J")
        return "\n".join(line.rstrip()
                         for line in text.splitlines()).rstrip("\n")
    finally:
        tmux("kill-server")


def capture():
    """All of them, by name."""
    with sessions():
        return {name: screen(command) for name, command in COMMANDS.items()}


def shape(text):
    """What does not depend on ports, times and what was counted before."""
    lines = [re.sub(" +", " ", re.sub(r"[\d.]+( [kMG])?", "0", line)).strip()
             for line in text.splitlines()]
    return sorted(lines)


def documented(name):
    """What the page has."""
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    block = page.split(f".. begin {name}\n")[1].split(f".. end {name}\n")[0]
    return "\n".join(line[4:] for line in block.splitlines()
                     if line.startswith("    ") or not line
                     ).strip("\n")


if __name__ == "__main__":
    print(json.dumps(capture()))
