# SPDX-License-Identifier: GPL-2.0
"""What a case is made of.

    Case("overlap", "the verb is repeated with another one",
         (send(b"NOOP root\\r\\n"), send(b"VRFY root\\r\\n"), settle),
         evades=LAST)

A step is a function of the connection. Places of octets count from where the
connection was when the case's own steps began; a segment moves nothing, so
that the next one may lie anywhere.
"""

import dataclasses
import time

from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment

import apps
from ends import RECEIVERS, SMTP, Hand, wait
from plain import FIELDS, TCP_PROTOCOL
from server import QUEUED

DEADLINE = 30
# Octets of a segment that is sent again.
SEGMENT = 1400
# How often the same octets are sent again.
PATIENCE = 20
NETWORKS = {"IPv4": {"client": "198.18", "server": "198.19"},
            "IPv6": {"client": "2001:db8:18", "server": "2001:db8:19"}}
OTHER = {"client": "server", "server": "client"}
CLIENT_PORT = 40000
HAND_FIRST = 1000
RECEIVER_FIRST = 5000
OPEN_MESSAGE = b"MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
# The texts of messages that must arrive.
BIG_MAIL = (b"Subject: big\r\n\r\n" + b"line\r\n..dot\r\nVRFY root\r\n" * 300 +
            b".\r\n")
MAIL = b"Subject: one\r\n\r\n..dot\r\nVRFY root\r\n.\r\n"


@dataclasses.dataclass(frozen=True)
class Case:
    """A case: its class, its name, its steps, and how they are judged.

    `evades` names the receivers which the steps deceive where nothing guards
    them. `mail` is a message that must arrive, the same octets once, at whom
    they do not deceive; else the sender is hostile and only what it must
    not do counts. `judged` is the end that reads. `opening` is what comes
    before the steps. `sysctls` are the router's, `script` is what is special
    about the server. `first` is the sender's first sequence number."""

    group: str
    name: str
    steps: tuple
    evades: frozenset = frozenset()
    mail: bytes = b""
    judged: str = "server"
    family: str = "IPv4"
    opening: tuple | None = None
    sysctls: tuple = ()
    script: dict = dataclasses.field(default_factory=dict)
    first: int = HAND_FIRST

    @property
    def title(self):
        return f"{self.group}: {self.name}"


NONE = frozenset()
LINUX = frozenset({"Linux"})
LAST = frozenset({"last copy"})
BOTH = LINUX | LAST


def address(family, side, by_hand, number):
    """An address of the connection with a number."""
    network = NETWORKS[family][side]
    if family == "IPv6":
        return f"{network}:{0 if by_hand else 1}::{number:x}"
    return f"{network}.{(number >> 8) + (0 if by_hand else 128)}.{number & 255}"


class Connection:
    """The connection of a case; `number` makes its addresses its own."""

    def __init__(self, case, receiver, number):
        self.case = case
        self.base = 0
        # Packets that were sent in fragments.
        self.fragmented = 0
        judged, hand = case.judged, OTHER[case.judged]
        ports = {"client": CLIENT_PORT, "server": SMTP}
        here = (address(case.family, hand, True, number), ports[hand])
        there = (address(case.family, judged, receiver != "Linux", number),
                 ports[judged])
        self.addresses = here[0], there[0]
        self.hand = Hand(hand, case.family, case.first, here, there)
        make_app = {"server": apps.careless_server(**case.script),
                    "client": apps.Asking}[judged]
        self.receiver = RECEIVERS[receiver](
            judged, case.family, RECEIVER_FIRST, there, here,
            make_app=make_app, calls=judged == "client")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hand.close()
        self.receiver.close()

    def run(self):
        """All steps."""
        opening = self.case.opening
        if opening is None:
            opening = OPENINGS[self.case.judged]
        for step in opening:
            step(self)
        self.base = self.hand.offset
        for step in self.case.steps:
            step(self)
        self.settle()

    def until(self, condition, what):
        """Wait until condition() holds."""
        end = time.monotonic() + DEADLINE
        while True:
            self.receiver.poll()
            self.hand.poll()
            if condition():
                return
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{what}; {self.seen()}")
            wait((self.hand, self.receiver), left)

    def hear(self, condition, what):
        """Acknowledge what comes, until condition() holds."""
        def acknowledge_first():
            if self.hand.told < self.hand.heard:
                self.hand.told = self.hand.heard
                self.hand.emit(flags="A")
            return condition()

        self.until(acknowledge_first, what)

    def seen(self):
        """What both ends have, for a failure."""
        return (f"the receiver has {bytes(self.receiver.app.octets)!r}, "
                f"the hand {bytes(self.hand.text)!r}")

    def settle(self):
        """All that was sent, and passes, has come, and is read."""
        self.receiver.rearm(self.hand)
        self.hand.ping()
        self.until(lambda: self.receiver.has_all(self.hand),
                   "a ping did not pass")
        self.receiver.deliver()
        self.hand.poll()

    def segment(self, data=b"", at=None, ip=None, ack_at=None, before=None,
                **fields):
        """A packet. Fields of IP have IPv4's names; `before` are headers
        between those of IP and TCP."""
        place = None if at is None else self.base + at
        if ack_at is not None:
            fields["ack"] = self.hand.peer.number(self.hand.heard + ack_at)
        packet = self.hand.segment(data, place, **fields)
        for name, value in (ip or {}).items():
            if IPv6 in packet:
                name = {"ttl": "hlim", "tos": "tc"}[name]
            setattr(packet, name, value)
        if before is not None:
            tcp = packet.payload
            packet.remove_payload()
            packet = packet / before.copy() / tcp
        return packet

    def forge(self, data=b"", flags="PA", reached=None, **fields):
        """Send a segment in the name of the receiver, which acknowledges all
        octets up to a place."""
        place = self.hand.offset if reached is None else self.base + reached
        packet = self.segment(flags=flags, **fields)
        tcp = packet[TCP]
        packet.src, packet.dst = packet.dst, packet.src
        tcp.sport, tcp.dport = tcp.dport, tcp.sport
        tcp.seq = self.hand.peer.number(self.hand.heard)
        tcp.ack = self.hand.number(place)
        self.hand.put(packet / data)

    def send_fragments(self, data, cut, at=0, **fields):
        """Send a segment in fragments: what `cut` makes of the octets behind
        the IP header, each with its place and whether more follow."""
        packet = self.segment(data, at, **fields)
        tcp = packet.payload
        packet.remove_payload()
        # With its header, for that is part of the checksum.
        octets = bytes(packet / tcp)[len(packet):]
        self.fragmented += 1
        for place, piece, more in cut(octets):
            self.hand.put(fragment(packet, self.fragmented, place, more) /
                          piece)

    def send(self, data=b"", at=None, **fields):
        """Send a segment; without a place it is next in order."""
        if fields.keys() <= FIELDS | {"flags"}:
            self.hand.emit(data, None if at is None else self.base + at,
                           **fields)
        else:
            self.hand.put(self.segment(data, at, **fields))
        if at is None:
            self.hand.offset += len(data)

    def say(self, data, **fields):
        """Send data in order, and wait until it is answered."""
        heard = len(self.hand.text)
        self.send(data, **fields)
        self.settle()
        self.hear(lambda: self.hand.text[heard:].endswith(b"\r\n"),
                  f"no answer to {data!r}")

    def persist(self, data, cut=None, fragments=None, **fields):
        """Send data as a TCP does: what is not acknowledged again. The pieces
        that `cut` makes go out at once, with what `fields` says, or in
        fragments."""
        def put(piece, at):
            if fragments:
                self.send_fragments(piece, fragments, at, **fields)
            else:
                self.send(piece, at, **fields)

        start = self.hand.offset
        self.hand.offset += len(data)
        for place, piece in (cut or whole)(data):
            put(piece, start + place - self.base)
        self.settle()
        tries = PATIENCE
        while tries:
            reached = self.hand.acknowledged
            if reached >= self.hand.offset:
                return
            piece = data[reached - start:][:SEGMENT]
            put(piece, reached - self.base)
            self.settle()
            tries = tries - 1 if self.hand.acknowledged == reached else \
                PATIENCE
        raise AssertionError(f"{data!r} did not pass; {self.seen()}")


def fragment(packet, identifier, place, more):
    """The headers of a fragment, those of a packet given."""
    packet = packet.copy()
    if IPv6 in packet:
        return packet / IPv6ExtHdrFragment(nh=TCP_PROTOCOL, m=more,
                                           offset=place // 8, id=identifier)
    packet.proto = TCP_PROTOCOL
    packet.id = identifier
    packet.frag = place // 8
    packet.flags = "MF" if more else 0
    return packet


def whole(data):
    """Data in one piece."""
    return [(0, data)]


def octets(data):
    """Data octet by octet."""
    return [(at, data[at:at + 1]) for at in range(len(data))]


# Steps.

def send(data=b"", at=0, **fields):
    """A segment at a place."""
    return lambda c: c.send(data, at, **fields)


def say(data, **fields):
    """Data in order, to which the receiver answers."""
    return lambda c: c.say(data, **fields)


def persist(data, cut=None, **fields):
    """Data in order, sent again until it is acknowledged."""
    return lambda c: c.persist(data, cut, **fields)


def send_fragments(data, cut, at=0, **fields):
    """A segment at a place, in fragments."""
    return lambda c: c.send_fragments(data, cut, at, **fields)


def forge(data=b"", **fields):
    """A segment in the name of the receiver."""
    return lambda c: c.forge(data, **fields)


def pause(seconds):
    """Let a timer of the router run off."""
    return lambda c: time.sleep(seconds)


def mail(cut=None, text=MAIL, text_cut=None, between=None, **fields):
    """An honest client, which sends a message, is heard."""
    def run(c):
        c.persist(OPEN_MESSAGE, cut, **fields)
        c.hear(lambda: b"\r\n354 " in c.hand.text, "no 354")
        if between:
            between(c)
        c.persist(text, text_cut or cut, **fields)
        c.hear(lambda: QUEUED in c.hand.text, "not queued")
    return run


def settle(c):
    """Wait until all came; the receiver reads and acknowledges it."""
    c.settle()


def begin(c):
    """The steps' places count from here."""
    c.base = c.hand.offset


def syn_with(data=b"", **fields):
    """The client's first segment, and the server's answer to it."""
    def run(c):
        c.hand.emit(data, at=-1, flags="S", ack=0, **fields)
        c.until(lambda: c.hand.syn == "SA", "the SYN was not answered")
    return run


syn = syn_with()


def establish(c):
    """The last of the three segments that make a connection."""
    c.hand.emit(flags="A")


def text_heard(c):
    """The server's greeting comes, and is not acknowledged."""
    c.until(lambda: c.hand.text.endswith(b"\r\n"), "no greeting")


def greeted(c):
    """The server's greeting."""
    c.hear(lambda: c.hand.text.endswith(b"\r\n"), "no greeting")


def called(c):
    """The client's SYN comes."""
    c.receiver.connect()
    c.until(lambda: c.hand.syn == "S", "the client did not call")


def answer(c):
    """The server's SYN, and the client's answer to it."""
    c.hand.emit(at=-1, flags="SA")
    c.settle()


def greet(c):
    """The server greets, and the client asks for capabilities."""
    c.send(apps.GREETING)
    c.settle()
    c.until(lambda: c.hand.text.endswith(b"\r\n"), "no EHLO")


CONNECT = (syn, establish, greeted)
OPENINGS = {"server": CONNECT, "client": (called, answer, greet)}


def opened(*before):
    """To be greeted, and then to say something more."""
    return (*CONNECT, *(say(data) for data in before))
