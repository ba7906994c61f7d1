# SPDX-License-Identifier: GPL-2.0
"""Packets of the usual kind, made and read without scapy, which takes ten
times as long: a case has dozens of them. What is odd about a case's own
segments scapy makes."""

import dataclasses
import socket
import struct

TCP_PROTOCOL = 6
ICMP_PROTOCOLS = {"IPv4": 1, "IPv6": 58}
ECHO_REQUEST = {"IPv4": 8, "IPv6": 128}
ECHO_REPLY = {"IPv4": 0, "IPv6": 129}
ETHERTYPE = {"IPv4": 0x0800, "IPv6": 0x86dd}
SOCKETS = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}
HOPS = 64

ETHER_LENGTH = 14
IPV6_LENGTH = 40
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60
# By their bits, the lowest first.
FLAGS = "FSRPAUEC"
# What a plain segment may have of its own.
FIELDS = frozenset({"seq", "ack", "window"})


def checksum(octets):
    """The Internet checksum (RFC 1071)."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _with_checksum(octets, at, pseudo=b""):
    """Octets whose checksum, zero so far, is at a place."""
    return (octets[:at] + struct.pack("!H", checksum(pseudo + octets)) +
            octets[at + 2:])


class Link:
    """From one address to another over one link, which makes frames."""

    def __init__(self, family, ether, source, destination):
        self._family = family
        self._ether = ether
        self._addresses = b"".join(
            socket.inet_pton(SOCKETS[family], address)
            for address in (source, destination))

    def _frame(self, protocol, octets):
        if self._family == "IPv6":
            header = struct.pack("!IHBB", 6 << 28, len(octets), protocol,
                                 HOPS) + self._addresses
        else:
            header = _with_checksum(
                struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(octets), 1, 0,
                            HOPS, protocol, 0) + self._addresses, 10)
        return self._ether + header + octets

    def _pseudo(self, protocol, octets):
        return self._addresses + struct.pack("!II", len(octets), protocol)

    def segment(self, ports, flags, data, *, seq, ack, window):
        """A frame with a TCP segment."""
        bits = sum(1 << FLAGS.index(flag) for flag in flags)
        octets = struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 << 4, bits,
                             window, 0, 0) + data
        return self._frame(TCP_PROTOCOL, _with_checksum(
            octets, 16, self._pseudo(TCP_PROTOCOL, octets)))

    def echo(self, identifier, number):
        """A frame with an echo request, as of ping(8)."""
        protocol = ICMP_PROTOCOLS[self._family]
        octets = struct.pack("!BBHHH", ECHO_REQUEST[self._family], 0, 0,
                             identifier, number)
        pseudo = b"" if self._family == "IPv4" else \
            self._pseudo(protocol, octets)
        return self._frame(protocol, _with_checksum(octets, 2, pseudo))


@dataclasses.dataclass(frozen=True)
class Packet:
    """What a frame holds. `fragment` is None, or says of which packet, where
    in it, and whether more follow."""

    family: str
    hops: int
    protocol: int
    octets: bytes
    fragment: tuple | None = None

    @property
    def is_echo(self):
        """It is an echo request, or the answer to one."""
        return (self.protocol == ICMP_PROTOCOLS[self.family] and
                self.octets[0] in (ECHO_REQUEST[self.family],
                                   ECHO_REPLY[self.family]))


@dataclasses.dataclass(frozen=True)
class Segment:
    """A TCP segment; `flags` are letters."""

    ports: tuple
    seq: int
    ack: int
    flags: str
    window: int
    data: bytes


def read_frame(frame):
    """The packet in a frame, or None."""
    kind = int.from_bytes(frame[12:ETHER_LENGTH], "big")
    octets = frame[ETHER_LENGTH:]
    if kind == ETHERTYPE["IPv4"]:
        return _read_ipv4(octets)
    if kind == ETHERTYPE["IPv6"]:
        return _read_ipv6(octets)
    return None


def _read_ipv4(octets):
    length, identifier, where, hops, protocol = struct.unpack_from(
        "!HHHBB", octets, 2)
    more, offset = bool(where & 0x2000), (where & 0x1fff) * 8
    fragment = (identifier, offset, more) if more or offset else None
    header = (octets[0] & 15) * 4
    return Packet("IPv4", hops, protocol, octets[header:length], fragment)


def _read_ipv6(octets):
    length, protocol, hops = struct.unpack_from("!HBB", octets, 4)
    octets = octets[IPV6_LENGTH:IPV6_LENGTH + length]
    fragment = None
    while protocol in (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION):
        size = 8
        if protocol == FRAGMENT:
            where, identifier = struct.unpack_from("!HI", octets, 2)
            fragment = (identifier, where & ~7, bool(where & 1))
        else:
            size += octets[1] * 8
        protocol, octets = octets[0], octets[size:]
        if fragment and fragment[1]:
            break
    return Packet("IPv6", hops, protocol, octets, fragment)


def read_segment(octets):
    """The segment in a packet's octets. A header cannot be too short."""
    source, destination, seq, ack, size, bits, window = struct.unpack_from(
        "!HHIIBBH", octets)
    flags = "".join(flag for bit, flag in enumerate(FLAGS) if bits >> bit & 1)
    return Segment((source, destination), seq, ack, flags, window,
                   octets[max(size >> 4, 5) * 4:])


def join_fragments(packets):
    """The packet of which these are fragments, or None if some are missing.
    Of octets that two of them have the later ones count."""
    octets = {}
    length = None
    for packet in packets:
        _, offset, more = packet.fragment
        octets.update(enumerate(packet.octets, offset))
        if not more:
            length = offset + len(packet.octets)
    if length is None or any(at not in octets for at in range(length)):
        return None
    first = min(packets, key=lambda packet: packet.fragment[1])
    return Packet(first.family, first.hops, first.protocol,
                  bytes(octets[at] for at in range(length)))
