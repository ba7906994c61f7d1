# SPDX-License-Identifier: GPL-2.0
"""A ruleset that puts connections into a flowtable, whose packets no hook sees
any more: what is guarded never gets there, and what was there comes back when
it is to be guarded."""

import contextlib
import subprocess
import time

import bed
from pickup import ensure_loaded, find
from placement import ruleset
from talk import SERVER, Talk, counted, parameters, tracked

DEADLINE = 20
UNGUARDED = 2525
# What the ruleset asks of a connection before; how is no matter of addresses.
MATCHES = {"IPv4": "", "IPv6": "ct state established "}
FLOWTABLE = """
table inet smtpguard_net_flowtable {{
	flowtable fast {{
		hook ingress priority 0
		devices = {{ client0, server0 }}
	}}
	chain forward {{
		type filter hook forward priority filter;
		{match}flow add @fast
	}}
}}
"""


def run(report, server):
    for family, address in SERVER.items():
        match = MATCHES[family]
        name = f"{family}, {match}flow add"
        with ruleset(FLOWTABLE.format(match=match)):
            from_begin(report, server, name, address)
            known_before(report, server, name, address)
    with ruleset(FLOWTABLE.format(match="")):
        came_late(report, server)
        let_go(report, server)


def is_offloaded(talk):
    """Is a connection in the flowtable?"""
    lines = tracked(talk.socket.getsockname(), talk.socket.getpeername()[1])
    assert lines, "there is no such connection"
    return any("OFFLOAD" in line for line in lines)


def insist_on_offload(talk):
    """Say something until the connection is there."""
    end = time.monotonic() + DEADLINE
    while not is_offloaded(talk):
        assert time.monotonic() < end, "it does not get into the flowtable"
        talk.expect("EXPN root", "250")


def insist_on_guard(talk, rounds=3):
    """Commands, a message, commands: what is refused comes to no server."""
    for _ in range(rounds):
        del talk.session.octets[:]
        talk.expect("EXPN root", "500")
        assert talk.session.octets == b"EXXXXXXXX\r\n", talk.session.octets
        talk.open_message()
        talk.say("250", b"EXPN root\r\n.", b"\r\n")
        assert not is_offloaded(talk)


def from_begin(report, server, name, address):
    with report.case(f"{name}: a session to another port gets into the "
                     "flowtable"), \
            Talk(server, UNGUARDED, address=address) as talk:
        insist_on_offload(talk)
    with report.case(f"{name}: a guarded session does not, and is guarded to "
                     "its end"), \
            counted(refused_EXPN=3, messages=3, segments_out_of_order=0), \
            Talk(server, address=address) as talk:
        insist_on_guard(talk)
        talk.expect("QUIT", "221")


def known_before(report, server, name, address):
    with report.case(f"{name}: enabled=Y takes a session out of the flowtable, "
                     "and it is guarded from the second reply on"), \
            parameters(enabled="N"), Talk(server, address=address) as talk:
        insist_on_offload(talk)
        bed.set_parameter("enabled", "Y")
        find(talk)
        insist_on_guard(talk)
    with report.case(f"{name}: and so does insmod"):
        try:
            bed.unload()
            with Talk(server, address=address) as talk:
                insist_on_offload(talk)
                bed.load()
                find(talk)
                insist_on_guard(talk)
        finally:
            ensure_loaded()


def came_late(report, server):
    with report.case("a port that is put into ports takes its sessions out of "
                     "the flowtable"), \
            parameters(ports="2500"), Talk(server) as talk:
        insist_on_offload(talk)
        bed.set_parameter("ports", "25")
        find(talk)
        insist_on_guard(talk)
    with report.case("sessions of other ports that were in the flowtable get "
                     "there again"), Talk(server, UNGUARDED) as talk:
        insist_on_offload(talk)
        bed.set_parameter("enabled", "Y")
        insist_on_offload(talk)
        talk.insist_on_equal()
    for family, address in SERVER.items():
        with report.case(f"{family}: a session that another router's conntrack "
                         "has told of does not get into the flowtable"), \
                Talk(server, address=address) as talk:
            tell_again(talk)
            find(talk)
            insist_on_guard(talk)


def tell_again(talk):
    """Make the conntrack entry as conntrackd does."""
    client, server = talk.socket.getsockname(), talk.socket.getpeername()
    ends = ["-p", "tcp", "-s", client[0], "-d", server[0],
            "--sport", str(client[1]), "--dport", str(server[1])]
    subprocess.run(["conntrack", "-D", *ends], check=True, capture_output=True)
    subprocess.run(["conntrack", "-I", *ends, "--state", "ESTABLISHED",
                    "--timeout", "600", "--status", "ASSURED,SEEN_REPLY"],
                   check=True, capture_output=True)


def let_go(report, server):
    with report.case("after rmmod a session that was guarded late gets into "
                     "the flowtable"), contextlib.ExitStack() as stack:
        stack.enter_context(parameters(enabled="N"))
        stack.callback(ensure_loaded)
        talk = stack.enter_context(Talk(server))
        bed.set_parameter("enabled", "Y")
        find(talk)
        insist_on_guard(talk)
        bed.unload()
        insist_on_offload(talk)
