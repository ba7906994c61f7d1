# SPDX-License-Identifier: GPL-2.0
"""A router that is a bridge, and has no address:

    near 10.4.0.1 eth0 -- near0 br0 far0 -- eth0 10.4.0.2 far
     2001:db8:4::1       (namespace switch)      2001:db8:4::2

Conntrack follows what crosses the bridge because a ruleset of the family
"bridge" asks for its state, or br_netfilter calls IP's hooks; each, none and
both of the two are tried. Counters are those of the bridge's namespace."""

import contextlib
import subprocess
import time

import bed
from failover import calls, ip, untrack
from pickup import (OneWay, ensure_loaded, insist_on_guard, insist_on_mask,
                    sysctl)
from placement import insist_on_guarded, insist_on_not_guarded, ruleset
from routes import APART, STRAYS
from scapy.layers.inet import TCP, fragment
from server import Server
from stream import (NOOP, OK, forget, insist_on_next, insist_on_reset,
                    insist_on_resets)
from talk import HOSTILE, Talk, counted, parameters
from wire import End, Wire, by_hand, hardware_address

PORTS = (25, 2525)
ENDS = ("near", "far")
ADDRESSES = {"IPv4": ("10.4.0.1", "10.4.0.2"),
             "IPv6": ("2001:db8:4::1", "2001:db8:4::2")}
PORTS_OF_BRIDGE = ((None, "near0"), (None, "far0"))
# A line for each thing that ip(8) is to do.
LINKS = """
netns add switch
netns add near
netns add far
-n switch link add br0 type bridge mcast_snooping 0
-n switch link add near0 type veth peer name eth0 netns near
-n switch link add far0 type veth peer name eth0 netns far
-n switch link set near0 master br0 up
-n switch link set far0 master br0 up
-n switch link set br0 addrgenmode none up
-n near address add 10.4.0.1/24 dev eth0
-n near address add 2001:db8:4::1/64 dev eth0 nodad
-n near link set eth0 up
-n far address add 10.4.0.2/24 dev eth0
-n far address add 2001:db8:4::2/64 dev eth0 nodad
-n far link set eth0 up
"""
CONNTRACK = """
table bridge smtpguard_net_bridge {
	chain forward {
		type filter hook forward priority filter;
		ct state invalid counter
	}
}
"""
# A third port, and nobody's place is learned.
FLOODED = """
-n switch link add idle0 type dummy
-n switch link set idle0 master br0 up
-n switch link set near0 type bridge_slave learning off
-n switch link set far0 type bridge_slave learning off
-n switch link set br0 type bridge fdb_flush
"""
LEARNED = """
-n switch link del idle0
-n switch link set near0 type bridge_slave learning on
-n switch link set far0 type bridge_slave learning on
"""
# Devices that tag, one on the other, in both ends.
TAGGED = """
-n {end} link add link eth0 name one type vlan id 10
-n {end} link add link one name two type vlan id 20
-n {end} link set one up
-n {end} link set two up
"""
ROUTED = """
-n switch link set near0 nomaster
-n switch address add 10.6.0.1/24 dev near0
-n switch address add 10.7.0.1/24 dev br0
-n near address add 10.6.0.2/24 dev eth0
-n near route add 10.7.0.0/24 via 10.6.0.1
-n far address add 10.7.0.2/24 dev eth0
-n far route add 10.6.0.0/24 via 10.7.0.1
"""
TEXT = (b"Subject: x\r\n\r\n" +
        b"EXPN root\r\n..dot, and more than a word of it\r\n" * 1300)


def run(report, _):
    with parameters(namespaces="all"), switch(), \
            Server("far", PORTS) as server, bed.inside("switch"):
        untracked(report, server)
        for name, tracking in (("conntrack", conntrack),
                               ("br_netfilter", br_netfilter),
                               ("both", both)):
            with tracking():
                for family in ADDRESSES:
                    sessions(report, f"{name}: {family}", family, server)
                    with by_hand(ENDS, links()):
                        by_frame(report, f"{name}: {family}", family)
                late(report, name, server)
        with conntrack():
            with by_hand(ENDS, links()):
                fragments(report)
            flooded(report, server)
            vlans(report, server)
        calls(ROUTED)
        subprocess.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"], check=True)
        for name, tracking in (("conntrack", conntrack), ("both", both)):
            with tracking():
                routed(report, name, server)


@contextlib.contextmanager
def switch():
    """All of the network, for the time of a block."""
    with contextlib.ExitStack() as stack:
        stack.callback(remove)
        calls(LINKS)
        for end in ENDS:
            untrack(end)
        yield


def remove():
    """Take it down."""
    for name in ("switch", *ENDS):
        subprocess.run(["ip", "netns", "delete", name], check=False)


def links():
    """Both ends of both links."""
    return (*PORTS_OF_BRIDGE, *((end, "eth0") for end in ENDS))


def conntrack():
    """Conntrack follows what crosses the bridge."""
    return ruleset(CONNTRACK)


@contextlib.contextmanager
def br_netfilter():
    """IP's hooks are called for what crosses the bridge."""
    subprocess.run(["modprobe", "br_netfilter"], check=True)
    try:
        yield
    finally:
        subprocess.run(["rmmod", "br_netfilter"], check=True)


@contextlib.contextmanager
def both():
    """Conntrack's hooks come first, as they were made last."""
    with br_netfilter(), conntrack():
        yield


class Frames(Wire):
    """A connection by hand across the bridge."""

    addresses = ADDRESSES

    def _make_ends(self, client, server):
        return (End("near", *client, hardware_address("far", "eth0")),
                End("far", *server, hardware_address("near", "eth0")))


class FramesRouted(Wire):
    """A connection by hand by a router whose one side is a bridge."""

    addresses = {"IPv4": ("10.6.0.2", "10.7.0.2")}

    def _make_ends(self, client, server):
        return (End("near", *client, hardware_address(None, "near0")),
                End("far", *server, hardware_address(None, "br0")))


class FramesOneWay(OneWay, Frames):
    """The server's frames do not come by the bridge."""


def untracked(report, server):
    for family, (_, address) in ADDRESSES.items():
        with report.case(f"{family}: conntrack does not follow what crosses "
                         "the bridge: all passes"):
            insist_on_not_guarded(server, address, 25, "near")
    with by_hand(ENDS, links()), \
            report.case("conntrack does not follow what crosses the bridge: "
                        "nothing there is INVALID"), \
            counted(segments_invalid=0, segments_one_way=0), \
            sysctl("tcp_loose", 0), Frames() as wire:
        wire.client.emit(b"EXPN root\r\n", at=1 << 30)
        wire.server.expect(b"EXPN root\r\n", at=1 << 30)


def sessions(report, name, family, server):
    address = ADDRESSES[family][1]
    with report.case(f"{name}: port 25 is guarded, others are not"), \
            counted(sessions_opened=1, commands_refused=1,
                    segments_forged=0):
        insist_on_guarded(server, address, namespace="near")
        insist_on_not_guarded(server, address, 2525, "near")
    with report.case(f"{name}: a long message passes octet for octet"), \
            counted(messages=1), \
            Talk(server, namespace="near", address=address) as talk:
        talk.open_message()
        talk.say("250", TEXT, b".\r\n")
        talk.insist_on_equal()
    with report.case(f"{name}: an end of data in two segments arrives"), \
            counted(messages=1), \
            Talk(server, namespace="near", address=address) as talk:
        talk.open_message()
        talk.say("250", b"text\r\n.", b"\r\n")
        talk.expect("QUIT", "221")
        talk.insist_on_equal()
    with report.case(f"{name}: an ambiguous end of data is defanged"), \
            counted(ends_of_data_ambiguous=1, messages=1), \
            Talk(server, namespace="near", address=address) as talk:
        talk.open_message()
        del talk.session.octets[:]
        talk.say("250", b"a\n.\nEXPN root\r\n.\r\n")
        assert talk.session.octets == b"a\n. EXPN root\r\n.\r\n", \
            talk.session.octets
    with report.case(f"{name}: a reset reaches both ends"), \
            counted(resets=1), \
            Talk(server, namespace="near", address=address) as talk:
        talk.insist_on_reset(HOSTILE)
        assert talk.session.wait_end() == "reset", talk.session.end


def judged_once(report, name, frames, family):
    """Kernels send again what takes long, so the ends are made by hand."""
    with report.case(f"{name}: each segment is judged once"), \
            counted(sessions_opened=1, refused_VRFY=1, segments_repeated=0,
                    segments_forged=0), frames(family) as wire:
        wire.command(NOOP, OK)
        insist_on_mask(wire)


def by_frame(report, name, family):
    judged_once(report, name, Frames, family)
    with report.case(f"{name}: after a reset nothing passes, nor when "
                     "conntrack has forgotten the connection"), \
            counted(resets=1), Frames(family) as wire:
        wire.client.send(HOSTILE, at=0)
        insist_on_resets(wire)
        wire.client.offset = 0
        insist_on_nothing_more(wire)
        forget(wire)
        insist_on_nothing_more(wire)
    with report.case(f"{name}: INVALID data does not reach the server"), \
            counted(segments_invalid=1, segments_one_way=0), \
            Frames(family) as wire:
        wire.client.emit(b"VRFY a\r\n", at=1 << 30)
        insist_on_next(wire)
    with report.case(f"{name}: only the client's direction is seen: what it "
                     "says is reset at both ends"), \
            counted(segments_one_way=1), FramesOneWay(family=family) as wire:
        wire.client.emit(b"EHLO a\r\n")
        insist_on_resets(wire)
    with report.case(f"{name}: a segment of the server that comes in by the "
                     "client's port is dropped"), \
            counted(segments_forged=1), Frames(family) as wire:
        wire.client.put(wire.server.segment(b"250 Ok\r\n"))
        insist_on_next(wire)
    with report.case(f"{name}: {STRAYS} of them in a row end the session"), \
            counted(segments_forged=STRAYS, resets=1), Frames(family) as wire:
        for _ in range(STRAYS):
            # those that follow each other at once count as one
            time.sleep(APART)
            wire.client.put(wire.server.segment(b"250 Ok\r\n"))
        insist_on_nothing_more(wire)


def insist_on_nothing_more(wire):
    wire.client.emit(NOOP)
    insist_on_reset(wire.server)
    wire.client.receive()


def late(report, name, server):
    with report.case(f"{name}: insmod under a session that began without the "
                     "module: it is guarded from the second reply on"):
        bed.unload()
        try:
            with Talk(server, namespace="near",
                      address=ADDRESSES["IPv4"][1]) as talk:
                talk.expect("EXPN root", "250")
                bed.load(namespaces="all")
                with counted(refused_EXPN=1, sessions_opened=1,
                             sessions_resynchronised=1):
                    insist_on_guard(talk)
                talk.insist_on_reset(HOSTILE)
        finally:
            ensure_loaded(namespaces="all")


def fragments(report):
    """What is overwritten does not end where a fragment may."""
    text = b"NOOP " + b"a" * 300 + b"\r\nVRFY " + b"b" * 299 + b"\r\n"
    masked = text.partition(b"VRFY")[0] + b"X" * 304 + b"\r\n"
    for size in (96, 256, 400):
        with report.case("what comes in fragments goes on in fragments, and "
                         f"is guarded: {size} octets each"), \
                counted(refused_VRFY=1), Frames() as wire:
            for piece in fragment(wire.client.segment(text), size):
                wire.client.put(piece)
            whole = receive_fragments(wire.server)
            assert bytes(whole.payload) == masked, whole
            wire.client.emit(NOOP, at=len(text))
            wire.server.expect(NOOP, at=len(text))


def receive_fragments(end):
    """The TCP segment that comes here in fragments next."""
    data = b""
    while True:
        piece = end.receive_ip()
        assert piece.frag * 8 == len(data), piece
        data += bytes(piece.payload)
        if not piece.flags.MF:
            return TCP(data)


def flooded(report, server):
    with report.case("frames go to all ports: what comes by again passes, and "
                     "a reset reaches both ends"), flooding(), \
            counted(resets=1, refused_EXPN=1, segments_mismatched=0), \
            Talk(server, namespace="near",
                 address=ADDRESSES["IPv4"][1]) as talk:
        before = bed.stats()["segments_repeated"]
        talk.open_message()
        talk.say("250", TEXT, b".\r\n")
        talk.insist_on_equal()
        assert bed.stats()["segments_repeated"] > before, \
            "each went to one port alone"
        talk.expect("EXPN root", "500")
        talk.insist_on_reset(HOSTILE)


@contextlib.contextmanager
def flooding():
    """No port knows who is behind it."""
    calls(FLOODED)
    try:
        yield
    finally:
        calls(LEARNED)


def vlans(report, server):
    for end in ENDS:
        calls(TAGGED.format(end=end))
    for number, end in enumerate(ENDS, 1):
        ip(f"-n {end} address add 10.5.1.{number}/24 dev one")
        ip(f"-n {end} address add 10.5.2.{number}/24 dev two")
    with report.case("frames with a VLAN tag: guarded, and a reset reaches "
                     "both ends"), counted(resets=1):
        insist_on_guarded(server, "10.5.1.2", namespace="near")
        with Talk(server, namespace="near", address="10.5.1.2") as talk:
            talk.insist_on_reset(HOSTILE)
    with report.case("frames with two VLAN tags are none of conntrack's: they "
                     "pass"):
        insist_on_not_guarded(server, "10.5.2.2", 25, "near")
    ip("-n far address del 10.5.1.2/24 dev one")
    ip("-n far address add 10.5.1.2/24 dev eth0")
    # what comes without a tag is not for the address of the device that tags
    subprocess.run(bed.in_namespace(
        "near", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1"), check=True)
    with report.case("a bridge that knows VLANs, the client's frames have a "
                     "tag, the server's none: a reset reaches both ends"), \
            trunk(), counted(resets=1):
        insist_on_guarded(server, "10.5.1.2", namespace="near")
        with Talk(server, namespace="near", address="10.5.1.2") as talk:
            talk.insist_on_reset(HOSTILE)


@contextlib.contextmanager
def trunk():
    """The client's port has tagged frames of VLAN 10, the server's has them
    untagged."""
    ip("link set br0 type bridge vlan_filtering 1")
    bridge("add dev near0 vid 10")
    bridge("add dev far0 vid 10 pvid untagged")
    try:
        yield
    finally:
        bridge("del dev near0 vid 10")
        bridge("del dev far0 vid 10")
        bridge("add dev far0 vid 1 pvid untagged")
        ip("link set br0 type bridge vlan_filtering 0")


def bridge(line):
    """One call of bridge(8) about VLANs."""
    subprocess.run(["bridge", "vlan", *line.split()], check=True)


def routed(report, name, server):
    name = f"{name}: the router sends by a bridge"
    with by_hand(ENDS, links()):
        judged_once(report, name, FramesRouted, "IPv4")
    with report.case(f"{name}: guarded, and a reset reaches both ends"), \
            counted(sessions_opened=2, commands_refused=1, resets=1,
                    segments_forged=0):
        insist_on_guarded(server, "10.7.0.2", namespace="near")
        with Talk(server, namespace="near", address="10.7.0.2") as talk:
            talk.open_message()
            talk.say("250", TEXT, b".\r\n")
            talk.insist_on_equal()
            talk.insist_on_reset(HOSTILE)
