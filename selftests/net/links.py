# SPDX-License-Identifier: GPL-2.0
"""What a router's links may be, and where containers on it are: each is guarded,
or is not, as Documentation/placement.rst says.

    client link0 10.20.0.2 -- 10.20.0.1 link0 (router) server0 -- server
           2001:db8:20::2     2001:db8:20::1

The client reaches the server by link0, whatever that is. A container is the
namespace pod, and its own device link0 leads by the router's server0."""

import contextlib
import itertools
import subprocess

import bed
import routes
from failover import calls, ip
from multipath import CAPABLE, Offering, blank
from nat import converse
from placement import (ROUTER, insist_on_guarded, insist_on_not_guarded,
                       named_namespace, ruleset)
from server import Server
from synproxy import OUT_OF_PLACE
from talk import HOSTILE, SERVER, Talk, counted, parameters
from wire import ADDRESSES, by_hand, call

CLIENT = {"IPv4": "10.20.0.2", "IPv6": "2001:db8:20::2"}
# A line for each thing that ip(8) is to do.
ADDRESSED = """
address add 10.20.0.1/24 dev link0
address add 2001:db8:20::1/64 dev link0 nodad
link set link0 up
-n client address add 10.20.0.2/24 dev link0
-n client address add 2001:db8:20::2/64 dev link0 nodad
-n client link set link0 up
-n client route add 198.51.100.2 via 10.20.0.1
-n client route add 2001:db8:2::2 via 2001:db8:20::1
"""
BOND = """
    link add port0 type veth peer name port0 netns client
    link add port1 type veth peer name port1 netns client
    link add link0 type bond mode active-backup miimon 20
    -n client link add link0 type bond mode active-backup miimon 20
    link set port0 master link0
    link set port1 master link0
    -n client link set port0 master link0
    -n client link set port1 master link0
"""
KINDS = {
    "a veth pair": """
        link add link0 type veth peer name link0 netns client
    """,
    "a bridge with a veth pair in it": """
        link add link0 type bridge mcast_snooping 0
        link add port0 type veth peer name link0 netns client
        link set port0 master link0 up
    """,
    "a VLAN": """
        link add link client0 name link0 type vlan id 20
        -n client link add link eth0 name link0 type vlan id 20
    """,
    "a VLAN in a VLAN of a provider's": """
        link add link client0 name outer0 type vlan proto 802.1ad id 30
        link set outer0 up
        link add link outer0 name link0 type vlan id 20
        -n client link add link eth0 name outer0 type vlan proto 802.1ad id 30
        -n client link set outer0 up
        -n client link add link outer0 name link0 type vlan id 20
    """,
    "a macvlan": """
        link add link client0 name link0 type macvlan mode bridge
        -n client link add link eth0 name link0 type macvlan mode bridge
    """,
    "a bond of two veth pairs": BOND,
    "WireGuard": """
        link add link0 type wireguard
        -n client link add link0 type wireguard
    """,
}
# What there may be of those, at either end.
DEVICES = ("link0", "port0", "port1", "outer0")
ANYBODY = ("0.0.0.0/0", "::/0")
BOTH = ",".join(ANYBODY)

# Enslaving a device takes it down, and with that IPv6 addresses go.
KEEP = "net.ipv6.conf.{}.keep_addr_on_down"
VRF = "guarded"
TABLE = "1001"
BOTH_IN_VRF = """
link add guarded type vrf table 1001
link set guarded up
link set client0 master guarded
link set server0 master guarded
"""
# Each side's routes lead to the other one.
CLIENT_IN_VRF = """
link add guarded type vrf table 1001
link set guarded up
link set client0 master guarded
route add 198.51.100.0/24 dev server0 table 1001
-6 route add 2001:db8:2::/64 dev server0 table 1001
route add 192.0.2.0/24 dev client0
-6 route add 2001:db8:1::/64 dev client0
"""

# Nothing comes to a guarded port in clear.
ENCRYPTED = """
table inet smtpguard_net_encrypted {
	chain prerouting {
		type filter hook prerouting priority raw;
		iifname client0 tcp dport 25 meta secpath missing drop
	}
}
"""
KEY = "0x" + "5a" * 20

CLAMPED = """
table inet smtpguard_net_clamped {
	chain forward {
		type filter hook forward priority mangle;
		tcp flags & (syn|rst) == syn tcp option maxseg size set rt mtu
	}
}
"""
MTU = 1300
HEADERS = {"IPv4": 40, "IPv6": 60}

TEXT = b"EXPN root, and text to fill the line up\r\n" * 4000
POD = {"IPv4": "10.30.0.2", "IPv6": "2001:db8:30::2"}
# With addresses of the server's link, which it shares.
SWITCHED = """
link add link server0 name pod0 type {kind}
link set pod0 netns pod name link0
-n pod address add 198.51.100.3/24 dev link0
-n pod address add 2001:db8:2::3/64 dev link0 nodad
-n pod link set link0 up
"""
ROUTED = """
link add link server0 name pod0 type {kind}
link set pod0 netns pod name link0
-n pod address add 10.30.0.2/32 dev link0
-n pod address add 2001:db8:30::2/128 dev link0 nodad
-n pod link set link0 up
-n pod route add default dev link0
-n pod -6 route add default dev link0
"""
APART = """
table inet smtpguard_net_apart {
	chain output {
		type filter hook output priority raw;
		ip saddr 10.30.0.2 notrack
		ip6 saddr 2001:db8:30::2 notrack
	}
}
"""


def run(report, server):
    for name, lines in KINDS.items():
        with link(lines):
            for family, address in SERVER.items():
                guarded(report, f"{family}, the client's link is {name}",
                        server, address, (CLIENT[family], 0))
    with link(BOND):
        for family, address in SERVER.items():
            half_of_bond(report, family, server, address)
    vrf(report, server)
    with ipsec_device():
        guarded(report, "IPv4, the client's link is a device of IPsec", server,
                SERVER["IPv4"], (CLIENT["IPv4"], 0))
    for family in SERVER:
        ipsec(report, server, family)
    clamped(report, server)
    containers(report, server)


def guarded(report, name, server, address, source=None):
    """A refused verb, a message whose end of data is cut, a reset."""
    with report.case(f"{name}: a refused verb is overwritten, a message "
                     "arrives once"), \
            counted(sessions_opened=1, refused_EXPN=1, messages=1, resets=0,
                    segments_invalid=0, segments_forged=0,
                    segments_out_of_order=0), \
            Talk(server, address=address, source=source) as talk:
        converse(talk)
        talk.expect("QUIT", "221")
    with report.case(f"{name}: a reset reaches both ends"), \
            counted(resets=1, segments_invalid=0), \
            Talk(server, address=address, source=source) as talk:
        talk.expect("NOOP", "250")
        talk.insist_on_reset(HOSTILE)


def half_of_bond(report, family, server, address):
    with report.case(f"{family}: one link of a client's bond fails in the "
                     "middle of a session, and then the other: it goes on"), \
            counted(sessions_opened=1, refused_EXPN=2, messages=2, resets=0,
                    segments_forged=0), \
            Talk(server, address=address, source=(CLIENT[family], 0)) as talk:
        converse(talk)
        for port in "port0", "port1":
            calls(f"link set {port} down")
            talk.expect("NOOP", "250")
            calls(f"link set {port} up")
        message_again(talk)


def message_again(talk):
    del talk.session.octets[:], talk.session.messages[:], talk.sent[:]
    converse(talk)


@contextlib.contextmanager
def link(lines):
    """Another link of the client's, for the time of a block."""
    try:
        calls(lines)
        if "wireguard" in lines:
            wireguard()
        calls(ADDRESSED)
        yield
    finally:
        for where in (), ("-n", "client"):
            subprocess.run(["ip", *where, "-force", "-batch", "-"],
                           check=False, text=True, stderr=subprocess.DEVNULL,
                           input="".join(f"link delete {device}\n"
                                         for device in DEVICES))


def wireguard():
    """Keys for both ends of it."""
    keys = {namespace: call(None, "wg", "genkey")
            for namespace in (None, "client")}
    for namespace, options in (
            (None, ("allowed-ips", "10.20.0.2/32,2001:db8:20::2/128")),
            ("client", ("allowed-ips", BOTH, "endpoint", "192.0.2.1:51820"))):
        peer, = (key for owner, key in keys.items() if owner != namespace)
        call(namespace, "wg", "set", "link0", "listen-port", "51820",
             "private-key", "/dev/stdin", "peer",
             call(None, "wg", "pubkey", input=peer).strip(), *options,
             input=keys[namespace])


@contextlib.contextmanager
def enslaved(lines):
    """Links of the router's are in a VRF."""
    for device in "client0", "server0":
        call(None, "sysctl", "-qw", f"{KEEP.format(device)}=1")
    try:
        calls(lines)
        yield
    finally:
        for version, net, device in (("-4", "192.0.2.0/24", "client0"),
                                     ("-6", "2001:db8:1::/64", "client0")):
            subprocess.run(["ip", version, "route", "delete", net, "dev",
                            device, "table", "main"], check=False,
                           stderr=subprocess.DEVNULL)
        ip(f"link delete {VRF}")


@contextlib.contextmanager
def accepting():
    """Who listens on the router is heard in VRFs, too."""
    call(None, "sysctl", "-qw", "net.ipv4.tcp_l3mdev_accept=1")
    try:
        with named_namespace("router", "attach", "router", "1"):
            yield
    finally:
        call(None, "sysctl", "-qw", "net.ipv4.tcp_l3mdev_accept=0")


def vrf(report, server):
    with enslaved(BOTH_IN_VRF):
        for family, address in SERVER.items():
            guarded(report, f"{family}, both links are in a VRF", server,
                    address)
        with accepting(), Server("router") as own:
            for family, address in ROUTER.items():
                guarded(report, f"{family}, a server on the router, and the "
                        "client's link is in a VRF", own, address)
        with by_hand():
            for family in ADDRESSES:
                routes.everything(report, family, "both links are in a VRF, ",
                                  TABLE)
    with enslaved(CLIENT_IN_VRF):
        for family, address in SERVER.items():
            guarded(report, f"{family}, the client's link is in a VRF", server,
                    address)
        with by_hand():
            for family in ADDRESSES:
                for side in "client", "server":
                    routes.forged(report, "the client's link is in a VRF, "
                                  f"{family}", family, side)
    with report.case("links are in a VRF no more: a session is guarded"), \
            Talk(server) as talk:
        converse(talk)


@contextlib.contextmanager
def secured(family, mode, remote):
    """Connections between the client and a remote address are encrypted
    between client and router."""
    client, router = ADDRESSES[family][0], ROUTER[family]
    ways = ((client, router, client, remote), (router, client, remote, client))
    try:
        for where, inward in (((), "in" if mode == "transport" else "fwd"),
                              (("-n", "client"), "in")):
            here = client if where else router
            for number, (source, end, sender, receiver) in enumerate(ways):
                subprocess.run(
                    ["ip", *where, "xfrm", "state", "add", "src", source,
                     "dst", end, "proto", "esp", "spi", str(256 + number),
                     "mode", mode, "aead", "rfc4106(gcm(aes))", KEY, "128"],
                    check=True)
                subprocess.run(
                    ["ip", *where, "xfrm", "policy", "add", "src", sender,
                     "dst", receiver, "proto", "tcp", "dir",
                     "out" if source == here else inward, "tmpl", "src",
                     source, "dst", end, "proto", "esp", "mode", mode],
                    check=True)
        with ruleset(ENCRYPTED):
            yield
    finally:
        for where in (), ("-n", "client"):
            for what in "state", "policy":
                subprocess.run(["ip", *where, "xfrm", what, "flush"],
                               check=True)


def ipsec(report, server, family):
    with secured(family, "tunnel", SERVER[family]):
        name = f"{family}, IPsec tunnel between client and router"
        guarded(report, name, server, SERVER[family])
        large(report, name, server, SERVER[family])
    with secured(family, "transport", ROUTER[family]), \
            named_namespace("router", "attach", "router", "1"), \
            Server("router") as own:
        name = f"{family}, IPsec transport to a server on the router"
        guarded(report, name, own, ROUTER[family])
        large(report, name, own, ROUTER[family])
        with own.saying(replies=OUT_OF_PLACE,
                        cut=lambda reply: reply.splitlines(True)):
            out_of_place(report, name, own, family)


@contextlib.contextmanager
def ipsec_device():
    """A device whose packets come by once more before they are encrypted."""
    ends = {"client": ADDRESSES["IPv4"][0], None: ROUTER["IPv4"]}
    other = {"client": None, None: "client"}
    try:
        for namespace, here in ends.items():
            where = ("-n", namespace) if namespace else ()
            there = ends[other[namespace]]
            below = "eth0" if namespace else "client0"
            routes.ip(*where, "link", "add", "link0", "type", "xfrm", "dev",
                      below, "if_id", "42")
            for number, (source, end) in enumerate(sorted([(here, there),
                                                           (there, here)])):
                routes.ip(*where, "xfrm", "state", "add", "src", source, "dst",
                          end, "proto", "esp", "spi", str(256 + number),
                          "mode", "tunnel", "if_id", "42", "aead",
                          "rfc4106(gcm(aes))", KEY, "128")
                ways = ("out",) if source == here else ("in", "fwd")
                for way, anybody in itertools.product(ways, ANYBODY):
                    routes.ip(*where, "xfrm", "policy", "add", "src", anybody,
                              "dst", anybody, "dir", way, "if_id", "42",
                              "tmpl", "src", source, "dst", end, "proto",
                              "esp", "mode", "tunnel")
        calls(ADDRESSED)
        yield
    finally:
        for where in (), ("-n", "client"):
            for what in "state", "policy":
                routes.ip(*where, "xfrm", what, "flush")
            subprocess.run(["ip", *where, "link", "delete", "link0"],
                           check=False, stderr=subprocess.DEVNULL)


def out_of_place(report, name, own, family):
    """With IPv6 the policy takes no reset in clear, over loopback either. Several
    processors decrypt, and a reset may overtake the line before it: the client
    challenges it (RFC 5961 section 3.2), and is reset before it has the line."""
    ends = {"IPv4": "both ends", "IPv6": "the client"}[family]
    with report.case(f"{name}: a reset for what that server says reaches "
                     f"{ends}"), counted(resets=1), \
            Talk(own, address=ROUTER[family]) as talk:
        got = None
        with contextlib.suppress(ConnectionResetError):
            talk.expect("NOOP", "354")
            got = talk.lines.readline()
        assert got is None, f"the client was not reset, got {got!r}"
        if family == "IPv4":
            end = talk.session.wait_end()
            assert end == "reset", f"the server's end was {end}"


def large(report, name, server, address):
    with report.case(f"{name}: a message of {len(TEXT)} octets arrives as it "
                     "was sent, counted once"), \
            counted(messages=1), \
            Talk(server, address=address) as talk:
        talk.open_message()
        talk.socket.sendall(TEXT)
        talk.say("250", b".", b"\r\n")
        assert talk.session.messages == [TEXT + b".\r\n"]


def clamped(report, server):
    call(None, "ip", "link", "set", "server0", "mtu", str(MTU))
    try:
        with ruleset(CLAMPED):
            for family, address in SERVER.items():
                with by_hand():
                    clamped_syn(report, family)
                guarded(report, f"{family}, MSS clamping", server, address)
                large(report, f"{family}, MSS clamping", server, address)
    finally:
        call(None, "ip", "link", "set", "server0", "mtu", "1500")


def clamped_syn(report, family):
    with report.case(f"{family}, MSS clamping: the ruleset changes one option "
                     "of a SYN, the guard another"), \
            counted(segments_multipath=1, refused_VRFY=1), \
            Offering([("MSS", 1460), CAPABLE], [("MSS", 1460)],
                     family=family) as wire:
        syn, answer = wire.seen
        assert syn == [("MSS", MTU - HEADERS[family]), *blank(CAPABLE)], syn
        # the smaller of both ways counts
        assert answer == [("MSS", MTU - HEADERS[family])], answer
        wire.client.send(b"VRFY root\r\n")
        wire.server.expect(b"XXXXXXXXX\r\n")


@contextlib.contextmanager
def pod(lines, kind):
    """A container, whose device is one of the kinds that share another."""
    with named_namespace("pod", "add", "pod"):
        calls(lines.format(kind=kind))
        try:
            yield
        finally:
            # the namespace goes later, and server0 takes no other kind before
            ip("-n pod link delete link0")


def containers(report, server):
    for kind in "macvlan mode bridge", "ipvlan mode l2":
        with pod(SWITCHED, kind):
            for family, address in SERVER.items():
                beside(report, f"{family}, a container with {kind}", server,
                       address)
    with pod(ROUTED, "ipvlan mode l3"):
        for family, address in SERVER.items():
            one_way(report, f"{family}, a container with ipvlan mode l3",
                    server, address)
    with pod(ROUTED, "ipvlan mode l3s"):
        for family, address in SERVER.items():
            name = f"{family}, a container with ipvlan mode l3s"
            symmetric(report, name, server, family, address)


def beside(report, name, server, address):
    with report.case(f"{name}: what it says does not come by the router: it "
                     "passes"):
        insist_on_not_guarded(server, address, 25, "pod")
    with report.case(f"{name}, namespaces=all: guarded in the container's own "
                     "namespace"), parameters(namespaces="all"), \
            bed.inside("pod"):
        insist_on_guarded(server, address, 25, "pod")


def one_way(report, name, server, address):
    with report.case(f"{name}: only what it says comes by the router: the "
                     "server is reset at once, and reads nothing"), \
            counted(sessions_opened=0, refused_EXPN=0), \
            Talk(server, namespace="pod", address=address) as talk:
        talk.send(b"EXPN root\r\n")
        assert talk.session.wait_end() == "reset", talk.session.end
        assert not talk.session.octets, talk.session.octets
    with report.case(f"{name}, and a rule that it is not to be tracked: it "
                     "passes"), ruleset(APART):
        insist_on_not_guarded(server, address, 25, "pod")


def symmetric(report, name, server, family, address):
    with report.case(f"{name}: a refused verb is overwritten, a message "
                     "arrives once"), \
            counted(sessions_opened=1, refused_EXPN=1, messages=1, resets=0), \
            Talk(server, namespace="pod", address=address) as talk:
        converse(talk)
    with report.case(f"{name}: a reset reaches the other end"), \
            counted(resets=1), \
            Talk(server, namespace="pod", address=address) as talk:
        talk.expect("NOOP", "250")
        talk.send(HOSTILE)
        assert talk.session.wait_end() == "reset", talk.session.end
    with Server("pod") as own, \
            report.case(f"{name}: a server of its own is guarded"), \
            counted(sessions_opened=1, refused_EXPN=1, messages=1, resets=0), \
            Talk(own, namespace="server", address=POD[family]) as talk:
        converse(talk)
