# SPDX-License-Identifier: GPL-2.0
"""The ambiguous ends of data, and every way to cut a message around one.

Only CRLF.CRLF ends a message. A form is another mix of CR, LF and NUL around
one dot, of which servers were seen, or can be thought, to take it for an end
too (SEC Consult 2023, and what was found since)."""

import dataclasses

END = b"\r\n.\r\n"
BEFORE = (b"\r\n", b"\n", b"\r", b"\r\n\0", b"\n\0", b"\r\0")
AFTER = (b"\r\n", b"\n", b"\r", b"\0\r\n", b"\0\n", b"\0\r", b"\r\0\n",
         b"\r\r\n")
# Octets on either side of a form that are segments of their own too, where it
# goes octet by octet.
MARGIN = 3

NAMES = ((b"\r\n", "<CRLF>"), (b"\r", "<CR>"), (b"\n", "<LF>"),
         (b"\0", "<NUL>"), (b".", "."))


@dataclasses.dataclass(frozen=True)
class Form:
    """An end of data. `resets`: to overwrite its last octet may come too
    late, so that the module resets instead."""

    octets: bytes
    resets: bool = False

    @property
    def name(self):
        """The form as it is written down."""
        rest, words = self.octets, []
        while rest:
            octets, word = next(pair for pair in NAMES
                                if rest.startswith(pair[0]))
            words.append(word)
            rest = rest[len(octets):]
        return "".join(words)


def ambiguous():
    """All of them."""
    for before in BEFORE:
        for after in AFTER:
            octets = before + b"." + after
            if octets != END:
                yield Form(octets, before == b"\r\n" and after[:1] == b"\r")


def whole(before, form, behind):
    """In one segment."""
    return [before + form + behind]


def cut_at(place):
    """In two, so many octets into the form."""
    def cut(before, form, behind):
        return [piece for piece in (before + form[:place],
                                    form[place:] + behind) if piece]
    return cut


def single(before, form, behind):
    """Octet by octet, in the form and beside it."""
    stream = before + form + behind
    start = len(before) - MARGIN
    stop = len(before) + len(form) + MARGIN
    pieces = [stream[:start],
              *(stream[at:at + 1] for at in range(start, stop)),
              stream[stop:]]
    return [piece for piece in pieces if piece]


def ways(form):
    """Every way to cut a message with a form in it; each is a function of what
    is before it, the form, and what is behind, and gives pieces."""
    return [whole, *(cut_at(place) for place in range(len(form) + 1)), single]


def uncut(_):
    """The one way that is none."""
    return [whole]
