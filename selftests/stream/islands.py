# SPDX-License-Identifier: GPL-2.0
"""Segments behind a hole, in a message and in a chunk. The guard lets those
pass that cannot end the data, before it knows what is in the hole; what comes
into it, and copies of what has passed, could make commands of them."""

from case import (BOTH, LAST, LINUX, NONE, OPEN_MESSAGE, Case, opened, persist,
                  send, settle)
from odd import EVIL

# Shorter segments of a message never pass behind a hole.
LONG = 600
# More octets than an end of data has.
FEW = 8
PADDING = (b"x" * 58 + b"\r\n") * 100
END = b"\r\n.\r\n"
# What some servers take for an end of data, too (SMTP smuggling).
AMBIGUOUS = (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\n")
ENVELOPE = b"MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n"
MESSAGE = opened(OPEN_MESSAGE)
# The reply shows CHUNKING.
HELLO = b"EHLO a\r\n"
# As many islands as there may be at once, and lines that are kept of them.
ISLANDS_MAX = 16
LINES_MAX = 1024


def text(begin=b"", end=b"", length=LONG):
    """Text of a message, with a begin and an end."""
    return begin + PADDING[:length - len(begin) - len(end)] + end


HARMLESS = text()
EVIL_BEGIN = text(EVIL)
# It ends the data wherever in a line it begins.
EVIL_END = text(END + EVIL)


def case(name, pieces, evades, opening=MESSAGE, **more):
    """Segments by their places; None is where the receiver reads."""
    steps = tuple(send(piece[1], piece[0]) if piece else settle
                  for piece in pieces)
    return Case("behind a hole", name, (*steps, settle), evades,
                opening=opening, **more)


def halves(octets):
    """Every way to cut octets in two, one of which may be empty."""
    return [(octets[:at], octets[at:]) for at in range(len(octets) + 1)]


def shown(octets):
    return repr(octets)[2:-1]


def cut_end_cases():
    """An end of data lies across the end of a hole, or of an island."""
    for before, behind in halves(END):
        cut = f"{shown(before)} | {shown(behind)}"
        island = text(behind + EVIL)
        yield case(f"end of data {cut}, the first part fills the hole",
                   [(LONG, island), (0, text(end=before))], BOTH)
        yield case(f"end of data {cut} in two islands",
                   [(LONG, text(end=before)), (2 * LONG, island), (0, text())],
                   BOTH)
        yield case(f"end of data {cut} in two islands, the second first",
                   [(2 * LONG, island), (LONG, text(end=before)), (0, text())],
                   BOTH)
        yield case(f"end of data {cut}, an island, and what fills the hole "
                   "behind it",
                   [(LONG, text(end=before)), (3 * LONG, EVIL_BEGIN),
                    (0, text()), (2 * LONG, text(behind, b"\r\n"))], BOTH)
        hole = text(end=before)
        yield case(f"end of data {cut}, octet by octet into the hole",
                   [(LONG, island), (0, hole[:-FEW]),
                    *((at, hole[at:at + 1])
                      for at in range(LONG - FEW, LONG))], BOTH)
    for dot in range(1, 5):
        before, octet, behind = END[:dot], END[dot:dot + 1], END[dot + 1:]
        yield case(f"octet {dot} of an end of data fills a hole of one octet",
                   [(2 * LONG + 1, text(behind + EVIL)),
                    (LONG, text(end=before)), (0, text()),
                    (2 * LONG, octet)], BOTH)


def ambiguous_cases():
    """The same, for servers that take more for an end of data."""
    for end in AMBIGUOUS:
        for before, behind in halves(end):
            cut = f"{shown(before)} | {shown(behind)}"
            yield case(f"smuggled end of data {cut}, the first part fills the "
                       "hole",
                       [(LONG, text(behind + EVIL)), (0, text(end=before))],
                       BOTH, script={"lax": True})


def copy_cases():
    """Other copies of what has passed behind a hole."""
    yield case("an island, and again with an end of data",
               [(LONG, HARMLESS), (LONG, EVIL_END), (0, text())], LAST)
    yield case("an island with an end of data, and again without",
               [(LONG, EVIL_END), (LONG, HARMLESS), (0, text())], LINUX)
    yield case("an island, and again as a command behind an end of data in "
               "the hole",
               [(LONG, HARMLESS), (LONG, EVIL_BEGIN), (0, text(end=END))],
               LAST)
    yield case("an island, and all up to its end, with commands in it",
               [(LONG, HARMLESS), (0, text(end=END) + EVIL_BEGIN)], BOTH)
    yield case("an island, and all up to its end, with an end of data in it",
               [(LONG, HARMLESS), (0, text() + EVIL_END)], BOTH)
    yield case("an island, and all up to beyond its end, with commands there",
               [(LONG, HARMLESS), (0, text() + text(end=END) + EVIL)], BOTH)
    yield case("an island, and an end of data that ends in it",
               [(LONG, HARMLESS), (0, text(end=b"\r\n.") + text(b"\r\n" +
                                                               EVIL))], BOTH)
    yield case("an island, and one that overlaps its end",
               [(LONG, HARMLESS), (LONG + 300, EVIL_END), (0, text())], LAST)
    yield case("an island, and one that overlaps its begin",
               [(LONG, HARMLESS), (300, text(end=END + EVIL)),
                (0, text(length=300))], BOTH)
    yield case("an island, and one that encloses it",
               [(LONG, HARMLESS), (LONG - 10, text(END + EVIL, length=700)),
                (0, text(length=LONG - 10))], BOTH)
    yield case("an island, and one within it",
               [(LONG, text(length=1400)), (LONG + 300, EVIL_END),
                (0, text())], LAST)
    yield case("two islands, and one that covers both",
               [(LONG, HARMLESS), (2 * LONG, HARMLESS),
                (LONG, text(end=END) + EVIL_BEGIN), (0, text())], BOTH)
    yield case("an island, its hole is filled, and again with an end of data",
               [(LONG, HARMLESS), (0, text()), (LONG, EVIL_END)], LAST)
    yield case("an island, its hole is filled, and both again",
               [(LONG, HARMLESS), (0, text()),
                (0, text(end=END) + EVIL_BEGIN)], LAST)
    yield case("an island, and two copies of what fills the hole",
               [(LONG, EVIL_BEGIN), (0, text(length=LONG - 1)),
                (0, text(end=END, length=LONG - 1)),
                (LONG - 1, b"\n")], LAST)
    yield case("an island, and what fills the hole, then with an end of data",
               [(LONG, EVIL_BEGIN), (0, text()), (0, text(end=END))], LAST)
    yield case("an island is octet by octet another one",
               [(LONG, HARMLESS),
                *((LONG + at, EVIL_END[at:at + 1])
                  for at in range(len(END + EVIL))),
                (0, text())], LAST)


def limit_cases():
    """Where the guard has no room for more of it."""
    places = [LONG * at for at in range(1, 2 * ISLANDS_MAX + 4, 2)]
    holes = [(place - LONG, text()) for place in places]
    for name, place in (("first", places[0]),
                        ("last there is room for", places[ISLANDS_MAX - 1]),
                        ("first there is no room for", places[ISLANDS_MAX])):
        yield case(f"too many islands, the {name} again with an end of data",
                   [*((at, HARMLESS) for at in places), (place, EVIL_END),
                    *holes], LAST)
    lines = b"\r\n" * (LINES_MAX // 2 + 100)
    evil = END + EVIL
    yield case("too many lines in islands, the first again with an end of "
               "data",
               [(LONG, lines), (LONG + len(lines), lines),
                (LONG, evil + lines[len(evil):]), (0, text())], LAST)
    yield case("too many lines in islands, the last again with an end of data",
               [(LONG, lines), (LONG + len(lines), lines),
                (LONG + len(lines), evil + lines[len(evil):]), (0, text())],
               LAST)


def phase_cases():
    """What lies behind the hole is not what it seems."""
    refusing = {"replies": {b"DATA": b"503 5.5.1 No\r\n"}}
    commands = b"NOOP\r\n" * (LONG // 6)
    yield case("a command behind commands",
               [(LONG, EVIL_BEGIN), (0, commands)], BOTH, opening=opened())
    yield case("a command behind a hole when DATA was refused",
               [(LONG, EVIL_BEGIN), (0, commands)], BOTH,
               opening=opened(OPEN_MESSAGE), script=refusing)
    yield case("a command behind a hole when DATA is not answered",
               [(0, b"DATA\r\n"), (6 + LONG, EVIL_BEGIN),
                (6, text(end=END))], BOTH, opening=opened(ENVELOPE))
    yield case("a command behind a hole when DATA is not answered and will "
               "be refused",
               [(0, b"DATA\r\n"), (6 + LONG, EVIL_BEGIN), (6, commands)],
               BOTH, opening=opened(ENVELOPE), script=refusing)
    yield case("a command behind a hole in the second message",
               [(LONG, EVIL_BEGIN), (0, text(end=END))], BOTH,
               opening=opened(OPEN_MESSAGE, b"x\r\n.\r\n", OPEN_MESSAGE))
    yield case("a message in a hole",
               [(LONG, EVIL_BEGIN),
                (0, text(END[2:] + OPEN_MESSAGE, END))], BOTH)
    yield case("an empty message in a hole",
               [(LONG, EVIL_BEGIN),
                (0, b".\r\n" + b"NOOP\r\n" * 99 + b"\r\n\r")], BOTH)
    yield case("a short command behind the end of data in a hole",
               [(LONG, EVIL), (0, text(end=END))], BOTH)
    yield case("commands from the first end of data to the second",
               [(LONG, text(EVIL, END)), (0, text(end=END))], BOTH)


def chunk(size, last=b" LAST"):
    """The begin of a chunk."""
    return (*opened(HELLO, ENVELOPE), persist(b"BDAT %d%s\r\n" % (size, last)))


def chunk_cases():
    yield case("a command behind a chunk, in an island that begins in it",
               [(500, PADDING[:500] + EVIL), (0, PADDING[:500])], BOTH,
               opening=chunk(1000))
    yield case("a command behind a chunk, in an island right behind it",
               [(1000, EVIL_BEGIN), (0, PADDING[:1000])], BOTH,
               opening=chunk(1000))
    yield case("a command behind a chunk, in an island behind one in it",
               [(500, PADDING[:500]), (1000, EVIL_BEGIN),
                (0, PADDING[:500])], BOTH, opening=chunk(1000))
    yield case("a command behind a chunk, in an island that covers one in it",
               [(500, PADDING[:500]), (500, PADDING[:500] + EVIL_BEGIN),
                (0, PADDING[:500])], BOTH, opening=chunk(1000))
    yield case("a command behind a chunk that fills the rest of the hole",
               [(500, PADDING[:500]), (0, PADDING[:1000] + EVIL)], BOTH,
               opening=chunk(1000))
    yield case("octets of a chunk again with others",
               [(500, PADDING[:500]), (500, text(EVIL, length=500)),
                (0, PADDING[:500])], NONE, opening=chunk(1000))
    yield case("a command behind a chunk of nothing",
               [(1, EVIL_BEGIN[1:]), (0, EVIL[:1])], BOTH, opening=chunk(0))
    yield case("a command behind the size of a chunk of nothing",
               [(13, EVIL_BEGIN), (0, b"BDAT 0 LAST\r\n")], BOTH,
               opening=opened(HELLO, ENVELOPE))
    yield case("another size of a chunk when its octets have passed",
               [(0, b"BDAT 1000 LAST\r\n"), (516, text(EVIL, length=500)),
                (0, b"BDAT 0500 LAST\r\n"), (16, PADDING[:500])], LAST,
               opening=opened(HELLO, ENVELOPE))
    yield case("a command between two chunks",
               [(1000, EVIL_BEGIN), (0, PADDING[:1000])], BOTH,
               opening=chunk(1000, b""))
    yield case("a size of a chunk in a hole, too large",
               [(1000 + 16, EVIL_BEGIN), (1000, b"BDAT 9999 LAST\r\n"),
                (0, PADDING[:1000]), (1000, b"BDAT 0000 LAST\r\n")], LAST,
               opening=chunk(1000, b""))


def cases():
    yield from cut_end_cases()
    yield from ambiguous_cases()
    yield from copy_cases()
    yield from limit_cases()
    yield from phase_cases()
    yield from chunk_cases()
