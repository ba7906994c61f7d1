# SPDX-License-Identifier: GPL-2.0
"""`smtpguard log --eve` of sessions that crossed the router; what it makes of
each kind of event is in selftests/tool/records."""

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
    """A session with a refused command and one message."""
    wire.server(b"220 mx\r\n")
    wire.command(b"HELO client.example", b"250 hi")
    wire.command(b"EXPN root", b"500 what")
    wire.command(b"MAIL FROM:<a@example> SIZE=12", b"250 ok")
    wire.command(b"RCPT TO:<b@example>", b"250 ok")
    wire.command(b"DATA", b"354 go")
    wire.client(b"x\r\n..\r\n.\r\n")
    wire.server(b"250 queued as 42\r\n")


def run(report):
    """A refusal, a message, the end, and nothing else."""
    with Follower("--eve") as follower:
        with Wire() as wire:
            deliver(wire)
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
