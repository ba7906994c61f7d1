# SPDX-License-Identifier: GPL-2.0
"""What a ruleset and routes do to packets between a client and its server: they
are held by a program and come in another order, leave by other devices than
answers do, are refused in the middle of a session, are taken by a relay on the
router; and the address that a router masquerades with changes."""

import contextlib
import select
import socket
import subprocess
import threading

import bed
import slabs
from failover import calls, ip
from nat import DATA, LENGTH, SOURCE, Translated, converse, nat
from pickup import find
from placement import ruleset
from queued import Queue
from stream import NOOP, OK
from talk import HOSTILE, SERVER, Talk, counted
from wire import ADDRESSES, Wire, by_hand

QUEUE = 7
# Where a ruleset hands packets to a program.
HELD = """
table inet smtpguard_net_held {{
	chain held {{
		type filter hook {hook} priority filter;
		tcp dport 25 queue num 7
		tcp sport 25 queue num 7
	}}
}}
"""
HOOKS = ("prerouting", "forward", "postrouting")

REJECTED = """
table inet smtpguard_net_rejected {
	chain forward {
		type filter hook forward priority filter;
		tcp dport 25 reject with tcp reset
		tcp sport 25 reject with tcp reset
	}
}
"""

# The client has two links. What goes to it takes the other one than what it
# sends, by a table of routes of its own.
TWO_LINKS = """
link add link0 type veth peer name link0 netns client
address add 10.20.0.1/24 dev link0
address add 2001:db8:20::1/64 dev link0 nodad
link set link0 up
-n client address add 10.20.0.2/24 dev link0
-n client address add 2001:db8:20::2/64 dev link0 nodad
-n client link set link0 up
route add 192.0.2.2 via 10.20.0.2 dev link0 table 300
-6 route add 2001:db8:1::2 via 2001:db8:20::2 dev link0 table 300
"""
MARKED = """
table inet smtpguard_net_marked {
	chain prerouting {
		type filter hook prerouting priority mangle;
		iifname server0 tcp sport 25 meta mark set 3
	}
}
"""
CHOSEN = {"by a mark": ("fwmark", "3"),
          "by its source": ("from", "{server}"),
          "by its device": ("iif", "server0")}
VERSION = {"IPv4": "-4", "IPv6": "-6"}

RELAY = 2700
PROXIED = """
table inet smtpguard_net_relay {
	chain prerouting {
		type filter hook prerouting priority mangle;
		iifname client0 tcp dport 25 tproxy to :2700 meta mark set 1
	}
}
"""
REDIRECTED = """
table inet smtpguard_net_relay {
	chain prerouting {
		type nat hook prerouting priority dstnat;
		iifname client0 tcp dport 25 redirect to :2700
	}
}
"""
LOCAL = """
{version} rule {action} fwmark 1 lookup 100
{version} route {action} local default dev lo table 100
"""
# linux/in.h, linux/in6.h
IP_TRANSPARENT = 19
IPV6_TRANSPARENT = 75

OLD_ADDRESS = {"IPv4": "198.51.100.1", "IPv6": "2001:db8:2::1"}
NEW_ADDRESS = {"IPv4": "198.51.100.7", "IPv6": "2001:db8:2::7"}


def run(report, server):
    held(report, server)
    rejected(report)
    for family, address in SERVER.items():
        policy_routing(report, server, family, address)
        relayed(report, server, family, address)
        renumbered(report, server, family, address)


def held(report, server):
    for hook in HOOKS:
        with ruleset(HELD.format(hook=hook)):
            for family, address in SERVER.items():
                shuffled(report, f"{family}, {hook}", server, address)
    with ruleset(HELD.format(hook="forward")):
        for piece, name in ((b"NOOP\r\n", "a command"),
                            (b"EXPN root\r\n", "a refused command")):
            forgotten(report, server, name, piece)
        forgotten_end(report, server)


def shuffled(report, name, server, address):
    with report.case(f"{name}: a program holds packets, and lets those that "
                     "came together go on last one first: guarded, a message "
                     "arrives once"), Queue(QUEUE) as queue, \
            counted(sessions_opened=1, refused_EXPN=1, messages=1, resets=0), \
            Talk(server, address=address) as talk:
        queue.shuffle()
        converse(talk)
        assert queue.shuffled, f"{queue.seen} came, none together"
        queue.release()
        talk.expect("QUIT", "221")


def delete(talk):
    """Take a session out of conntrack."""
    subprocess.run(["conntrack", "-D", "-p", "tcp", "--orig-port-src",
                    str(talk.socket.getsockname()[1])], check=True,
                   capture_output=True)


def forgotten(report, server, name, piece):
    """The server answers a command that is refused, too."""
    with report.case(f"conntrack forgets a session while a program holds "
                     f"{name}: the session goes on, and is guarded"), \
            Queue(QUEUE) as queue, counted(resets=0), Talk(server) as talk:
        talk.expect("EXPN root", "500")
        queue.hold()
        talk.send(piece)
        queue.wait(piece)
        delete(talk)
        queue.release()
        talk.insist("250" if piece == NOOP else "500")
        find(talk)
        talk.expect("EXPN root", "500")
        assert b"EXPN root" not in talk.session.octets, talk.session.octets
    left(report, f"after {name}")


def forgotten_end(report, server):
    with report.case("conntrack forgets a session while a program holds the "
                     "end of a message: it arrives once, and the session is "
                     "guarded"), Queue(QUEUE) as queue, counted(resets=0), \
            Talk(server) as talk:
        talk.expect("EXPN root", "500")
        talk.open_message()
        talk.send(DATA + b".")
        talk.session.wait(lambda: talk.session.octets.endswith(DATA + b"."),
                          "the message did not come")
        queue.hold()
        talk.send(b"\r\n")
        queue.wait(b"\r\n")
        delete(talk)
        queue.release()
        talk.insist("250")
        assert talk.session.messages == [DATA + b".\r\n"]
        find(talk)
        talk.expect("EXPN root", "500")
    left(report, "after the end of a message")


def left(report, name):
    with report.case(f"{name} nothing is left"):
        count = slabs.left()
        assert not count, f"{count} objects are left"


def rejected(report):
    for family in ADDRESSES:
        with by_hand():
            rejected_by_hand(report, family)
        with report.case(f"{family}: a ruleset rejects connections with "
                         "resets: no session begins"), ruleset(REJECTED), \
                counted(sessions_opened=0, sessions_closed=0), \
                bed.inside("client"):
            try:
                socket.create_connection((SERVER[family], 25), 10)
            except ConnectionRefusedError:
                pass
            else:
                raise AssertionError("it was not refused")
    left(report, "after what was rejected")


def rejected_by_hand(report, family):
    with report.case(f"{family}: a ruleset begins to reject with resets in the "
                     "middle of a session: each end is reset when it says "
                     "something, and nothing passes"), \
            counted(sessions_opened=1, sessions_closed=1, resets=0), \
            Wire(family) as wire:
        wire.command(NOOP, OK)
        with ruleset(REJECTED):
            wire.client.send(b"EXPN root\r\n")
            segment = wire.client.receive()
            assert "R" in segment.flags, segment.flags
            wire.server.send(OK)
            segment = wire.server.receive()
            assert "R" in segment.flags, segment.flags


@contextlib.contextmanager
def two_links():
    try:
        calls(TWO_LINKS)
        yield
    finally:
        ip("link delete link0")


def policy_routing(report, server, family, address):
    for name, words in CHOSEN.items():
        words = [word.format(server=address) for word in words]
        rule = ["ip", VERSION[family], "rule", "{}", *words, "lookup", "300"]
        name = f"{family}, what goes to the client is routed {name}, by a link"
        with two_links(), ruleset(MARKED):
            subprocess.run([word.format("add") for word in rule], check=True)
            try:
                one_way_each(report, name, server, address)
            finally:
                subprocess.run([word.format("delete") for word in rule],
                               check=True)


def received():
    """Octets that the router has sent by the client's other link."""
    with open("/sys/class/net/link0/statistics/tx_bytes",
              encoding="ascii") as file:
        return int(file.read())


def one_way_each(report, name, server, address):
    with report.case(f"{name} of its own: guarded, a message arrives once"), \
            counted(sessions_opened=1, refused_EXPN=1, messages=1, resets=0,
                    segments_forged=0), \
            Talk(server, address=address) as talk:
        before = received()
        converse(talk)
        assert received() > before + 400, "it took the same link"
        talk.expect("QUIT", "221")
    with report.case(f"{name} of its own: a reset reaches both ends"), \
            counted(resets=1), Talk(server, address=address) as talk:
        talk.expect("NOOP", "250")
        talk.insist_on_reset(HOSTILE)


class Relay:
    """A program on the router that takes what goes to a server, and says it to
    that server itself."""

    def __init__(self, server, address):
        self._server = server
        self._address = address
        self._own = {}
        self._known = threading.Condition()
        self._listener = socket.socket(socket.AF_INET6)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
        self._listener.setsockopt(socket.SOL_IP, IP_TRANSPARENT, 1)
        self._listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._listener.bind(("::", RELAY))
        self._listener.listen()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def session(self, client):
        """The server's session with the relay for a client."""
        with self._known:
            assert self._known.wait_for(lambda: client[1] in self._own, 20)
            return self._server.session(self._own.pop(client[1]))

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, peer = self._listener.accept()
                far = socket.create_connection((self._address, 25), 20)
                with self._known:
                    self._own[peer[1]] = far.getsockname()
                    self._known.notify_all()
                threading.Thread(target=self._carry, args=(near, far),
                                 daemon=True).start()

    @staticmethod
    def _carry(near, far):
        other = {near: far, far: near}
        for end in other:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError), near, far:
            while True:
                for end in select.select(list(other), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    other[end].sendall(data)


def relayed(report, server, family, address):
    lines = LOCAL.format(version=VERSION[family], action="{action}")
    for name, rules in (("TPROXY", PROXIED), ("REDIRECT", REDIRECTED)):
        with contextlib.ExitStack() as undo:
            calls(lines.format(action="add"))
            undo.callback(calls, lines.format(action="delete"))
            undo.enter_context(ruleset(rules))
            relay = undo.enter_context(Relay(server, address))
            by_relay(report, f"{family}, a relay on the router, by {name}",
                     relay, address)


def by_relay(report, name, relay, address):
    with report.case(f"{name}: both legs are guarded, a message arrives "
                     "once"), \
            counted(sessions_opened=2, refused_EXPN=1, messages=2, resets=0), \
            Talk(relay, address=address) as talk:
        converse(talk)
        talk.expect("QUIT", "221")
    with report.case(f"{name}: a reset ends the leg that it is for"), \
            counted(resets=1), Talk(relay, address=address) as talk:
        talk.expect("NOOP", "250")
        try:
            talk.send(HOSTILE)
            got = talk.lines.readline()
        except ConnectionResetError:
            got = None
        assert got is None, got
        assert HOSTILE not in talk.session.octets


def renumber(family, before, after):
    """The router gets another address where its server is."""
    for action, address in ("delete", before), ("add", after):
        ip(f"address {action} {address}/{LENGTH[family]} dev server0" +
           (" nodad" if (action, family) == ("add", "IPv6") else ""))


def renumbered(report, server, family, address):
    with ruleset(nat(family, behind=SOURCE["masquerade"])):
        behind = Translated(server)
        old, new = OLD_ADDRESS[family], NEW_ADDRESS[family]
        with report.case(f"{family}, masquerade: the router's address changes "
                         "in the middle of a session: the client is reset, "
                         "and nothing slips past"), \
                Talk(behind, address=address) as talk:
            talk.expect("NOOP", "250")
            renumber(family, old, new)
            try:
                before = bytes(talk.session.octets)
                try:
                    talk.send(b"EXPN root\r\n")
                    got = talk.lines.readline()
                except ConnectionResetError:
                    got = None
                assert got is None, got
                assert talk.session.octets == before, talk.session.octets
                with Talk(behind, address=address) as other, \
                        counted(refused_EXPN=1, messages=1, resets=0):
                    converse(other)
            finally:
                renumber(family, new, old)
    left(report, f"{family}, masquerade: after that")
