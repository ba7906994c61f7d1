# SPDX-License-Identifier: GPL-2.0
"""`smtpguard log --eve` and `--stall` of sessions that crossed the router; what it makes of
each kind of event is in selftests/tool/records."""

import contextlib
import json

import suricata
from follower import Follower
from wire import Wire

REFUSAL = {"event": "refusal", "group": "alerts", "verb": "EXPN",
           "text": "EXPN root", "verdict": "mask", "reason": "verb",
           "parameter": "verbs", "profile": "esmtp", "side": "client",
           "offset": 22, "phase": "command"}
MESSAGE = {"event": "message", "group": "messages", "result": "answered",
           "index": 1, "recipients": 1, "accepted": 1, "rejected": 0,
           "masked": 0, "bytes": 10, "size": 6, "declared": 12,
           "segments": 1, "code": 250, "reply": ["250 queued as 42"]}
CLOSE = {"event": "close", "group": "log", "commands": 5, "refusals": 1}
# What is another each time.
TIMES = ("number", "session", "microseconds", "milliseconds", "setting")


def _own(record):
    """The object "smtpguard", without what is another each time."""
    return {name: value for name, value in record.pop("smtpguard").items()
            if name not in TIMES}


def _insist(got, expected):
    assert got == expected, f"expected {expected!r}\n     got {got!r}"


def deliver(wire):
    """A session with a refused command and one message, without its reply."""
    wire.server(b"220 mx\r\n")
    wire.command(b"HELO client.example", b"250 hi")
    wire.command(b"EXPN root", b"500 what")
    wire.command(b"MAIL FROM:<a@example> SIZE=12", b"250 ok")
    wire.command(b"RCPT TO:<b@example>", b"250 ok")
    wire.command(b"DATA", b"354 go")
    wire.client(b"x\r\n..\r\n.\r\n")


def stall(report):
    """The final reply is waited for; then the same message comes again."""
    with Follower("--stall", "1") as follower, contextlib.ExitStack() as both:
        wires = [both.enter_context(Wire()) for _ in range(2)]
        deliver(wires[0])
        lines = [follower.line()]
        wires[0].server(b"250 queued as 42\r\n")
        lines.append(follower.line())
        deliver(wires[1])
        lines.append(follower.line())
        wires[1].server(b"250 queued as 43\r\n")
    for line, finding in zip(lines, (
            "no final reply to the end of data, after ",
            "the final reply is 250, after ", "the same again, as in session")):
        with report.case(f"log --stall: {finding}"):
            who, what = line.split(", 6 octets: ")
            address = wires[0].client_address[0]
            assert f"  {address}  *** session " in who, line
            assert who.endswith(", <a@example>"), line
            assert what.startswith(finding), line


def run(report):
    """A refusal, a message, the end, and nothing else."""
    stall(report)
    with Follower("--eve") as follower:
        with Wire() as wire:
            deliver(wire)
            wire.server(b"250 queued as 42\r\n")
        records = [json.loads(follower.line()) for _ in range(3)]
        rest = follower.stop()
    refusal, message, close = records
    with report.case("log --eve: no other line"):
        _insist(rest, (0, "", ""))
    with report.case("log --eve: all of one session"):
        flows = {(record["flow_id"], record["community_id"], record["src_ip"],
                  record["src_port"], record["dest_ip"], record["dest_port"])
                 for record in records}
        _insist(len(flows), 1)
        _insist(flows.pop()[2:], (*wire.client_address[:2],
                                  *wire.server_address[:2]))
    with report.case("log --eve: a refused command"):
        _insist(_own(refusal), REFUSAL)
        _insist((refusal["event_type"], refusal["alert"]["action"],
                 refusal["alert"]["signature"]),
                ("alert", "blocked", "verb not allowed"))
    with report.case("log --eve: a message"):
        _insist(_own(message), MESSAGE)
        _insist((message["event_type"], message["tx_id"], message["smtp"]),
                ("smtp", 0, {"helo": "client.example",
                             "mail_from": "<a@example>",
                             "rcpt_to": ["<b@example>"]}))
    with report.case("log --eve: the end of the session"):
        _insist(_own(close), CLOSE)
        _insist((close["event_type"], close["flow"]["bytes_toserver"],
                 close["flow"]["bytes_toclient"], close["flow"]["tx_cnt"]),
                ("flow", wire.to_server, wire.to_client, 1))
    with report.case("log --eve: as Suricata's schema has it"):
        for record in records:
            suricata.check(record)
