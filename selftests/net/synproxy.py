# SPDX-License-Identifier: GPL-2.0
"""Sessions for which the router answers the SYN in the server's name (SYNPROXY)
and turns sequence numbers from then on: they are guarded from their begin, and
a reset has the numbers that each end waits for."""

import contextlib
import itertools
import subprocess

from pickup import sysctl
from placement import ruleset
from talk import HOSTILE, SERVER, Talk, counted, many

# Which of them failed without translation was chance, one in two.
SESSIONS = 30
RESETS = 8
PORTS = itertools.count(21001)

PROXY = """
table inet smtpguard_net_synproxy {
	chain raw {
		type filter hook prerouting priority raw;
		iifname client0 tcp dport 25 tcp flags & (fin|syn|rst|ack) == syn notrack
	}
	chain forward {
		type filter hook forward priority filter;
		tcp dport 25 ct state invalid,untracked synproxy %s
		ct state invalid drop
	}
}
"""
OPTIONS = {"with timestamps": "mss 1460 wscale 7 timestamp sack-perm",
           "without options": "mss 1460"}
BY_IPTABLES = (
    ("-t", "raw", "{}", "PREROUTING", "-i", "client0", "-p", "tcp", "--dport",
     "25", "--syn", "-j", "CT", "--notrack"),
    ("{}", "FORWARD", "-p", "tcp", "--dport", "25", "-m", "conntrack",
     "--ctstate", "INVALID,UNTRACKED", "-j", "SYNPROXY", "--sack-perm",
     "--timestamp", "--wscale", "7", "--mss", "1460"),
    ("{}", "FORWARD", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP"),
)
IPTABLES = {"IPv4": "iptables", "IPv6": "ip6tables"}
TEXT = b"Subject: x\r\n\r\nEXPN root\r\n" + b"x" * 70 + b"\r\n"
CAPABILITIES = {b"EHLO": b"250-mail.example.org\r\n250-VRFY\r\n250 8BITMIME\r\n"}
# After the first of these the session is given up, at the second it is reset.
OUT_OF_PLACE = {b"NOOP": b"354 Go on\r\n250 2.0.0 Ok\r\n"}
SEEN = [b"250-mail.example.org", b"250-XXXX", b"250 8BITMIME"]


def run(report, server):
    with sysctl("tcp_loose", 0):
        for name, options in OPTIONS.items():
            with ruleset(PROXY % options):
                for family in SERVER:
                    sessions(report, server, f"{family}, nftables, {name}",
                             SERVER[family])
        for family, command in IPTABLES.items():
            with chains(command):
                sessions(report, server, f"{family}, {command}",
                         SERVER[family])


@contextlib.contextmanager
def chains(command):
    """The same by iptables, in the order of a manual page."""
    with contextlib.ExitStack() as undo:
        for rule in BY_IPTABLES:
            add, delete = ([word.format(action) for word in rule]
                           for action in ("-A", "-D"))
            subprocess.run([command, *add], check=True)
            undo.callback(subprocess.run, [command, *delete], check=True)
        yield


def sessions(report, server, name, address):
    with report.case(f"{name}: {SESSIONS} of {SESSIONS} sessions are guarded "
                     "from their begin, and none is reset"), \
            server.saying(replies=CAPABILITIES), \
            counted(sessions_opened=SESSIONS, refused_EXPN=SESSIONS,
                    messages=SESSIONS, sessions_resynchronised=0, resets=0,
                    segments_out_of_order=0, segments_invalid=0,
                    packets_unguarded=0):
        many(lambda _: converse(server, address), range(SESSIONS))
    with report.case(f"{name}: a reset for what a client sends reaches both "
                     "ends"), counted(resets=RESETS):
        many(lambda _: hostile_client(server, address), range(RESETS))
    with report.case(f"{name}: ports are used again after a reset"), \
            server.saying(replies=CAPABILITIES), \
            counted(sessions_opened=3 * RESETS, messages=RESETS,
                    resets=2 * RESETS, refused_EXPN=RESETS,
                    sessions_resynchronised=0, segments_out_of_order=0):
        many(lambda _: again(server, address), range(RESETS))
    with report.case(f"{name}: a reset for what a server sends reaches both "
                     "ends"), \
            server.saying(replies=OUT_OF_PLACE, cut=lambda reply:
                          reply.splitlines(True)), \
            counted(resets=RESETS):
        many(lambda _: hostile_server(server, address), range(RESETS))


def connect(server, address, port=None):
    """SYNPROXY takes no port that is used again while conntrack still has the
    connection before, and clients choose such ones by chance."""
    return Talk(server, address=address, source=("", port or next(PORTS)))


def converse(server, address, port=None):
    """A refused verb first of all, a capability, a message whose end of data
    is cut."""
    with connect(server, address, port) as talk:
        talk.expect("EXPN root", "500")
        capabilities = talk.expect("EHLO client", "250")
        assert capabilities == SEEN, capabilities
        talk.open_message()
        talk.say("250", TEXT, b".", b"\r\n")
        talk.expect("NOOP", "250")
        assert talk.session.octets == talk.sent.replace(
            b"EXPN root\r\n", b"EXXXXXXXX\r\n", 1), talk.session.octets
        assert talk.session.messages == [TEXT + b".\r\n"]
        talk.expect("QUIT", "221")


def again(server, address):
    """A port is used again after a reset, and once more."""
    port = next(PORTS)
    hostile_client(server, address, port)
    hostile_client(server, address, port)
    converse(server, address, port)


def hostile_client(server, address, port=None):
    with connect(server, address, port) as talk:
        talk.expect("HELO client", "250")
        talk.insist_on_reset(HOSTILE)


def hostile_server(server, address):
    with connect(server, address) as talk:
        talk.expect("NOOP", "354")
        talk.insist_on_reset()
