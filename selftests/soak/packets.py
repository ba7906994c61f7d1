# SPDX-License-Identifier: GPL-2.0
"""Segments of connections that no kernel at either end knows of."""

import contextlib
import socket
import struct

SYN = 0x02
PUSH = 0x08
ACK = 0x10
WINDOW = 65000
WRAP = 1 << 32


class Sender:
    """Sends segments of any source from this network namespace."""

    def __init__(self):
        # The kernel fills in length and checksum of the IP header.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                     socket.IPPROTO_RAW)

    def close(self):
        """No more."""
        self._socket.close()

    def send(self, source, destination, flags, sequence, payload=b""):
        """Send a segment from an address and port to another."""
        packet = _segment(source, destination, flags, sequence % WRAP, payload)
        # The module may drop it right here, for want of memory.
        with contextlib.suppress(PermissionError):
            self._socket.sendto(packet, (destination[0], 0))


def _segment(source, destination, flags, sequence, payload):
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
    length = 20 + len(payload)
    fields = [source[1], destination[1], sequence, 1 if flags & ACK else 0,
              5 << 4, flags, WINDOW, 0, 0]
    pseudo = addresses + struct.pack("!HH", socket.IPPROTO_TCP, length)
    fields[7] = _checksum(pseudo + struct.pack("!HHIIBBHHH", *fields) +
                          payload)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64,
                         socket.IPPROTO_TCP, 0) + addresses
    return header + struct.pack("!HHIIBBHHH", *fields) + payload


def _checksum(octets):
    octets += bytes(len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
