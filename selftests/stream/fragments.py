# SPDX-License-Identifier: GPL-2.0
"""IP fragments. Conntrack puts them together before anybody reads them, so
what a guard sees has to be what the receiver gets; these hold it to that."""

from scapy.layers.inet6 import IPv6ExtHdrFragment

from case import (BOTH, LAST, LINUX, MAIL, NONE, OPEN_MESSAGE, Case, mail,
                  opened, send, send_fragments, settle)
from odd import EVIL, HARMLESS

# Fragments of this size are cut in the verb.
SIZE = 24
EVIL_LINE = b"VRFY " + b"r" * 60 + b"\r\n"
HARMLESS_LINE = b"NOOP " + b"r" * 60 + b"\r\n"
TEXT = b"one\r\n.\r\n" + EVIL_LINE


def cut_at(size):
    """Fragments of a size, which is a multiple of eight."""
    def cut(octets):
        return [(at, octets[at:at + size], at + size < len(octets))
                for at in range(0, len(octets), size)]
    return cut


def reverse(cut):
    """The last one first."""
    return lambda octets: cut(octets)[::-1]


def twice(cut):
    """Each of them twice."""
    return lambda octets: [one for one in cut(octets) for _ in (0, 1)]


def without_last(cut):
    """All but the last."""
    return lambda octets: cut(octets)[:-1]


def rewritten(octets):
    """The octets of another command in place of the first one's verb."""
    return octets.replace(b"VRFY", b"NOOP")


def overlapping(octets):
    """Behind the first fragment, one that covers its end, too."""
    return [(0, octets[:SIZE], True), (SIZE - 8, octets[SIZE - 8:], False)]


def overlapping_evil_last(octets):
    """The verb is harmless at first, and evil in the one that overlaps."""
    (place, first, more), second = overlapping(octets)
    return [(place, rewritten(first), more), second]


def overlapping_evil_first(octets):
    """The verb is evil at first, and harmless in the one that overlaps."""
    first, (place, second, more) = overlapping(octets)
    return [first, (place, rewritten(second), more)]


def enclosed(octets):
    """A fragment lies within another one, which comes later."""
    return [(SIZE, octets[SIZE:SIZE + 8], True), (16, octets[16:], False),
            (0, octets[:16], True)]


def beyond_the_end(octets):
    """There is more behind the last one."""
    return [*cut_at(SIZE)(octets), (len(octets) // 8 * 8 + 8, EVIL, False)]


def two_ends(octets):
    """The last one comes twice, the second time shorter."""
    *most, (place, piece, _) = cut_at(SIZE)(octets)
    return [(place, piece, False), (place, piece[:8], False), *most]


# How a segment is cut, and whether its receivers get it with IPv4.
CUTS = (
    ("of 8 octets", cut_at(8), BOTH),
    ("of 24 octets", cut_at(SIZE), BOTH),
    ("within the header", cut_at(16), BOTH),
    ("the last first", reverse(cut_at(SIZE)), BOTH),
    ("of 8 octets, the last first", reverse(cut_at(8)), BOTH),
    ("each twice", twice(cut_at(SIZE)), BOTH),
    ("without the last", without_last(cut_at(SIZE)), NONE),
    ("that overlap with the same octets", overlapping, NONE),
    ("that overlap, the evil ones last", overlapping_evil_last, NONE),
    ("that overlap, the evil ones first", overlapping_evil_first, NONE),
    ("of which one encloses another", enclosed, NONE),
    ("with more behind the end", beyond_the_end, BOTH),
    ("with two ends", two_ends, NONE),
)
# With IPv6, nobody takes a first fragment without all of TCP's header
# (RFC 7112).
IPV6 = {"of 8 octets": NONE, "within the header": NONE,
        "of 8 octets, the last first": NONE, "with two ends": BOTH}


def cuts(family):
    """How segments are cut, and whom they reach."""
    for name, cut, evades in CUTS:
        yield name, cut, (IPV6.get(name, evades) if family == "IPv6" else
                          evades)


def evil_cases(family):
    for name, cut, evades in cuts(family):
        yield Case(f"fragments, {family}", f"{name}: a command in them",
                   (send_fragments(EVIL_LINE, cut), settle), evades,
                   family=family)
        yield Case(f"fragments, {family}", f"{name}: an end of data in them",
                   (send_fragments(TEXT, cut), settle), evades, family=family,
                   opening=opened(OPEN_MESSAGE))
        yield Case(f"fragments, {family}", f"{name}: another command before "
                   "them", (send(HARMLESS_LINE),
                            send_fragments(EVIL_LINE, cut), settle),
                   evades & LAST, family=family)
        yield Case(f"fragments, {family}", f"{name}: another command behind "
                   "them", (send_fragments(EVIL_LINE, cut),
                            send(HARMLESS_LINE), settle), evades & LINUX,
                   family=family)


def mail_cases(family):
    for name, cut, evades in cuts(family):
        # Not all of them are a packet.
        if not evades:
            continue
        yield Case(f"fragments, {family}", f"{name}: a message in them",
                   (mail(fragments=cut),), NONE, family=family, mail=MAIL)


def cases():
    for family in ("IPv4", "IPv6"):
        yield from evil_cases(family)
        yield from mail_cases(family)
    yield Case("fragments, IPv6", "one that is the whole: a command in it",
               (send(EVIL, before=IPv6ExtHdrFragment(id=7)), settle), BOTH,
               family="IPv6")
    yield Case("fragments, IPv6", "one that is the whole: another command "
               "before it",
               (send(HARMLESS),
                send(EVIL, before=IPv6ExtHdrFragment(id=7)), settle), LAST,
               family="IPv6")
