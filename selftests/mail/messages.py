# SPDX-License-Identifier: GPL-2.0
"""Messages, and whether one came through once and unchanged."""

import base64
import hashlib
import itertools
import random

from postfix import DOMAIN

SENDER = "sender@example.net"
# An order that looks like nothing, yet is the same in every run.
_random = random.Random(295725)


class Message:
    """One message to one mailbox, found again by its Message-ID.

    The default body ends with an empty line because smtp-source adds one."""

    def __init__(self, user, name, body=b"Just a line.\r\n\r\n"):
        self.user = user
        self.recipient = f"{user}@{DOMAIN}"
        self.identity = f"<{user}.{name}@client.example.net>"
        self.text = (f"From: <{SENDER}>\r\nTo: <{self.recipient}>\r\n"
                     f"Subject: {name}\r\nMessage-ID: {self.identity}\r\n"
                     "Date: Tue, 26 Jun 2001 12:00:00 +0000\r\n"
                     "\r\n").encode("ascii") + body

    @property
    def stuffed(self):
        """The text as it goes over the wire, without its end of data."""
        return b"".join(b"." + line if line.startswith(b".") else line
                        for line in self.text.splitlines(keepends=True))

    @property
    def delivered(self):
        """The text with the line ends it has in a mailbox."""
        return self.text.replace(b"\r\n", b"\n")


def insist_once(mails, message):
    """Raise unless message is among mails exactly once, octet for octet."""
    header = f"\nMessage-ID: {message.identity}\n".encode("ascii")
    copies = [mail for mail in mails if header in mail]
    assert len(copies) == 1, f"{message.identity}: {len(copies)} copies"
    # Postfix puts its own headers before the text, and nothing after it.
    expected = message.delivered
    got = copies[0][-len(expected):]
    assert digest(got) == digest(expected), (
        f"{message.identity}: {len(got)} octets {digest(got)}, "
        f"sent {len(expected)} octets {digest(expected)}")


def digest(octets):
    return hashlib.sha256(octets).hexdigest()


def cuts(octets):
    """Every way to cut octets into pieces: 2**(n-1) lists of n octets."""
    for joints in itertools.product((False, True), repeat=len(octets) - 1):
        pieces = [octets[:1]]
        for number, cut in enumerate(joints, start=1):
            octet = octets[number:number + 1]
            if cut:
                pieces.append(octet)
            else:
                pieces[-1] += octet
        yield pieces


def bodies():
    """Bodies that have been trouble for somebody: (name, octets)."""
    yield "empty", b""
    yield "blank-lines", b"\r\n\r\n\r\n"
    yield "dots", (b".\r\n..\r\n...\r\n.x\r\n. \r\n \r\n.\t\r\nx.\r\n"
                   b"\r\n.\r\n\r\n.end\r\n.\r\n")
    yield "commands", (b"QUIT\r\nDATA\r\nEXPN root\r\nBDAT 9999 LAST\r\n"
                       b"STARTTLS\r\nRSET\r\n250 ok\r\n")
    yield "8-bit", b"".join(
        bytes(code for code in range(start, start + 32)) + b"\r\n"
        for start in range(128, 256, 32))
    yield "long-lines", b"".join(
        b"x" * length + b"\r\n" for length in (78, 998, 999, 1500, 5000))
    yield "one-MB", base64.encodebytes(
        _random.randbytes(768 * 1024)).replace(b"\n", b"\r\n")
