# SPDX-License-Identifier: GPL-2.0
"""What reads at a receiver: a server that is careless on purpose, or a client
that asks for capabilities. And what neither of them may read."""

import re

from server import GREETING, QUEUED, REPLIES, Dialogue, Script

# Verbs that the default policy does not let through.
REFUSED = frozenset(REPLIES) - {
    b"AUTH", b"BDAT", b"DATA", b"EHLO", b"ETRN", b"HELO", b"HELP", b"MAIL",
    b"NOOP", b"QUIT", b"RCPT", b"RSET", b"STARTTLS"}
# Commands that only a case sends which hides them have this in an argument.
SMUGGLED = b"smuggled"
# A capability that the default policy hides.
HIDDEN = b"XFORWARD"
# What some servers take for an end of data, with the line end before it.
ANY_END = re.compile(rb"(?:\r\n|\r|\n)\.(?:\r\n|\r|\n)")
CHUNK = re.compile(rb"BDAT +(\d+)( +LAST)?\s*$", re.IGNORECASE)
HANDSHAKE = b"\x16"


class Careless(Dialogue):
    """Also counts chunks, and takes what follows STARTTLS for commands when
    it is no handshake."""

    def __init__(self, script, say):
        super().__init__(script, say)
        self._left = 0

    def begin(self):
        """The connection is made."""
        if self.script.greeting:
            self.say(self.script.greeting)

    def violations(self):
        """What it should not have read."""
        return [line for line in self.lines
                if line.split()[:1] and line.split()[0].upper() in REFUSED
                or SMUGGLED in line]

    def _command(self):
        known = len(self.lines)
        if not super()._command():
            return False
        line, = self.lines[known:]
        chunk = CHUNK.match(line)
        if chunk:
            self._left = int(chunk[1])
            self._read = self._chunk
        return True

    def _chunk(self):
        skipped = min(self._left, len(self._unread))
        self._left -= skipped
        self._unread = self._unread[skipped:]
        if self._left:
            return False
        self._read = self._command
        return True

    def _handshake(self):
        if not self._unread:
            return False
        if self._unread.startswith(HANDSHAKE):
            return super()._handshake()
        self._read = self._command
        return True


class Lax(Careless):
    """Takes any line ends around a dot for an end of data."""

    def _message(self):
        end = ANY_END.search(b"\r\n" + self._unread)
        if not end:
            return False
        behind = end.end() - 2
        self.messages.append(self._unread[:behind])
        self._unread = self._unread[behind:]
        self._read = self._command
        self.say(QUEUED)
        return True


def careless_server(lax=False, **changes):
    """Makes such a server, with a script that differs so from the usual."""
    return lambda say: (Lax if lax else Careless)(Script(**changes), say)


class Asking:
    """A client that asks what the server can do, and reads what it says."""

    def __init__(self, say):
        self.octets = bytearray()
        self.messages = []
        self._say = say
        self._asked = False

    def begin(self):
        """The connection is made."""

    def take(self, data):
        """Read what came."""
        self.octets += data
        if not self._asked and self.octets.endswith(b"\n"):
            self._asked = True
            self._say(b"EHLO client.example.net\r\n")

    def violations(self):
        """What it should not have read."""
        return [line for line in self.octets.split(b"\n")
                if HIDDEN in line.upper()]


__all__ = ["GREETING", "Asking", "careless_server"]
