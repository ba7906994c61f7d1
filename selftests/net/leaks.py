# SPDX-License-Identifier: GPL-2.0
"""What is over leaves nothing behind: not in the suite up to here, nor what
never became a session. The module's caches count their objects."""

import slabs
from memory import CLOSED, REJECT, call_in_vain, stray_segments
from placement import ruleset
from stream import NOOP
from talk import Talk, parameters
from wire import by_hand

KNOCKS = 64
SESSIONS = 10


def run(report, server):
    with report.case("there are objects while there is a session"), \
            Talk(server) as talk:
        talk.expect("NOOP", "250")
        assert slabs.objects()
    nothing_left(report, "all cases before", lambda: None)
    nothing_left(report, f"{SESSIONS} sessions, half of them broken off",
                 lambda: sessions(server))
    nothing_left(report, f"{KNOCKS} connections refused by the server",
                 refused)
    nothing_left(report, f"{KNOCKS} connections refused by the ruleset, with "
                 "resets", rejected)
    for ends, name in ((("client",), "answered with resets"),
                       (("client", "server"), "not answered")):
        nothing_left(report, f"segments that are of no connection, {name}",
                     lambda ends=ends: stray(ends))


def nothing_left(report, name, happen):
    """Once conntrack has forgotten what happens."""
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


def refused():
    for _ in range(KNOCKS):
        call_in_vain()


def rejected():
    with ruleset(REJECT):
        refused()


def stray(ends):
    with by_hand(ends):
        for data in b"", NOOP:
            stray_segments("A", data)
