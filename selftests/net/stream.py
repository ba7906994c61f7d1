# SPDX-License-Identifier: GPL-2.0
"""What TCP may do to a stream: repeat, reorder, overlap, wrap around, be
wrong. The receiver reads the octets that were judged, once and in order."""

import contextlib
import socket
import subprocess
import threading

import bed
import wire as wires
from server import single
from talk import HOSTILE, Talk, counted, parameters, told
from wire import (ADDRESSES, ETH_P_ALL, LINKS, Wire, by_hand, call,
                  without_offload)

OK = b"250 2.0.0 Ok\r\n"
NOOP = b"NOOP\r\n"
# A wrap-around within the first commands of a session.
NEAR_WRAP = 0xfffffff0

BULK_LINES = 200
BULK_LINE = b"NOOP " + b"a" * 293 + b"\r\n"
BULK = BULK_LINE * BULK_LINES
SUPER_PACKET = 20000
# However slow the machine is, super-packets are made of so many segments.
TSO_SEGMENTS = "net.ipv4.tcp_min_tso_segs"
# Segments of a message in which all octets count for where it ends.
SHORT_LINES = (b"..\r\n" * 333, b"..\r\n" * 365)
# One of more lines than the least max_unacknowledged, and what carries it.
MANY_LINES = b"\r\n" * 3000
JUMBO = 9000


def run(report, server):
    with by_hand():
        for family in ADDRESSES:
            checksums(report, family)
            session(report, family)
            resets(report, family)
        midstream(report)
        reused_ports(report)
        odd_segments(report)
        order(report)
        repeats(report)
        unknown(report)
        mismatches(report)
        overlaps(report)
        replies(report)
        invalid(report)
    bulk(report, server)


def checksums(report, family):
    with report.case(f"{family}: the checksum is right, wherever in a segment "
                     "a verb is overwritten"), Wire(family) as wire:
        for length in range(1, 10):
            before = b"NOOP " + b"a" * length + b"\r\n"
            wire.client.send(before + b"VRFY \xff\xff\xff\r\n" + NOOP)
            wire.server.expect(before + b"XXXXXXXX\r\n" + NOOP)
            wire.server.acknowledge()
            wire.reply(OK + b"500 What?\r\n" + OK)
    with report.case(f"{family}: the checksum is right, of every octet of an "
                     "overwritten verb"), Wire(family) as wire:
        for octet in single(b"VRFY \xff\0\xff"):
            wire.client.send(octet)
            wire.server.expect(b"X")
        wire.client.send(b"\r\n")
        wire.server.expect(b"\r\n")
    with report.case(f"{family}: the checksum of a masked greeting is "
                     "right"), parameters(profile="mailguard"):
        greeting = "220 *********************"
        with Starred(family) as wire:
            assert wire.seen.decode().startswith(greeting), wire.seen


class Starred(Wire):
    """A connection on which the greeting is not what the server said."""

    def reply(self, data):
        self.server.send(data)
        self.seen = bytes(self.client.receive().payload)
        assert len(self.seen) == len(data), self.seen


def session(report, family):
    for name, first in (("from ordinary sequence numbers", 1000),
                        ("across the end of sequence numbers", NEAR_WRAP)):
        with report.case(f"{family}: a whole session {name}"), \
                counted(messages=1, refused_EXPN=1, resets=0,
                        segments_out_of_order=0, segments_mismatched=0), \
                Wire(family, first, NEAR_WRAP - 40 + first % 7) as wire:
            wire.command(b"HELO client\r\n", b"250 mail\r\n")
            wire.client.send(b"EXPN root\r\n")
            wire.server.expect(b"EXXXXXXXX\r\n")
            wire.reply(b"500 What?\r\n")
            wire.command(b"MAIL FROM:<>\r\n", OK)
            wire.command(b"RCPT TO:<b>\r\n", OK)
            wire.command(b"DATA\r\n", b"354 Go on\r\n")
            wire.command(b"EXPN root\r\n.\r\n", OK)
            wire.command(b"QUIT\r\n", b"221 Bye\r\n")


def odd_segments(report):
    with report.case("a late SYN with another number changes nothing"), \
            counted(refused_VRFY=1), Wire() as wire:
        wire.client.emit(at=20, flags="S", ack=0)
        wire.server.expect_flags("S")
        wire.client.send(b"NOOP\r\nVRFY root\r\n")
        wire.server.expect(b"NOOP\r\nXXXXXXXXX\r\n")
    with report.case("no octet is urgent to the server, or it would read "
                     "another stream; the checksum is right"), \
            counted(segments_urgent=1), Wire() as wire:
        wire.client.send(NOOP, flags="PAU", urgptr=3)
        segment = wire.server.expect(NOOP)
        assert segment.flags == "PA" and not segment.urgptr, segment


def order(report):
    with report.case("a segment out of order is dropped, and passes when it "
                     "is sent again in order"), \
            counted(segments_out_of_order=1), Wire() as wire:
        wire.client.emit(b"OOP\r\n", at=1)
        wire.client.send(b"N")
        wire.server.expect(b"N")
        wire.client.send(b"OOP\r\n")
        wire.server.expect(b"OOP\r\n")
    with report.case("a refused verb whose end comes first is overwritten"), \
            counted(segments_out_of_order=1, refused_EXPN=1), Wire() as wire:
        wire.client.emit(b"PN root\r\n", at=2)
        wire.client.send(b"EX")
        wire.server.expect(b"EX")
        wire.client.send(b"PN root\r\n")
        wire.server.expect(b"XXXXXXX\r\n")
    with report.case("a message out of order: its end of data too waits for "
                     "what is before it"), \
            counted(segments_out_of_order=1, messages=1), Wire() as wire:
        into_message(wire)
        start = wire.client.offset
        wire.client.emit(b"two\r\n.\r\n", at=start + 5)
        wire.client.send(b"one\r\n")
        wire.server.expect(b"one\r\n")
        wire.client.send(b"two\r\n.\r\n")
        wire.server.expect(b"two\r\n.\r\n")
        wire.reply(OK)


def into_message(wire):
    wire.command(b"MAIL FROM:<>\r\n", OK)
    wire.command(b"RCPT TO:<b>\r\n", OK)
    wire.command(b"DATA\r\n", b"354 Go on\r\n")


def repeats(report):
    with report.case("an exact repeat passes, before and after it is "
                     "acknowledged"), \
            counted(segments_repeated=3, segments_mismatched=0), \
            Wire() as wire:
        wire.client.send(NOOP)
        wire.server.expect(NOOP)
        for _ in range(2):
            wire.client.send(NOOP, at=0)
            wire.server.expect(NOOP, at=0)
        wire.server.acknowledge()
        wire.client.send(NOOP, at=0)
        wire.server.expect(NOOP, at=0)
    with report.case("an overwritten segment that is repeated in any cuts is "
                     "overwritten the same way"), \
            counted(segments_mismatched=0, refused_EXPN=1), Wire() as wire:
        sent, visible = b"EXPN root\r\nNOOP\r\n", b"EXXXXXXXX\r\nNOOP\r\n"
        wire.client.send(sent)
        wire.server.expect(visible)
        for size in range(1, len(sent)):
            for at in range(0, len(sent), size):
                wire.client.send(sent[at:at + size], at=at)
                wire.server.expect(visible[at:at + size], at=at)
    with report.case("what was forwarded of an overwritten segment passes as "
                     "a repeat too"), \
            counted(segments_mismatched=0), Wire() as wire:
        wire.client.send(b"EXPN root\r\n")
        wire.server.expect(b"EXXXXXXXX\r\n")
        wire.client.send(b"EXXXXXXXX\r\n", at=0)
        wire.server.expect(b"EXXXXXXXX\r\n", at=0)
    with report.case("a message's segment repeated in other cuts passes"), \
            counted(segments_mismatched=0, messages=1), Wire() as wire:
        into_message(wire)
        start = wire.client.offset
        text = b"one\r\n..two\r\n\r\nthree.\r\n.\r\n"
        wire.client.send(text)
        wire.server.expect(text)
        for size in (1, 2, 3, 5, 7):
            for at in range(0, len(text), size):
                wire.client.send(text[at:at + size], at=start + at)
                wire.server.expect(text[at:at + size], at=start + at)
    with report.case("a message whose lines are short, so that it takes more "
                     "notes than others: all of it passes as a repeat too"), \
            counted(segments_mismatched=0, segments_unverifiable=0,
                    segments_deferred=0, resets=0, messages=1), \
            Wire() as wire:
        into_message(wire)
        start = wire.client.offset
        for _ in range(2):
            at = start
            for piece in SHORT_LINES:
                wire.client.send(piece, at=at)
                wire.server.expect(piece, at=at)
                at += len(piece)
        wire.command(b".\r\n", OK)


@contextlib.contextmanager
def jumbo_frames():
    """All links carry longer frames, for the time of a block."""
    try:
        for namespace, device in LINKS:
            call(namespace, "ip", "link", "set", device, "mtu", str(JUMBO))
        yield
    finally:
        for namespace, device in LINKS:
            call(namespace, "ip", "link", "set", device, "mtu", "1500")


def unknown(report):
    with report.case("a repeat of what was too much to be noted: both ends are "
                     "reset"), jumbo_frames(), \
            counted(segments_unverifiable=1, resets=1), \
            parameters(max_unacknowledged="2048"), \
            told(reason="unverifiable"), Wire() as wire:
        into_message(wire)
        start = wire.client.offset
        wire.client.send(MANY_LINES)
        wire.server.expect(MANY_LINES)
        wire.client.send(MANY_LINES, at=start)
        insist_on_resets(wire)


def mismatches(report):
    with report.case("a repeat with other octets in a command never reaches "
                     "the server, and is counted"), \
            counted(segments_mismatched=3, segments_repeated=3), \
            Wire() as wire:
        wire.client.send(b"NOOP aaaa\r\n")
        wire.server.expect(b"NOOP aaaa\r\n")
        for other in (b"EXPN root\r\n", b"NOOP aaab\r\n", b"NOOP\nEXPN\r\n"):
            wire.client.send(other, at=0)
        insist_on_next(wire)
    with report.case("a repeat with other octets in one place of many: only "
                     "the exact one passes"), Wire() as wire:
        line = b"RSET\r\nNOOP x\r\n"
        wire.client.send(line)
        wire.server.expect(line)
        with counted(segments_mismatched=len(line)):
            for at in range(len(line)):
                wire.client.send(line[:at] + b"!" + line[at + 1:], at=0)
            insist_on_next(wire)
    with report.case("a message's repeat with an end of data where there was "
                     "none never reaches the server"), \
            counted(segments_mismatched=4), Wire() as wire:
        into_message(wire)
        start = wire.client.offset
        text = b"aaaaaaaaaa\r\nbbbb\r\n"
        wire.client.send(text)
        wire.server.expect(text)
        for other in (b"aaaaa\r\n.\r\nbbbb\r\n..", b"aaaaaaaaaa\r\n.\r\n\r\n.",
                      b"aaaaaaaaaa\r\n.bbb\r\n", b"aaaaaaaa\n.\r\nbbbb\r\n"):
            assert len(other) == len(text)
            wire.client.send(other, at=start)
        wire.client.send(b".\r\n")
        wire.server.expect(b".\r\n")
    with report.case("a repeat beyond its last octet with other octets before "
                     "it is dropped whole"), \
            counted(segments_mismatched=1, commands_passed=2), Wire() as wire:
        wire.client.send(NOOP)
        wire.server.expect(NOOP)
        wire.client.emit(b"EXPN\r\nRSET\r\n", at=0)
        insist_on_next(wire)


def insist_on_next(wire):
    """Nothing came before the next command does."""
    wire.client.send(NOOP)
    wire.server.expect(NOOP)


def overlaps(report):
    with report.case("partial overlaps: the old part is compared, the new one "
                     "judged"), \
            counted(segments_mismatched=0, segments_repeated=3,
                    refused_VRFY=1), Wire() as wire:
        wire.client.send(b"NOO")
        wire.server.expect(b"NOO")
        wire.client.send(b"OOP\r\nVR", at=1)
        wire.server.expect(b"OOP\r\nXX", at=1)
        wire.client.send(b"VRFY root\r\nRS", at=6)
        wire.server.expect(b"XXXXXXXXX\r\nRS", at=6)
        wire.client.send(b"NOOP\r\nVRFY root\r\nRSET\r\n", at=0)
        wire.server.expect(b"NOOP\r\nXXXXXXXXX\r\nRSET\r\n", at=0)
    with report.case("a repeat from before what is acknowledged to beyond "
                     "what was sent"), \
            counted(segments_mismatched=0, refused_VRFY=1), Wire() as wire:
        wire.client.send(NOOP)
        wire.server.expect(NOOP)
        wire.server.acknowledge()
        wire.client.send(b"VRF")
        wire.server.expect(b"XXX", at=6)
        wire.client.send(b"NOOP\r\nVRFY\r\n", at=0)
        wire.server.expect(b"NOOP\r\nXXXX\r\n", at=0)


def replies(report):
    with report.case("a hidden capability is hidden again when the reply is "
                     "repeated, in any cuts"), \
            counted(capabilities_hidden=1), Wire() as wire:
        wire.client.send(b"EHLO client\r\n")
        wire.server.expect(b"EHLO client\r\n")
        start = wire.server.offset
        said = b"250-mail\r\n250-XFORWARD\r\n250 SIZE\r\n"
        seen = b"250-mail\r\n250-XXXXXXXX\r\n250 SIZE\r\n"
        wire.server.send(said)
        wire.client.expect(seen)
        for size in (1, 3, 8, 16):
            for at in range(0, len(said), size):
                wire.server.send(said[at:at + size], at=start + at)
                wire.client.expect(seen[at:at + size], at=start + at)
    with report.case("a reply repeated with other octets never reaches the "
                     "client"), counted(segments_mismatched=1), Wire() as wire:
        wire.client.send(NOOP)
        wire.server.expect(NOOP)
        start = wire.server.offset
        wire.server.send(OK)
        wire.client.expect(OK)
        wire.server.send(b"354 2.0.0 Ok\r\n", at=start)
        wire.server.send(b"421 Bye\r\n")
        wire.client.expect(b"421 Bye\r\n")


def invalid(report):
    with report.case("a segment with a wrong checksum carries no data to the "
                     "server"), counted(segments_invalid=1), Wire() as wire:
        wire.client.emit(b"EXPN\r\n", chksum=0x1234)
        insist_on_next(wire)
    with report.case("segments out of the window, or that acknowledge what "
                     "was not sent, carry no data to the server"), \
            counted(segments_invalid=2), Wire() as wire:
        wire.client.emit(b"EXPN root\r\n", at=1 << 30)
        wire.client.emit(b"EXPN root\r\n", ack=wire.server.number(1 << 30))
        insist_on_next(wire)
    with report.case("data without a connection does not reach the server"), \
            counted(segments_invalid=1), Wire() as wire:
        wire.client.emit(b"EXPN root\r\n", flags="SAFP")
        insist_on_next(wire)


def resets(report, family):
    for name, before, line in (
            ("at once", b"", HOSTILE),
            ("in the middle of a segment", NOOP,
             NOOP + HOSTILE),
            ("behind the part of the verb that has passed", b"XE",
             b"XCH50 3 2\r\nabc")):
        with report.case(f"{family}: a reset goes to both ends with sequence "
                         f"numbers they accept: {name}"), \
                counted(resets=1), Wire(family) as wire:
            if before:
                wire.client.send(before)
                wire.server.expect(before)
                wire.server.acknowledge()
            wire.client.send(line)
            insist_on_resets(wire)
    with report.case(f"{family}: a client that did not wait for the 354 gets "
                     "it, and its message a reset at both ends"), \
            counted(resets=1, syncs_violated=1, messages=0), \
            Wire(family) as wire:
        wire.command(b"DATA\r\nNOOP\r\n", b"354 Go on\r\n")
        wire.client.send(b"EXPN root\r\n.\r\n")
        insist_on_resets(wire)
    with report.case(f"{family}: a reset for a reply goes to both ends with "
                     "sequence numbers they accept"), \
            counted(resets=1), parameters(midstream="reset"), \
            Wire(family) as wire:
        # What passed unseen leaves the place in both streams unknown.
        bed.set_parameter("enabled", "N")
        wire.command(NOOP, OK)
        bed.set_parameter("enabled", "Y")
        wire.server.send(b"421 Bye\r\n")
        for end in (wire.client, wire.server):
            insist_on_reset(end)


def midstream(report):
    """The router learns of a session in its middle, as after a fail-over."""
    with report.case("midstream=resync: a session passes until the second "
                     "reply, and is guarded from there on"), \
            counted(refused_VRFY=1, resets=0), Wire() as wire:
        forget(wire)
        for _ in range(2):
            wire.command(b"VRFY root\r\n", OK)
        wire.client.send(b"VRFY root\r\n")
        wire.server.expect(b"XXXXXXXXX\r\n")
    with report.case("midstream=resync: a 354 tells of a message"), \
            counted(messages=1, commands_refused=0), Wire() as wire:
        wire.client.send(b"DATA\r\n")
        wire.server.expect(b"DATA\r\n")
        forget(wire)
        # Conntrack takes who is heard first for the client.
        wire.client.emit(flags="A")
        wire.server.expect_flags("A")
        wire.reply(b"354 Go on\r\n")
        wire.command(b"EXPN root\r\n.\r\n", OK)
    with report.case("midstream=accept: a session passes to its end"), \
            parameters(midstream="accept"), \
            counted(commands_refused=0, resets=0), Wire() as wire:
        forget(wire)
        for _ in range(2):
            wire.command(b"VRFY root\r\n", OK)
    with report.case("midstream=reset: a session is reset at both ends, with "
                     "sequence numbers they accept"), \
            parameters(midstream="reset"), counted(resets=1), Wire() as wire:
        forget(wire)
        wire.client.send(NOOP)
        insist_on_resets(wire)


def forget(wire):
    """Take the connection out of the router's conntrack."""
    wires.call(None, "conntrack", "-D", "-p", "tcp", "--orig-port-src",
               str(wire.port), stderr=subprocess.DEVNULL)


def reused_ports(report):
    """A client may use the port of a connection that was reset at once."""
    with report.case("a new connection with the ports of one that was reset "
                     "by the router is guarded from its begin"), \
            counted(resets=1, refused_VRFY=1), Wire() as wire:
        wire.client.send(HOSTILE)
        insist_on_resets(wire)
        insist_on_guarded_again(wire)
    with report.case("a new connection with the ports of one that the server "
                     "has reset is guarded from its begin"), \
            counted(resets=0, refused_VRFY=1, segments_out_of_order=0), \
            Wire() as wire:
        wire.command(NOOP, OK)
        wire.server.emit(flags="RA")
        wire.client.expect_flags("RA")
        insist_on_guarded_again(wire)
    with report.case("a new connection with the ports of one in TLS that the "
                     "server has reset is guarded from its begin"), \
            counted(sessions_tls=1, refused_VRFY=1), Wire() as wire:
        wire.command(b"STARTTLS\r\n", b"220 Go on\r\n")
        wire.command(b"\x16\x03\x01\x00\x05\x01ello",
                     b"\x16\x03\x03\x00\x05\x02ello")
        wire.server.emit(flags="RA")
        wire.client.expect_flags("RA")
        insist_on_guarded_again(wire)
    with report.case("a new connection with the ports of one that the client "
                     "has reset is guarded from its begin"), \
            counted(resets=0, refused_VRFY=1, segments_out_of_order=0), \
            Wire() as wire:
        wire.command(NOOP, OK)
        wire.client.emit(flags="RA")
        wire.server.expect_flags("RA")
        insist_on_guarded_again(wire)


def insist_on_guarded_again(wire):
    # Numbers that are neither near the old ones nor in order with them.
    with Wire(client_first=0x40000000, server_first=0x50000000,
              port=wire.port) as again:
        again.client.send(b"VRFY root\r\n")
        again.server.expect(b"XXXXXXXXX\r\n")
        again.reply(b"500 What?\r\n")


def insist_on_resets(wire):
    for end in (wire.server, wire.client):
        insist_on_reset(end)


def insist_on_reset(end):
    segment = end.receive()
    assert "R" in segment.flags and not segment.payload, \
        f"{segment.flags} {bytes(segment.payload)!r}"
    # RFC 5961 section 3.2: another number only provokes a challenge.
    assert segment.seq == end.peer.number(end.heard), \
        f"{segment.seq}, not {end.peer.number(end.heard)}"


def bulk(report, server):
    """60 kB at once, from real sockets: super-packets of GSO."""
    for name, super_packets, around in (
            ("offloads on", True, contextlib.nullcontext()),
            ("no offload behind the router", True,
             without_offload(((None, "server0"), ("server", "eth0")))),
            ("no offload at all", False, without_offload())):
        with report.case(f"60 kB of pipelined commands with a refused one in "
                         f"their middle, {name}"), around, large_window():
            send_bulk(server, super_packets)


@contextlib.contextmanager
def large_window():
    """The client may send 60 kB at once at the begin of a connection."""
    route = ("default", "via", "192.0.2.1")
    wires.call("client", "ip", "route", "change", *route, "initcwnd", "60")
    segments = wires.call("client", "sysctl", "-n", TSO_SEGMENTS).strip()
    wires.call("client", "sysctl", "-qw", f"{TSO_SEGMENTS}=44")
    try:
        yield
    finally:
        wires.call("client", "sysctl", "-qw", f"{TSO_SEGMENTS}={segments}")
        wires.call("client", "ip", "route", "change", *route)


def send_bulk(server, super_packets):
    half = BULK[:BULK_LINES // 2 * len(BULK_LINE)]
    text = half + b"EXPN root\r\n" + half
    visible = half + b"EXXXXXXXX\r\n" + half
    with Talk(server) as talk, Sizes() as sizes, \
            counted(refused_EXPN=1, commands_passed=BULK_LINES + 1):
        reader = threading.Thread(target=read_replies, args=(talk,))
        reader.start()
        talk.send(text + b"QUIT\r\n")
        reader.join()
        assert talk.session.wait_end() == "closed"
        largest = sizes.largest()
    got = bytes(talk.session.octets)
    assert got == visible + b"QUIT\r\n", f"{len(got)} octets"
    assert (largest > SUPER_PACKET) == super_packets, f"{largest} octets"


def read_replies(talk):
    for _ in range(BULK_LINES + 2):
        talk.reply()


class Sizes:
    """The sizes of frames that come to the router from the client."""

    def __enter__(self):
        self._tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                  socket.htons(ETH_P_ALL))
        self._tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._tap.bind(("client0", ETH_P_ALL))
        self._tap.setblocking(False)
        return self

    def __exit__(self, *_):
        self._tap.close()

    def largest(self):
        """The largest so far."""
        largest = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, address = self._tap.recvfrom(1 << 17)
                if address[2] != socket.PACKET_OUTGOING:
                    largest = max(largest, len(frame))
        return largest
