# SPDX-License-Identifier: GPL-2.0
"""Captures as tcpdump and its like would have made them, octet by octet, so
that they can be made wrong, too."""

import socket
import struct

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

ETHERNET, RAW, SLL, SLL2 = 1, 101, 113, 276
IPV4, IPV6 = 0x0800, 0x86dd


class Session:
    """Segments of one connection, as IP packets."""

    def __init__(self, client=("192.0.2.2", 40000),
                 server=("198.51.100.2", 25), first=(0xfffffff0, 7)):
        self.ends = (client, server)
        self.next = list(first)
        self.packets = []

    def packet(self, side, flags, octets=b"", sequence=None, acknowledged=None,
               extensions=b"", fragment=0):
        """An IP packet of one side, 0 for the client."""
        (source, sport), (destination, dport) = (
            self.ends if side == 0 else self.ends[::-1])
        if sequence is None:
            sequence = self.next[side]
        if acknowledged is None:
            acknowledged = self.next[1 - side]
        tcp = struct.pack(
            ">HHIIBBHHH", sport, dport, sequence % 2**32,
            acknowledged % 2**32, 0x80, flags, 1000, 0, 0) + bytes(
                (1, 1, 8, 10, *bytes(8))) + octets
        if ":" in source:
            return struct.pack(
                ">IHBB", 6 << 28, len(extensions + tcp),
                0 if extensions else 6, 64) + socket.inet_pton(
                    socket.AF_INET6, source) + socket.inet_pton(
                        socket.AF_INET6, destination) + extensions + tcp
        return struct.pack(
            ">BBHHHBBH", 0x46, 0, 24 + len(tcp), 1, fragment, 64, 6,
            0) + socket.inet_aton(source) + socket.inet_aton(
                destination) + bytes((1, 1, 1, 0)) + tcp

    def add(self, side, flags, octets=b"", **fields):
        """Send it, as what comes next."""
        self.packets.append(self.packet(side, flags, octets, **fields))
        self.next[side] += len(octets) + bool(flags & (SYN | FIN))

    def open(self):
        """The handshake."""
        self.add(0, SYN, acknowledged=0)
        self.add(1, SYN | ACK)
        self.add(0, ACK)
        return self

    def close(self):
        """Both sides say that they have said all."""
        for side in (1, 0):
            self.add(side, FIN | ACK)
        self.add(1, ACK)
        return self

    def say(self, turns, **fields):
        """Each turn is the side and what it says."""
        for side, octets in turns:
            self.add(side, ACK, octets, **fields)
        return self


def family(packet):
    """The EtherType of an IP packet."""
    return IPV6 if packet[0] >> 4 == 6 else IPV4


def ethernet(packet, tags=b""):
    """In a frame, with tags of VLANs, padded to what is sent at least."""
    return (bytes(12) + tags + struct.pack(">H", family(packet))
            + packet).ljust(60, b"\xee")


def vlan(packet):
    """The same in a VLAN of a provider's."""
    return ethernet(packet, bytes.fromhex("88a8000181000002"))


def cooked(packet):
    """As the device "any" has it."""
    return struct.pack(">HHH8sH", 0, 1, 6, b"", family(packet)) + packet


def cooked2(packet):
    """The same in its second form."""
    return struct.pack(">HHIHBB8s", family(packet), 0, 1, 1, 0, 6,
                       b"") + packet


def pcap(packets, link=RAW, order="<", magic=0xa1b2c3d4, snap=262144):
    """A file in libpcap's own format."""
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for number, packet in enumerate(packets):
        parts.append(struct.pack(f"{order}IIII", 1000 + number, 0,
                                 min(len(packet), snap), len(packet)))
        parts.append(packet[:snap])
    return b"".join(parts)


def _block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack(f"{order}II", kind, length) + body + struct.pack(
        f"{order}I", length)


def pcapng(packets, link=RAW, order="<"):
    """A file in the newer format."""
    return _block(order, 0x0a0d0d0a, struct.pack(
        f"{order}IHHq", 0x1a2b3c4d, 1, 0, -1)) + _block(
            order, 1, struct.pack(f"{order}HHI", link, 0, 0)) + b"".join(
                _block(order, 6, struct.pack(
                    f"{order}IIIII", 0, 0, number, len(packet),
                    len(packet)) + packet)
                for number, packet in enumerate(packets))
