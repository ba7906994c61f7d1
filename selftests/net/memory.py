# SPDX-License-Identifier: GPL-2.0
"""What a router sees all day and no server ever answers takes no memory; and
where memory is short, what changes nothing on the wire still does not."""

import contextlib
import socket
import struct
import time

import bed
import choose
import entries
from pickup import insist_on_mask
from placement import ruleset
from plain import ETHERTYPE, Link
from scapy.layers.l2 import Ether
from stream import NOOP, insist_on_resets
from talk import SERVER, Talk, counted, many_sockets, parameters
from wire import ADDRESSES, SMTP, WINDOW, Wire, by_hand, hardware_address

REFUSED = 500
# One MiB, the least that max_memory takes, is less than these take; they come
# in parts, until there is no room for more.
CROWD = 3000
PART = 100
# So many may wait for an answer to a SYN that has payload.
EARLY = 256
CLOSED = 2600
# Far from those of connections made by hand, and nobody else has them either.
LAST_PORT = 65535
DEADLINE = 30
# close() sends a reset.
LINGER = struct.pack("ii", 1, 0)

REJECT = """
table inet smtpguard_net_reject {
	chain forward {
		type filter hook forward priority filter;
		tcp dport 2600 reject with tcp reset
	}
}
"""


def run(report, server):
    refused(report, server)
    stray(report, server)
    early(report, server)
    with by_hand():
        refusals_are_not_remembered(report)
    short(report, server)


def little_memory(**values):
    return parameters(max_memory="1", **values)


def insist_on_mail(server):
    """There is memory for a session."""
    with Talk(server) as talk:
        talk.open_message()
        talk.say("250", b"Subject: x\r\n\r\nx\r\n.", b"\r\n")
        talk.expect("EXPN root", "500")


def call_in_vain():
    """A connection that is refused."""
    with bed.inside("client"):
        client = socket.socket()
    with client:
        client.settimeout(DEADLINE)
        try:
            client.connect((SERVER["IPv4"], CLOSED))
        except ConnectionRefusedError:
            return
    raise AssertionError("somebody listens there")


def refused(report, server):
    for name, rules in (("by the server", contextlib.nullcontext()),
                        ("by the ruleset, with resets", ruleset(REJECT))):
        with report.case(f"{REFUSED} connections that are refused {name} take "
                         "no memory"), rules, \
                little_memory(ports=f"25,{CLOSED}"), \
                counted(sessions_opened=1, sessions_deferred=0):
            for _ in range(REFUSED):
                call_in_vain()
            insist_on_mail(server)


def stray_segments(flags, data, count=REFUSED):
    """Segments of connections that nobody knows, from the client."""
    with bed.inside("client"):
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    ether = Ether(src=hardware_address("client", "eth0"),
                  dst=hardware_address(None, "client0"),
                  type=ETHERTYPE["IPv4"])
    link = Link("IPv4", bytes(ether), *ADDRESSES["IPv4"])
    with tap:
        tap.bind(("eth0", 0))
        for number in range(count):
            tap.send(link.segment((LAST_PORT - number, SMTP), flags, data,
                                  seq=number, ack=number, window=WINDOW))


def flush():
    """Nothing is known of any connection."""
    entries.flush()
    # the table of flows is swept once a second
    time.sleep(2)


@contextlib.contextmanager
def awaited(**grown):
    """Wait until counters have grown by as much in a block."""
    before = bed.stats()
    yield
    end = time.monotonic() + DEADLINE
    while True:
        now = bed.stats()
        left = {name: value for name, value in grown.items()
                if now[name] - before[name] != value}
        if not left:
            return
        assert time.monotonic() < end, \
            {name: now[name] - before[name] for name in grown}
        time.sleep(0.1)


def early(report, server):
    with report.case(f"of {REFUSED} SYNs with payload that nobody answers so "
                     f"many begin a session as there are places, {EARLY}; when "
                     "they are over, others do"), by_hand():
        with awaited(sessions_opened=EARLY, syns_deferred=REFUSED - EARLY):
            stray_segments("S", b"EHLO a\r\n")
        flush()
        with awaited(sessions_opened=1, syns_deferred=0):
            stray_segments("S", b"EHLO a\r\n", 1)
        flush()
    insist_on_mail(server)


def stray(report, server):
    for ends, name in ((("client",), "are answered with resets"),
                       (("client", "server"), "nobody answers")):
        for data in b"", b"EHLO a\r\n":
            with report.case(f"{REFUSED} segments of {len(data)} octets that "
                             f"are of no connection and {name} take no "
                             "memory"), by_hand(ends), little_memory(), \
                    counted(sessions_opened=1, sessions_deferred=0):
                stray_segments("A", data)
                insist_on_mail(server)


class Refused(Wire):
    """A connection that the server refuses: in whose name, the sender shows."""

    forged = False

    def _shake_hands(self):
        self.client.emit(at=-1, flags="S", ack=0)
        self.server.expect_flags("S")
        if self.forged:
            self.client.put(self.server.segment(flags="RA", at=-1))
        else:
            self.server.emit(flags="RA", at=-1)
            self.client.expect_flags("RA")

    def reply(self, data):
        """There is no greeting."""


class Forged(Refused):
    forged = True


def refusals_are_not_remembered(report):
    with report.case("a connection that was refused is not remembered as one "
                     "that is over"), counted(resets=0), Refused() as wire:
        wire.client.send(NOOP)
        wire.server.expect(NOOP)
    with report.case("a refusal that the client sends in the server's name is "
                     "dropped, and remembered: what goes on is reset"), \
            counted(segments_forged=1), Forged() as wire:
        wire.client.send(NOOP)
        insist_on_resets(wire)
    with report.case("an answer to a SYN that the client sends in the server's "
                     "name is dropped, and begins no session"), \
            counted(segments_forged=1, sessions_opened=1, refused_VRFY=1), \
            Answered() as wire:
        insist_on_mask(wire)
    with report.case("a client that resets its own request is remembered"), \
            Forgotten() as wire:
        wire.client.send(NOOP)
        insist_on_resets(wire)


class Answered(Wire):
    """The client answers itself first."""

    def _shake_hands(self):
        self.client.emit(at=-1, flags="S", ack=0)
        self.server.expect_flags("S")
        self.client.put(self.server.segment(flags="SA", at=99))
        self.server.emit(at=-1, flags="SA")
        self.client.expect_flags("SA")
        self.client.emit(flags="A")
        self.server.expect_flags("A")


class Forgotten(Refused):
    """The client resets what it asked for before the server answers."""

    def _shake_hands(self):
        self.client.emit(at=-1, flags="S", ack=0)
        self.server.expect_flags("S")
        self.client.emit(flags="R", ack=0)
        self.server.expect_flags("R")


def _turned_away():
    """Sessions that there was no memory for."""
    now = bed.stats()
    return now["sessions_deferred"] + now["sessions_unguarded"]


@contextlib.contextmanager
def crowd():
    """So many sessions that there is no memory for one more, and none that
    could give way: all wait for a greeting."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(many_sockets(2 * CROWD))
        with bed.inside("server"):
            stack.enter_context(socket.create_server(("", CLOSED),
                                                     backlog=CROWD))
        before = _turned_away()
        for number in range(CROWD):
            with bed.inside("client"):
                client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            client.setblocking(False)
            client.connect_ex((SERVER["IPv4"], CLOSED))
            if number % PART == 0 and _turned_away() != before:
                break
        end = time.monotonic() + DEADLINE
        while _turned_away() == before:
            assert time.monotonic() < end, "there is memory left"
            time.sleep(0.1)
        yield


def short(report, server):
    with report.case("without memory: with profile=monitor a session begins, "
                     "and all of it passes"), \
            little_memory(ports=f"25,{CLOSED}"), crowd():
        bed.set_parameter("profile", "monitor")
        insist_on_nothing_done(server, 25)
    for way in choose.WAYS:
        with report.case("without memory: with enabled=N a session begins to "
                         f"which the ruleset gave {way.name}, and all of it "
                         "passes"), \
                little_memory(ports=str(CLOSED), **way.values), \
                ruleset(way.rules(2500)), crowd():
            bed.set_parameter("enabled", "N")
            insist_on_nothing_done(server, 2500)


def insist_on_nothing_done(server, port):
    with Talk(server, port=port) as talk:
        talk.expect("EXPN root", "250")
        talk.insist_on_equal()
