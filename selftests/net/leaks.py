# SPDX-License-Identifier: GPL-2.0
"""What is over leaves nothing behind: not in the suite up to here, nor what
never became a session. Caches of the module count their objects."""

import random
import socket
import time

import bed
import slabs
from placement import ruleset
from scapy.layers.inet import IP, TCP
from talk import SERVER, Talk, parameters
from wire import ADDRESSES

# Guarded, and nothing listens there.
CLOSED = 2600
KNOCKS = 64
BURST = 8
DEADLINE = 10
SESSIONS = 10
NOBODY = "198.51.100.99"

REJECT = f"""
table inet smtpguard_net_reject {{
	chain forward {{
		type filter hook forward priority filter;
		tcp dport {CLOSED} reject with tcp reset
	}}
}}
"""


def run(report, server):
    nothing_left(report, "all cases before", lambda: None)
    nothing_left(report, f"{SESSIONS} sessions, half of them broken off",
                 lambda: sessions(server))
    for family, address in SERVER.items():
        nothing_left(report, f"{family}: {KNOCKS} connections refused",
                     lambda address=address: refused(address))
        nothing_left(report, f"{family}: {KNOCKS} connections rejected with a "
                     "reset by the ruleset",
                     lambda address=address: rejected(address))
    nothing_left(report, f"{KNOCKS} bursts of stray acknowledgments, which the "
                 "server resets", lambda: stray(SERVER["IPv4"]))
    nothing_left(report, f"{KNOCKS} bursts of stray acknowledgments, which "
                 "nobody answers", lambda: stray(NOBODY))
    with report.case("stray acknowledgments, which nobody answers, take "
                     "nothing"), parameters(ports=f"25,{CLOSED}"):
        before = slabs.objects()
        stray(NOBODY)
        taken = slabs.objects() - before
        assert not taken, f"they took {taken} objects"
    with report.case("there are objects while there is a session"), \
            Talk(server) as talk:
        talk.expect("NOOP", "250")
        assert slabs.objects()


def nothing_left(report, name, happen):
    """Behind what happens, conntrack has to forget it, and nothing else."""
    with report.case(f"{name}: nothing is left"), \
            parameters(ports=f"25,{CLOSED}"):
        happen()
        left = slabs.left()
        assert not left, f"{left} objects are left"


def sessions(server):
    for number in range(SESSIONS):
        with Talk(server) as talk:
            talk.open_message()
            talk.send(b"text\r\n")
            if number % 2:
                talk.say("250", b".\r\n")
                talk.expect("QUIT", "221")


def refused(address):
    for _ in range(KNOCKS):
        with bed.inside("client"):
            try:
                socket.create_connection((address, CLOSED), DEADLINE)
            except ConnectionRefusedError:
                continue
        raise AssertionError("a connection was not refused")


def rejected(address):
    with ruleset(REJECT):
        refused(address)


def stray(address):
    """Bursts, so that some are under way when the first is answered."""
    source, _ = ADDRESSES["IPv4"]
    with bed.inside("client"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                             socket.IPPROTO_RAW)
    with sock:
        for _ in range(KNOCKS):
            segment = IP(src=source, dst=address) / TCP(
                sport=random.randrange(1024, 61000), dport=CLOSED, flags="A",
                seq=random.randrange(1 << 32), ack=1) / b"NOOP\r\n"
            for _ in range(BURST):
                sock.sendto(bytes(segment), (address, 0))
    time.sleep(0.5)
