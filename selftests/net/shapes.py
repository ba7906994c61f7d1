# SPDX-License-Identifier: GPL-2.0
"""Packets of every shape that a router meets: larger than 64 kB, made of others
that were received one by one, tagged, with headers in between. In each a verb
is overwritten, and a large message arrives octet for octet."""

import contextlib
import hashlib
import re
import socket
import subprocess
import time

from failover import calls
from placement import ruleset
from stream import TSO_SEGMENTS
from talk import SERVER, Talk, counted
from wire import LINKS, call

LINE = b"EXPN root, and text to fill the line up to some length %06d\r\n"
LINES = 16500
# With an empty line, or all of it were a header that is too long.
MESSAGE = b"Subject: lines\r\n\r\n" + b"".join(
    LINE % number for number in range(LINES))
BIG = 200000
LARGE = 65536
SEND_MEMORY = "net.ipv4.tcp_wmem"
RECEIVE_MEMORY = "net.ipv4.tcp_rmem"
MEMORY = "4096 4000000 8000000"
DEADLINE = 60

# Says which lengths packets to the server had when they were forwarded.
LENGTHS = """
table inet smtpguard_net_shapes {
	counter large {
	}
	counter joined {
	}
	counter extended {
	}
	chain forward {
		type filter hook forward priority filter;
		tcp dport 25 meta length > 65536 counter name large
		tcp dport 25 meta length > 2000 counter name joined
		tcp dport 25 ip6 nexthdr != tcp counter name extended
	}
}
"""
VLAN = """
-n client link add link eth0 name eth0.5 type vlan id 5
-n client address add 203.0.113.2/24 dev eth0.5
-n client address add 2001:db8:5::2/64 dev eth0.5 nodad
-n client link set eth0.5 up
-n client route add 198.51.100.2 via 203.0.113.1
-n client route add 2001:db8:2::2 via 2001:db8:5::1
link add link client0 name client0.5 type vlan id 5
address add 203.0.113.1/24 dev client0.5
address add 2001:db8:5::1/64 dev client0.5 nodad
link set client0.5 up
"""
# A header of eight octets, padding. Which one follows the kernel fills in.
PADDING = b"\0\0\x01\x04\0\0\0\0"
HEADERS = {"hop-by-hop": socket.IPV6_HOPOPTS,
           "destination": socket.IPV6_DSTOPTS}


def run(report, server):
    with ruleset(LENGTHS):
        for family, name, shape, insist in SHAPES:
            with report.case(f"{family}: {name}: a verb is overwritten, 1 MB "
                             "arrives"), shape(), \
                    Talk(server, address=SERVER[family]) as talk:
                insist_on_session(talk)
                insist(talk)
        for name, option in HEADERS.items():
            with report.case(f"IPv6: a header of {name} options: a verb is "
                             "overwritten, 1 MB arrives"):
                with Talk(server, address=SERVER["IPv6"]) as talk:
                    talk.socket.setsockopt(socket.IPPROTO_IPV6, option,
                                           PADDING)
                    insist_on_session(talk)
                assert packets("extended")


def insist_on_session(talk):
    """A refused verb in the middle of segments, a message whose end of data is
    cut, a refused verb."""
    for name in ("large", "joined", "extended"):
        subprocess.run(["nft", "reset", "counter", "inet",
                        "smtpguard_net_shapes", name], check=True,
                       capture_output=True)
    with counted(messages=1, refused_EXPN=3, refused_VRFY=1, resets=0,
                 segments_invalid=0):
        talk.send(b"NOOP\r\nEXPN root\r\nVRFY root\r\nNOOP\r\n")
        for code in ("250", "500", "500", "250"):
            talk.insist(code)
        talk.expect("EXPN root", "500")
        send_message(talk)
        talk.expect("EXPN root", "500")
    octets = bytes(talk.session.octets)
    assert octets.startswith(b"NOOP\r\nEXXXXXXXX\r\nXXXXXXXXX\r\nNOOP\r\n"
                             b"EXXXXXXXX\r\nMAIL"), octets[:100]
    assert octets.endswith(b"\r\n.\r\nEXXXXXXXX\r\n"), octets[-50:]


def send_message(talk):
    """One must come, whole."""
    talk.open_message()
    talk.socket.sendall(MESSAGE)
    talk.say("250", b"\r\n.", b"\r\n")
    message = talk.session.messages.pop()
    assert hashlib.sha256(message).digest() == hashlib.sha256(
        MESSAGE + b"\r\n.\r\n").digest()
    assert not talk.session.messages


def packets(counter):
    """How many packets to the server were so."""
    text = call(None, "nft", "list", "counter", "inet",
                "smtpguard_net_shapes", counter)
    return int(re.search(r"packets (\d+)", text)[1])


@contextlib.contextmanager
def features(links, **wanted):
    """Features of network devices, by ethtool's names, for a block."""
    def switch(values):
        words = [word for name, value in values.items()
                 for word in (name.replace("_", "-"), value)]
        for namespace, device in links:
            call(namespace, "ethtool", "-K", device, *words)
    opposite = {"on": "off", "off": "on"}
    switch(wanted)
    try:
        yield
    finally:
        switch({name: opposite[value] for name, value in wanted.items()})


def limits(size):
    """How large a packet of many segments may become."""
    names = ("gso_max_size", "gro_max_size", "gso_ipv4_max_size",
             "gro_ipv4_max_size")
    for namespace, device in LINKS:
        call(namespace, "ip", "link", "set", device,
             *(word for name in names for word in (name, str(size))))


@contextlib.contextmanager
def big_tcp():
    """Packets of more than 64 kB: made of at least so many segments, and both
    ends have room for them from the begin."""
    limits(BIG)
    try:
        with shorter_segments(), \
                sysctls("client", {TSO_SEGMENTS: "140", SEND_MEMORY: MEMORY}), \
                sysctls("server", {RECEIVE_MEMORY: MEMORY}):
            yield
    finally:
        limits(LARGE)


@contextlib.contextmanager
def shorter_segments():
    """A router holds the header of an IPv6 packet of more than 64 kB for a part
    of each of its segments, and drops it where those would be too long."""
    route = ("ip", "-6", "route", "change", "default", "via", "2001:db8:2::1")
    call("server", *route, "advmss", "1400")
    try:
        yield
    finally:
        call("server", *route)


@contextlib.contextmanager
def sysctls(namespace, wanted):
    """Values in a namespace, for the time of a block."""
    before = {name: call(namespace, "sysctl", "-n", name).strip()
              for name in wanted}
    try:
        for name, value in wanted.items():
            call(namespace, "sysctl", "-qw", f"{name}={value}")
        yield
    finally:
        for name, value in before.items():
            call(namespace, "sysctl", "-qw", f"{name}={value}")


def single_segments():
    """Every segment is a packet, everywhere."""
    return features(LINKS, tso="off", gso="off", gro="off")


@contextlib.contextmanager
def fragment_lists():
    """The router receives single segments and joins them to lists."""
    with features([("client", "eth0")], tso="off", gso="off"), \
            features([(None, "client0")], gro="on", rx_gro_list="on"):
        yield


@contextlib.contextmanager
def joined():
    """The router receives single segments and joins them to packets."""
    with features([("client", "eth0")], tso="off", gso="off"), \
            features([(None, "client0")], gro="on"):
        yield


@contextlib.contextmanager
def vlan():
    """The client's way is a VLAN."""
    try:
        calls(VLAN)
        yield
    finally:
        call("client", "ip", "link", "delete", "eth0.5")
        call(None, "ip", "link", "delete", "client0.5")


def insist_on_large(talk):
    """How much TCP sends at once grows with what has arrived, and shrinks where
    a busy machine keeps it waiting."""
    end = time.monotonic() + DEADLINE
    while not packets("large"):
        assert time.monotonic() < end, "no packet had more than 64 kB"
        send_message(talk)


def insist_on_joined(_):
    assert packets("joined"), "no packet was made of several"


def insist_on_single(_):
    assert not packets("joined"), "a packet was made of several"


def insist_on_vlan(talk):
    source = talk.socket.getsockname()[0]
    assert source in ("203.0.113.2", "2001:db8:5::2"), source


SHAPES = (
    ("IPv4", "packets of more than 64 kB", big_tcp, insist_on_large),
    ("IPv6", "packets of more than 64 kB", big_tcp, insist_on_large),
    ("IPv4", "lists of segments", fragment_lists, insist_on_joined),
    ("IPv6", "lists of segments", fragment_lists, insist_on_joined),
    ("IPv4", "joined segments", joined, insist_on_joined),
    ("IPv6", "single segments", single_segments, insist_on_single),
    ("IPv4", "a VLAN", vlan, insist_on_vlan))
