# SPDX-License-Identifier: GPL-2.0
"""Packets that a ruleset hands to a program (NFQUEUE), which may keep them for a
while and give them back in another order:

    with ruleset("... queue num 7 ..."), Queue(7) as queue:
        queue.hold()
        talk.send(b"NOOP\\r\\n")
        queue.wait()
        queue.release()
"""

import socket
import struct
import threading

from wire import DEADLINE
from witness import NLM_F_REQUEST, NLMSG_ERROR, pack, unpack

# Of the kernel's headers, as Python does not have them.
NETLINK_NETFILTER = 12
SUBSYSTEM = 3 << 8
MESSAGE, VERDICT, CONFIG = (SUBSYSTEM | kind for kind in range(3))
CFG_CMD, CFG_PARAMS = 1, 2
CMD_BIND = 1
COPY_PACKET = 2
PACKET_HDR, VERDICT_HDR = 1, 2
PAYLOAD = 10
ACCEPT = 1
HEADERS = struct.Struct("=IHHII")
RECEIVED = 1 << 17
# What is held goes on last one first after so many seconds without one more.
PAUSE = 0.03


class Queue:
    """A program that reads one of the kernel's queues of packets. What it does
    with them is `pass`, `shuffle` or `hold`."""

    def __init__(self, number):
        self._number = number
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                     NETLINK_NETFILTER)
        self._socket.bind((0, 0))
        self._ask(CFG_CMD, struct.pack(">BxH", CMD_BIND, 0))
        self._ask(CFG_PARAMS, struct.pack(">IB", 0xffff, COPY_PACKET))
        self._socket.settimeout(PAUSE)
        self._changed = threading.Condition()
        self._held = []
        self._way = "pass"
        self._over = False
        # how many came, and how many of them in another order than before
        self.seen = 0
        self.shuffled = 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over = True
        self._thread.join()
        # what is held still is dropped
        self._socket.close()

    def hold(self):
        """Keep all that comes from now on."""
        self._way = "hold"

    def shuffle(self):
        """From now on what comes at a time goes on last one first."""
        self._way = "shuffle"

    def wait(self, wanted):
        """Wait until a packet that holds these octets is held."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: any(wanted in payload for _, payload in self._held),
                DEADLINE), f"{wanted!r} did not come"

    def release(self):
        """Let go what is held, and all that comes."""
        with self._changed:
            self._way = "pass"
            self._go_on(self._held)

    def _ask(self, kind, value):
        """One order, and what becomes of it."""
        self._send(CONFIG, 5, pack(kind, value))
        answer = self._socket.recv(RECEIVED)
        if HEADERS.unpack_from(answer)[1] == NLMSG_ERROR:
            problem, = struct.unpack_from("=i", answer, HEADERS.size)
            assert not problem, f"queue {self._number}: error {-problem}"

    def _send(self, kind, flags, attributes):
        self._socket.send(HEADERS.pack(
            HEADERS.size + 4 + len(attributes), kind, flags | NLM_F_REQUEST,
            0, 0) + struct.pack(">BBH", 0, 0, self._number) + attributes)

    def _go_on(self, packets):
        for number, _ in packets:
            self._send(VERDICT, 0, pack(VERDICT_HDR, struct.pack(
                ">II", ACCEPT, number)))
        self._held = []
        self._changed.notify_all()

    def _take(self, message):
        values = dict(unpack(message[HEADERS.size + 4:]))
        number, = struct.unpack_from(">I", values[PACKET_HDR])
        self._held.append((number, values.get(PAYLOAD, b"")))
        self.seen += 1

    def _run(self):
        while not self._over:
            try:
                message = self._socket.recv(RECEIVED)
            except TimeoutError:
                message = None
            except OSError:
                # there was no room for some
                continue
            with self._changed:
                if message and HEADERS.unpack_from(message)[1] == MESSAGE:
                    self._take(message)
                if self._way == "pass":
                    self._go_on(self._held)
                elif self._way == "shuffle" and not message:
                    self.shuffled += len(self._held) > 1
                    self._go_on(self._held[::-1])
                self._changed.notify_all()
