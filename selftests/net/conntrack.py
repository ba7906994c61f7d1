# SPDX-License-Identifier: GPL-2.0
"""Conntrack told not to look: not at checksums, not at windows, not at what it
has not seen from its begin. What it lets pass then must do no harm."""

from pickup import sysctl
from stream import NOOP, OK, insist_on_resets, into_message
from talk import counted, told
from wire import ADDRESSES, Wire, by_hand

EXPN = b"EXPN root\r\n"
MASKED = b"EXXXXXXXX\r\n"
# Conntrack's windows are 65,000 octets here.
FAR = 1 << 30
WRONG = 0x1234
# Only what a checksum covers is a matter of addresses.
SETTINGS = (("checksum", 0, ADDRESSES), ("tcp_loose", 0, ["IPv4"]),
            ("tcp_be_liberal", 1, ["IPv6"]))


def run(report, _):
    with by_hand():
        for name, value, families in SETTINGS:
            with sysctl(name, value):
                for family in families:
                    session(report, f"nf_conntrack_{name}={value}, {family}",
                            family)
        unsaid(report)


def session(report, name, family):
    with report.case(f"{name}: a refused verb is overwritten, and a message "
                     "arrives whose end of data is cut"), \
            counted(messages=1, refused_EXPN=2), Wire(family) as wire:
        refused(wire)
        message(wire)
        refused(wire)
    with report.case(f"{name}: a segment out of the window reaches no server, "
                     "and the session goes on"), \
            counted(messages=1, resets=0), Wire(family) as wire:
        wire.client.emit(EXPN, at=FAR)
        wire.command(NOOP, OK)
        into_message(wire)
        wire.client.emit(b"\r\n.\r\n" + EXPN * 60, at=FAR)
        wire.client.emit(b"\r\n.\r\n" + EXPN, at=FAR)
        text(wire)
        refused(wire)
    with report.case(f"{name}: a segment with a wrong checksum reaches no "
                     "server, and the right one passes"), \
            counted(messages=1, resets=0, segments_mismatched=0,
                    segments_invalid=4), Wire(family) as wire:
        wire.client.emit(EXPN, chksum=WRONG)
        wire.command(NOOP, OK)
        into_message(wire)
        wire.client.emit(b"\r\n.\r\n" + EXPN, chksum=WRONG)
        text(wire)
        # and the other way
        wire.server.emit(b"354 Go on\r\n", chksum=WRONG)
        wire.client.emit(b"DATA\r\n", chksum=WRONG)
        refused(wire)


def unsaid(report):
    with report.case("nf_conntrack_tcp_be_liberal=1: a client that "
                     "acknowledges what was not said here is reset at both "
                     "ends"), \
            sysctl("tcp_be_liberal", 1), counted(resets=1), \
            told(reason="acknowledgment"), Wire() as wire:
        wire.client.heard = FAR
        wire.client.emit(NOOP)
        insist_on_resets(wire)


def refused(wire):
    wire.client.send(EXPN)
    wire.server.expect(MASKED)
    wire.reply(b"500 What?\r\n")


def message(wire):
    into_message(wire)
    text(wire)


def text(wire):
    """A message in which there is a refused verb, its end of data cut."""
    for piece in (EXPN, b"text\r\n.", b"\r\n"):
        wire.client.send(piece)
        wire.server.expect(piece)
        wire.server.acknowledge()
    wire.reply(OK)
