# SPDX-License-Identifier: GPL-2.0
"""A client's session with the recording server, seen from both ends, and what
all groups of cases need: cuts, counters, parameters, many at a time."""

import concurrent.futures
import contextlib
import json
import os
import resource
import subprocess

import bed
from follower import Follower
from server import DEADLINE, whole, single

# What is reset wherever a command may stand.
HOSTILE = b"XEXCH50 3 2\r\nabc"
SERVER = {"IPv4": "198.51.100.2", "IPv6": "2001:db8:2::2"}
PROFILES = ("esmtp", "mailguard")
# So many sessions at a time keep two processors busy.
CROWD = 8


class _Tee:
    """Keeps all that is read from a file."""

    def __init__(self, file, kept):
        self._file = file
        self._kept = kept

    def readline(self):
        line = self._file.readline()
        self._kept += line
        return line

    def close(self):
        self._file.close()


class Talk(bed.Client):
    """A client, what it has sent and received, and its session at the
    server. The pieces of `early` are sent before the greeting is read."""

    def __init__(self, server, port=25, namespace="client",
                 address=SERVER["IPv4"], early=(), source=None):
        self.sent = bytearray()
        self.received = bytearray()
        self.server = server
        self._early = early
        self._started = False
        super().__init__(address, port, namespace, timeout=DEADLINE,
                         source=source)
        self.session = server.session(self.socket.getsockname())

    def send(self, *pieces):
        for piece in pieces:
            self.sent += piece
        super().send(*pieces)

    def reply(self):
        if not self._started:
            self._started = True
            self.lines = _Tee(self.lines, self.received)
            self.send(*self._early)
        return super().reply()

    def insist(self, code):
        """The next reply must have this code."""
        answer = self.reply()
        if not answer[-1].startswith(code.encode()):
            raise AssertionError(f"{answer!r}, not {code}; the server got "
                                 f"{bytes(self.session.octets)!r}")

    def say(self, code, *pieces):
        """Send pieces of one command; its reply must have this code."""
        self.send(*pieces)
        self.insist(code)

    def open_message(self):
        """Up to the 354."""
        self.expect("MAIL FROM:<a@example.net>", "250")
        self.expect("RCPT TO:<b@example.org>", "250")
        self.expect("DATA", "354")

    def insist_on_reset(self, *pieces):
        """Send pieces, to which both ends must see a reset, and the client no
        more replies. It may come before the last piece is sent."""
        try:
            self.send(*pieces)
            line = self.lines.readline()
        except ConnectionResetError:
            end = self.session.wait_end()
            assert end == "reset", f"the server's end was {end}"
        else:
            raise AssertionError(f"the client was not reset, got {line!r}")

    def insist_on_equal(self):
        """All that was sent must have come, and nothing else."""
        self.session.wait(lambda: len(self.session.octets) >= len(self.sent),
                          f"not all of {bytes(self.sent)!r} came")
        assert self.session.octets == self.sent, (
            f"sent {bytes(self.sent)!r}\n got {bytes(self.session.octets)!r}")


def halves(octets):
    """Every way to cut octets in two."""
    for at in range(1, len(octets)):
        yield [octets[:at], octets[at:]]


def simple_cuts(octets):
    """Octets whole, cut in two at each place, and one by one."""
    yield whole(octets)
    yield from halves(octets)
    yield single(octets)


def tracked(client, port, *options):
    """The lines in which conntrack lists a connection, by its client's address
    and the port it was made to. Other ones may have the client's port, too, and
    one may be listed twice where conntrack's table changes meanwhile."""
    family = "ipv6" if ":" in client[0] else "ipv4"
    return subprocess.run(
        ["conntrack", "-L", "-f", family, "-p", "tcp", "--orig-src", client[0],
         "--orig-port-src", str(client[1]), "--orig-port-dst", str(port),
         *options], check=True, capture_output=True, text=True
    ).stdout.splitlines()


@contextlib.contextmanager
def counted(**expected):
    """Insist that counters grow by as much as expected in a block."""
    before = bed.stats()
    yield
    after = bed.stats()
    grown = {name: after[name] - before[name] for name in expected}
    assert grown == expected, f"counters grew by {grown}, not {expected}"


@contextlib.contextmanager
def told(reason):
    """Insist that the log says why something is refused in a block."""
    with Follower("--json") as log:
        yield
        event = json.loads(log.until('"event":"refusal"')[-1])
    assert event["reason"] == reason, f"{event}, not {reason}"


@contextlib.contextmanager
def many_sockets(count):
    """This program may have so many open, for the time of a block."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def parameters(**values):
    """Write parameters, in this order; afterwards all have their default."""
    try:
        for name, value in values.items():
            bed.set_parameter(name, value)
        yield
    finally:
        defaults()


def default_memory():
    """MiB: as much as RAM allows."""
    with open("/proc/meminfo", encoding="ascii") as file:
        ram = next(int(line.split()[1]) for line in file
                   if line.startswith("MemTotal:"))
    return str(min(max(ram // 1024 // 16, 1), 256))


def defaults():
    """Give all parameters their default."""
    for name, value in (("profile", "esmtp"), ("enabled", "Y"),
                        ("namespaces", "init"), ("ports", "25"),
                        ("mark", "0"), ("tls_ports", "465"),
                        ("proxy_protocol", "refuse"),
                        ("max_memory", default_memory()), ("full", "defer"),
                        ("max_unacknowledged", "32768")):
        bed.set_parameter(name, value)


def parameter(name):
    """A parameter's value."""
    path = os.path.join(bed.PARAMETERS, name)
    with open(path, encoding="ascii") as file:
        return file.read().removesuffix("\n")


def field(name):
    """The values of a field in the information of the module's file."""
    return subprocess.run(
        ["modinfo", "-F", name, os.environ["SMTPGUARD_KO"]], check=True,
        capture_output=True, text=True).stdout.splitlines()


def many(function, items):
    """Call function with each of items, many at a time; the results in the
    order of items."""
    with concurrent.futures.ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(function, items))
