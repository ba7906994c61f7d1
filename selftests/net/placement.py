# SPDX-License-Identifier: GPL-2.0
"""Which connections are guarded: by port, by ruleset, behind NAT, of the
router itself, in namespaces that come later; and the module's comings and
goings under live sessions."""

import contextlib
import os
import subprocess
import threading

import bed
import choose
import entries
from server import Server
from talk import HOSTILE, SERVER, Talk, counted, parameters, tracked

ROUTER = {"IPv4": "192.0.2.1", "IPv6": "2001:db8:1::1"}
DEADLINE = 30
# From 7.2 on what a connection has is a copy of the helper, without anything to
# call once the module is gone.
NAME_STAYS = tuple(map(int, os.uname().release.split(".")[:2])) >= (7, 2)
RELOADS = 20
LIVE = 4

PORT_FORWARDING = """
table inet smtpguard_net_forwarding {
	chain prerouting {
		type nat hook prerouting priority dstnat;
		ip daddr 192.0.2.1 tcp dport 25 dnat ip to 198.51.100.2:2501
		ip daddr 192.0.2.1 tcp dport 2600 dnat ip to 198.51.100.2:25
		ip6 daddr 2001:db8:1::1 tcp dport 25 dnat ip6 to [2001:db8:2::2]:2501
		ip6 daddr 2001:db8:1::1 tcp dport 2600 dnat ip6 to [2001:db8:2::2]:25
	}
}
"""


def run(report, server):
    for family, address in SERVER.items():
        by_port(report, server, family, address)
        for way in choose.WAYS:
            by_nft(report, server, family, address, way)
            by_iptables(report, server, family, address, way)
        port_forwarding(report, server, family)
        routers_own(report, server, family)
    later_namespace(report)
    unload(report, server)
    reload(report, server)


def nft(text):
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


@contextlib.contextmanager
def ruleset(text):
    """A table of nftables in the router."""
    nft(text)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete", *text.split()[:3]], check=True)


def insist_on_guarded(server, address, port=25, namespace="client"):
    with Talk(server, port, namespace, address) as talk, counted(
            refused_EXPN=1):
        talk.expect("EXPN root", "500")
        talk.expect("NOOP", "250")
        assert talk.session.octets == b"EXXXXXXXX\r\nNOOP\r\n", \
            talk.session.octets


def insist_on_not_guarded(server, address, port, namespace="client"):
    with counted(sessions_opened=0, commands_refused=0), \
            Talk(server, port, namespace, address) as talk:
        talk.expect("EXPN root", "250")
        talk.insist_on_equal()


def by_port(report, server, family, address):
    with report.case(f"{family}: port 25 is guarded, others are not"):
        insist_on_guarded(server, address)
        insist_on_not_guarded(server, address, 2525)
    with report.case(f"{family}: ports=2525,2526: these two are guarded, "
                     "port 25 is not"), parameters(ports="2525,2526"):
        insist_on_guarded(server, address, 2525)
        insist_on_guarded(server, address, 2526)
        insist_on_not_guarded(server, address, 25)
    with report.case(f"{family}: no port in ports: none is guarded, flows "
                     "under way still are"), \
            Talk(server, address=address) as talk, parameters(ports="\n"):
        talk.expect("EXPN root", "500")
        insist_on_not_guarded(server, address, 25)


def by_nft(report, server, family, address, way):
    with report.case(f"{family}: no port in ports: only what nftables gives "
                     f"{way.name} is guarded"), \
            parameters(ports="\n", **way.values), ruleset(way.rules(2500)):
        insist_on_guarded(server, address, 2500)
        insist_on_not_guarded(server, address, 25)


def by_iptables(report, server, family, address, way):
    rule = ("PREROUTING", "-p", "tcp", "--dport", "2501", "-j", *way.target)
    iptables = {"IPv4": "iptables", "IPv6": "ip6tables"}[family]
    with report.case(f"{family}: no port in ports: only what {iptables} gives "
                     f"{way.name} is guarded"), \
            parameters(ports="\n", **way.values):
        subprocess.run([iptables, "-t", way.table, "-A", *rule], check=True)
        try:
            insist_on_guarded(server, address, 2501)
            insist_on_not_guarded(server, address, 25)
        finally:
            subprocess.run([iptables, "-t", way.table, "-D", *rule],
                           check=True)


def port_forwarding(report, server, family):
    with report.case(f"{family}: DNAT: guarded if the port is one as the "
                     "client or as the server knows it"), \
            ruleset(PORT_FORWARDING):
        # or NAT gives the client another port than one that was used before
        entries.flush()
        insist_on_guarded(server, ROUTER[family], 25)
        insist_on_guarded(server, ROUTER[family], 2600)


@contextlib.contextmanager
def named_namespace(name, *command):
    """A network namespace that has a name for the time of a block, given by
    this command of ip-netns."""
    subprocess.run(["ip", "netns", *command], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def routers_own(report, server, family):
    with named_namespace("router", "attach", "router", "1"):
        with report.case(f"{family}: a client on the router itself is "
                         "guarded"):
            insist_on_guarded(server, SERVER[family], namespace="router")
        with report.case(f"{family}: a reset reaches a client on the router "
                         "itself and its server"), \
                counted(resets=1), Talk(server, address=SERVER[family],
                                        namespace="router") as talk:
            talk.insist_on_reset(HOSTILE)
        with report.case(f"{family}: a server on the router itself is "
                         "guarded"), Server("router") as own:
            insist_on_guarded(own, ROUTER[family])
        loopback = {"IPv4": "127.0.0.1", "IPv6": "::1"}[family]
        with report.case(f"{family}: a client and a server on the router "
                         "itself are guarded, counted once"), \
                Server("router") as own, counted(sessions_opened=1,
                                                 commands_refused=1):
            insist_on_guarded(own, loopback, namespace="router")


def later_namespace(report):
    with report.case("namespaces=all: a network namespace made later is "
                     "guarded, and its counters are its own"), \
            parameters(namespaces="all"), \
            named_namespace("later", "add", "later"):
        subprocess.run(["ip", "-n", "later", "link", "set", "lo", "up"],
                       check=True)
        with Server("later") as own:
            talk_in_namespace(own)


def talk_in_namespace(own):
    with bed.inside("later"):
        assert not any(bed.stats().values()), bed.stats()
    with counted(sessions_opened=0, commands_refused=0):
        with Talk(own, namespace="later", address="127.0.0.1") as talk:
            talk.expect("EXPN root", "500")
            assert talk.session.octets == b"EXXXXXXXX\r\n"
        with bed.inside("later"):
            stats = bed.stats()
    assert stats["sessions_opened"] == stats["refused_EXPN"] == 1, stats


def names_helper(talk):
    """Does conntrack name the helper with the connection of a session?"""
    lines = tracked(talk.socket.getsockname(), talk.socket.getpeername()[1])
    assert lines, "there is no such connection"
    return any("helper=smtp" in line for line in lines)


def is_offered():
    """Does conntrack take the helper's name?"""
    result = subprocess.run(
        ["nft", "-c", "-f", "-"], input=choose.HELPER.rules(2500), text=True,
        check=False, capture_output=True)
    return not result.returncode


def chosen_by_rule(server, way):
    """A session that a rule chose; the rule, which may keep the module in its
    place, is gone again."""
    with ruleset(way.rules(2500)):
        return Talk(server, 2500)


def unload(report, server):
    for way in choose.WAYS:
        unload_under_chosen(report, server, way)
    with report.case("guarded again after insmod"):
        insist_on_guarded(server, SERVER["IPv4"])


def unload_under_chosen(report, server, way):
    with report.case("rmmod works while sessions live to which a rule gave "
                     f"{way.name}, and conntrack has no helper; they "
                     "go on"), \
            parameters(**way.values), chosen_by_rule(server, way) as talk:
        talk.expect("EXPN root", "500")
        has_helper = way is choose.HELPER
        assert names_helper(talk) == has_helper
        assert is_offered() == choose.HAS_HELPER
        try:
            bed.unload()
            assert names_helper(talk) == (has_helper and NAME_STAYS)
            assert not is_offered()
            assert not os.path.exists(os.path.dirname(bed.PARAMETERS))
            talk.expect("EXPN root", "250")
            with Talk(server) as other:
                other.expect("EXPN root", "250")
        finally:
            bed.load()
        talk.expect("NOOP", "250")


def reload(report, server):
    with report.case(f"insmod and rmmod {RELOADS} times with {LIVE} live "
                     "sessions"):
        with contextlib.ExitStack() as stack:
            live = [stack.enter_context(Live(server)) for _ in range(LIVE)]
            for _ in range(RELOADS):
                for begun in (bed.unload, bed.load):
                    begun()
                    for session in live:
                        session.wait_for_more()
        insist_on_guarded(server, SERVER["IPv4"])
    with report.case("conntrack forgets a session from before rmmod and "
                     "insmod: it goes on, and is guarded"), \
            Talk(server) as talk:
        talk.expect("EXPN root", "500")
        bed.unload()
        bed.load()
        entries.flush()
        # so many tell where it is
        for _ in range(2):
            talk.expect("NOOP", "250")
        talk.expect("EXPN root", "500")


class Live:
    """A session in which something is said all the time, every message of
    which must be answered."""

    def __init__(self, server):
        self._talk = Talk(server)
        self._done = threading.Event()
        self._rounds = 0
        self._problem = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        self._talk.close()
        if self._problem:
            raise self._problem

    def _run(self):
        try:
            while not self._done.is_set():
                self._talk.open_message()
                self._talk.say("250", b"text\r\n.", b"\r\n")
                self._count()
            self._talk.expect("QUIT", "221")
            self._talk.insist_on_equal()
        except Exception as problem:  # told where the block ends
            self._problem = problem
            self._count()

    def _count(self):
        with self._changed:
            self._rounds += 1
            self._changed.notify_all()

    def wait_for_more(self):
        """Wait until a whole message has gone since."""
        with self._changed:
            goal = self._rounds + 2
            self._changed.wait_for(
                lambda: self._problem or self._rounds >= goal, 20)
        if self._problem:
            raise self._problem
