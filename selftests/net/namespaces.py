# SPDX-License-Identifier: GPL-2.0
"""Network namespaces that are routers and go in the middle of a session:

    left 10.1.0.254 --+-- 10.1.0.N  router N  10.2.0.N --+-- right 10.2.1.N

With namespaces=all each of them guards, and what the module keeps of their
sessions goes with them."""

import contextlib
import socket
import struct
import subprocess
import time

import bed
from failover import untrack
from pickup import flushed, insist_on_cleanup
from placement import Live
from server import Server
from talk import Talk, counted, parameters

ROUTERS = 30
AT_ONCE = 10
DEADLINE = 30
# One MiB, the least that max_memory takes, is enough for fewer sessions.
CROWD = 150
PORT = 2600
MESSAGE = b"x" * 70 + b"\r\n"
ON_THE_WAY = 1 << 16
# close() sends a reset, or it would go on sending what was not acknowledged.
LINGER = struct.pack("ii", 1, 0)

# Lines for ip(8), by the namespace that they are about. A bridge without an
# address of its own takes one of its ports', and another one when that goes.
ENDS = {
    "": """
netns add left
netns add right
""",
    "left": """
link add bridge address 02:00:00:00:00:01 type bridge
link set bridge up
address add 10.1.0.254/24 dev bridge
""",
    "right": """
link add bridge address 02:00:00:00:00:02 type bridge
link set bridge up
address add 10.2.0.254/24 dev bridge
""",
}
# The server has an address for each router, so that the way is clear. That it
# forwards it has from the router at hand.
ROUTER = {
    "": """
netns add router{number}
""",
    "left": """
link add left{number} type veth peer name left netns router{number}
link set left{number} master bridge up
""",
    "right": """
link add right{number} type veth peer name right netns router{number}
link set right{number} master bridge up
address add 10.2.1.{number}/32 dev bridge
rule add from 10.2.1.{number} lookup {table}
route add default via 10.2.0.{number} table {table}
""",
    "router{number}": """
address add 10.1.0.{number}/24 dev left
address add 10.2.0.{number}/24 dev right
link set left up
link set right up
route add 10.2.1.{number} via 10.2.0.254
""",
}


def run(report, server):
    with report.case(f"{ROUTERS} network namespaces that are routers go in the "
                     "middle of the sessions that they carry: nothing is left "
                     "of those, others go on"):
        before = capacity()
        with parameters(namespaces="all"), Live(server) as live, \
                counted(sessions_opened=0, resets=0, sessions_closed=0):
            for first in range(1, ROUTERS + 1, AT_ONCE):
                come_and_go(range(first, first + AT_ONCE), late=first == 1)
                live.wait_for_more()
            insist_on_cleanup()
        after = capacity()
        assert after == before, (
            f"memory was there for {before} sessions, now for {after}")


def ip(steps):
    """Lines for ip(8), by namespace."""
    for namespace, lines in steps.items():
        where = ["-n", namespace] if namespace else []
        subprocess.run(["ip", *where, "-batch", "-"], check=True, text=True,
                       input=lines)


def merged(numbers):
    """The lines that make these routers."""
    steps = {}
    for number in numbers:
        for namespace, lines in ROUTER.items():
            names = {"number": number, "table": 100 + number}
            where = namespace.format(**names)
            steps[where] = steps.get(where, "") + lines.format(**names)
    for number in numbers:
        steps["left"] += f"route add 10.2.1.{number} via 10.1.0.{number}\n"
    return steps


def capacity():
    """So many sessions are opened with the least max_memory."""
    while flushed():
        time.sleep(0.2)
    with contextlib.ExitStack() as stack:
        stack.enter_context(parameters(ports=str(PORT), max_memory="1"))
        with bed.inside("server"):
            stack.enter_context(socket.create_server(("", PORT),
                                                     backlog=CROWD))
        before = bed.stats()
        for _ in range(CROWD):
            with bed.inside("client"):
                client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            client.setblocking(False)
            client.connect_ex(("198.51.100.2", PORT))
        return sessions_since(before)


def sessions_since(before):
    """Wait until each connection is opened or was deferred."""
    end = time.monotonic() + DEADLINE
    while True:
        opened, deferred = (
            bed.stats()[name] - before[name]
            for name in ("sessions_opened", "sessions_deferred"))
        if opened + deferred >= CROWD:
            return opened
        assert time.monotonic() < end, f"{opened} opened, {deferred} deferred"
        time.sleep(0.2)


@contextlib.contextmanager
def routers(numbers):
    """Both ends, and these routers between them, which the block deletes."""
    try:
        ip(ENDS)
        ip(merged(numbers))
        # only the routers are to guard
        for end in ("left", "right"):
            untrack(end)
        yield
    finally:
        for end in ("left", "right"):
            subprocess.run(["ip", "netns", "delete", end], check=True)


def come_and_go(numbers, late):
    """Sessions, in the middle of a message that is being sent; guarded from
    their begin, or late."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(routers(numbers))
        server = stack.enter_context(Server("right"))
        talks = []
        if late:
            bed.set_parameter("enabled", "N")
        for number in numbers:
            talks.append(stack.enter_context(
                Talk(server, namespace="left", address=f"10.2.1.{number}")))
        bed.set_parameter("enabled", "Y")
        for number, talk in zip(numbers, talks):
            start_message(talk)
            with bed.inside(f"router{number}"):
                assert bed.stats()["sessions_opened"] == 1
            ip({"": f"netns delete router{number}"})


def start_message(talk):
    """Send as much as goes; a little is in the way all the time then."""
    talk.open_message()
    talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ON_THE_WAY)
    talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    talk.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            talk.socket.send(MESSAGE * 500)
