# SPDX-License-Identifier: GPL-2.0
"""Multipath TCP (RFC 8684): octets of one stream come by several connections,
and in an order of their own. A guarded connection does not get to that: its
SYNs lose the option, and both ends go on with TCP."""

import socket
import struct

from server import Server
from stream import NOOP, OK
from talk import SERVER, Talk, counted, parameters
from wire import ADDRESSES, Wire, by_hand

# linux/mptcp.h
SOL_MPTCP = 284
MPTCP_INFO = 1
FLAGS_OFFSET = 8
FLAG_FALLBACK = 1

# The option, and what stands in its place; others stay.
MPTCP = 30
CAPABLE = (MPTCP, b"\x01\x81")
CAPABLE_ANSWER = (MPTCP, b"\x01\x81" + bytes(range(200, 208)))
JOIN = (MPTCP, b"\x10\x02" + bytes(range(200, 208)))
BEFORE = [("MSS", 1400), ("SAckOK", b"")]
BEHIND = [("NOP", None), ("WScale", 7)]
PADDING = ("EOL", None)

GUARDED = 2528
UNGUARDED = 2527


def run(report, _):
    with by_hand():
        for family in ADDRESSES:
            syns(report, family)
        monitored(report)
    with MultipathServer("server", (UNGUARDED,)) as other, \
            parameters(ports=str(GUARDED)), \
            MultipathServer("server", (GUARDED,)) as guarded:
        for family, address in SERVER.items():
            real(report, family, address, other, guarded)


def blank(option):
    """What takes an option's place."""
    _, data = option
    return [("NOP", None)] * (2 + len(data))


class Offering(Wire):
    """A connection whose SYNs have options; `seen` are those that came."""

    def __init__(self, options, answer, **fields):
        self._offers = options, answer
        self.seen = []
        super().__init__(**fields)

    def _shake_hands(self):
        for end, flags in ((self.client, "S"), (self.server, "SA")):
            options = self._offers[flags == "SA"]
            end.emit(at=-1, flags=flags, options=options)
            self.seen.append([
                option for option in end.peer.expect_flags(flags).options
                if option != PADDING])
        self.client.emit(flags="A")
        self.server.expect_flags("A")


def syns(report, family):
    for name, option, answer in (
            ("a connection", CAPABLE, CAPABLE_ANSWER),
            ("one more path of a connection", JOIN, JOIN)):
        with report.case(f"{family}: the option that offers {name} becomes "
                         "no-operations in both SYNs, others stay"), \
                counted(segments_multipath=2, refused_VRFY=1), \
                Offering([*BEFORE, option, *BEHIND], [answer, *BEFORE],
                         family=family) as wire:
            syn, answered = wire.seen
            assert syn == [*BEFORE, *blank(option), *BEHIND], syn
            assert answered == [*blank(answer), *BEFORE], answered
            wire.client.send(b"VRFY root\r\n")
            wire.server.expect(b"XXXXXXXXX\r\n")
    with report.case(f"{family}: two such options in one SYN: none is left"), \
            counted(segments_multipath=1), \
            Offering([CAPABLE, JOIN, *BEFORE], BEFORE, family=family) as wire:
        assert all(kind != MPTCP for kind, _ in wire.seen[0]), wire.seen


def monitored(report):
    with report.case("profile=monitor: the option stays, counted"), \
            parameters(profile="monitor"), counted(segments_multipath=1), \
            Offering([CAPABLE], []) as wire:
        assert CAPABLE in wire.seen[0], wire.seen
    with report.case("enabled=N: the option stays"), \
            parameters(enabled="N"), counted(segments_multipath=0), \
            Offering([CAPABLE], []) as wire:
        assert CAPABLE in wire.seen[0], wire.seen
        wire.command(NOOP, OK)


class MultipathServer(Server):
    """A server that takes Multipath TCP."""

    def listen(self, port):
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM,
                                 socket.IPPROTO_MPTCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("::", port))
        listener.listen(200)
        return listener


class MultipathTalk(Talk):
    """A client that offers it."""

    def connect(self, address, timeout, source):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        client = socket.socket(family, socket.SOCK_STREAM,
                               socket.IPPROTO_MPTCP)
        client.settimeout(timeout)
        client.connect(address)
        return client

    def is_multipath(self):
        """Or have both ends fallen back to TCP?"""
        try:
            info = self.socket.getsockopt(SOL_MPTCP, MPTCP_INFO, 64)
        except OSError:
            return False
        flags, = struct.unpack_from("I", info, FLAGS_OFFSET)
        return not flags & FLAG_FALLBACK


def real(report, family, address, other, guarded):
    with report.case(f"{family}: a session to another port is Multipath TCP"), \
            MultipathTalk(other, UNGUARDED, address=address) as talk:
        talk.expect("EXPN root", "250")
        assert talk.is_multipath()
    with report.case(f"{family}: a guarded one falls back to TCP, a refused "
                     "verb is overwritten, a message arrives"), \
            counted(refused_EXPN=1, messages=1), \
            MultipathTalk(guarded, GUARDED, address=address) as talk:
        talk.expect("EXPN root", "500")
        talk.open_message()
        talk.say("250", b"EXPN root\r\n.", b"\r\n")
        talk.expect("QUIT", "221")
        assert not talk.is_multipath()
        assert talk.session.messages == [b"EXPN root\r\n.\r\n"]
