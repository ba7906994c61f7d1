# SPDX-License-Identifier: GPL-2.0
"""What an owner does to a live router, and what befalls it."""

import collections
import json
import random
import subprocess
import threading

MODULE = "smtpguard"
PARAMETERS = f"/sys/module/{MODULE}/parameters"
FAILSLAB = "/sys/kernel/debug/failslab"
# None of these may cost a message.
SETTINGS = (
    ("profile", ("esmtp", "monitor", "esmtp")),
    ("enabled", ("N", "Y")),
    ("ports", ("2525", "25", "25,587")),
    ("end_of_data", ("accept", "reset", "defang")),
    ("bare_newline", ("defang", "accept")),
    ("refuse", ("reset", "mask")),
    ("pipelining", ("accept",)),
    ("command_order", ("refuse", "accept")),
    ("desync", ("reset", "log")),
    ("midstream", ("accept", "resync")),
    ("capabilities", ("", "SIZE", "SIZE PIPELINING")),
    ("max_unacknowledged", ("2048", "65535")),
    ("max_memory", ("1", "256")),
    ("greeting", ("mask", "keep")),
)
LOSS = ("loss 1%", "loss 5%", "delay 5ms reorder 75%",
        "duplicate 5%", "corrupt 1%")
LINKS = ("client0", "server0")
IN_CLIENT = ("ip", "netns", "exec", "client")
IN_SERVER = ("ip", "netns", "exec", "server")


def call(*command):
    """Run a program that must not fail."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def write(path, value):
    """Write a file of the kernel's."""
    with open(path, "wb", buffering=0) as file:
        file.write(str(value).encode("ascii"))


class Chaos:
    """Does one thing after the other, by chance, until it is stopped."""

    def __init__(self, path, tool, seed):
        self.done = collections.Counter()
        self.failures = 0
        self.problem = None
        self._path = path
        self._tool = tool
        self._random = random.Random(seed)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._actions = (self._reload, self._tune, self._tune, self._flush,
                         self._namespace, self._lose, self._fail)

    def start(self):
        """Begin."""
        self._aim_failures()
        self._thread.start()

    def stop(self):
        """End, and leave a router as it was."""
        self._stopped.set()
        self._thread.join()
        self._calm()

    def deny_memory(self):
        """Let no allocation succeed that the module asks for."""
        write(f"{FAILSLAB}/probability", 100)

    def grant_memory(self):
        """Let all succeed."""
        write(f"{FAILSLAB}/probability", 0)

    def count_failures(self):
        """Take the module's counts, which go with it. It guards what the
        ends send as well as what the router forwards."""
        for place in (), IN_CLIENT, IN_SERVER:
            output = subprocess.run([*place, self._tool, "stats", "--json"],
                                    check=True, capture_output=True,
                                    text=True).stdout
            self.failures += json.loads(output)["allocation_failures"]

    def _run(self):
        try:
            while not self._stopped.wait(self._random.uniform(0, 0.5)):
                action = self._random.choice(self._actions)
                action()
                self.done[action.__name__[1:]] += 1
        except Exception as problem:  # told by who waits for the end
            self.problem = problem

    def _reload(self):
        self.grant_memory()
        self.count_failures()
        call("rmmod", MODULE)
        call("insmod", self._path)
        self._aim_failures()

    def _tune(self):
        name, values = self._random.choice(SETTINGS)
        write(f"{PARAMETERS}/{name}", self._random.choice(values))

    def _flush(self):
        call("conntrack", "-F")

    def _namespace(self):
        # without memory for its counters there would be none
        self.grant_memory()
        call("ip", "netns", "add", "passing")
        call("ip", "-n", "passing", "link", "set", "lo", "up")
        call("ip", "netns", "delete", "passing")

    def _lose(self):
        link = self._random.choice(LINKS)
        call("tc", "qdisc", "replace", "dev", link, "root", "netem",
             *self._random.choice(LOSS).split())

    def _fail(self):
        write(f"{FAILSLAB}/probability", self._random.choice((0, 5, 50)))

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
        size = subprocess.run(["size", "-A", self._path], check=True,
                              capture_output=True, text=True).stdout
        return next(int(line.split()[1]) for line in size.splitlines()
                    if line.startswith(".text "))

    def _calm(self):
        self.grant_memory()
        for link in LINKS:
            call("tc", "qdisc", "replace", "dev", link, "root", "pfifo")
        for name, value in (("profile", "esmtp"), ("enabled", "Y"),
                            ("ports", "25"), ("max_memory", "256"),
                            ("max_unacknowledged", "32768")):
            write(f"{PARAMETERS}/{name}", value)
