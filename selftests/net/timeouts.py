# SPDX-License-Identifier: GPL-2.0
"""Conntrack waits for less time than ends do: RFC 5321 section 4.5.3.2.6 gives
a server ten minutes for its final reply, and administrators give conntrack
five."""

import contextlib
import time

from pickup import sysctl
from stream import NOOP, OK, insist_on_resets, into_message
from talk import counted, tracked
from wire import ADDRESSES, Wire, by_hand

# Of a connection that is established, in seconds.
TIMEOUT = 2
DEADLINE = 30
END = b"text\r\n.\r\n"
QUEUED = b"250 2.0.0 Queued\r\n"
EXPN = b"EXPN root\r\n"
MASKED = b"EXXXXXXXX\r\n"


def run(report, _):
    with by_hand(), sysctl("tcp_timeout_established", TIMEOUT):
        for family in ADDRESSES:
            replies(report, family)
            idle(report, family)


def forgotten(wire):
    """Wait until conntrack has forgotten it, and that was noticed."""
    end = time.monotonic() + DEADLINE
    client, server = wire.ends
    while tracked(client, server[1]):
        assert time.monotonic() < end, "conntrack still has it"
        time.sleep(0.2)
    # the table of flows is swept once a second
    time.sleep(2)


@contextlib.contextmanager
def owed(family, acknowledged=True, **counters):
    """A session in which the final reply to an end of data is owed, and that
    conntrack has forgotten."""
    with counted(sessions_opened=1, messages=1, resets=0, refused_EXPN=1,
                 sessions_resynchronised=0, **counters), Wire(family) as wire:
        into_message(wire)
        wire.client.send(END)
        wire.server.expect(END)
        if acknowledged:
            wire.server.acknowledge()
        forgotten(wire)
        yield wire
        wire.command(NOOP, OK)
        wire.client.send(EXPN)
        wire.server.expect(MASKED)


def replies(report, family):
    case = f"{family}: conntrack forgets a session before the final reply: "
    with report.case(case + "that passes, in pieces, and what follows it is "
                     "guarded"), owed(family) as wire:
        wire.server.send(QUEUED[:7])
        wire.client.expect(QUEUED[:7])
        wire.server.send(QUEUED[7:])
        wire.client.expect(QUEUED[7:])
        wire.client.acknowledge()
    with report.case(case + "the client asks first if the server is still "
                     "there"), owed(family) as wire:
        wire.client.emit(at=wire.client.offset - 1, flags="A")
        wire.server.expect_flags("A")
        wire.server.emit(flags="A")
        wire.client.expect_flags("A")
        wire.reply(QUEUED)
    with report.case(case + "the client sends its end of data again, and "
                     "another text for it does not pass"), \
            owed(family, False, segments_repeated=2,
                 segments_mismatched=1) as wire:
        end = wire.client.offset - len(END)
        wire.client.emit(END.replace(b".", b"x"), at=end)
        wire.client.emit(END, at=end)
        wire.server.expect(END, at=end)
        wire.reply(QUEUED)
    with report.case(case + "it is forgotten once more"), \
            owed(family) as wire:
        wire.server.send(QUEUED[:7])
        wire.client.expect(QUEUED[:7])
        forgotten(wire)
        wire.server.send(QUEUED[7:])
        wire.client.expect(QUEUED[7:])
        wire.client.acknowledge()


def idle(report, family):
    with report.case(f"{family}: conntrack forgets a session in which no final "
                     "reply is owed: it is reset when it goes on"), \
            counted(resets=0, refused_EXPN=0), Wire(family) as wire:
        wire.command(NOOP, OK)
        forgotten(wire)
        wire.client.send(NOOP)
        insist_on_resets(wire)
