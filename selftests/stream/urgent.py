# SPDX-License-Identifier: GPL-2.0
"""Octets that a receiver leaves out of what it reads, while they are in the
segments: urgent ones, and those for which it has no room.

Linux hands on an urgent octet apart, out of its stream; the one that the
pointer names is the octet before it (RFC 6093)."""

from case import (BOTH, LAST, LINUX, NONE, OPEN_MESSAGE, Case, opened, send,
                  settle)
from odd import EVIL, HARMLESS

URGENT = "PAU"
MESSAGE = opened(OPEN_MESSAGE)
# The reply shows CHUNKING.
HELLO = b"EHLO a\r\n"
ENVELOPE = b"MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n"
# Each with an octet, "!" or "1", that makes it harmless, and where that is.
TEXTS = (
    ("a verb", opened(), b"V!RFY root\r\n", 1),
    ("a verb's first octet", opened(), b"!VRFY root\r\n", 0),
    ("a word that two commands are joined by", opened(),
     b"NOOP\r\n!VRFY root\r\n", 6),
    ("a line of a message", MESSAGE, b"one\r\n.!\r\n" + EVIL, 6),
    ("the first line of a message", MESSAGE, b".!\r\n" + EVIL, 1),
    ("a line end of a message", MESSAGE, b"one\r!\n.\r\n" + EVIL, 4),
    ("two dots of a message", MESSAGE, b"one\r\n..\r\n" + EVIL, 5),
    ("the size of a chunk", opened(HELLO, ENVELOPE),
     b"BDAT 10 LAST\r\n" + b"VRFY root\n", 5),
    ("the end of a chunk", opened(HELLO, ENVELOPE, b"BDAT 4 LAST\r\nabc\n"),
     b"!" + EVIL, 0),
)


def urgent(name, steps, evades, opening):
    return Case("urgent", name, (*steps, settle), evades, opening=opening)


def text_cases():
    for name, opening, text, at in TEXTS:
        yield urgent(f"an octet in {name}",
                     [send(text, flags=URGENT, urgptr=at + 1)], LINUX,
                     opening)
        yield urgent(f"an octet in {name}, in a segment of its own",
                     [send(text[:at + 1], flags=URGENT, urgptr=at + 1),
                      send(text[at + 1:], at + 1)], LINUX, opening)
        yield urgent(f"an octet in {name}, which comes behind the pointer",
                     [send(text[:at] or b"", flags=URGENT, urgptr=at + 1),
                      send(text[at:], at)], LINUX, opening)
        yield urgent(f"an octet in {name}, named when it is repeated",
                     [send(text), send(text, flags=URGENT, urgptr=at + 1)],
                     NONE, opening)
        yield urgent(f"an octet in {name}, named before it is sent, by a "
                     "keepalive",
                     [send(b"\0", -1, flags=URGENT, urgptr=at + 2),
                      send(text)], LINUX, opening)


def pointer_cases():
    """Pointers that name nothing, or something else."""
    for name, fields, evades in (
            ("a pointer of 0", {"flags": URGENT, "urgptr": 0}, LAST),
            ("a pointer far beyond the segment",
             {"flags": URGENT, "urgptr": 0xffff}, BOTH),
            ("a pointer right behind the segment",
             {"flags": URGENT, "urgptr": len(EVIL) + 1}, BOTH),
            ("a pointer to the last octet",
             {"flags": URGENT, "urgptr": len(EVIL)}, LAST),
            ("a pointer without the flag", {"urgptr": 1}, BOTH)):
        yield urgent(f"{name}, with a command", [send(EVIL, **fields)],
                     evades, opened())
        yield urgent(f"{name}, behind another command",
                     [send(HARMLESS), send(EVIL, **fields)], LAST, opened())


# Windows.

def hold(c):
    """The receiver reads no more, and has little room."""
    c.receiver.hold()


def release(c):
    """It reads again."""
    c.receiver.release()


def fill(c):
    """Send text until the receiver has no room for more; it is not read."""
    line = b"x" * 254 + b"\r\n"
    for _ in range(64):
        if c.hand.window == 0:
            break
        c.send(line)
        c.settle()
    c.hand.offset = c.hand.acknowledged
    c.base = c.hand.offset


def window_cases():
    evil = b"\r\n.\r\n" + EVIL
    for name, probe in (("one octet", b"x"),
                        ("as many octets", b"x" * len(evil)),
                        ("an end of data less an octet", evil[:4] + b"x")):
        yield Case("window", f"closed, probed with {name}, then other octets",
                   (hold, fill, send(probe), settle, release, settle,
                    send(evil), settle), LINUX, opening=MESSAGE)
    yield Case("window", "closed, probed with a keepalive, then other octets",
               (hold, fill, send(b".", -1), settle, release, settle,
                send(evil), settle), BOTH, opening=MESSAGE)
    yield Case("window", "closed, an evil text, then a harmless one",
               (hold, fill, send(evil), send(b"x" * len(evil)), settle,
                release, settle), NONE, opening=MESSAGE)
    yield Case("window", "a keepalive with an octet of another command",
               (send(HARMLESS), send(b"\r", len(HARMLESS) - 2),
                send(b"V", 0), send(EVIL, 0), settle), LAST)


def cases():
    yield from text_cases()
    yield from pointer_cases()
    yield from window_cases()
