# SPDX-License-Identifier: GPL-2.0
"""A queue of packets that user space decides on (NFQUEUE), as an inline IDS
has one; linux/netfilter/nfnetlink_queue.h."""

import contextlib
import os
import socket
import struct

NETLINK_NETFILTER = 12
NLM_F_REQUEST = 1
NLM_F_ACK = 4
NLMSG_ERROR = 2

# Types of messages, in NFNL_SUBSYS_QUEUE.
PACKET = 3 << 8 | 0
VERDICT = 3 << 8 | 1
CONFIG = 3 << 8 | 2
# Attributes, each of another type of message.
NFQA_CFG_CMD = 1
NFQA_CFG_PARAMS = 2
NFQA_PACKET_HDR = 1
NFQA_VERDICT_HDR = 2

NFQNL_CFG_CMD_BIND = 1
NFQNL_COPY_META = 1
NF_ACCEPT = 1


class Queue:
    """A queue of this network namespace, by its number. What is in there when
    it is closed is dropped."""

    def __init__(self, number):
        self._number = number
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                     NETLINK_NETFILTER)
        self._socket.bind((0, 0))
        self._configure(NFQA_CFG_CMD,
                        struct.pack("!BxH", NFQNL_CFG_CMD_BIND, 0))
        self._configure(NFQA_CFG_PARAMS,
                        struct.pack("!IB", 0, NFQNL_COPY_META))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def take(self, seconds):
        """The packets that come until none has for so long: what to release
        them by."""
        self._socket.settimeout(seconds)
        taken = []
        with contextlib.suppress(TimeoutError):
            while True:
                kind, body = self._receive()
                if kind == PACKET:
                    # The first attribute is NFQA_PACKET_HDR.
                    taken.append(struct.unpack_from("!I", body, 8)[0])
        return taken

    def release(self, packet):
        """Let a packet go its way."""
        self._send(VERDICT, 0, NFQA_VERDICT_HDR,
                   struct.pack("!II", NF_ACCEPT, packet))

    def _configure(self, kind, data):
        self._send(CONFIG, NLM_F_ACK, kind, data)
        kind, body = self._receive()
        error = -struct.unpack_from("=i", body)[0]
        if kind != NLMSG_ERROR or error:
            raise OSError(error, os.strerror(error), "NFQUEUE")

    def _send(self, message, flags, kind, data):
        attribute = struct.pack("=HH", 4 + len(data), kind) + data
        attribute += bytes(-len(attribute) % 4)
        body = struct.pack("!BBH", socket.AF_UNSPEC, 0, self._number)
        header = struct.pack("=IHHII", 16 + len(body) + len(attribute),
                             message, NLM_F_REQUEST | flags, 0, 0)
        self._socket.send(header + body + attribute)

    def _receive(self):
        """Type and body of the next message."""
        message = self._socket.recv(65536)
        return struct.unpack_from("=4xH", message)[0], message[16:]
