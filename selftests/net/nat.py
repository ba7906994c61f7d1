# SPDX-License-Identifier: GPL-2.0
"""Sessions whose clients or servers the router gives other addresses and
ports, and clients that have the same addresses in several zones of
conntrack's."""

import contextlib
import itertools
import re
import subprocess

from failover import calls, untrack
from pickup import find
from placement import ROUTER, named_namespace, ruleset
from talk import HOSTILE, SERVER, Talk, counted, tracked

FAMILY = {"IPv4": "ip", "IPv6": "ip6"}
TRANSLATED = {"IPv4": "198.51.100.9", "IPv6": "2001:db8:2::9"}
CLIENT = {"IPv4": "192.0.2.2", "IPv6": "2001:db8:1::2"}
SECOND_CLIENT = {"IPv4": "192.0.2.3", "IPv6": "2001:db8:1::3"}
LENGTH = {"IPv4": 24, "IPv6": 64}
# Below those that sockets are given; none is used twice.
SOURCE_PORTS = itertools.count(20001)
DATA = b"Subject: x\r\n\r\nEXPN root\r\n" + b"x" * 70 + b"\r\n"

NAT = """
table inet smtpguard_net_nat {{
	chain prerouting {{
		type nat hook prerouting priority dstnat;
		{before}
	}}
	chain postrouting {{
		type nat hook postrouting priority srcnat;
		{behind}
	}}
}}
"""
SOURCE = {
    "SNAT to another address":
        'oifname server0 snat {family} to {translated}',
    "SNAT to another address and port":
        'oifname server0 meta l4proto tcp snat {family} to '
        '{bracketed}:30000-39999',
    "masquerade": "oifname server0 masquerade",
    "masquerade to another port":
        "oifname server0 meta l4proto tcp masquerade to :40000-49999 random",
}

# Two networks of the same addresses behind one address of the router.
TWINS = """
table inet smtpguard_net_twins {
	chain raw {
		type filter hook prerouting priority raw;
		iifname client0 ct original zone set 1
		iifname twin0 ct original zone set 2
	}
	chain prerouting {
		type filter hook prerouting priority mangle;
		iifname twin0 ct mark set 2
		meta mark set ct mark
	}
	chain output {
		type route hook output priority mangle;
		meta mark set ct mark
	}
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname server0 masquerade
	}
}
"""
# A line for each thing that ip(8) is to do.
TWIN_LINKS = """
link add twin0 type veth peer name eth0 netns twin
link set twin0 up
-n twin address add 192.0.2.2/24 dev eth0
-n twin link set eth0 up
-n twin route add default via 192.0.2.1
route add 192.0.2.0/24 dev twin0 table 2
rule add fwmark 2 lookup 2
"""


def run(report, server):
    for family, address in SERVER.items():
        with translated_address(family):
            for name, rule in SOURCE.items():
                with ruleset(nat(family, behind=rule)):
                    one_client(report, server, f"{family}, {name}", address)
        with second_client(family), \
                ruleset(nat(family, behind=SOURCE["masquerade"])):
            two_clients(report, server, family, address)
        with ruleset(nat(family, SOURCE["masquerade"],
                         "iifname client0 tcp dport 25 dnat {family} to "
                         "{server}:2501")):
            one_client(report, server, f"{family}, DNAT and masquerade",
                       ROUTER[family])
    with twins(), ruleset(TWINS):
        two_zones(report, server)


def nat(family, behind, before=""):
    """A ruleset of NAT."""
    def fill(rule):
        bracket = "[{}]" if family == "IPv6" else "{}"
        return rule.format(family=FAMILY[family],
                           translated=TRANSLATED[family],
                           bracketed=bracket.format(TRANSLATED[family]),
                           server=bracket.format(SERVER[family]))
    return NAT.format(before=fill(before), behind=fill(behind))


@contextlib.contextmanager
def own_address(command, address, device):
    """An address more, for the time of a block."""
    change = [*command, "address", "{}", address, "dev", device]
    nodad = ["nodad"] if ":" in address else []
    subprocess.run([word.format("add") for word in change] + nodad, check=True)
    try:
        yield
    finally:
        subprocess.run([word.format("delete") for word in change], check=True)


def translated_address(family):
    return own_address(["ip"], f"{TRANSLATED[family]}/{LENGTH[family]}",
                       "server0")


def second_client(family):
    return own_address(["ip", "-n", "client"],
                       f"{SECOND_CLIENT[family]}/{LENGTH[family]}", "eth0")


class Translated:
    """The server, by what conntrack says where the client's connection
    leaves the router."""

    def __init__(self, server, zone=None):
        self._server = server
        self._zone = [] if zone is None else ["--orig-zone", str(zone)]
        self.client = None

    def session(self, client):
        ends = {(re.findall(r" dst=(\S+)", line)[1],
                 int(re.findall(r" dport=(\d+)", line)[1]))
                for line in tracked(client, 25, *self._zone)}
        assert len(ends) == 1, ends
        self.client, = ends
        return self._server.session(self.client)


def converse(talk):
    """A refused verb, and a message whose end of data is cut."""
    talk.expect("EHLO client", "250")
    talk.expect("EXPN root", "500")
    talk.open_message()
    talk.say("250", DATA, b".", b"\r\n")
    assert talk.session.octets == talk.sent.replace(
        b"EXPN root\r\n", b"EXXXXXXXX\r\n", 1), talk.session.octets
    assert talk.session.messages == [DATA + b".\r\n"]


def one_client(report, server, name, address):
    behind = Translated(server)
    with report.case(f"{name}: a refused verb is overwritten, a message "
                     "arrives"), \
            counted(sessions_opened=1, refused_EXPN=1, messages=1,
                    segments_invalid=0), \
            Talk(behind, address=address) as talk:
        assert behind.client != talk.socket.getsockname()[:2]
        converse(talk)
        talk.expect("QUIT", "221")
    with report.case(f"{name}: a reset reaches both ends"), \
            counted(resets=1, segments_invalid=0), \
            Talk(behind, address=address) as talk:
        talk.expect("NOOP", "250")
        talk.insist_on_reset(HOSTILE)


def two_clients(report, server, family, address):
    with report.case(f"{family}, masquerade: two clients with the same port "
                     "are guarded apart, and a reset leaves the other alone"), \
            counted(sessions_opened=2, refused_EXPN=2, messages=2, resets=1):
        port = next(SOURCE_PORTS)
        behind = Translated(server)
        with Talk(behind, address=address,
                  source=(CLIENT[family], port)) as first:
            seen = behind.client
            with Talk(behind, address=address,
                      source=(SECOND_CLIENT[family], port)) as second:
                assert seen != behind.client
                guarded_apart(first, second)


def guarded_apart(first, second):
    """Two sessions at once, in different phases; the second is reset."""
    first.open_message()
    converse(second)
    first.say("250", DATA, b".", b"\r\n")
    first.expect("EXPN root", "500")
    second.insist_on_reset(HOSTILE)
    first.expect("NOOP", "250")


@contextlib.contextmanager
def twins():
    """A client with the addresses of the other one."""
    with named_namespace("twin", "add", "twin"):
        try:
            calls(TWIN_LINKS)
            untrack("twin")
            yield
        finally:
            subprocess.run(["ip", "rule", "delete", "fwmark", "2"],
                           check=True)


def two_zones(report, server):
    with report.case("the same addresses and ports in two zones at once are "
                     "guarded apart, and a reset leaves the other alone"), \
            counted(sessions_opened=2, refused_EXPN=2, messages=2, resets=1), \
            same_ports(server) as (first, second):
        guarded_apart(first, second)
    with report.case("a session that conntrack forgot is not held for one that "
                     "was reset in another zone"), \
            counted(resets=1, refused_EXPN=1), \
            same_ports(server) as (first, second):
        second.insist_on_reset(HOSTILE)
        forget(first)
        find(first)
        first.expect("EXPN root", "500")


@contextlib.contextmanager
def same_ports(server):
    """Sessions of both clients, from the same port."""
    port = next(SOURCE_PORTS)
    with Talk(Translated(server, 1), source=("", port)) as first, \
            Talk(Translated(server, 2), source=("", port),
                 namespace="twin") as second:
        assert first.socket.getsockname() == second.socket.getsockname()
        yield first, second


def forget(talk):
    """Take the connection out of conntrack."""
    subprocess.run(["conntrack", "-D", "-p", "tcp", "--orig-zone", "1",
                    "--orig-port-src", str(talk.socket.getsockname()[1])],
                   check=True, capture_output=True)
