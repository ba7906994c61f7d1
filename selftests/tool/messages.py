# SPDX-License-Identifier: GPL-2.0
"""Records of messages, and alerts: what `smtpguard log` tells of a session to
whoever does not want every line."""

import contextlib
import json
import subprocess

import bed
from follower import Follower
from wire import Wire

HELO = (b"HELO client.example", b"250 hi")
MAIL = (b"MAIL FROM:<a@example> SIZE=12", b"250 ok")
RCPT = (b"RCPT TO:<b@example>", b"250 ok")
DATA = (b"DATA", b"354 go")
TEXT = b"x\r\n..\r\n.\r\n"

NAT = """
table inet smtpguard_nat {
	chain in {
		type nat hook prerouting priority dstnat
		tcp dport 2525 ct mark set 0x7 dnat ip to 198.51.100.2:25
	}
	chain out {
		type nat hook postrouting priority srcnat
		ip daddr 198.51.100.2 masquerade
	}
}
"""

# Of the record of a message that came and was taken.
TAKEN = {"result": "answered", "helo": "client.example", "index": 1,
         "sender": "a@example", "recipient": ["b@example"], "recipients": 1,
         "accepted": 1, "rejected": 0, "masked": 0, "bytes": 10, "size": 6,
         "declared": 12, "segments": 1, "code": 250,
         "reply": ["250 queued as 42"]}


class Talk(contextlib.ExitStack):
    """A session, of which the records are followed."""

    def __init__(self, *options, **wire):
        super().__init__()
        self.follower = self.enter_context(
            Follower("--json", *(options or ("--messages",))))
        self._end = self.enter_context(contextlib.ExitStack())
        self.wire = self._end.enter_context(Wire(**wire))
        self.wire.server(b"220 mx\r\n")

    def say(self, *dialogue):
        """Lines, and replies of which each has arrived before the next."""
        for line, reply in dialogue:
            self.wire.command(line, reply)
        return self

    def end(self):
        """The client leaves."""
        self._end.close()

    def event(self):
        """The next that is told, without what is another each time."""
        event = json.loads(self.follower.line())
        for name in ("time", "session", "number", "client_port", "event",
                     "client_address", "server_address", "server_port"):
            event.pop(name)
        waited = event.pop("microseconds", None)
        assert waited is None or 0 < waited < 60e6, waited
        group = event.pop("group")
        assert group in ("messages", "alerts"), group
        return event


def insist(got, expected):
    """Both are equal."""
    assert got == expected, f"expected {expected!r}\n     got {got!r}"


@contextlib.contextmanager
def setting(**values):
    """Parameters, in a block."""
    before = {}
    try:
        for name, value in values.items():
            path = f"{bed.PARAMETERS}/{name}"
            with open(path, encoding="ascii") as parameter:
                before[path] = parameter.read()
            with open(path, "w", encoding="ascii") as parameter:
                parameter.write(value)
        yield
    finally:
        for path, value in before.items():
            with open(path, "w", encoding="ascii") as parameter:
                parameter.write(value)


def deliver(talk, reply=b"250 queued as 42"):
    """One message."""
    talk.say(MAIL, RCPT, DATA)
    talk.wire.client(TEXT)
    talk.wire.server(reply + b"\r\n")


def taken(report):
    with report.case("messages: one record a message"), Talk() as talk:
        talk.say(HELO)
        deliver(talk)
        insist(talk.event(), TAKEN)
        talk.say(MAIL, (b"RCPT TO:<no@example>", b"550 5.1.1 no"), RCPT, DATA)
        talk.wire.client(b"x\r\n.", b"\r", b"\n")
        talk.wire.server(b"451-wait\r\n451 4.3.0 later\r\n")
        insist(talk.event(), {
            **TAKEN, "index": 2, "recipient": ["no@example", "b@example"],
            "recipients": 2, "rejected": 1, "bytes": 6, "size": 3,
            "segments": 3, "code": 451, "reply": ["451 4.3.0 later"]})
    with report.case("messages: for people"), \
            Follower("--messages") as people, Talk() as talk:
        talk.say(HELO)
        deliver(talk)
        text = people.line().split("=== ")[1]
        began, after = text.split(", after ")
        insist(began, "client.example: mail 1 from <a@example> to "
               "<b@example>, 1 of 1 recipient accepted, 10 bytes: answered, "
               "250 queued as 42")
        assert after.endswith(" s") and 0 < float(after[:-2]) < 60, after
    with report.case("messages: what was overwritten of it"), Talk() as talk:
        talk.say(HELO, MAIL, RCPT, (b"RCPT EXTRA\x00!", b"501 what"), DATA)
        talk.wire.client(b"x\n.\nx\r\n.\r\n")
        talk.wire.server(b"250 ok\r\n")
        insist(talk.event()["masked"], 3)


def pipelined(report):
    with report.case("messages: the next one begins before the final reply"), \
            Talk() as talk:
        talk.say(HELO, MAIL, RCPT, DATA)
        talk.wire.client(TEXT + b"MAIL FROM:<>\r\nRCPT TO:<c@example>\r\n"
                         b"DATA\r\n")
        talk.wire.server(b"250 queued as 42\r\n")
        insist(talk.event(), TAKEN)
        talk.wire.server(b"250 ok\r\n250 ok\r\n354 go\r\n")
        talk.wire.client(TEXT)
        talk.wire.server(b"250 queued as 43\r\n")
        record = dict(TAKEN, index=2, sender="", recipient=["c@example"],
                      reply=["250 queued as 43"])
        record.pop("declared")
        insist(talk.event(), record)
    with report.case("messages: in chunks"), Talk() as talk:
        talk.say((b"EHLO client.example", b"250-mx\r\n250 CHUNKING"))
        talk.wire.client(b"MAIL FROM:<a@example> SIZE=12\r\n"
                         b"RCPT TO:<b@example>\r\nBDAT 4\r\nab\r\n"
                         b"BDAT 4 LAST\r\ncd\r\n")
        talk.wire.server(b"250 ok\r\n250 ok\r\n250 4 octets\r\n"
                         b"250 queued as 42\r\n")
        insist(talk.event(), {**TAKEN, "bytes": 8, "size": 8})
    with report.case("messages: a reply for each recipient (LMTP)"), \
            Talk() as talk:
        good_verbs = "LHLO,MAIL,RCPT,DATA,RSET,QUIT"
        with setting(verbs=good_verbs):
            talk.say((b"LHLO client.example", b"250 mx"), MAIL, RCPT,
                     (b"RCPT TO:<c@example>", b"250 ok"), DATA)
            talk.wire.client(TEXT)
            talk.wire.server(b"250 b has it\r\n452 c is full\r\n")
            insist(talk.event(), {
                **TAKEN, "recipient": ["b@example", "c@example"],
                "recipients": 2, "accepted": 2, "code": 452,
                "reply": ["250 b has it", "452 c is full"]})


def not_taken(report):
    short = {name: value for name, value in TAKEN.items() if name not in (
        "bytes", "size", "declared", "segments", "code", "reply")}
    with report.case("messages: no recipient was accepted"), Talk() as talk:
        talk.say(HELO, MAIL, (b"RCPT TO:<b@example>", b"550 5.1.1 no"),
                 (b"RSET", b"250 ok"))
        insist(talk.event(), {**short, "result": "abandoned", "accepted": 0,
                              "rejected": 1, "code": 550,
                              "reply": ["550 5.1.1 no"]})
    with report.case("messages: the client leaves before the end of data"), \
            Talk() as talk:
        talk.say(HELO, MAIL, RCPT, DATA)
        talk.wire.client(b"x\r\n")
        talk.end()
        insist(talk.event(), {**short, "result": "abandoned"})
    with report.case("messages: the final reply never comes"), Talk() as talk:
        talk.say(HELO, MAIL, RCPT, DATA)
        talk.wire.client(TEXT)
        talk.end()
        record = dict(TAKEN, result="unanswered")
        record.pop("code")
        record.pop("reply")
        insist(talk.event(), record)
    with report.case("messages: the server breaks it off"), Talk() as talk:
        talk.say(HELO, MAIL, RCPT, DATA)
        talk.wire.client(b"x\r\n")
        talk.wire.server(b"552 5.3.4 too large\r\n")
        talk.wire.client(b"y\r\n.\r\n")
        insist(talk.event(), {**TAKEN, "bytes": 9, "size": 6, "code": 552,
                              "reply": ["552 5.3.4 too large"]})
    with report.case("messages: MAIL is refused by the server"), \
            Talk() as talk:
        talk.say(HELO, (MAIL[0], b"451 greylisted"))
        insist(talk.event(), {
            "result": "abandoned", "helo": "client.example", "index": 1,
            "sender": "a@example", "recipients": 0, "accepted": 0,
            "rejected": 0, "masked": 0, "code": 451,
            "reply": ["451 greylisted"]})
    with report.case("messages: a session in TLS is told, once"), \
            Talk() as talk:
        talk.say(HELO, (b"STARTTLS", b"220 go"))
        talk.wire.client(b"\x16\x03\x01\x00\x05\x01ello")
        talk.wire.server(b"\x16\x03\x03\x00\x05\x02ello")
        insist(talk.event(), {"result": "tls", "helo": "client.example",
                              "tls": True})
        talk.end()
        insist(talk.follower.stop(), (0, "", ""))


def place(report):
    with report.case("messages: both ends of NAT, and the mark"):
        subprocess.run(["nft", "-f", "-"], input=NAT, text=True, check=True)
        try:
            with Talk(asked=2525) as talk:
                talk.say(HELO)
                deliver(talk)
                wire = talk.wire
                record = json.loads(talk.follower.line())
                insist([record[name] for name in (
                    "client_address", "client_port", "server_address",
                    "server_port", "mark")],
                    [*wire.client_address[:2], "198.51.100.2", 2525, 7])
                insist((record["nat_client_address"],
                        record["nat_client_port"]), wire.seen_address[:2])
                insist((record["nat_server_address"],
                        record["nat_server_port"]), ("198.51.100.2", 25))
                assert "zone" not in record, record
        finally:
            subprocess.run(["nft", "delete", "table", "inet",
                            "smtpguard_nat"], check=True)


def envelope(report):
    with report.case("log_envelope=hash: equal addresses are equal"), \
            setting(log_envelope="hash"), Talk() as talk:
        talk.say(HELO, MAIL, (b"RCPT TO:<a@EXAMPLE>", b"250 ok"),
                 (b"RCPT TO:<A@example>", b"250 ok"), DATA)
        talk.wire.client(TEXT)
        talk.wire.server(b"250 ok\r\n")
        record = talk.event()
        first, other = record["recipient"]
        insist((record["hashed"], first, len(first)),
               (True, record["sender"], 16))
        assert other != first and set(first) <= set("0123456789abcdef"), record
    with report.case("log_envelope=off: no address"), \
            setting(log_envelope="off"), Talk() as talk:
        talk.say(HELO)
        deliver(talk)
        insist(talk.event(), {name: value for name, value in TAKEN.items()
                              if name not in ("sender", "recipient")})
    for value in ("hash", "off"):
        with report.case(f"log_envelope={value}: nor in lines"), \
                setting(log_envelope=value), Talk("--lines") as talk:
            talk.say(HELO, MAIL, (b"rcpt to:<b@example>", b"250 ok"),
                     (b"VRFY b@example", b"500 what"))
            lines = talk.follower.until("500 what")
            texts = [event["text"] for event in map(json.loads, lines)
                     if event["event"] in ("command", "refusal")]
            insist(texts, ["HELO client.example", "MAIL FROM:", "rcpt to:",
                           "VRFY", "VRFY"])


def alerts(report):
    with report.case("alerts: refusals and unanswered ends of data alone"), \
            Talk("--alerts") as talk:
        talk.say((b"EHLO client.example", b"250-mx\r\n250-CHUNKING\r\n250 XUNKNOWN"),
                 (b"EXPN root", b"500 what"), MAIL, RCPT, DATA)
        talk.wire.client(TEXT)
        talk.end()
        refusal = talk.event()
        insist((refusal["verb"], refusal["text"]), ("EXPN", "EXPN root"))
        insist(talk.event()["unanswered"], True)
    with report.case("alerts and messages: each once, nothing lost"), \
            Talk("--alerts", "--messages") as talk:
        talk.say(HELO, (b"EXPN root", b"500 what"))
        deliver(talk)
        insist(talk.event()["verb"], "EXPN")
        insist(talk.event(), TAKEN)
        talk.end()
        insist(talk.follower.stop(), (0, "", ""))


def changes(report):
    with report.case("alerts: who has changed a parameter, and how"), \
            Follower("--alerts", "--json") as programs, \
            Follower("--alerts", "--lines") as people:
        with setting(max_path="300", full="defer"):
            event = json.loads(programs.line())
            insist([event[name] for name in (
                "event", "group", "parameter", "former", "setting", "uid")],
                ["parameter", "alerts", "max_path", "1024", "300", 0])
            assert "session" not in event, event
            assert people.line().endswith(
                "  !!! max_path=300, was 1024, by user 0")
        # full was written, and is what it was
        event = json.loads(programs.line())
        insist((event["parameter"], event["setting"]), ("max_path", "1024"))
        people.line()
        with Wire() as wire:
            wire.server(b"220 mx\r\n")
            wire.command(b"EXPN root", b"500 what")
        lines = people.until(" ended: ")
        insist(sum("!!! EXPN" in line for line in lines), 1)


def not_followed(report):
    with report.case("messages: not one that began before somebody listened"), \
            Talk("--alerts") as talk:
        talk.say(HELO, MAIL, RCPT)
        with Follower("--messages", "--json") as late:
            talk.say(DATA)
            talk.wire.client(TEXT)
            talk.wire.server(b"250 ok\r\n")
            deliver(talk)
            record = json.loads(late.line())
            insist((record["index"], record["reply"], "helo" in record),
                   (1, ["250 queued as 42"], False))
    with report.case("messages: not one that nobody listened to meanwhile"), \
            Talk() as talk:
        talk.say(HELO, MAIL, RCPT)
        talk.follower.stop()
        talk.say(DATA)
        talk.wire.client(TEXT)
        with Follower("--messages", "--json") as late:
            talk.wire.server(b"250 ok\r\n")
            deliver(talk)
            record = json.loads(late.line())
            insist(record["reply"], ["250 queued as 42"])
    with report.case("messages: one that there is no room for is told"), \
            Follower("--messages") as people, Talk() as talk:
        before = bed.stats()["events_lost"]
        talk.say(HELO)
        deliver(talk)
        talk.wire.client(9 * b"MAIL FROM:<a@example>\r\nRCPT TO:<b@example>"
                         b"\r\nRSET\r\n")
        talk.wire.server(27 * b"250 ok\r\n")
        deliver(talk, b"250 queued as 43")
        # it might still come, for a second
        lines = people.until("***")
        insist(sum(": abandoned" in line for line in lines), 8)
        insist([line.split("*** ")[1] for line in lines if "***" in line],
               ["1 event lost"])
        insist(bed.stats()["events_lost"] - before, 1)


def run(report):
    """All of them."""
    for cases in (taken, pipelined, not_taken, place, envelope, alerts,
                  changes, not_followed):
        cases(report)
