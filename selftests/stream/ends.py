# SPDX-License-Identifier: GPL-2.0
"""The two ends of a connection: one is made by hand, the other is judged by
what it reads.

    Hand        sends what a case tells it, segment by segment
    Linux       a socket of the kernel, which mostly keeps the first copy of
                an octet
    LastCopy    a TCP of this suite that takes whatever comes: the last copy
                of an octet, any flags, options, numbers and checksums; it
                delivers and acknowledges only when told to

Each connection has addresses of its own at both ends, so that nothing of one
is mistaken for something of another. Whoever reads, `app`, is told when the
connection is made (`begin`) and what came (`take`), and hands what it says to
a function.
"""

import contextlib
import ctypes
import dataclasses
import select
import socket
import struct

from bed import inside
from plain import (ETHERTYPE, SOCKETS, TCP_PROTOCOL, join_fragments,
                   read_frame, read_segment)
from wire import SMTP, WRAP, End

# From linux/filter.h, linux/if_packet.h and linux/in.h, in6.h.
SO_ATTACH_FILTER = 26
SO_RCVBUFFORCE = 33
LOAD_HALF, LOAD_WORD, JUMP_EQUAL, RETURN = 0x28, 0x20, 0x15, 0x06
IP_FREEBIND = 15
IPV6_FREEBIND = 78
# Where a frame has its type, and the last 32 bits of its source.
FRAME_TYPE = 12
FRAME_SOURCE = {"IPv4": 26, "IPv6": 34}

# Behind the router there is one more, which takes one off the time to live.
HOPS_BEHIND = 1
# Octets that a socket of the kernel has room for when it is held.
ROOM = 4096
# And for frames that nobody has read yet at an end made by hand.
ROOM_BY_HAND = 1 << 22
# How far beyond what was delivered LastCopy keeps octets.
REACH = 1 << 20


@dataclasses.dataclass(frozen=True)
class Peer:
    """The numbers of the other end."""

    first: int

    def number(self, place):
        return (self.first + 1 + place) % WRAP

    def place(self, number):
        """The place of a sequence number, which may be far off."""
        place = (number - self.first - 1) % WRAP
        return place - WRAP if place >= WRAP // 2 else place


def only_from(tap, family, address):
    """Let a tap hear frames from one address alone."""
    last = struct.unpack("!I", socket.inet_pton(SOCKETS[family],
                                                address)[-4:])[0]
    steps = ((LOAD_HALF, 0, 0, FRAME_TYPE),
             (JUMP_EQUAL, 0, 3, ETHERTYPE[family]),
             (LOAD_WORD, 0, 0, FRAME_SOURCE[family]),
             (JUMP_EQUAL, 0, 1, last),
             (RETURN, 0, 0, 1 << 18),
             (RETURN, 0, 0, 0))
    program = ctypes.create_string_buffer(
        b"".join(struct.pack("HBBI", *step) for step in steps))
    tap.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                   struct.pack("HP", len(steps), ctypes.addressof(program)))


class Handmade(End):
    """An end without a kernel: hears frames of the other one."""

    def __init__(self, namespace, family, first, here, there):
        self._family = family
        super().__init__(namespace, family, first, here, there)
        self._fragments = {}
        self.peer = Peer(0)
        self.echoes = 0

    def prepare(self):
        only_from(self._tap, self._family, self._there[0])
        self._tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM_BY_HAND)
        self._tap.setblocking(False)

    def fileno(self):
        return self._tap.fileno()

    def ping(self):
        """A packet that passes, after all that was sent before it."""
        self._tap.send(self._link.echo(self._here[1], 1))

    def poll(self):
        """Hear what came."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._hear(read_frame(self._tap.recv(65536)))

    def _hear(self, packet):
        if packet and packet.fragment:
            packet = self._whole(packet)
        if packet is None or self._is_lost(packet):
            return
        if packet.is_echo:
            self.echoes += 1
        elif packet.protocol == TCP_PROTOCOL:
            segment = read_segment(packet.octets)
            if segment.ports == (self._there[1], self._here[1]):
                self.hear(segment)

    def _is_lost(self, packet):
        return False

    def _whole(self, packet):
        """A packet, of several fragments when the last of them came."""
        known = self._fragments.setdefault(packet.fragment[0], [])
        known.append(packet)
        return join_fragments(known)


class Hand(Handmade):
    """The end that a case moves."""

    def __init__(self, *place):
        super().__init__(*place)
        self.text = bytearray()
        # So much of it the other end knows of.
        self.told = 0
        self.acknowledged = 0
        self.syn = None
        self.window = None
        self.is_reset = False

    def hear(self, segment):
        self.window = segment.window
        if "R" in segment.flags:
            self.is_reset = True
            return
        if "S" in segment.flags:
            if self.syn is None:
                self.peer = Peer(segment.seq)
            self.syn = segment.flags
            return
        if "A" in segment.flags:
            place = (segment.ack - self.number(0)) % WRAP
            if place < REACH:
                self.acknowledged = max(self.acknowledged, place)
        known = self.heard - self.peer.place(segment.seq)
        if 0 <= known < len(segment.data):
            self.text += segment.data[known:]
            self.heard += len(segment.data) - known


class LastCopy(Handmade):
    """Takes the last copy of whatever comes."""

    def __init__(self, *place, make_app, calls):
        super().__init__(*place)
        self.app = make_app(self._say)
        self.is_reset = False
        self._calls = calls
        self._begun = False
        self._kept = {}

    def connect(self):
        self.emit(at=-1, flags="S", ack=0)

    def hold(self):
        """There is always room for more."""

    release = hold

    def _is_lost(self, packet):
        return packet.hops <= HOPS_BEHIND

    def hear(self, segment):
        is_syn = "S" in segment.flags
        if "R" in segment.flags:
            if segment.seq == self.peer.number(self.heard):
                self.is_reset = True
            return
        if is_syn and self.peer == Peer(0):
            self._hear_syn(segment)
        elif not self._begun and "A" in segment.flags and \
                self.peer != Peer(0):
            self._begin()
        self._keep(self.peer.place(segment.seq) + is_syn, segment.data)

    def _hear_syn(self, segment):
        self.peer = Peer(segment.seq)
        if self._calls and "A" in segment.flags:
            self.emit(flags="A")
            self._begin()
        else:
            self.emit(at=-1, flags="SA")

    def _begin(self):
        self._begun = True
        self.app.begin()

    def _keep(self, place, octets):
        for at, octet in enumerate(octets, place):
            if self.heard <= at < self.heard + REACH:
                self._kept[at] = octet

    def deliver(self):
        """Hand on what has no hole before it, and acknowledge that."""
        octets = bytearray()
        while self.heard in self._kept:
            octets.append(self._kept.pop(self.heard))
            self.heard += 1
        if octets and self._begun and not self.is_reset:
            self.emit(flags="A")
            self.app.take(bytes(octets))

    def has_all(self, hand):
        """All that was sent before a ping has come."""
        del hand
        return self.echoes > 0

    def rearm(self, hand):
        """Wait for another ping."""
        del hand
        self.echoes = 0

    def _say(self, octets):
        self.send(octets)


class Linux:
    """A socket of the kernel."""

    def __init__(self, namespace, family, first, here, there, *, make_app,
                 calls):
        del first
        self.app = make_app(self._say)
        self.is_reset = False
        self._listener = None
        self._socket = None
        self._is_held = False
        self._there = there
        with inside(namespace):
            fresh = socket.socket(SOCKETS[family], socket.SOCK_STREAM)
        if family == "IPv4":
            fresh.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)
        else:
            fresh.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        fresh.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        fresh.setblocking(False)
        fresh.bind(here)
        if calls:
            self._socket = fresh
        else:
            fresh.listen()
            self._listener = fresh

    def connect(self):
        self._socket.connect_ex(self._there)

    def hold(self):
        """Read no more; the kernel has little room."""
        self._is_held = True
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)

    def release(self):
        """Read again."""
        self._is_held = False

    def close(self):
        for one in (self._listener, self._socket):
            if one:
                one.close()

    def fileno(self):
        return (self._socket or self._listener).fileno()

    def poll(self):
        """Read what came."""
        if not self._socket:
            with contextlib.suppress(BlockingIOError):
                self._socket = self._listener.accept()[0]
                self._socket.setblocking(False)
                self._socket.setsockopt(socket.IPPROTO_TCP,
                                        socket.TCP_NODELAY, 1)
                self.app.begin()
        if not self._socket or self.is_reset or self._is_held:
            return
        try:
            while octets := self._socket.recv(65536):
                self.app.take(octets)
        except BlockingIOError:
            pass
        except ConnectionError:
            self.is_reset = True

    def deliver(self):
        """What came was read when it came."""
        self.poll()

    def has_all(self, hand):
        """The kernel, which answers in order, has answered a ping."""
        return hand.echoes > 0

    def rearm(self, hand):
        """Wait for another ping."""
        hand.echoes = 0

    def _say(self, octets):
        with contextlib.suppress(ConnectionError):
            self._socket.send(octets)


RECEIVERS = {"Linux": Linux, "last copy": LastCopy}


def wait(ends, seconds):
    """Until something came to one of the ends."""
    select.select(ends, [], [], seconds)


__all__ = ["RECEIVERS", "SMTP", "Hand", "wait"]
