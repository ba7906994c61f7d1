# SPDX-License-Identifier: GPL-2.0
"""A ruleset that puts connections into a flowtable, whose packets no hook sees
any more: what is guarded never gets there, and what was there comes back when
it is to be guarded."""

import contextlib
import subprocess
import time
from pathlib import Path

import bed
from pickup import ensure_loaded, find
from placement import ruleset
from talk import SERVER, Talk, counted, parameters, tracked

DEADLINE = 20
# All flowtables are this module's; the others make use of it.
OWNER = "nf_flow_table"
OWNERS = ["nft_flow_offload", "nf_flow_table_inet", OWNER]
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
    owner_comes_and_goes(report, server)


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


def owner_is_there():
    return f"\n{OWNER} " in f"\n{Path('/proc/modules').read_text()}"


def have_owner_go():
    """The kernel gives a flowtable back some time after its table has gone."""
    end = time.monotonic() + DEADLINE
    while owner_is_there():
        assert time.monotonic() < end, f"{OWNER} is still in use"
        subprocess.run(["modprobe", "-qra", *OWNERS], check=False,
                       stderr=subprocess.DEVNULL)
        time.sleep(0.1)


def hooks():
    """Of FORWARD, those that are the module's, one a family."""
    listed = [subprocess.run(["nft", "list", "hooks", family], check=True,
                             capture_output=True, text=True).stdout
              for family in ("ip", "ip6")]
    return sum(text.count("offload_hook") for text in listed)


def insist_on_known_guard(server):
    """A session that begins unguarded and is in a flowtable is guarded from when
    it is to be: what it says next does not have it put back there."""
    for address in SERVER.values():
        with parameters(enabled="N"), Talk(server, address=address) as talk:
            insist_on_offload(talk)
            bed.set_parameter("enabled", "Y")
            find(talk)
            insist_on_guard(talk)


def owner_comes_and_goes(report, server):
    with report.case("without nf_flow_table no packet goes through a hook in "
                     "FORWARD"):
        have_owner_go()
        assert hooks() == 0
    for time_ in ("first", "second"):
        with report.case(f"nf_flow_table loaded behind smtpguard, the {time_} "
                         "time: no flowtable gets a guarded session"), \
                ruleset(FLOWTABLE.format(match="")):
            assert hooks() == 2
            insist_on_known_guard(server)
        with report.case(f"nf_flow_table unloaded, the {time_} time: the hook "
                         "goes with it, sessions are guarded"):
            have_owner_go()
            assert hooks() == 0
            with Talk(server) as talk:
                insist_on_guard(talk)
    with report.case("smtpguard loaded behind nf_flow_table: no flowtable gets a "
                     "guarded session"), contextlib.ExitStack() as stack:
        stack.callback(ensure_loaded)
        bed.unload()
        stack.enter_context(ruleset(FLOWTABLE.format(match="")))
        assert hooks() == 0
        bed.load()
        assert hooks() == 2
        insist_on_known_guard(server)
    with report.case("nf_flow_table unloaded without smtpguard: no hook is left, "
                     "and it may come again"), contextlib.ExitStack() as stack:
        stack.callback(ensure_loaded)
        bed.unload()
        have_owner_go()
        bed.load()
        assert hooks() == 0
        stack.enter_context(ruleset(FLOWTABLE.format(match="")))
        insist_on_known_guard(server)
