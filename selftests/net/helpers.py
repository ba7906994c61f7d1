# SPDX-License-Identifier: GPL-2.0
"""Helpers of conntrack's: the module's own, or that it is one without; and
those of others, whose connections are none of ours."""

import subprocess
import time

import bed
import choose
from containers import NAMED, STAYING, STRANGER, stranger
from pickup import insist_on_guard
from placement import (DEADLINE, insist_on_guarded, insist_on_not_guarded,
                       is_offered, names_helper, ruleset)
from talk import SERVER, Talk, parameters

# It chooses by port and by mark what it gives to another.
OTHER = """
table inet smtpguard_net_other {
	ct helper other {
		type "ftp" protocol tcp
	}
	chain prerouting {
		type filter hook prerouting priority filter;
		tcp dport 25 ct mark set 0x13 ct helper set "other"
	}
}
"""
# As Documentation/placement.rst has it.
WHO_HOLDS = """
for namespace in $(lsns -nrt net -o PATH) /run/netns/*; do
    nsenter --net="$namespace" \\
        sh -c 'nft list ruleset; iptables-save; ip6tables-save' |
        grep -qe 'type "smtp"' -e '--helper smtp' && echo "$namespace"
done
"""


def run(report, server):
    if choose.HAS_HELPER:
        offered(report, server)
        held(report)
    else:
        report.note("the module has no helper: cases of one are not for it, "
                    "these stand in their place")
        not_offered(report)
        not_held(report)
    for family, address in SERVER.items():
        of_others(report, server, family, address)
    gone(report, server)


def offered(report, server):
    with report.case("the module tells of a helper: conntrack has it, and "
                     "tells whose it is"), ruleset(choose.HELPER.rules(2500)):
        assert is_offered()
        with Talk(server, 2500) as talk:
            talk.expect("EXPN root", "500")
            assert names_helper(talk)


def not_offered(report):
    with report.case("the module tells of no helper: nftables does not take "
                     "its name, nor does iptables"):
        assert choose.TOLD == "none", choose.TOLD
        assert not is_offered()
        for iptables in "iptables", "ip6tables":
            result = subprocess.run(
                [iptables, "-t", choose.HELPER.table, "-A", "PREROUTING",
                 "-p", "tcp", "--dport", "2501", "-j", *choose.HELPER.target],
                check=False, capture_output=True, text=True)
            assert "No such file" in result.stderr, result


def unload(module):
    """Take a module out, once the rules that held it are gone."""
    end = time.monotonic() + DEADLINE
    while subprocess.run(["rmmod", module], check=False,
                         capture_output=True).returncode:
        assert time.monotonic() < end, "it is still held"
        time.sleep(0.2)


def held(report):
    with report.case("a rule in a user's namespace keeps the module from being "
                     "unloaded, and is found"):
        with stranger(*STAYING, "nft", NAMED.format(name="smtp")) as (
                process, said):
            assert said == "done", said
            result = subprocess.run(["rmmod", bed.MODULE], check=False,
                                    capture_output=True, text=True)
            assert result.returncode and "in use" in result.stderr, result
            found = subprocess.run(
                ["sh", "-c", WHO_HOLDS], check=False, capture_output=True,
                text=True).stdout.split()
            assert found == [f"/proc/{process.pid}/ns/net"], found
        unload(bed.MODULE)
        bed.load()


def not_held(report):
    with report.case("no rule in a user's namespace keeps the module from "
                     "being unloaded: he cannot name a helper, and a mark "
                     "holds nothing"):
        result = subprocess.run(
            [*STRANGER, "nft", NAMED.format(name="smtp")], check=False,
            capture_output=True, text=True)
        assert result.returncode, result
        with stranger(*STAYING, "nft", choose.MARK.rules(25)) as (_, said):
            assert said == "done", said
            bed.unload()
            bed.load()


def of_others(report, server, family, address):
    with report.case(f"{family}: connections to which a rule gives another "
                     "helper are not guarded, whatever their port and mark"), \
            parameters(**choose.MARK.values):
        insist_on_guarded(server, address, 25)
        with ruleset(OTHER):
            insist_on_not_guarded(server, address, 25)
        insist_on_guarded(server, address, 25)


def gone(report, server):
    with report.case("the other helper's module is unloaded: the session is "
                     "guarded from the server's next reply on"):
        with ruleset(OTHER):
            talk = Talk(server)
        with talk:
            talk.expect("EXPN root", "250")
            unload("nf_conntrack_ftp")
            insist_on_guard(talk)
