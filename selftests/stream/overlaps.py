# SPDX-License-Identifier: GPL-2.0
"""Two copies of the same octets that differ, in every place of a session where
that could make one command of another. Which copy a receiver reads is its own
choice (Ptacek and Newsham 1998, Handley, Paxson and Kreibich 2001), so none of
these may reach it but the one that was judged.

A phase gives two texts of one length, a harmless and an evil one; a shape says
in which segments both are sent."""

from case import (BOTH, LAST, LINUX, NONE, OPEN_MESSAGE, OPENINGS, Case,
                  establish, opened, send, settle, syn)

# The fifth octet of a command has the number 0.
WRAPS = (1 << 32) - 5
HELLO = b"\x16\x03\x01\x00\x20\x01"

# Name, what comes before, the harmless text, the evil one, and what is
# special about the server.
PHASES = (
    ("verb", opened(),
     b"NOOP root\r\n",
     b"VRFY root\r\n", {}),
    ("argument", opened(),
     b"NOOP is for nothing\r\n",
     b"NOOP a\r\nVRFY nobody\r\n", {}),
    ("recipient", opened(b"MAIL FROM:<>\r\n"),
     b"RCPT TO:<b@example.org>\r\n",
     b"RCPT TO:<b>\r\nVRFY bobby\r\n", {}),
    ("begin of a message", opened(OPEN_MESSAGE),
     b"x and y\r\nfor ever\r\n",
     b".\r\nVRFY bob\r\nNOOP\r\n", {}),
    ("text of a message", opened(OPEN_MESSAGE),
     b"one\r\nnot a dot here\r\ntwo\r\n",
     b"one\r\n.\r\nVRFY nobody\r\ntwo\r\n", {}),
    ("dot in a message", opened(OPEN_MESSAGE),
     b"one\r\n..\r\nVRFY root\r\n",
     b"one.\r\n.\r\nVRFY root\r\n", {}),
    ("behind a message", opened(OPEN_MESSAGE),
     b"one\r\n.\r\nNOOP root\r\n",
     b"one\r\n.\r\nVRFY root\r\n", {}),
    ("size of a chunk", opened(b"EHLO a\r\n",
      b"MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n"),
     b"BDAT 0011 LAST\r\nVRFY root\r\n",
     b"BDAT 0000 LAST\r\nVRFY root\r\n", {}),
    ("behind a chunk", opened(b"EHLO a\r\n",
      b"MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n"),
     b"BDAT 4 LAST\r\nabc\nNOOP root\r\n",
     b"BDAT 4 LAST\r\nabc\nVRFY root\r\n", {}),
    ("response of AUTH", opened(b"AUTH LOGIN\r\n"),
     b"cm9vdDpyb290OnJvb3Q=\r\n",
     b"cm9v\r\nVRFY nobody\r\nX\r\n",
     {"replies": {b"AUTH": b"334 VXNlcm5hbWU6\r\n"}}),
    ("behind STARTTLS", opened(),
     b"STARTTLS\r\nNOOP root\r\n",
     b"STARTTLS\r\nVRFY root\r\n", {}),
    ("handshake", opened(b"STARTTLS\r\n"),
     HELLO + b"\0" * 5,
     b"VRFY root\r\n",
     {"replies": {b"STARTTLS": b"220 2.0.0 Go on\r\n"}}),
    ("before the greeting", (syn, establish),
     b"NOOP root\r\n",
     b"VRFY root\r\n", {"greeting": b""}),
)
# The same in the other direction: a capability that is hidden.
CAPABILITY = (b"250-mail.example.org\r\n250-PIPELINE\r\n250 SIZE\r\n",
              b"250-mail.example.org\r\n250-XFORWARD\r\n250 SIZE\r\n")


def differing(harmless, evil):
    """The first place at which two texts differ, and the one behind the
    last."""
    places = [at for at, pair in enumerate(zip(harmless, evil))
              if pair[0] != pair[1]]
    return places[0], places[-1] + 1


# Shapes: the segments of two texts. None is where the receiver reads and
# acknowledges.

def repeated(harmless, evil):
    return [(0, harmless), (0, evil)]


def evil_first(harmless, evil):
    return [(0, evil), (0, harmless)]


def acknowledged(harmless, evil):
    return [(0, harmless), None, (0, evil)]


def single_octets(harmless, evil):
    return [(0, harmless), *((at, evil[at:at + 1]) for at in range(len(evil)))]


def only_difference(harmless, evil):
    first, last = differing(harmless, evil)
    return [(0, harmless), (first, evil[first:last])]


def beyond(harmless, evil):
    return [(0, harmless), (0, evil + b"NOOP\r\n")]


def across_acknowledged(harmless, evil):
    first, _ = differing(harmless, evil)
    return [(0, harmless[:first]), None, (first, harmless[first:]), (0, evil)]


def one_of_two(harmless, evil):
    first, _ = differing(harmless, evil)
    middle = first + 1
    return [(0, harmless[:middle]), (middle, harmless[middle:]), (0, evil)]


def two_of_one(harmless, evil):
    first, _ = differing(harmless, evil)
    middle = first + 1
    return [(0, harmless), (middle, evil[middle:]), (0, evil[:middle])]


def behind_a_hole(harmless, evil):
    return [(1, evil[1:]), (0, harmless)]


def twice_behind_a_hole(harmless, evil):
    return [(1, harmless[1:]), (1, evil[1:]), (0, evil[:1])]


def longer_behind_a_hole(harmless, evil):
    return [(2, harmless[2:-1]), (1, evil[1:]), (0, evil[:1])]


def hole_filled_further(harmless, evil):
    first, last = differing(harmless, evil)
    first = max(first, 1)
    return [(first, harmless[first:]), (0, evil[:last])]


def hole_filled_twice(harmless, evil):
    _, last = differing(harmless, evil)
    last = min(last, len(evil) - 1)
    return [(last, evil[last:]), (0, harmless[:last]), (0, evil[:last])]


def backwards(harmless, evil):
    places = range(len(evil) - 1, 0, -1)
    return [*((at, harmless[at:at + 1]) for at in places),
            *((at, evil[at:at + 1]) for at in places), (0, evil[:1])]


def in_blocks(harmless, evil):
    blocks = range(2, len(evil), 4)
    return [*((at, harmless[at:at + 2]) for at in blocks), (1, evil[1:]),
            (0, evil[:1])]


# And whom they deceive where nothing guards.
SHAPES = (
    ("the evil text is a repeat", repeated, LAST),
    ("the evil text comes first", evil_first, LINUX),
    ("the evil text repeats what is acknowledged", acknowledged, NONE),
    ("the evil text is a repeat octet by octet", single_octets, LAST),
    ("the evil text repeats only what differs", only_difference, LAST),
    ("the evil text repeats and goes on", beyond, LAST),
    ("the evil text repeats from before what is acknowledged",
     across_acknowledged, LAST),
    ("the evil text repeats two segments in one", one_of_two, LAST),
    ("the evil text repeats a segment in two, the last first", two_of_one,
     LAST),
    ("the evil text waits behind a hole", behind_a_hole, NONE),
    ("both texts wait behind a hole", twice_behind_a_hole, LAST),
    ("behind a hole, the evil text encloses the other", longer_behind_a_hole,
     BOTH),
    ("the evil text fills a hole, and goes on over the other",
     hole_filled_further, BOTH),
    ("the evil text fills a hole again", hole_filled_twice, LAST),
    ("both texts octet by octet, the last first", backwards, LAST),
    ("behind a hole, the evil text encloses blocks of the other", in_blocks,
     BOTH),
)


def steps(make, harmless, evil):
    """The steps of a shape."""
    return tuple(send(piece[1], piece[0]) if piece else settle
                 for piece in make(harmless, evil))


def cases():
    """Each shape in each phase."""
    for phase, opening, harmless, evil, script in PHASES:
        assert len(harmless) == len(evil), phase
        for shape, make, evades in SHAPES:
            yield Case(f"overlap, {phase}", shape,
                       steps(make, harmless, evil), evades, opening=opening,
                       script=script)
    for shape, make, evades in SHAPES:
        yield Case("overlap, capability", shape, steps(make, *CAPABILITY),
                   evades, judged="client", opening=OPENINGS["client"])
    _, opening, harmless, evil, _ = PHASES[0]
    for shape, make, evades in SHAPES:
        yield Case("overlap, sequence numbers wrap", shape,
                   steps(make, harmless, evil), evades, opening=opening,
                   first=WRAPS)
        yield Case("overlap, IPv6", shape, steps(make, harmless, evil),
                   evades, opening=opening, family="IPv6")
