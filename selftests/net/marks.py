# SPDX-License-Identifier: GPL-2.0
"""Connections that a ruleset chooses by giving them a mark."""

import errno
import subprocess

import bed
import flowtable
from parameters import write
from pickup import find, find_by_hand, insist_on_guard, insist_on_mask
from placement import insist_on_guarded, insist_on_not_guarded, ruleset
from stream import NOOP, OK, forget, insist_on_next
from talk import SERVER, Talk, counted, parameters
from wire import Wire, by_hand

MARKED = """
table inet smtpguard_net_marks {{
	chain {hook} {{
		type filter hook {hook} priority mangle;
		tcp dport {port} ct mark set {mark}
	}}
}}
"""
MATCHING = (("0x10/0xf0", "0x13"), ("0x10", "16"), ("0x80000000/0x80000000",
                                                     "0xffffffff"))
OTHERS = (("0x20/0xf0", "0x13"), ("0x3/0xf", "0x10"), ("0x10", "0x11"),
          ("0", "0x13"))


def run(report, server):
    for family, address in SERVER.items():
        chosen(report, server, family, address)
    late(report, server)
    refused(report, server)
    offloaded(report, server)
    with by_hand():
        by_segment(report)


def marked(mark="0x13", port=2525, hook="prerouting"):
    return ruleset(MARKED.format(hook=hook, port=port, mark=mark))


def only_by_mark(mark="0x10/0xf0", **values):
    return parameters(ports="\n", mark=mark, **values)


def chosen(report, server, family, address):
    for hook in "prerouting", "forward":
        with report.case(f"{family}: connections that get a mark at {hook} are "
                         "guarded, others are not"), \
                only_by_mark(), marked(hook=hook):
            insist_on_guarded(server, address, 2525)
            for port in 25, 2526:
                insist_on_not_guarded(server, address, port)
    for mark, given in MATCHING:
        with report.case(f"{family}: mark={mark}: {given} is one"), \
                only_by_mark(mark), marked(given):
            insist_on_guarded(server, address, 2525)
    for mark, given in OTHERS:
        with report.case(f"{family}: mark={mark}: {given} is none"), \
                only_by_mark(mark), marked(given):
            insist_on_not_guarded(server, address, 2525)
    with report.case(f"{family}: mark=0x10: by port as before"), \
            parameters(mark="0x10"):
        insist_on_guarded(server, address, 25)
        insist_on_not_guarded(server, address, 2525)


def give(talk, mark):
    """Give a mark to the connection of a client, and to no other: one that has
    just ended may go while it is being written to. Without the client's address
    conntrack-tools 1.4.7 updates none."""
    address, port = talk.socket.getsockname()[:2]
    subprocess.run(["conntrack", "-U", "-s", address, "-p", "tcp",
                    "--orig-port-src", str(port), "--orig-port-dst", "2525",
                    "--mark", str(mark)], check=True, capture_output=True)


def late(report, server):
    with report.case("a connection gets its mark late: it is guarded from the "
                     "second reply on"), only_by_mark(), \
            Talk(server, 2525) as talk, \
            counted(sessions_opened=1, sessions_resynchronised=1,
                    refused_EXPN=1):
        talk.expect("EXPN root", "250")
        give(talk, 0x1f)
        insist_on_guard(talk)
    with report.case("mark is written under a session that has it: it is "
                     "guarded from the second reply on"), \
            only_by_mark("0"), marked(), Talk(server, 2525) as talk, \
            counted(sessions_opened=1, refused_EXPN=1):
        talk.expect("EXPN root", "250")
        bed.set_parameter("mark", "0x10/0xf0")
        insist_on_guard(talk)
    with report.case("a mark is taken from a guarded connection, or no mark is "
                     "looked at any more: it goes on being guarded"), \
            only_by_mark(), marked(), Talk(server, 2525) as talk:
        talk.expect("EXPN root", "500")
        give(talk, 0)
        talk.expect("EXPN root", "500")
        bed.set_parameter("mark", "0")
        talk.expect("EXPN root", "500")


def refused(report, server):
    with report.case("a mark that is not accepted leaves the one before"), \
            only_by_mark(), marked():
        for value in "0x100000000", "0x11/0xf0":
            assert write("mark", value) in (errno.EINVAL, errno.ERANGE)
            insist_on_guarded(server, SERVER["IPv4"], 2525)


def offloaded(report, server):
    with report.case("a session that got a mark at its begin does not get into "
                     "a flowtable"), only_by_mark(), marked(), \
            ruleset(flowtable.FLOWTABLE.format(match="")), \
            counted(refused_EXPN=3, messages=3), Talk(server, 2525) as talk:
        flowtable.insist_on_guard(talk)
    with report.case("one that got it when it was there is guarded once mark "
                     "is written again"), only_by_mark(), \
            ruleset(flowtable.FLOWTABLE.format(match="")), \
            Talk(server, 2525) as talk:
        flowtable.insist_on_offload(talk)
        give(talk, 0x10)
        talk.expect("EXPN root", "250")
        bed.set_parameter("mark", "0x10/0xf0")
        find(talk)
        flowtable.insist_on_guard(talk)
    with report.case("nor does one that got it before the ruleset put it "
                     "there"), only_by_mark(), \
            Talk(server, 2525) as talk:
        talk.expect("NOOP", "250")
        give(talk, 0x10)
        with ruleset(flowtable.FLOWTABLE.format(match="")):
            find(talk)
            flowtable.insist_on_guard(talk)


def by_segment(report):
    with report.case("INVALID segments of a connection with a mark carry no "
                     "data to the server"), only_by_mark(), marked(port=25), \
            counted(segments_invalid=1), Wire() as wire:
        wire.client.emit(b"EXPN root\r\n", at=1 << 30)
        insist_on_next(wire)
    with report.case("a connection that begins while no mark is looked at, "
                     "with the ports of one that was reset before, is not held "
                     "for that"), marked(port=25), \
            counted(resets=0, refused_VRFY=1):
        with only_by_mark(), Wire() as wire:
            wire.command(NOOP, OK)
            wire.server.emit(flags="RA")
            wire.client.expect_flags("RA")
            forget(wire)
        with only_by_mark("0"), Wire(port=wire.port) as wire:
            bed.set_parameter("mark", "0x10/0xf0")
            find_by_hand(wire)
            insist_on_mask(wire)
