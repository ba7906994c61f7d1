# SPDX-License-Identifier: GPL-2.0
"""Sessions that the router learns of when they are under way, or of which it
sees one direction only: the module is loaded or switched on under them, their
conntrack entry is lost, their replies go another way."""

import contextlib
import subprocess
import time

import bed
import choose
import entries
import wire as wires
from placement import named_namespace, ruleset
from scapy.layers.inet import ICMP, IP, TCP
from server import Server
from stream import NOOP, OK, forget, insist_on_next, insist_on_resets
from talk import Talk, counted, parameters, told
from wire import Wire, by_hand

ENVELOPE = b"MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\n"
# The pieces of a message, any of which may be the first that is seen.
TEXT = (b"Subject: x\r\n\r\nDear Bob,\r\nEXPN root\r\n",
        b"please pay 100 to account 4711.\r\n",
        b"RSET\r\nVRFY root\r\nKind regards\r\n")

# The begin of one.
CLIENT_HELLO = b"\x16\x03\x01\x00\x05\x01ello"

# The table of late connections is swept every five seconds.
SWEPT = 30

ZONE = """
table inet smtpguard_net_zone {
	chain prerouting {
		type filter hook prerouting priority raw;
		tcp dport 25 ct zone set 5
		tcp sport 25 ct zone set 5
	}
}
"""


def run(report, server):
    loaded_late(report, server)
    with by_hand():
        switched_on(report)
        unseen_begin(report)
        in_mid_chunk(report)
        before_a_220(report)
        forgotten(report)
        one_way(report)
        not_of_a_connection(report)
    in_mid_message(report, server)
    ended(report, server)
    namespace_goes(report)


def find(talk):
    """Two commands that wait for their replies are the most that it takes for
    a session to be found."""
    for _ in range(2):
        talk.expect("NOOP", "250")


def insist_on_guard(talk):
    """Nothing of a session is refused before replies have told its phase."""
    find(talk)
    before = len(talk.session.octets)
    talk.expect("EXPN root", "500")
    talk.session.wait(lambda: len(talk.session.octets) >= before + 11,
                      "nothing came")
    assert talk.session.octets[before:] == b"EXXXXXXXX\r\n", \
        talk.session.octets[before:]


def loaded_late(report, server):
    with report.case("insmod under a session that began without the module: "
                     "it is guarded from the second reply on"):
        bed.unload()
        try:
            with Talk(server) as talk:
                talk.expect("EXPN root", "250")
                bed.load()
                with counted(refused_EXPN=1, sessions_opened=1,
                             sessions_resynchronised=1):
                    insist_on_guard(talk)
        finally:
            ensure_loaded()
    with report.case("rmmod and insmod under a session: it is guarded "
                     "again"), Talk(server) as talk:
        talk.expect("EXPN root", "500")
        bed.unload()
        bed.load()
        insist_on_guard(talk)
    with report.case("insmod in the middle of a message: it arrives whole, "
                     "what follows is guarded"):
        bed.unload()
        try:
            with Talk(server) as talk:
                talk.open_message()
                talk.send(b"Subject: x\r\n\r\nEXPN root\r\n")
                bed.load()
                talk.say("250", b"EXPN root\r\n.", b"\r\n")
                talk.insist_on_equal()
                insist_on_guard(talk)
        finally:
            ensure_loaded()


def ensure_loaded(**values):
    """A case that failed may have left the module out."""
    loaded = subprocess.run(["grep", "-q", "^smtpguard ", "/proc/modules"],
                            check=False).returncode == 0
    if not loaded:
        bed.load(**values)


def switched_on(report):
    with report.case("enabled=Y under a session that began under enabled=N: "
                     "it is guarded from the second reply on, and what passes "
                     "before is counted"), \
            counted(sessions_opened=1, refused_VRFY=1, segments_midstream=1), \
            parameters(enabled="N"), Wire() as wire:
        wire.command(b"VRFY a\r\n", OK)
        bed.set_parameter("enabled", "Y")
        find_by_hand(wire)
        insist_on_mask(wire)
        # and what passes while it is off moves the place in the stream
        bed.set_parameter("enabled", "N")
        wire.command(b"VRFY a\r\n", OK)
    with report.case("a port that is guarded no more: the session goes on "
                     "being guarded"), \
            counted(sessions_opened=1, refused_VRFY=2), \
            parameters(enabled="N"), Wire() as wire:
        bed.set_parameter("enabled", "Y")
        find_by_hand(wire)
        insist_on_mask(wire)
        bed.set_parameter("ports", "2500")
        insist_on_mask(wire)
    with report.case("midstream=reset, enabled=Y under a session: it is reset "
                     "at both ends"), counted(resets=1), \
            parameters(midstream="reset", enabled="N"), Wire() as wire:
        bed.set_parameter("enabled", "Y")
        wire.client.send(NOOP)
        insist_on_resets(wire)
    with report.case("midstream=reset, enabled=N and enabled=Y under a session "
                     "that is guarded: it is reset at both ends"), \
            counted(resets=1), parameters(midstream="reset"), \
            told(reason="midstream"), Wire() as wire:
        bed.set_parameter("enabled", "N")
        wire.command(NOOP, OK)
        bed.set_parameter("enabled", "Y")
        wire.client.send(NOOP)
        insist_on_resets(wire)
    with report.case("midstream=accept, enabled=Y under a session: it passes "
                     "to its end"), counted(commands_refused=0), \
            parameters(midstream="accept", enabled="N"), Wire() as wire:
        bed.set_parameter("enabled", "Y")
        for _ in range(2):
            wire.command(b"VRFY a\r\n", OK)


@contextlib.contextmanager
def emptied():
    """Conntrack forgets the sessions there are."""
    yield flushed


@contextlib.contextmanager
def begun_disabled():
    """The guard is switched on under the sessions there are."""
    with parameters(enabled="N"):
        yield lambda: bed.set_parameter("enabled", "Y")


MOMENTS = {"conntrack -F": emptied, "enabled=Y": begun_disabled}


def in_mid_chunk(report):
    for name, moment in MOMENTS.items():
        for last in range(1, len(TEXT)):
            with report.case(f"{name} behind piece {last} of a pipelined "
                             "chunk: the replies to what came before it change "
                             "nothing of it, what follows is guarded"), \
                    counted(refused_VRFY=1, resets=0), \
                    moment() as happens, Wire() as wire:
                chunk(wire, last, happens)


def chunk(wire, last, happens):
    """MAIL and RCPT are answered between the pieces of the chunk."""
    wire.command(b"EHLO a\r\n", b"250-mx\r\n250 CHUNKING\r\n")
    begin = ENVELOPE + b"BDAT %d LAST\r\n" % sum(map(len, TEXT))
    for number, piece in enumerate(TEXT):
        if number == last:
            happens()
        wire.client.send(begin + piece)
        wire.server.expect(begin + piece)
        wire.server.acknowledge()
        wire.reply(b"250 %d Ok\r\n" % number)
        begin = b""
    find_by_hand(wire)
    insist_on_mask(wire)


def before_a_220(report):
    for name, moment in MOMENTS.items():
        with report.case(f"{name} before the 220 to STARTTLS: a client that "
                         "goes on with a command is found by that, and the "
                         "reply hides what is to be hidden"), \
                counted(capabilities_hidden=1, refused_VRFY=1, resets=0), \
                moment() as happens, Wire() as wire:
            be_ready(wire, happens)
            wire.client.send(b"EHLO a\r\n")
            wire.server.expect(b"EHLO a\r\n")
            wire.server.acknowledge()
            wire.server.send(b"250-mx\r\n250 VRFY\r\n")
            wire.client.expect(b"250-mx\r\n250 XXXX\r\n")
            wire.client.acknowledge()
            insist_on_mask(wire)
        with report.case(f"{name} before the 220 to STARTTLS: TLS passes"), \
                counted(sessions_tls=1, commands_refused=0, resets=0), \
                moment() as happens, Wire() as wire:
            be_ready(wire, happens)
            wire.command(CLIENT_HELLO, b"\x16\x03\x03\x00\x05\x02")
            wire.command(b"VRFY a\r\n", OK)


def be_ready(wire, happens):
    """STARTTLS crosses before, its reply behind. Conntrack knows the
    connection by the acknowledgment when the reply comes."""
    wire.client.send(b"STARTTLS\r\n")
    wire.server.expect(b"STARTTLS\r\n")
    happens()
    wire.server.acknowledge()
    wire.reply(b"220 Go on\r\n")


def in_mid_message(report, server):
    for name, moment in MOMENTS.items():
        for last in range(len(TEXT)):
            with report.case(f"{name} before piece {last} of a message: it "
                             "arrives once and unchanged, what follows is "
                             "guarded"), \
                    moment() as happens, Talk(server) as talk:
                message(talk, last, happens)


def message(talk, last, happens):
    talk.open_message()
    for number, piece in enumerate(TEXT):
        if number == last:
            happens()
        talk.send(piece)
        talk.session.wait(lambda: len(talk.session.octets) == len(talk.sent),
                          "the message does not go on")
    talk.say("250", b".\r\n")
    talk.insist_on_equal()
    assert talk.session.messages == [b"".join(TEXT) + b".\r\n"], \
        talk.session.messages
    insist_on_guard(talk)


def unseen_begin(report):
    with report.case("a connection that begins under enabled=N, with the ports "
                     "of one that was reset before, is not held for that"), \
            counted(resets=0, refused_VRFY=1):
        with Wire() as wire:
            wire.command(NOOP, OK)
            wire.server.emit(flags="RA")
            wire.client.expect_flags("RA")
            forget(wire)
        with parameters(enabled="N"), Wire(port=wire.port) as wire:
            bed.set_parameter("enabled", "Y")
            find_by_hand(wire)
            insist_on_mask(wire)


def find_by_hand(wire):
    """As find(), by hand."""
    for _ in range(2):
        wire.command(NOOP, OK)


def insist_on_mask(wire):
    wire.client.send(b"VRFY a\r\n")
    wire.server.expect(b"XXXXXX\r\n")
    wire.server.acknowledge()
    wire.reply(b"500 What?\r\n")


def forgotten(report):
    for family in wires.ADDRESSES:
        with report.case(f"{family}: conntrack forgets a session and learns "
                         "of it from the server: who is the client stays "
                         "clear, and it is guarded from the next command's "
                         "reply on"), \
                counted(sessions_opened=2, refused_VRFY=1), \
                Wire(family) as wire:
            wire.client.send(NOOP + NOOP)
            wire.server.expect(NOOP + NOOP)
            forget(wire)
            # replies that wait for no acknowledgment of the router; with the
            # first the connection is one that anybody may have made up
            for _ in range(2):
                wire.server.send(OK)
                wire.client.expect(OK)
                wire.client.acknowledge()
            wire.command(NOOP, OK)
            insist_on_mask(wire)
    with report.case("nf_conntrack_tcp_loose=0: what a client says in a "
                     "session that conntrack forgot is reset at both ends"), \
            sysctl("tcp_loose", 0), counted(segments_one_way=1), \
            Wire() as wire:
        forget(wire)
        wire.client.emit(b"VRFY a\r\n")
        insist_on_resets(wire)
    with report.case("nf_conntrack_tcp_loose=0, several zones: an INVALID "
                     "segment of a live session is dropped, nothing reset"), \
            ruleset(ZONE), sysctl("tcp_loose", 0), \
            counted(segments_invalid=1, segments_one_way=0), Wire() as wire:
        wire.client.emit(b"VRFY a\r\n", at=1 << 30)
        insist_on_next(wire)


@contextlib.contextmanager
def sysctl(name, value):
    """A value of conntrack's in the router, for the time of a block."""
    path = f"/proc/sys/net/netfilter/nf_conntrack_{name}"
    with open(path, encoding="ascii") as file:
        before = file.read()
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(str(value))
        yield
    finally:
        with open(path, "w", encoding="ascii") as file:
            file.write(before)


class OneWay(Wire):
    """The server's segments do not come by the router."""

    def __init__(self, **fields):
        self._late = []
        super().__init__(**fields)

    def _shake_hands(self):
        self.client.emit(at=-1, flags="S", ack=0)
        self.server.expect_flags("S")
        self.client.emit(flags="A")
        self.server.expect_flags("A")

    def reply(self, data):
        self.server.offset += len(data)
        self.client.heard = self.server.offset


class OtherWay(Wire):
    """The client's segments do not come by the router."""

    def _shake_hands(self):
        self.server.emit(at=-1, flags="SA")
        self.client.expect_flags("SA")

    def reply(self, data):
        self.server.send(data)
        self.client.expect(data)


def one_way(report):
    for family in wires.ADDRESSES:
        with report.case(f"{family}: only the client's direction is seen: what "
                         "it says is reset at both ends at once"), \
                counted(segments_one_way=1), OneWay(family=family) as wire:
            wire.client.emit(b"EHLO a\r\n")
            insist_on_resets(wire)
        with report.case(f"{family}: midstream=accept: only the client's "
                         "direction is seen: it passes, counted"), \
                parameters(midstream="accept"), \
                counted(segments_one_way=2), OneWay(family=family) as wire:
            for line in (b"EHLO a\r\n", b"VRFY a\r\n"):
                wire.client.send(line)
                wire.server.expect(line)
    with report.case("only the client's direction is seen, with a wrong "
                     "checksum: dropped, nothing reset"), \
            counted(segments_one_way=1), OneWay() as wire:
        wire.client.emit(b"EHLO a\r\n", chksum=0x1234)
        wire.client.emit(flags="A")
        wire.server.expect_flags("A")
    with report.case("profile=monitor: only the client's direction is seen: "
                     "it passes, counted"), parameters(profile="monitor"), \
            counted(segments_invalid=1), OneWay() as wire:
        wire.client.send(b"EHLO a\r\n")
        wire.server.expect(b"EHLO a\r\n")
    with report.case("only the server's direction is seen: it passes"), \
            counted(sessions_opened=1, resets=0), OtherWay() as wire:
        for reply in (b"250-mx\r\n250 XEXCH50\r\n", b"354 Go on\r\n", OK):
            wire.client.offset += 6
            wire.server.heard = wire.client.offset
            wire.reply(reply)


def not_of_a_connection(report):
    for way in choose.WAYS:
        with report.case(f"no port in ports, {way.name} by ruleset: INVALID "
                         "segments of its sessions carry no data to the "
                         "server"), \
                parameters(ports="\n", **way.values), \
                ruleset(way.rules(25)), counted(segments_invalid=1), \
                Wire() as wire:
            wire.client.emit(b"EXPN root\r\n", at=1 << 30)
            insist_on_next(wire)
    with report.case("no port in ports: INVALID segments of other sessions "
                     "are left alone"), parameters(ports="\n"), \
            counted(segments_invalid=0), Wire() as wire:
        wire.client.emit(b"EXPN root\r\n", at=1 << 30)
        wire.server.expect(b"EXPN root\r\n", at=1 << 30)
    with report.case("an ICMP error about a session passes, and is no segment "
                     "of it"), \
            counted(resets=0, segments_out_of_order=0, sessions_closed=0), \
            Wire() as wire:
        for identification in range(0, 0x10000, 0x0555):
            quoted = IP(src="198.51.100.2", dst="192.0.2.2",
                        id=identification) / \
                TCP(sport=25, dport=wire.port, seq=wire.server.number(0))
            wire.client.put(
                IP(src="192.0.2.2", dst="198.51.100.2") /
                ICMP(type=3, code=4, nexthopmtu=1400) / bytes(quoted)[:28])
            got = wire.server.receive_icmp()
            assert bytes(got.payload)[4:6] == bytes(quoted)[4:6], got
        wire.command(NOOP, OK)


def flushed():
    """Empty conntrack's table in the router; what is left nevertheless."""
    entries.flush()
    return entries.count()


def ended(report, server):
    with report.case("a session that was picked up leaves nothing in conntrack "
                     "when it ends"):
        with parameters(enabled="N"), Talk(server) as talk:
            bed.set_parameter("enabled", "Y")
            talk.expect("NOOP", "250")
        end = time.monotonic() + SWEPT
        # one to which somebody has a reference is not in the table any more,
        # but still counted
        while flushed():
            assert time.monotonic() < end, "a connection does not go"
            time.sleep(0.2)


def namespace_goes(report):
    with report.case("a network namespace goes with a session that was picked "
                     "up in it"):
        with named_namespace("later", "add", "later"):
            subprocess.run(["ip", "-n", "later", "link", "set", "lo", "up"],
                           check=True)
            with parameters(namespaces="all", enabled="N"), \
                    Server("later") as own, Talk(
                    own, namespace="later", address="127.0.0.1") as talk:
                bed.set_parameter("enabled", "Y")
                insist_on_guard(talk)
        insist_on_cleanup()


def insist_on_cleanup():
    """Namespaces are taken down one after the other: that of this one ends
    when that of all others has."""
    subprocess.run(["ip", "netns", "add", "last"], check=True)
    subprocess.run(["ip", "link", "add", "last0", "type", "veth", "peer",
                    "name", "eth0", "netns", "last"], check=True)
    subprocess.run(["ip", "netns", "delete", "last"], check=True)
    end = time.monotonic() + SWEPT
    while not subprocess.run(["ip", "link", "show", "last0"], check=False,
                             capture_output=True).returncode:
        assert time.monotonic() < end, "the namespace does not go"
        time.sleep(0.2)
