# SPDX-License-Identifier: GPL-2.0
"""What an owner does to a live router, and what befalls it."""

import contextlib
import errno
import itertools
import json
import subprocess
import tempfile
import time

from actor import Actor
from mail import GREETING
from router import (CROWDED, ENDS, LINKS, PORT, UPLINK_ADDRESS, call,
                    client_socket, flush, ip, listen, reset_when_closed,
                    within, write)

MODULE = "smtpguard"
PARAMETERS = f"/sys/module/{MODULE}/parameters"
FAILSLAB = "/sys/kernel/debug/failslab"
PAUSE = 0.5
SHORTAGE = 3
# None of these may cost a message.
SETTINGS = (
    ("profile", ("esmtp", "monitor", "esmtp")),
    ("enabled", ("N", "Y")),
    ("namespaces", ("all", "init")),
    ("ports", ("2525", "25", "25,587")),
    ("mark", ("0x1", "0x10/0xf0", "0")),
    ("end_of_data", ("accept", "reset", "defang")),
    ("bare_newline", ("defang", "accept")),
    ("refuse", ("reset", "mask")),
    ("log_envelope", ("hash", "off", "plain")),
    ("pipelining", ("accept",)),
    ("command_order", ("refuse", "accept")),
    ("desync", ("reset", "log")),
    ("midstream", ("accept", "resync")),
    ("capabilities", ("", "SIZE", "SIZE PIPELINING")),
    ("max_unacknowledged", ("2048", "65535")),
    ("max_memory", ("1", "256")),
    ("full", ("pass", "defer")),
    ("greeting", ("mask", "keep")),
)
LOSS = ("loss 1%", "loss 5%", "delay 5ms reorder 75%",
        "duplicate 5%", "corrupt 1%")
# Where conntrack forgets connections, and how often in a row, at most.
PLACES = ("", "", *ENDS)
TIMES = 10
# In a namespace that goes, and how long each may take to begin.
CONNECTIONS = 8
PATIENCE = 3
# More sessions than one MiB has room for, how long all together may take to begin,
# for others wait for memory meanwhile, and for how long they are silent: some could
# give way by then.
CROWD = 1200
RUSH = 10
SILENCE = 7
# In few lines: each is an event, and what is freed in softirqs alone stays in KASAN's
# quarantine, so that a million of events is all memory that there is.
OPENING = (b"EHLO a\r\nMAIL FROM:<a@b>\r\n" +
           (b"NOOP " + b"x" * 493 + b"\r\n") * 12)

# A router that is gone before its number comes again: lines for ip(8), by the
# namespace that they are about.
PASSING = {
    "": """
netns add {name}
link add client netns {name} type veth peer name {name} netns client
link add server netns {name} type veth peer name {name} netns server
""",
    "{name}": """
address add 10.1.{net}.1/24 dev client
address add 10.2.{net}.1/24 dev server
link set client up
link set server up
""",
    "client": """
address add 10.1.{net}.2/24 dev {name}
link set {name} up
route add 10.2.{net}.0/24 via 10.1.{net}.1
""",
    "server": """
address add 10.2.{net}.2/24 dev {name}
link set {name} up
route add 10.1.{net}.0/24 via 10.2.{net}.1
""",
}


class Chaos(Actor):
    """Owner and fate."""

    def __init__(self, path, tool, seed):
        super().__init__(seed, PAUSE)
        self.failures = 0
        self._path = path
        self._tool = tool
        self._nets = itertools.cycle(range(256))
        self._listener = None
        self._told = tempfile.TemporaryFile()

    def actions(self):
        return (self._reload, self._listen, self._leave, self._tune, self._tune, self._flush,
                self._delete, self._namespace, self._masquerade, self._lose,
                self._fail, self._crowd)

    def last_actions(self):
        """The module that is there at the end has seen all the others."""
        return [action for action in self.actions()
                if action != self._reload]

    def start(self):
        self._aim_failures()
        self._listen()
        super().start()

    def stop(self):
        """End, and leave a router as it was."""
        super().stop()
        self._leave()
        self._calm()

    def records(self):
        """Of how many messages was told."""
        self._told.seek(0)
        return sum(b" === " in line for line in self._told)

    def _listen(self):
        """Somebody follows all that is told."""
        self._leave()
        self._listener = subprocess.Popen(
            [self._tool, "log", "--lines", "--messages", "--alerts"],
            stdout=self._told, stderr=subprocess.DEVNULL)

    def _leave(self):
        """And nobody does."""
        if self._listener:
            self._listener.kill()
            self._listener.wait()
        self._listener = None

    def deny_memory(self):
        """Let no allocation succeed that the module asks for."""
        write(f"{FAILSLAB}/probability", 100)

    def grant_memory(self):
        """Let all succeed."""
        write(f"{FAILSLAB}/probability", 0)

    def count_failures(self):
        """Take the module's counts, which go with it. With namespaces=all it
        guards what the ends send as well as what the router forwards."""
        for place in "", *ENDS:
            output = call(*within(place, self._tool, "stats", "--json"))
            self.failures += json.loads(output)["allocation_failures"]

    def counters(self):
        """Those of the router, since the module was loaded."""
        return json.loads(call(self._tool, "stats", "--json"))

    def _reload(self):
        self.grant_memory()
        self.count_failures()
        call("rmmod", MODULE)
        call("insmod", self._path)
        self._aim_failures()

    def _tune(self):
        name, values = self.random.choice(SETTINGS)
        try:
            write(f"{PARAMETERS}/{name}", self.random.choice(values))
        except OSError as problem:
            # namespaces=all needs some in each of them
            if problem.errno != errno.ENOMEM:
                raise

    def _flush(self):
        """Conntrack forgets all connections, again and again."""
        place = self.random.choice(PLACES)
        for _ in range(self.random.randint(1, TIMES)):
            flush(place)

    def _delete(self):
        """Connections are deleted one by one; it is an error if there are
        none."""
        place = self.random.choice(PLACES)
        for _ in range(self.random.randint(1, TIMES)):
            subprocess.run(within(place, "conntrack", "-D", "-p", "tcp",
                                  "--dport", str(PORT)), check=False,
                           capture_output=True)

    def _namespace(self):
        """A router comes, and goes in the middle of what it forwards."""
        # without memory for its counters there would be none
        self.grant_memory()
        write(f"{PARAMETERS}/namespaces", "all")
        net = next(self._nets)
        name = f"passing{net}"
        for namespace, lines in PASSING.items():
            ip(lines.format(name=name, net=net), namespace.format(name=name))
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):
                converse(f"10.2.{net}.2", stack)
            call("ip", "netns", "delete", name)

    def _masquerade(self):
        """The address that others are hidden behind goes, and comes back."""
        if self.random.random() < 0.5:
            ip(f"address delete {UPLINK_ADDRESS} dev uplink0\n")
            time.sleep(self.random.uniform(0, 0.5))
            ip(f"address add {UPLINK_ADDRESS} dev uplink0\n")
        else:
            ip("link set uplink0 down\n")
            time.sleep(self.random.uniform(0, 0.5))
            ip("link set uplink0 up\n")

    def _crowd(self):
        """Sessions that say nothing, until there is no memory for more."""
        write(f"{PARAMETERS}/max_memory", 1)
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(listen(CROWDED))
            end = time.monotonic() + RUSH
            clients = []
            for _ in range(CROWD):
                clients.append(stack.enter_context(client_socket()))
                reset_when_closed(clients[-1])
                clients[-1].setblocking(False)
                clients[-1].connect_ex((CROWDED, PORT))
            with contextlib.suppress(TimeoutError):
                for _ in range(CROWD):
                    listener.settimeout(max(end - time.monotonic(), 0.01))
                    server = stack.enter_context(listener.accept()[0])
                    server.setblocking(False)
                    with contextlib.suppress(OSError):
                        server.send(GREETING)
            time.sleep(self.random.uniform(0, SILENCE))
            for client in clients:
                with contextlib.suppress(OSError):
                    client.send(OPENING)
        write(f"{PARAMETERS}/max_memory", 256)

    def _lose(self):
        link = self.random.choice(LINKS)
        call("tc", "qdisc", "replace", "dev", link, "root", "netem",
             *self.random.choice(LOSS).split())

    def _fail(self):
        """Every other allocation fails, for a moment only: who sends again waits
        twice as long each time."""
        write(f"{FAILSLAB}/probability", 50)
        time.sleep(self.random.uniform(0, SHORTAGE))
        write(f"{FAILSLAB}/probability", self.random.choice((0, 5)))

    def _aim_failures(self):
        """Let the allocations fail that the module asks for, and no others:
        those with its code among their callers."""
        self.grant_memory()
        with open(f"/sys/module/{MODULE}/sections/.text",
                  encoding="ascii") as file:
            start = int(file.read(), 16)
        write(f"{FAILSLAB}/require-start", hex(start))
        write(f"{FAILSLAB}/require-end", hex(start + self._text_size()))
        write(f"{FAILSLAB}/stacktrace-depth", 32)
        write(f"{FAILSLAB}/ignore-gfp-wait", 0)
        write(f"{FAILSLAB}/verbose", 0)
        write(f"{FAILSLAB}/times", -1)

    def _text_size(self):
        size = call("size", "-A", self._path)
        return next(int(line.split()[1]) for line in size.splitlines()
                    if line.startswith(".text "))

    def _calm(self):
        self.grant_memory()
        for link in LINKS:
            call("tc", "qdisc", "replace", "dev", link, "root", "pfifo")
        for name, value in (("profile", "esmtp"), ("enabled", "Y"),
                            ("namespaces", "init"), ("ports", "25"),
                            ("mark", "0"), ("max_memory", "256"),
                            ("full", "defer"),
                            ("max_unacknowledged", "32768")):
            write(f"{PARAMETERS}/{name}", value)


def converse(address, stack):
    """Sessions from the client to a server of this address, all with octets
    under way, until stack is closed."""
    listener = stack.enter_context(listen(address))
    listener.settimeout(PATIENCE)
    for _ in range(CONNECTIONS):
        client = stack.enter_context(client_socket())
        reset_when_closed(client)
        client.settimeout(PATIENCE)
        client.connect((address, PORT))
        server = stack.enter_context(listener.accept()[0])
        reset_when_closed(server)
        server.sendall(GREETING)
        client.sendall(OPENING)
