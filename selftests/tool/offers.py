# SPDX-License-Identifier: GPL-2.0
"""What servers do not offer any more: told once, whoever the client is, and of the
server's own reply."""

import contextlib
import json
import socket
import subprocess

import bed
import messages
import suricata
from follower import Follower
from wire import Wire

BOTH = (b"STARTTLS", b"CHUNKING")
# In each event of a session, or another each time.
COMMON = ("time", "number", "session", "client_port")


def insist(got, expected):
    """Both are equal."""
    assert got == expected, f"expected {expected!r}\n     got {got!r}"


def reply(*capabilities):
    """One to EHLO that offers these."""
    lines = [b"mx", *capabilities, b"SIZE"]
    return b"\r\n".join([*(b"250-" + line for line in lines[:-1]),
                         b"250 " + lines[-1]])


def greet(*capabilities, verb=b"EHLO", **wire):
    """A session in which the server offers these, and that ends."""
    with Wire(**wire) as talk:
        talk.server(b"220 mx\r\n")
        talk.command(verb + b" client.example", reply(*capabilities))
        return talk


@contextlib.contextmanager
def refused():
    """A session in which the server has refused EHLO."""
    with Wire() as talk:
        talk.server(b"220 mx\r\n")
        talk.command(b"EHLO client.example", b"550 no")
        yield talk


def withdrawn():
    """How often anything was."""
    return bed.stats()["capabilities_withdrawn"]


@contextlib.contextmanager
def told(*expected, before=BOTH):
    """Of a block these are told, and nothing else."""
    greet(*before)
    count = withdrawn()
    with Follower("--alerts", "--json") as follower:
        yield
        insist(withdrawn() - count, len(expected))
        # behind all that was told
        bed.set_parameter("max_path", "300")
        bed.set_parameter("max_path", "1024")
        events = [json.loads(line) for line in follower.until(
            '"former":"300"')]
    insist([event["capability"] for event in events
            if event["event"] == "withdrawal"], list(expected))


def each(report):
    """What is one, and what is none."""
    with report.case("offers: STARTTLS is gone, and told once"), \
            told("STARTTLS"):
        for _ in range(3):
            greet(b"CHUNKING")
    with report.case("offers: both are"), told("STARTTLS", "CHUNKING"):
        greet()
    with report.case("offers: it comes and goes"), \
            told("CHUNKING", "CHUNKING"):
        for capabilities in (BOTH[:1], BOTH, BOTH[:1]):
            greet(*capabilities)
    with report.case("offers: taken out by overwriting it"), \
            told("STARTTLS"):
        greet(b"XXXXXXXX", b"CHUNKING")
    with report.case("offers: not what is hidden here"), told():
        bed.set_parameter("starttls", "deny")
        bed.set_parameter("capabilities", "SIZE")
        greet(*BOTH)
        bed.set_parameter("profile", "esmtp")
    with report.case("offers: nothing of a reply to HELO, or of a refusal"), \
            told():
        greet(verb=b"HELO")
        with refused():
            pass
    with report.case("offers: HELO behind an EHLO that was refused"), \
            told("STARTTLS", "CHUNKING"), refused() as talk:
        talk.command(b"HELO client.example", b"250 mx")
    # whatever it offered to others before
    greet(family=socket.AF_INET6)
    with report.case("offers: another server is another"), told():
        greet(family=socket.AF_INET6)
    with report.case("offers: of the same, whatever its address before NAT"), \
            told("STARTTLS"):
        subprocess.run(["nft", "-f", "-"], input=messages.NAT, text=True,
                       check=True)
        try:
            greet(b"CHUNKING", asked=2525)
        finally:
            subprocess.run(["nft", "delete", "table", "inet",
                            "smtpguard_nat"], check=True)


def shown(report):
    """For programs, for people, for Suricata's readers; by alerts alone."""
    greet(*BOTH)
    with Follower("--alerts", "--json") as programs, \
            Follower("--alerts") as people, Follower("--eve") as eve, \
            Follower("--lines", "--messages", "--json") as others:
        talk = greet(b"CHUNKING")
        with report.case("offers: for programs"):
            event = json.loads(programs.line())
            for name in COMMON:
                event.pop(name)
            insist(event, {
                "event": "withdrawal", "group": "alerts",
                "client_address": talk.client_address[0],
                "server_address": talk.server_address[0], "server_port": 25,
                "capability": "STARTTLS"})
        with report.case("offers: for people"):
            insist(people.line().split("  ", 2)[2].strip(),
                   "!!! STARTTLS was offered here, and is not any more")
        with report.case("offers: for Suricata's readers"):
            record = json.loads(eve.line())
            while record["event_type"] != "anomaly":
                record = json.loads(eve.line())
            insist(record["anomaly"]["event"], "CAPABILITY_WITHDRAWN")
            own = record.pop("smtpguard")
            insist((own["event"], own["capability"]),
                   ("withdrawal", "STARTTLS"))
            suricata.check(record)
        with report.case("offers: by alerts alone"):
            events = [json.loads(line)["event"]
                      for line in others.until('"close"')]
            assert "withdrawal" not in events, events


def run(report):
    """All of them."""
    each(report)
    shown(report)
    greet()
