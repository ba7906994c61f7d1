# SPDX-License-Identifier: GPL-2.0
"""What the most careless server and client would read of what is forwarded.

Nothing here knows how the core or the oracle decide. A line ends at CR, at
LF and at CRLF; a message ends with any of these, a dot, and any of these,
with NULs in between, and a NUL behind the dot does as well; a phase changes as
soon as a reply says so.
"""

import re

from oracle import CLIENT, DROPPED, KNOWN_VERBS, Policy

# Of verbs that no policy allows, those that servers were seen to obey.
DANGEROUS = (KNOWN_VERBS - {"PROXY"}) | {
    "VERB", "ONEX", "DEBUG", "WIZ", "XADR", "XUSR", "GET", "POST", "CONNECT",
    "PUT"}
KEYWORDS = {
    "ATRN", "AUTH", "BINARYMIME", "BURL", "CHUNKING", "ETRN", "EXPN", "HELP",
    "PIPELINING", "SIZE", "STARTTLS", "TURN", "VRFY", "XCLIENT", "XEXCH50",
    "X-ANONYMOUSTLS", "X-EXPS", "XFORWARD", "8BITMIME", "DSN", "SMTPUTF8"}

_END_OF_DATA = re.compile(rb"(?:\A|[\r\n])\0*\.[\0\r\n]\Z")


class Eyes:
    """Reads a session as it was forwarded; `seen` is what must not be."""

    def __init__(self, settings):
        self.policy = Policy(settings)
        self.seen = []
        self.client = CLIENT
        self.read = self.command
        self.line = b""
        self.reply = b""
        self.reply_lines = 0
        self.text = b""
        self.left = 0
        self.unanswered = ["greeting"]

    def look(self, direction, octet):
        """Read one octet."""
        if self.read == self.nothing:
            return
        if direction == self.client:
            self.read(octet)
        elif self.read == self.handshake:
            self.handshake_answer(octet)
        else:
            self.server(octet)

    def nothing(self, octet):
        """TLS."""

    def handshake(self, octet):
        """What may become TLS; the server tells."""

    def handshake_answer(self, octet):
        """An octet of the server's. It says hello, fails in an alert, or goes
        on in clear, where the next line is a command."""
        if not self.left:
            self.left = {0x16: 0, 0x15: 7}.get(octet, -1)
            self.read = self.nothing if octet == 0x16 else self.read
        if self.left > 0:
            self.left -= 1
        elif self.left < 0:
            self.left = 0
            self.unanswered = ["handshake"]
            self.read = self.command
            self.server(octet)

    def command(self, octet):
        """An octet of a command line."""
        if octet not in b"\r\n":
            self.line += bytes([octet])
            return
        line, self.line = self.line, b""
        verb = re.split(rb"[ \t]", line)[0].decode("latin-1").upper()
        if verb in DANGEROUS - self.policy.verbs:
            self.seen.append(f"the verb {verb}")
        if line:
            self.unanswered.append(verb)
        size = re.match(rb"(?i)BDAT +([0-9]+)", line)
        if size and verb in self.policy.verbs:
            # the LF is still to come
            self.left = int(size[1]) + 1
            self.read = self.chunk

    def chunk(self, octet):
        """An octet of a chunk."""
        self.left -= 1
        if not self.left:
            self.read = self.command

    def message(self, octet):
        """An octet of a message."""
        self.text = (self.text + bytes([octet]))[-4000:]
        if _END_OF_DATA.search(self.text):
            self.unanswered.append("end of data")
            self.read = self.command

    def exchange(self, octet):
        """An octet of an AUTH exchange."""
        if octet in b"\r\n":
            self.unanswered.append("AUTH")
            self.read = self.command

    def server(self, octet):
        """An octet of a reply."""
        if octet not in b"\n":
            self.reply += bytes([octet])
            return
        reply, self.reply = self.reply.rstrip(b"\r"), b""
        match = re.match(rb"([2-5][0-9][0-9])([ \t-]|\Z)(.*)", reply)
        if not match:
            return
        answers = self.unanswered[0] if self.unanswered else None
        if (answers in ("EHLO", "LHLO") and match[1][:1] == b"2"
                and self.reply_lines):
            self.capability(match[3])
        self.reply_lines += 1
        if match[2] != b"-":
            self.reply_lines = 0
            self.unanswered[:1] = []
            self.phase(int(match[1]), answers)

    def capability(self, text):
        """A line of the reply to EHLO."""
        name = re.split(rb"[ \t=]", text)[0].decode("latin-1").upper()
        if name in KEYWORDS - self.policy.capabilities:
            self.seen.append(f"the capability {name}")

    def phase(self, code, answers):
        """A reply is complete."""
        if code == 354:
            self.text = b""
            self.read = self.message
        elif code == 334 and answers in ("AUTH", "X-EXPS"):
            self.read = self.exchange
        elif code == 220 and answers in ("STARTTLS", "X-ANONYMOUSTLS"):
            self.read = self.handshake
        elif (self.read == self.exchange and not answers
              and code // 100 != 3 and code != 421):
            self.read = self.command
        elif code // 100 == 2 and answers in ("TURN", "ATRN"):
            self.client = 1 - self.client
            self.unanswered = ["greeting"]


def sees(settings):
    """Whether these settings promise that it sees nothing."""
    return (settings.get("profile") != "monitor"
            and settings.get("end_of_data") != "accept")


def look(settings, directions, forwarded):
    """What a careless server or client would see that it must not."""
    eyes = Eyes(settings)
    for direction, octet in zip(directions, forwarded):
        if octet != DROPPED:
            eyes.look(direction, octet)
    return eyes.seen
