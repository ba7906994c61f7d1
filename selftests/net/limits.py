# SPDX-License-Identifier: GPL-2.0
"""What a session takes of memory, phase by phase; and where there is no more,
which sessions give way, and what a new one gets."""

import contextlib
import socket
import subprocess
import time

import bed
import slabs
from memory import CLOSED, crowd
from talk import SERVER, Talk, counted, many_sockets, parameters

PORT = 2600
DEADLINE = 60
GREETING = b"220 mail.example.org ESMTP\r\n"
CLIENT_HELLO = b"\x16\x03\x01\x00\x05\x01ello"
SERVER_HELLO = b"\x16\x03\x03\x00\x05\x02ello"
# Octets of a command line and of a reply (RFC 5321 section 4.5.3.1).
LINE = 512
SAMPLE = 64
# More than there is memory for in one MiB, the least that max_memory takes.
CROWD = 2000
# Many of these fit into an eighth of that.
LITTLE = 10
# A silent session keeps what it has for so long; and may think for so long.
SILENCE = 60
PAUSE = 5
# Both tables of flows are between three and six eighths full, and a place in
# them takes eight octets.
HASH = 2 * 8 * 8 / 3
# Octets that a session may take, its place in the tables included.
MOST = {"nothing was said": 768, "commands of 512 octets": 2560,
        "silent for a minute": 768, "TLS": 512, "both ends have closed": 128}


class Pair:
    """A connection, both of its ends here."""

    def __init__(self, listener):
        with bed.inside("client"):
            self.client = socket.socket()
        self.client.settimeout(DEADLINE)
        self.client.connect((SERVER["IPv4"], PORT))
        self.server, _ = listener.accept()
        self.server.settimeout(DEADLINE)

    def close(self):
        self.client.close()
        self.server.close()

    def reply(self, data):
        """The server says something."""
        _pass(self.server, self.client, data)

    def command(self, data, reply):
        """The client says something, and the server answers."""
        _pass(self.client, self.server, data)
        self.reply(reply)

    def greet(self):
        self.reply(GREETING)
        return self


def _pass(source, target, data):
    source.sendall(data)
    got = b""
    while len(got) < len(data):
        piece = target.recv(len(data) - len(got))
        assert piece, f"ended after {got!r}"
        got += piece
    assert got == data, f"{got!r} came for {data!r}"


@contextlib.contextmanager
def pairs():
    """A function that makes connections, which are closed at the end."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(many_sockets(4 * CROWD))
        with bed.inside("server"):
            listener = stack.enter_context(
                socket.create_server(("", PORT), backlog=CROWD))
        listener.settimeout(DEADLINE)

        def make():
            pair = Pair(listener)
            stack.callback(pair.close)
            return pair

        yield make


def run(report, server):
    with parameters(ports=f"25,{PORT}"):
        sizes(report)
    eviction(report)
    full(report, server)


def sizes(report):
    """The table, and that no phase takes more than it may."""
    found = {}
    slabs.left()
    empty = slabs.octets()

    def note(phase):
        found[phase] = (slabs.octets() - empty) / SAMPLE + HASH

    with pairs() as make:
        sample = [make() for _ in range(SAMPLE)]
        note("nothing was said")
        for pair in sample:
            pair.greet()
            pair.command(b"NOOP " + b"a" * (LINE - 7) + b"\r\n",
                         b"250 " + b"a" * (LINE - 6) + b"\r\n")
        note("commands of 512 octets")
        time.sleep(SILENCE + 3)
        note("silent for a minute")
        for pair in sample:
            pair.command(b"STARTTLS\r\n", b"220 go\r\n")
            pair.command(CLIENT_HELLO, SERVER_HELLO)
        # the last octets in clear are acknowledged
        time.sleep(1)
        for pair in sample:
            pair.command(CLIENT_HELLO, SERVER_HELLO)
        note("TLS")
        for pair in sample:
            pair.close()
        time.sleep(1)
        note("both ends have closed")
    for phase, octets in found.items():
        with report.case(f"a session takes {octets:.0f} octets of memory: "
                         f"{phase}; {MOST[phase]} at most"):
            assert octets <= MOST[phase]


def _busy(pair):
    """A session in the middle of a line."""
    pair.greet()
    _pass(pair.client, pair.server, b"NO")
    return pair


def _grown(before, name):
    """By how much a counter has grown."""
    return bed.stats()[name] - before[name]


def _is_reset(pair):
    """Are both ends of a session that said nothing more?"""
    try:
        pair.command(b"NOOP\r\n", b"250 ok\r\n")
    except ConnectionResetError:
        return True
    return False


def eviction(report):
    with report.case("memory is short: sessions give way in which nothing is "
                     "under way, and are reset; one in the middle of a line, "
                     "of a mail or of a message is not"), \
            parameters(ports=f"25,{PORT}", max_memory="1"), pairs() as make:
        line = _busy(make())
        mail = make().greet()
        mail.command(b"MAIL FROM:<>\r\n", b"250 ok\r\n")
        message = make().greet()
        message.command(b"DATA\r\n", b"354 go\r\n")
        _pass(message.client, message.server, b"text\r\n")
        idle = make().greet()
        time.sleep(PAUSE + 1)
        before = bed.stats()
        crowd = [make().greet() for _ in range(CROWD)]
        assert _grown(before, "sessions_evicted"), "none gave way"
        assert _is_reset(idle), "it was not the one that was silent"
        assert not _is_reset(crowd[-1])
        line.command(b"OP\r\n", b"250 ok\r\n")
        mail.command(b"RCPT TO:<a@b>\r\n", b"250 ok\r\n")
        message.command(b".\r\n", b"250 ok\r\n")
    with report.case("memory is short: sessions under TLS give way first, and "
                     "go on as before"), \
            parameters(ports=f"25,{PORT}", max_memory="1"), pairs() as make:
        tls = [make().greet() for _ in range(SAMPLE)]
        for pair in tls:
            pair.command(b"STARTTLS\r\n", b"220 go\r\n")
            pair.command(CLIENT_HELLO, SERVER_HELLO)
        time.sleep(PAUSE + 1)
        for pair in tls:
            pair.command(CLIENT_HELLO, SERVER_HELLO)
        before = bed.stats()
        busy = []
        while not _grown(before, "sessions_evicted"):
            busy += [_busy(make()) for _ in range(LITTLE)]
            assert len(busy) < CROWD, "there is memory for all"
        # there is no need for more of them until there are more sessions
        busy += [_busy(make()) for _ in range(LITTLE)]
        time.sleep(1)
        grown = _grown(before, "sessions_evicted")
        assert grown == SAMPLE, f"{grown} gave way"
        for pair in busy:
            pair.command(b"OP\r\n", b"250 ok\r\n")
        for pair in tls:
            pair.command(b"EXPN root\r\n", b"250 no command\r\n")


def full(report, server):
    with report.case("full=defer: where all are in the middle of something, a "
                     "new one waits until there is memory"), \
            parameters(ports=f"25,{CLOSED}", max_memory="1"), \
            counted(sessions_unguarded=0, sessions_evicted=0):
        with bed.inside("client"):
            waiting = socket.socket()
        with waiting:
            waiting.setblocking(False)
            with crowd():
                before = bed.stats()
                waiting.connect_ex((SERVER["IPv4"], 25))
                end = time.monotonic() + DEADLINE
                while not _grown(before, "sessions_deferred"):
                    assert time.monotonic() < end, "it does not wait"
                    time.sleep(0.1)
            waiting.settimeout(DEADLINE)
            assert waiting.recv(4) == b"220 "
    with report.case("full=pass: it passes to its end, also when there is "
                     "memory again; that is counted and told"), \
            parameters(ports=f"25,{CLOSED}", max_memory="1", full="pass"):
        with crowd():
            # those of the crowd that did not get in do not try again
            time.sleep(2)
            with counted(sessions_unguarded=1):
                talk = Talk(server)
        with talk:
            assert "passes unguarded" in _kernel_log()
            talk.expect("EXPN root", "250")
            bed.set_parameter("max_memory", "64")
            talk.expect("EXPN root", "250")
            talk.insist_on_equal()
        with Talk(server) as talk:
            talk.expect("EXPN root", "500")


def _kernel_log():
    return subprocess.run(["dmesg"], check=True, capture_output=True,
                          text=True, errors="replace").stdout
