# SPDX-License-Identifier: GPL-2.0
"""Segments that one receiver takes and another one does not: with wrong sums,
numbers, flags, options or times to live. What is in them can be evil, which
the guard must not let pass for that it expects no receiver to take it; or
harmless, so that the guard reads it in place of the evil text that comes
right behind (insertion and evasion of Ptacek and Newsham 1998)."""

from scapy.layers.inet import IPOption_NOP, IPOption_RR, IPOption_Router_Alert
from scapy.layers.inet6 import (IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, PadN)

from case import (BOTH, LAST, LINUX, MAIL, NONE, OPEN_MESSAGE, Case, establish,
                  greeted, mail, opened, say, send, settle, syn_with)

HARMLESS = b"NOOP root\r\n"
EVIL = b"VRFY root\r\n"
HARMLESS_TEXT = b"one\r\nnot a dot here\r\ntwo\r\n"
EVIL_TEXT = b"one\r\n.\r\nVRFY nobody\r\ntwo\r\n"

LIBERAL = (("net.netfilter.nf_conntrack_tcp_be_liberal", 1),)
UNSUMMED = (("net.netfilter.nf_conntrack_checksum", 0),)
FAR = 1 << 30


def stamped(value):
    """Fields of a segment with a timestamp."""
    return {"options": [("NOP", None), ("NOP", None),
                        ("Timestamp", (value, 0))]}


NOW, OLD = stamped(1000000), stamped(1000)
STAMPED = (syn_with(**NOW), establish, greeted)


class Kind:
    """A kind of segments. `taken` says who takes what is in them, while he
    takes a usual segment, which has `usual`, behind it. `is_noise` says that
    the guard takes none of them for a part of the session, so that others can
    do no harm by them."""

    def __init__(self, name, odd, taken=LAST, opening=None, is_noise=False,
                 usual=None, sysctls=(), family="IPv4"):
        self.name = name
        self.odd = odd
        self.taken = taken
        self.opening = opening or opened()
        self.is_noise = is_noise
        self.usual = usual or {}
        self.more = {"sysctls": sysctls, "family": family}

    def case(self, what, steps, evades, opening=None, **more):
        return Case("odd segment", f"{self.name}: {what}", tuple(steps),
                    evades, opening=opening or self.opening,
                    **self.more, **more)

    def texts(self, what, harmless, evil, opening):
        """What is evil and odd; what is evil behind what is odd."""
        yield self.case(f"{what} in it", [send(evil, **self.odd), settle],
                        self.taken, opening)
        # A receiver that takes both has the first or the last of them.
        yield self.case(f"{what} behind it",
                        [send(harmless, **self.odd),
                         send(evil, **self.usual), settle],
                        (LINUX - self.taken) | LAST, opening)

    def cases(self):
        yield from self.texts("a command", HARMLESS, EVIL, self.opening)
        yield from self.texts("an end of data", HARMLESS_TEXT, EVIL_TEXT,
                              (*self.opening, say(OPEN_MESSAGE, **self.usual)))
        if self.is_noise:
            yield self.case("a message around it",
                            [send(EVIL, **self.odd), settle,
                             mail(**self.usual)], self.taken, mail=MAIL)


# Nobody should take these, and Linux does not.
REFUSED = (
    Kind("wrong checksum", {"chksum": 0x1234}, is_noise=True),
    Kind("no checksum", {"chksum": 0}, is_noise=True),
    Kind("wrong checksum, not verified by conntrack", {"chksum": 0x1234},
         sysctls=UNSUMMED),
    Kind("wrong checksum, IPv6", {"chksum": 0x1234}, is_noise=True,
         family="IPv6"),
    Kind("wrong checksum of the header", {"ip": {"chksum": 0x1234}}, NONE,
         is_noise=True),
    Kind("time to live ends at the router", {"ip": {"ttl": 1}}, NONE,
         is_noise=True),
    Kind("time to live ends behind the router", {"ip": {"ttl": 2}}, NONE),
    Kind("hop limit ends behind the router", {"ip": {"ttl": 2}}, NONE,
         family="IPv6"),
    Kind("no ACK", {"flags": "P"}, is_noise=True),
    Kind("no flags", {"flags": ""}, is_noise=True),
    Kind("all flags but RST", {"flags": "FSPAU", "at": -1}, is_noise=True),
    Kind("Christmas tree", {"flags": "FPU"}, is_noise=True),
    Kind("SYN and FIN", {"flags": "SFA", "at": -1}, is_noise=True),
    Kind("SYN and ACK", {"flags": "SPA", "at": -1}),
    Kind("SYN", {"flags": "SP", "at": -1}),
    Kind("RST beside the window", {"flags": "RPA", "at": FAR}, NONE,
         is_noise=True),
    Kind("RST within the window", {"flags": "RPA", "at": 100}, NONE),
    Kind("acknowledges what was not said", {"ack_at": 100000},
         is_noise=True),
    Kind("acknowledges what was not said, liberal conntrack",
         {"ack_at": 100000}, sysctls=LIBERAL),
    Kind("acknowledges one octet too many", {"ack_at": 1}, is_noise=True),
    Kind("acknowledges what is long gone", {"ack_at": -FAR}),
    Kind("acknowledges what is long gone, liberal conntrack",
         {"ack_at": -FAR}, sysctls=LIBERAL),
    Kind("far beyond the window", {"at": FAR}, NONE, is_noise=True),
    Kind("far beyond the window, liberal conntrack", {"at": FAR}, NONE,
         sysctls=LIBERAL, is_noise=True),
    Kind("far before the window", {"at": -FAR}, NONE, is_noise=True),
    Kind("far before the window, liberal conntrack", {"at": -FAR}, NONE,
         sysctls=LIBERAL, is_noise=True),
    Kind("an old timestamp", OLD, opening=STAMPED, usual=NOW),
    Kind("a signature of MD5", {"options": [(19, b"\0" * 16)]}),
    Kind("a header shorter than one", {"dataofs": 4}, is_noise=True),
    Kind("a header longer than the segment", {"dataofs": 15}, NONE,
         is_noise=True),
)

# A receiver takes these like any other.
ACCEPTED = (
    Kind("no PSH", {"flags": "A"}, BOTH),
    Kind("ECN echo", {"flags": "PAE"}, BOTH),
    Kind("congestion window reduced", {"flags": "PAC"}, BOTH),
    Kind("ECN of IP", {"ip": {"tos": 3}}, BOTH),
    Kind("ECN of IPv6", {"ip": {"tos": 3}}, BOTH, family="IPv6"),
    Kind("another class of traffic", {"ip": {"tos": 0xb8}}, BOTH),
    Kind("reserved bits", {"reserved": 7}, BOTH),
    Kind("a small window", {"window": 64}, BOTH),
    Kind("an urgent pointer without its flag", {"urgptr": 1}, BOTH),
    Kind("an option nobody knows", {"options": [(253, b"abcd")]}, BOTH),
    Kind("forty octets of options", {"options": [("NOP", None)] * 40}, BOTH),
    Kind("a signature of TCP-AO", {"options": [(29, b"\0" * 14)]}, BOTH),
    Kind("options behind their end", {"options": [("EOL", None),
                                                  ("NOP", None)]}, BOTH),
    Kind("blocks of SACK", {"options": [("SAck", (900, 1000))]}, BOTH),
    Kind("MPTCP", {"options": [(30, b"\0\x81" + b"\0" * 8)]}, BOTH),
    Kind("a timestamp that was not agreed on", NOW, BOTH),
    Kind("no timestamp where it was agreed on", {}, BOTH, opening=STAMPED),
    Kind("a newer timestamp", stamped(1000001), BOTH, opening=STAMPED),
    Kind("record route",
         {"ip": {"options": IPOption_RR(routers=["0.0.0.0"] * 2)}}, BOTH),
    Kind("router alert", {"ip": {"options": IPOption_Router_Alert()}}, BOTH),
    Kind("no-ops of IP", {"ip": {"options": [IPOption_NOP()] * 8}}, BOTH),
    Kind("options hop by hop",
         {"before": IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])},
         BOTH, family="IPv6"),
    Kind("options for the destination",
         {"before": IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])},
         BOTH, family="IPv6"),
    Kind("two headers of options",
         {"before": IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()}, BOTH,
         family="IPv6"),
)


# Options of which one lies about its length.
MALFORMED = (
    ("none at all", b"\xfd\0\0\0\0\0\0\0"),
    ("not even its own two octets", b"\xfd\1\0\0\0\0\0\0"),
    ("more than there is", b"\xfd\x32\0\0\0\0\0\0"),
    ("too long a timestamp", b"\x08\x0c\0\0\0\0\0\0"),
    ("a window scale in mid-stream", b"\x03\x03\x0e\0\0\0\0\0"),
)


def malformed_cases():
    """The first octets of such a segment are options."""
    for name, options in MALFORMED:
        for what, harmless, evil, opening in (
                ("a command", HARMLESS, EVIL, opened()),
                ("an end of data", HARMLESS_TEXT, EVIL_TEXT,
                 opened(OPEN_MESSAGE))):
            yield Case("odd segment", f"length of an option, {name}: {what} "
                       "in it", (send(options + evil, dataofs=7), settle),
                       BOTH, opening=opening)
            yield Case("odd segment", f"length of an option, {name}: {what} "
                       "behind it",
                       (send(options + harmless, dataofs=7), send(evil),
                        settle), LAST, opening=opening)


def accepted_cases():
    """A message in such segments arrives; a command in them is judged."""
    for kind in ACCEPTED:
        yield from kind.texts("a command", HARMLESS, EVIL, kind.opening)
        yield kind.case("a message in it", [mail(**kind.odd)], NONE,
                        mail=MAIL)


def cases():
    for kind in REFUSED:
        yield from kind.cases()
    yield from accepted_cases()
    yield from malformed_cases()
