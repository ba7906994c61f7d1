# SPDX-License-Identifier: GPL-2.0
"""What comes by a router all day and is no mail."""

import contextlib
import socket
import threading
import time

from actor import Actor
from held import Queue
from mail import GREETING
from namespace import inside
from packets import ACK, PUSH, SYN, WRAP, Sender
from router import (CLIENTS_NOWHERE, HELD, IDLE, PORT, REFUSING, REJECTED,
                    RESETTING, SERVERS_NOWHERE, call, client_socket, flush,
                    listen, reset_when_closed)

PAUSE = 0.3
KNOCKS = 10
FLOWS = 8
BURST = 32
# A server answers each of these more than once, and keeps it for a minute.
GIVEN_UP = 8
# Connections that a server of theirs keeps.
KEPT = 50
COMMAND = b"NOOP\r\n"
# Used again and again, so that connections begin where others have just ended;
# no socket is given one of these by itself.
SAME_PORTS = range(20000, 20000 + KNOCKS)
# Time enough for an answer.
WAIT = 0.2
# How often held packets are let go.
TURNS = 5
QUEUE = 25

REJECT = f"""
table ip rejecting {{
	chain forward {{
		type filter hook forward priority filter;
		ip daddr {REJECTED} tcp dport {PORT} reject with tcp reset
	}}
}}
"""
HOLD = f"""
table ip holding {{
	chain forward {{
		type filter hook forward priority filter;
		ip daddr {HELD} queue num {QUEUE}
	}}
}}
"""


class Strangers(Actor):
    """Clients that want no mail to arrive."""

    def __init__(self, seed):
        super().__init__(seed, PAUSE)
        with inside("client"):
            self._sender = Sender()
        self._host = Host()

    def actions(self):
        return (self._refuse, self._reject, self._reset, self._stray,
                self._give_up, self._hold)

    def stop(self):
        """End, and take no more connections."""
        super().stop()
        self._host.close()
        self._sender.close()

    def _refuse(self):
        """Connections to where nothing listens."""
        with knocking(REFUSING):
            time.sleep(WAIT)

    def _reject(self):
        """Connections that the ruleset rejects, and some that have begun by
        then."""
        with knocking(REJECTED) as before:
            time.sleep(WAIT)
            with ruleset(REJECT), knocking(REJECTED):
                say(before)
                time.sleep(WAIT)

    def _reset(self):
        """A server that resets as soon as it is connected to."""
        with knocking(RESETTING, SAME_PORTS) as sockets:
            say(sockets)
            time.sleep(WAIT)

    def _stray(self):
        """Bursts of acknowledgments of connections that there are not: to a
        host that says so, and to nobody."""
        for server in (REFUSING, self._somebody(SERVERS_NOWHERE)) * FLOWS:
            source = self._source()
            first = self.random.randrange(WRAP)
            payload = self.random.choice((b"", COMMAND))
            for number in range(BURST):
                self._sender.send(source, (server, PORT), ACK,
                                  first + number * len(payload), payload)

    def _give_up(self):
        """SYNs, the answers to which nobody takes; and SYNs to nobody."""
        for server in (IDLE, self._somebody(SERVERS_NOWHERE)) * GIVEN_UP:
            self._sender.send(self._source(), (server, PORT), SYN,
                              self.random.randrange(WRAP))

    def _hold(self):
        """Packets wait for somebody who lets them go in any order: of
        connections, some of them forgotten meanwhile, and of flows that are
        unknown, so that each of two segments makes a connection of its own."""
        with Queue(QUEUE) as queue, ruleset(HOLD), knocking(HELD) as sockets:
            self._clash()
            for _ in range(TURNS):
                packets = queue.take(WAIT)
                if self.random.random() < 0.5:
                    flush()
                self.random.shuffle(packets)
                for packet in packets:
                    queue.release(packet)
                say(sockets)

    def _clash(self):
        """Two segments each of some flows, that differ in nothing but their
        place."""
        for _ in range(FLOWS):
            source = self._source()
            first = self.random.randrange(WRAP)
            for place in 0, len(COMMAND):
                self._sender.send(source, (HELD, PORT), PUSH | ACK,
                                  first + place, COMMAND)

    def _source(self):
        return (self._somebody(CLIENTS_NOWHERE),
                self.random.randrange(1024, 65536))

    def _somebody(self, network):
        return f"{network}{self.random.randrange(1, 255)}." \
               f"{self.random.randrange(1, 255)}"


class Host:
    """The server's addresses that are not for mail. All greet, and say no
    more; one resets at once."""

    def __init__(self):
        self._listeners = [listen(address)
                           for address in (REJECTED, RESETTING, HELD, IDLE)]
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=(listener,),
                             daemon=True).start()

    def close(self):
        """Take no more connections, and end those that there are."""
        for listener in self._listeners:
            # wakes the thread that accepts; to close alone would not
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener):
        most = 0 if listener.getsockname()[0] == RESETTING else KEPT
        kept = []
        with contextlib.suppress(OSError):
            while True:
                kept.append(listener.accept()[0])
                reset_when_closed(kept[-1])
                with contextlib.suppress(ConnectionError):
                    kept[-1].send(GREETING)
                if len(kept) > most:
                    kept.pop(0).close()
        for connection in kept:
            connection.close()


@contextlib.contextmanager
def knocking(address, ports=(0,) * KNOCKS):
    """Connections from these ports of the client to one address, in whatever
    state they are; reset behind the block."""
    with contextlib.ExitStack() as stack:
        sockets = []
        for port in ports:
            sock = stack.enter_context(client_socket())
            reset_when_closed(sock)
            sock.bind(("", port))
            sock.setblocking(False)
            sock.connect_ex((address, PORT))
            sockets.append(sock)
        yield sockets


def say(sockets):
    """Send something where that is possible."""
    for sock in sockets:
        with contextlib.suppress(OSError):
            sock.send(COMMAND)


@contextlib.contextmanager
def ruleset(text):
    """A table of nftables in the router."""
    call("nft", "-f", "-", input=text)
    try:
        yield
    finally:
        call("nft", "delete", *text.split()[:3])
