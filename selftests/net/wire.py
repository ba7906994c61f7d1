# SPDX-License-Identifier: GPL-2.0
"""TCP connections of which both ends are made by hand, segment by segment:

    with by_hand(), Wire() as wire:
        wire.client.send(b"NOOP\r\n")
        wire.server.expect(b"NOOP\r\n")

What an end receives is taken off the wire in front of its kernel; of every
segment the checksum is verified. Places in a stream are given as octets since
its first. Nothing is acknowledged unless a case says so.

A segment that must not pass is followed by one that does: a router forwards
in order, so that the second comes and the first did not is no matter of time.
"""

import contextlib
import functools
import itertools
import json
import socket
import struct
import subprocess
import time

from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.inet6 import ICMPv6ND_Redirect, IPv6
from scapy.layers.l2 import Ether

from bed import in_namespace, inside
from plain import (ETHERTYPE, FIELDS, IPV6_LENGTH, TCP_PROTOCOL, Link,
                   checksum)

DEADLINE = 10
ADDRESSES = {"IPv4": ("192.0.2.2", "198.51.100.2"),
             "IPv6": ("2001:db8:1::2", "2001:db8:2::2")}
# Ports that no socket of this machine is given.
PORTS = itertools.count(61001)
SMTP = 25
ETH_P_ALL = 3
GREETING = b"220 mail.example.org ESMTP\r\n"
WINDOW = 65000
WRAP = 1 << 32

# The kernels at both ends know nothing of these connections and would reset
# them. Nor must they hear of one: a server that listens there would answer its
# SYN, and do so again a second later, when there is no more silence.
SILENCE = """
table inet smtpguard_net_wire {
	chain input {
		type filter hook input priority filter;
		tcp sport 61000-65535 drop
		tcp dport 61000-65535 drop
	}
	chain output {
		type filter hook output priority filter;
		tcp sport 61000-65535 drop
		tcp dport 61000-65535 drop
	}
}
"""
ENDS = ("client", "server")
LINKS = ((None, "client0"), (None, "server0"), ("client", "eth0"),
         ("server", "eth0"))


def call(namespace, *command, **options):
    """Run a program in a namespace; what it prints."""
    if namespace:
        command = in_namespace(namespace, *command)
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout


def offload(state, links):
    """Switch the checksums of network devices on or off, and with those of
    sent segments their cutting (GSO)."""
    for namespace, device in links:
        call(namespace, "ethtool", "-K", device, "rx", state, "tx", state)


@contextlib.contextmanager
def without_offload(links=LINKS):
    """Every checksum is computed before it goes over a link, and verified
    behind it."""
    offload("off", links)
    try:
        yield
    finally:
        offload("on", links)


@contextlib.contextmanager
def by_hand(ends=ENDS, links=LINKS):
    """The ends' kernels keep silent on connections made by hand."""
    with without_offload(links):
        for namespace in ends:
            call(namespace, "nft", "-f", "-", input=SILENCE)
        try:
            yield
        finally:
            for namespace in ends:
                call(namespace, "nft", "delete", "table", "inet",
                     "smtpguard_net_wire")



@functools.cache
def hardware_address(namespace, device):
    link, = json.loads(call(namespace, "ip", "-json", "link", "show", device))
    return link["address"]


class End:
    """One end of a connection.

    `offset` is the place of the next octet that it sends, `heard` the place
    of the next that it waits for. `next_hop` is the hardware address that
    frames go to, else that of the router."""

    def __init__(self, namespace, family, first, here, there, next_hop=None):
        self.first = first
        self.offset = 0
        self.heard = 0
        self.peer = None
        self._here = here
        self._there = there
        self._ip = {"IPv4": IP, "IPv6": IPv6}[family]
        self._ether = bytes(Ether(
            src=hardware_address(namespace, "eth0"),
            dst=next_hop or hardware_address(None, f"{namespace}0"),
            type=ETHERTYPE[family]))
        self._link = Link(family, self._ether, here[0], there[0])
        # Deaf until it is bound.
        with inside(namespace):
            self._tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.prepare()
        self._tap.bind(("eth0", ETH_P_ALL))

    def prepare(self):
        """What is to be done before the first frame is heard."""

    def close(self):
        self._tap.close()

    def number(self, place):
        """The sequence number of a place in the stream of this end."""
        return (self.first + 1 + place) % WRAP

    def _numbers(self, at):
        """What a segment at this place has, unless others are given."""
        sequence = self.number(self.offset if at is None else at)
        return {"seq": sequence, "ack": self.peer.number(self.heard),
                "window": WINDOW}

    def segment(self, data=b"", at=None, flags="PA", **fields):
        """A segment with its IP header; TCP's fields may be given."""
        fields = self._numbers(at) | fields
        source, destination = self._here, self._there
        return (self._ip(src=source[0], dst=destination[0]) /
                TCP(sport=source[1], dport=destination[1], flags=flags,
                    **fields) / data)

    def frame(self, packet):
        """What put() sends for a packet: to make it takes much longer than to
        send it."""
        return self._ether + bytes(packet)

    def put_frame(self, frame):
        """Send what frame() has made."""
        self._tap.send(frame)

    def put(self, packet):
        """Send a packet as it is."""
        self.put_frame(self.frame(packet))

    def emit(self, data=b"", at=None, flags="PA", **fields):
        """Send a segment as it is."""
        if not fields.keys() <= FIELDS:
            self.put(self.segment(data, at, flags, **fields))
            return
        ports = (self._here[1], self._there[1])
        self.put_frame(self._link.segment(ports, flags, data,
                                          **self._numbers(at) | fields))

    def send(self, data, at=None, **fields):
        """Send data, which may go beyond what was sent before."""
        self.emit(data, at, **fields)
        end = (self.offset if at is None else at) + len(data)
        self.offset = max(self.offset, end)

    def _packets(self):
        """All that comes here."""
        end = time.monotonic() + DEADLINE
        while True:
            self._tap.settimeout(max(end - time.monotonic(), 0.001))
            try:
                frame, address = self._tap.recvfrom(65536)
            except TimeoutError:
                raise AssertionError("nothing came") from None
            if address[2] != socket.PACKET_OUTGOING:
                yield Ether(frame)

    def receive(self):
        """The next segment of the connection that comes here."""
        for packet in self._packets():
            # a redirect quotes one
            if ICMPv6ND_Redirect in packet:
                continue
            if TCP in packet and (packet[TCP].sport, packet[TCP].dport) == (
                    self._there[1], self._here[1]):
                insist_on_checksums(packet)
                return packet[TCP]

    def receive_icmp(self):
        """The next ICMP error that comes here."""
        for packet in self._packets():
            if ICMP in packet:
                return packet[ICMP]

    def receive_ip(self):
        """The next packet of IPv4 that comes here from the other end."""
        for packet in self._packets():
            if IP in packet and packet[IP].src == self._there[0]:
                return packet[IP]

    def expect(self, data, at=None):
        """The next segment must hold this, at this place."""
        segment = self.receive()
        place = self.heard if at is None else at
        got = bytes(segment.payload)
        assert got == data, f"got {segment.flags} {got!r}, not {data!r}"
        assert segment.seq == self.peer.number(place), \
            f"{data!r} came at {segment.seq - self.peer.number(0)}"
        self.heard = max(self.heard, place + len(data))
        return segment

    def expect_flags(self, flags):
        """The next segment must have these flags and no data."""
        segment = self.receive()
        assert str(segment.flags) == flags and not segment.payload, \
            f"got {segment.flags} {bytes(segment.payload)!r}, not {flags}"
        return segment

    def acknowledge(self):
        """Acknowledge what was heard, and wait until the peer has that."""
        self.emit(flags="A")
        segment = self.peer.expect_flags("A")
        assert segment.ack == self.peer.number(self.heard)


def insist_on_checksums(packet):
    """Compute the checksums anew, of the octets as they came."""
    if IP in packet:
        octets = packet[IP].original
        end = int.from_bytes(octets[2:4], "big")
        addresses = octets[12:20]
        insist_on_checksum(packet, octets[:octets[0] % 16 * 4], 10)
    else:
        octets = packet[IPv6].original
        end = IPV6_LENGTH + int.from_bytes(octets[4:6], "big")
        addresses = octets[8:IPV6_LENGTH]
    begin = len(octets) - len(packet[TCP].original)
    pseudo = addresses + struct.pack("!II", TCP_PROTOCOL, end - begin)
    insist_on_checksum(packet, pseudo + octets[begin:end], len(pseudo) + 16)


def insist_on_checksum(packet, octets, place):
    """The one at this place is that of these octets."""
    expected = checksum(octets[:place] + bytes(2) + octets[place + 2:])
    got = int.from_bytes(octets[place:place + 2], "big")
    assert got == expected, \
        f"checksum {got:#06x}, not {expected:#06x}: {packet!r}"


class Wire:
    """A connection, established; the server has greeted."""

    addresses = ADDRESSES

    def __init__(self, family="IPv4", client_first=1000, server_first=5000,
                 port=None):
        client, server = self.addresses[family]
        self.port = port or next(PORTS)
        self.ends = ((client, self.port), (server, SMTP))
        self.client, self.server = self._make_ends(
            (family, client_first, *self.ends),
            (family, server_first, *reversed(self.ends)))
        self.client.peer = self.server
        self.server.peer = self.client
        self._shake_hands()
        self.reply(GREETING)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
        self.server.close()

    def _make_ends(self, client, server):
        return End("client", *client), End("server", *server)

    def _shake_hands(self):
        self.client.emit(at=-1, flags="S", ack=0)
        self.server.expect_flags("S")
        self.server.emit(at=-1, flags="SA")
        self.client.expect_flags("SA")
        self.client.emit(flags="A")
        self.server.expect_flags("A")

    def reply(self, data):
        """The server says something, which the client acknowledges."""
        self.server.send(data)
        self.client.expect(data)
        self.client.acknowledge()

    def command(self, data, reply):
        """The client says something, the server replies."""
        self.client.send(data)
        self.server.expect(data)
        self.reply(reply)
