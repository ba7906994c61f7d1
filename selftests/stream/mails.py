# SPDX-License-Identifier: GPL-2.0
"""What is allowed must arrive: the same octets, once, in whatever segments an
honest client sends them and a network delivers them, and whatever somebody
else throws in."""

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6PacketTooBig,
                                ICMPv6TimeExceeded)

from case import (BIG_MAIL, MAIL, NONE, Case, establish, greeted, mail, octets,
                  settle, syn_with)
from odd import EVIL, FAR
from overlaps import WRAPS

STEP = 7


def by(size):
    """Segments of a size."""
    def cut(data):
        return [(at, data[at:at + size]) for at in range(0, len(data), size)]
    return cut


def reverse(cut):
    """The last one first."""
    return lambda data: cut(data)[::-1]


def twice(cut):
    """Each one twice."""
    return lambda data: [one for one in cut(data) for _ in (0, 1)]


def odd_first(cut):
    """Every other one, then those between."""
    return lambda data: cut(data)[1::2] + cut(data)[::2]


def shuffled(cut):
    """Without any order, but always the same."""
    def shuffle(data):
        pieces = cut(data)
        return [pieces[at * STEP % len(pieces)]
                for at in range(len(pieces))] if len(pieces) % STEP else \
            pieces[::-1]
    return shuffle


def losing(cut):
    """One in three is lost."""
    return lambda data: [one for at, one in enumerate(cut(data)) if at % 3]


def overlapping(size):
    """Each begins in the middle of the one before."""
    def cut(data):
        return [(at, data[at:at + size])
                for at in range(0, len(data), max(size // 2, 1))]
    return cut


def growing(data):
    """Each begins with the first octet again."""
    return [(0, data[:end]) for end in range(1, len(data) + 1, 3)]


def shrinking(data):
    """Each ends with the last octet."""
    return [(at, data[at:]) for at in range(len(data) - 1, -1, -3)]


CUTS = (
    ("octet by octet", octets),
    ("octet by octet, the last first", reverse(octets)),
    ("octet by octet, twice", twice(octets)),
    ("two octets at a time, in any order", shuffled(by(2))),
    ("every other segment of three octets first", odd_first(by(3))),
    ("one in three segments of four octets lost", losing(by(4))),
    ("segments that overlap by half", overlapping(6)),
    ("segments that overlap by half, the last first", reverse(overlapping(6))),
    ("segments that begin with the first octet", growing),
    ("segments that end with the last octet", shrinking),
    ("segments that end with the last octet, the longest first",
     reverse(shrinking)),
)
BIG_CUTS = (
    ("in order", by(600)),
    ("the last first", reverse(by(600))),
    ("every other one first", odd_first(by(600))),
    ("in any order", shuffled(by(600))),
    ("each twice, in any order", twice(shuffled(by(600)))),
    ("one in three lost", losing(by(600))),
    ("one in three lost, of 1400 octets", losing(by(1400))),
    ("that overlap by half", overlapping(1200)),
    ("that overlap by half, the last first", reverse(overlapping(1200))),
    ("too short to pass behind a hole, in any order", shuffled(by(300))),
)


def mail_case(group, name, steps, **more):
    return Case(group, name, tuple(steps), NONE, mail=more.pop("mail", MAIL),
                **more)


def cut_cases():
    for name, cut in CUTS:
        yield mail_case("message", name, [mail(cut)])
        yield mail_case("message, sequence numbers wrap", name, [mail(cut)],
                        first=WRAPS - 20)
    for name, cut in BIG_CUTS:
        for family in ("IPv4", "IPv6"):
            yield mail_case(f"message in large segments, {family}", name,
                            [mail(text=BIG_MAIL, text_cut=cut)],
                            mail=BIG_MAIL, family=family)


def icmp(make):
    """An error about the connection, with the begin of an evil segment."""
    def run(c):
        quoted = bytes(c.segment(EVIL))
        ip = c.segment()
        ip.remove_payload()
        if IP in ip:
            del ip.proto
        else:
            del ip.nh
        c.hand.put(ip / make() / quoted)
    return run


NOISE = (
    ("a port is unreachable", "IPv4", icmp(lambda: ICMP(type=3, code=3))),
    ("a fragment would be needed", "IPv4",
     icmp(lambda: ICMP(type=3, code=4, nexthopmtu=576))),
    ("time exceeded", "IPv4", icmp(lambda: ICMP(type=11))),
    ("source quench", "IPv4", icmp(lambda: ICMP(type=4))),
    ("a redirect", "IPv4", icmp(lambda: ICMP(type=5, gw="192.0.2.9"))),
    ("a port is unreachable", "IPv6",
     icmp(lambda: ICMPv6DestUnreach(code=4))),
    ("packet too big", "IPv6", icmp(lambda: ICMPv6PacketTooBig(mtu=1280))),
    ("time exceeded", "IPv6", icmp(ICMPv6TimeExceeded)),
)
BESIDE = (
    ("an ACK twice", {"flags": "A"}),
    ("a keepalive", {"flags": "A", "at": -1}),
    ("a keepalive with an octet", {"flags": "A", "at": -1, "data": b"\0"}),
    ("an ACK of old octets", {"flags": "A", "ack_at": -5}),
    ("an ACK of what was not said", {"flags": "A", "ack_at": 5}),
    ("an ACK far off", {"flags": "A", "ack_at": FAR}),
    ("an ACK far ahead", {"flags": "A", "at": FAR}),
    ("a segment without flags", {"flags": ""}),
    ("a Christmas tree without data", {"flags": "FPU", "at": FAR}),
    ("a FIN far ahead", {"flags": "FA", "at": FAR}),
    ("an urgent pointer without data", {"flags": "AU", "urgptr": 1,
                                        "at": -1}),
    ("a closed window for a moment", {"flags": "A", "window": 0}),
)


def noise_cases():
    """Before a message, and within its session."""
    for name, family, step in NOISE:
        yield mail_case("noise", f"{name}, {family}",
                        [step, settle, mail(between=step)], family=family)
    for name, fields in BESIDE:
        def step(c, fields=fields):
            fields = dict(fields)
            at = fields.pop("at", 0) + c.hand.offset - c.base
            c.send(fields.pop("data", b""), at, **fields)
        yield mail_case("noise", name, [step, settle, mail(between=step)])


def option_cases():
    """What an honest client's SYN may ask for."""
    for name, options in (
            ("maximum segment size", [("MSS", 536)]),
            ("window scale", [("WScale", 7)]),
            ("SACK", [("SAckOK", b"")]),
            ("timestamps", [("Timestamp", (1, 0))]),
            ("a request for fast open", [(34, b"")]),
            ("all of them", [("MSS", 1460), ("SAckOK", b""),
                             ("Timestamp", (1, 0)), ("WScale", 7)])):
        yield mail_case("message", f"the SYN has options: {name}", [mail()],
                        opening=(syn_with(options=options), establish,
                                 greeted))


def cases():
    yield from cut_cases()
    yield from noise_cases()
    yield from option_cases()
