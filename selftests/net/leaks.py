# SPDX-License-Identifier: GPL-2.0
"""What is over leaves nothing behind: not in the suite up to here, nor what
never became a session, nor when it is the module that goes. The module's caches
count their objects."""

import contextlib
import socket
import time

import bed
import slabs
from memory import CLOSED, DEADLINE, REJECT, call_in_vain, stray_segments
from pickup import ensure_loaded, flushed
from placement import ruleset
from stream import NOOP
from talk import SERVER, Talk, many_sockets, parameters
from wire import by_hand

KNOCKS = 64
SESSIONS = 10
# More than are ended before others may run.
CROWD = 4000


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
    unloaded(report)


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


@contextlib.contextmanager
def crowd():
    """Sessions in which nothing is said yet."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(many_sockets(2 * CROWD))
        with bed.inside("server"):
            stack.enter_context(socket.create_server(("", CLOSED),
                                                     backlog=CROWD))
        opened = bed.stats()["sessions_opened"]
        for _ in range(CROWD):
            with bed.inside("client"):
                client = stack.enter_context(socket.socket())
            client.settimeout(DEADLINE)
            client.connect((SERVER["IPv4"], CLOSED))
        assert bed.stats()["sessions_opened"] == opened + CROWD
        yield


def unloaded(report):
    with report.case(f"rmmod under {CROWD} sessions: conntrack forgets all of "
                     "them"), parameters(ports=str(CLOSED)), crowd():
        try:
            bed.unload()
            end = time.monotonic() + DEADLINE
            while left := flushed():
                assert time.monotonic() < end, f"{left} are held"
                time.sleep(0.2)
        finally:
            ensure_loaded()
