# SPDX-License-Identifier: GPL-2.0
"""One end's segments come to the router from where the other end is: because
its way has changed, or because the other one sends them in its name."""

import contextlib
import socket
import subprocess
import time

import bed
from failover import calls
from placement import named_namespace
from stream import NOOP, OK, insist_on_reset, into_message
from talk import counted, parameters, told
from wire import ADDRESSES, DEADLINE, End, Wire, by_hand, hardware_address, offload

EXPN = b"EXPN root\r\n"
# So many that are not believed in a row end the session.
STRAYS = 8
# Seconds, and some more.
APART = 0.25
DISCARD = 9
THIRD = "third"
THIRD_LINK = """
link add third0 type veth peer name eth0 netns third
link set third0 up
-n third link set eth0 up
"""
HOST = {"IPv4": ("-4", "32"), "IPv6": ("-6", "128")}


def run(report, _):
    with by_hand():
        for family in ADDRESSES:
            everything(report, family)
        elsewhere(report)
        watched(report)


def elsewhere(report):
    """A third link, where neither side has been before."""
    with named_namespace(THIRD, "add", THIRD):
        calls(THIRD_LINK)
        offload("off", ((None, "third0"), (THIRD, "eth0")))
        for family in ADDRESSES:
            for side in ("client", "server"):
                moved_elsewhere(report, family, side)
                one_of_several(report, family, side)
            forged_elsewhere(report, family)


def everything(report, family, where="", table="main"):
    """All cases of one family; the router's routes are in a table."""
    name = f"{where}{family}"
    moves(report, name, family, table)
    for side in ("client", "server"):
        moved_by_route(report, name, family, side, table)
        forged(report, name, family, side)
    link_lost(report, name, family)
    burst(report, name, family)
    owed(report, name, family)


def other(side):
    return "server" if side == "client" else "client"


def ip(*words):
    subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def route(family, side, table="main", where=None, beside=()):
    """The router's route to a side leaves to where the other one is, or
    elsewhere, and with several next hops to `beside` as well."""
    here = where or other(side)
    version, length = HOST[family]
    address = ADDRESSES[family][side == "server"]
    hops = ["dev", f"{here}0"]
    if beside:
        # IPv6 takes no such route without routers on it; nobody is there
        via = ("via", "fe80::1") if version == "-6" else ()
        hops = [word for name in (here, *beside)
                for word in ("nexthop", *via, "dev", f"{name}0")]
    words = (f"{address}/{length}", "table", table, *hops)
    ip(version, "neigh", "replace", address, "lladdr",
       hardware_address(here, "eth0"), "dev", f"{here}0")
    ip(version, "route", "add", *words)
    try:
        yield
    finally:
        ip(version, "route", "delete", *words)
        ip(version, "neigh", "delete", address, "dev", f"{here}0")


@contextlib.contextmanager
def down(device):
    """A device of the router's that keeps its addresses."""
    keep = f"/proc/sys/net/ipv6/conf/{device}/keep_addr_on_down"
    with open(keep, "w", encoding="ascii") as file:
        file.write("1")
    ip("link", "set", device, "down")
    try:
        yield
    finally:
        ip("link", "set", device, "up")
        for family in HOST:
            reach(family, device)


def reach(family, device):
    """Wait until the host behind a device that has come up answers: it looks for
    another one with its address first (RFC 4862), and a segment that waits for
    that too long is dropped."""
    address = ADDRESSES[family][device == "server0"]
    kind = socket.AF_INET if family == "IPv4" else socket.AF_INET6
    command = ("ip", HOST[family][0], "neigh", "show", address, "dev", device)
    end = time.monotonic() + DEADLINE
    with socket.socket(kind, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                        device.encode())
        while "REACHABLE" not in subprocess.run(
                command, check=True, capture_output=True, text=True).stdout:
            assert time.monotonic() < end, f"{address} cannot be reached"
            with contextlib.suppress(OSError):
                sock.sendto(b"", (address, DISCARD))
            time.sleep(0.1)


def move(wire, family, side, where=None):
    """From now on a side is where the other one is, or elsewhere."""
    before = getattr(wire, side)
    ends = wire.ends if side == "client" else wire.ends[::-1]
    after = End(where or other(side), family, before.first, *ends)
    after.offset, after.heard = before.offset, before.heard
    after.peer, before.peer.peer = before.peer, after
    before.close()
    setattr(wire, side, after)


def session(wire):
    """What is left of a session: a refused verb, a message."""
    wire.client.send(EXPN)
    wire.server.expect(b"EXXXXXXXX\r\n")
    wire.reply(b"500 What?\r\n")
    into_message(wire)
    for piece in (EXPN, b"text\r\n.", b"\r\n"):
        wire.client.send(piece)
        wire.server.expect(piece)
        wire.server.acknowledge()
    wire.reply(OK)


def moves(report, name, family, table):
    with report.case(f"{name}: a client whose link is down comes by the "
                     "server's: its session goes on"), \
            counted(segments_forged=0, resets=0, messages=1, refused_EXPN=1), \
            Wire(family) as wire:
        wire.command(NOOP, OK)
        with down("client0"):
            move(wire, family, "client")
            # before there is a route
            wire.client.send(NOOP)
            wire.server.expect(NOOP)
            with route(family, "client", table):
                wire.reply(OK)
                session(wire)


def moved_by_route(report, name, family, side, table):
    with report.case(f"{name}: the route to the {side} changes to the other "
                     "side's link, and its segments come from there: its "
                     "session goes on"), \
            counted(segments_forged=0, resets=0, messages=1, refused_EXPN=1), \
            Wire(family) as wire:
        wire.command(NOOP, OK)
        move(wire, family, side)
        with route(family, side, table):
            session(wire)
    with report.case(f"{name}: segments of the {side} come from the other "
                     "side's link before the route changes: its session goes "
                     "on"), \
            counted(segments_forged=2, resets=0, messages=1, refused_EXPN=1), \
            Wire(family) as wire:
        wire.command(NOOP, OK)
        move(wire, family, side)
        for _ in range(2):
            getattr(wire, side).emit(flags="A")
        with route(family, side, table):
            session(wire)


def forge(wire, side, *pieces, forger=None):
    """The other side sends pieces in this one's name, none of which comes
    through. Those that follow each other at once count as one."""
    forger = forger or getattr(wire, other(side))
    for piece in pieces:
        time.sleep(APART)
        forger.put(getattr(wire, side).segment(piece))


def forged(report, name, family, side):
    piece = EXPN if side == "client" else b"354 Go on\r\n"
    with report.case(f"{name}: what is sent in the {side}'s name from where "
                     f"the other side is is dropped, {STRAYS - 1} times in a "
                     "row and any number of times"), \
            counted(segments_forged=2 * STRAYS - 2, resets=0, messages=1,
                    refused_EXPN=1), Wire(family) as wire:
        for _ in range(2):
            forge(wire, side, *[piece] * (STRAYS - 1))
            wire.command(NOOP, OK)
        session(wire)
    with report.case(f"{name}: {STRAYS} of them in a row: the session is "
                     "reset at both ends, and none came through"), \
            counted(segments_forged=STRAYS, resets=1, refused_EXPN=0), \
            told(reason="origin"), Wire(family) as wire:
        forge(wire, side, *[piece] * STRAYS)
        for end in (wire.client, wire.server):
            insist_on_reset(end)
        wire.client.emit(NOOP)
        for end in (wire.client, wire.server):
            insist_on_reset(end)


def moved_elsewhere(report, family, side):
    """A client may have ways that no route of the router's knows."""
    dropped = 2 if side == "server" else 0
    with report.case(f"{family}: the {side} moves to a third link, and the "
                     "route follows: its session goes on"), \
            counted(segments_forged=dropped, resets=0, messages=1,
                    refused_EXPN=1), Wire(family) as wire:
        wire.command(NOOP, OK)
        move(wire, family, side, THIRD)
        for _ in range(dropped):
            getattr(wire, side).emit(flags="A")
        with route(family, side, where=THIRD):
            session(wire)


def one_of_several(report, family, side):
    """Which next hop the router takes is chance, so nothing is expected of
    what it sends to this side."""
    with report.case(f"{family}: the {side} comes by a third link, which has "
                     "one of the next hops of its route"), \
            counted(segments_forged=0, resets=0), Wire(family) as wire:
        wire.command(NOOP, OK)
        with route(family, side, where=THIRD, beside=[side]):
            move(wire, family, side, THIRD)
            moved, peer = getattr(wire, side), getattr(wire, other(side))
            for piece in (NOOP, NOOP) if side == "client" else (OK[:5], OK[5:]):
                moved.send(piece)
                peer.expect(piece)


def forged_elsewhere(report, family):
    with report.case(f"{family}: what is sent in the server's name from a "
                     f"third link is dropped, and {STRAYS} in a row end the "
                     "session"), \
            counted(segments_forged=2 * STRAYS - 1, resets=1, messages=1,
                    refused_EXPN=1), Wire(family) as wire:
        here = End(THIRD, family, 0, *wire.ends)
        forge(wire, "server", *[EXPN] * (STRAYS - 1), forger=here)
        session(wire)
        forge(wire, "server", *[EXPN] * STRAYS, forger=here)
        here.close()
        for end in (wire.client, wire.server):
            insist_on_reset(end)
    with report.case(f"{family}: what is sent in the client's name from a "
                     "third link, which has one of the next hops of the route "
                     "to the server, is dropped"), \
            counted(segments_forged=STRAYS - 1, resets=0, messages=1,
                    refused_EXPN=1), Wire(family) as wire:
        here = End(THIRD, family, 0, *wire.ends)
        with route(family, "server", where=THIRD, beside=["server"]):
            forge(wire, "client", *[EXPN] * (STRAYS - 1), forger=here)
        here.close()
        session(wire)


def link_lost(report, name, family):
    with report.case(f"{name}: what the client sends in the server's name "
                     "while the server's link is down is dropped, and so it is "
                     "when that is up again"), \
            counted(segments_forged=2, resets=0, messages=1, refused_EXPN=1), \
            Wire(family) as wire:
        wire.command(NOOP, OK)
        with down("server0"):
            forge(wire, "server", b"354 Go on\r\n")
        forge(wire, "server", b"354 Go on\r\n")
        session(wire)


def burst(report, name, family):
    with report.case(f"{name}: a window of the client's comes from the "
                     "server's link before the route changes, and SYN/ACKs in "
                     "the server's name: its session goes on"), \
            counted(segments_forged=4 * STRAYS, resets=0, messages=1,
                    refused_EXPN=1), Wire(family) as wire:
        wire.command(NOOP, OK)
        forged_by_server = wire.server.frame(wire.client.segment(EXPN))
        forged_by_client = wire.client.frame(
            wire.server.segment(at=99, flags="SA"))
        for _ in range(2 * STRAYS):
            wire.server.put_frame(forged_by_server)
            wire.client.put_frame(forged_by_client)
            time.sleep(0.01)
        session(wire)


def owed(report, name, family):
    with report.case(f"{name}: not while a final reply is owed: it passes, "
                     "and the session is reset after it"), \
            counted(segments_forged=2 * STRAYS + 1, resets=1, messages=1), \
            Wire(family) as wire:
        into_message(wire)
        wire.client.send(b"text\r\n.\r\n")
        wire.server.expect(b"text\r\n.\r\n")
        forge(wire, "client", *[EXPN] * 2 * STRAYS)
        wire.server.send(OK)
        wire.client.expect(OK)
        forge(wire, "client", EXPN)
        for end in (wire.client, wire.server):
            insist_on_reset(end)


def watched(report):
    with report.case("profile=monitor: all of them pass, counted"), \
            parameters(profile="monitor"), \
            counted(segments_forged=STRAYS), Wire() as wire:
        forge(wire, "client", *[EXPN] * STRAYS)
        for _ in range(STRAYS):
            wire.server.expect(EXPN, at=0)
    with report.case("enabled=N: what comes from the other side's link "
                     "passes"), counted(segments_forged=0), Wire() as wire:
        bed.set_parameter("enabled", "N")
        try:
            forge(wire, "client", NOOP)
            wire.server.expect(NOOP)
        finally:
            bed.set_parameter("enabled", "Y")
