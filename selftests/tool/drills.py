# SPDX-License-Identifier: GPL-2.0
"""Incidents: for each something is planted that makes sessions go wrong, and
two commands at most must name it, and none of the others."""

import contextlib
import re
import resource
import socket
import subprocess
import tempfile
import time

import bed
from follower import Follower
from wire import SERVER, Wire

MOST_COMMANDS = 2
DEADLINE = 60
CROWD = 4000
BATCH = 100
HELO = (b"HELO client.example", b"250 hi")
MAIL = (b"MAIL FROM:<a@example>", b"250 ok")
RCPT = (b"RCPT TO:<b@example>", b"250 ok")
DATA = (HELO, MAIL, RCPT, (b"DATA", b"354 go"))
END = b"text\r\n.\r\n"

NOTRACK = """
table inet smtpguard_drill {
	chain prerouting {
		type filter hook prerouting priority raw;
		notrack
	}
}
"""


class Desk:
    """Whoever looks for the cause: the commands, and all that they print."""

    def __init__(self, cause):
        self.cause = cause
        self.commands = []
        self.text = ""

    def _note(self, words):
        self.commands.append(" ".join(words))
        assert len(self.commands) <= MOST_COMMANDS, self.commands

    def ask(self, *words):
        """A command that answers."""
        self._note(words)
        self.text += subprocess.run(
            ["smtpguard", *words], check=True, capture_output=True, text=True,
            timeout=60).stdout

    @contextlib.contextmanager
    def follow(self, *options):
        """A log, followed in a block, and on until it names the cause."""
        self._note(("log", *options))
        with Follower(*options) as follower:
            yield
            while not re.search(self.cause, self.text):
                self.text += f"{follower.line()}\n"
            self.text += follower.stop()[1]


def tool(*words):
    """What somebody does to the router."""
    subprocess.run(["smtpguard", *words], check=True, capture_output=True)


@contextlib.contextmanager
def session(*dialogue):
    """A greeted session, and what is said in it."""
    with Wire() as wire:
        wire.server(b"220 mx\r\n")
        for line, reply in dialogue:
            wire.command(line, reply)
        yield wire


def hidden_capability(desk):
    """Notifications are not asked for any more."""
    tool("set", "capabilities=-DSN")
    with desk.follow(), session((b"EHLO client.example",
                                 b"250-mx\r\n250 DSN")):
        pass


def limit(desk):
    """Mail of one sender is refused."""
    tool("set", "max_path=256")
    with desk.follow("--alerts"), session(
            HELO, (b"MAIL FROM:<" + b"a" * 300 + b"@example>", b"501 no")):
        pass


def smuggling(desk):
    """Sessions of one sender are reset."""
    tool("set", "end_of_data=reset")
    with desk.follow("--alerts"), session(*DATA) as wire:
        wire.say(b"text\n.\nMAIL FROM:<c@example>\r\n")


def broken_off(desk):
    """A sender says that mail was lost at the end of data."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as kept:
        with Follower("--json", "--messages", "--alerts") as follower:
            with session(*DATA) as wire:
                wire.client(END)
            kept.writelines(f"{line}\n"
                            for line in follower.until('"message"'))
            kept.flush()
        desk.ask("why", "192.0.2.2", kept.name)


@contextlib.contextmanager
def other_route():
    """What the server sends goes by another link."""
    def run(*words):
        subprocess.run(["ip", *words], check=True)
    run("link", "add", "drill0", "netns", "client", "type", "veth", "peer",
        "name", "drill1", "netns", "server")
    try:
        run("-n", "client", "link", "set", "drill0", "up")
        run("-n", "server", "link", "set", "drill1", "up")
        run("-n", "server", "route", "add", "192.0.2.2/32", "dev", "drill1")
        yield
    finally:
        run("-n", "client", "link", "delete", "drill0")


def route(desk):
    """Sessions are reset at their first command."""
    with other_route(), contextlib.suppress(OSError, TimeoutError), \
            Wire() as wire:
        wire.server(b"220 mx\r\n")
        wire.say(b"HELO client.example\r\n")
        wire.server(b"250 hi\r\n")
    desk.ask("status", "--explain")


def memory(desk):
    """Sessions hang, or are lost."""
    tool("set", "max_memory=1")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.ExitStack() as stack:
        with bed.inside("server"):
            stack.enter_context(socket.create_server(("", 25), backlog=CROWD))
        end = time.monotonic() + DEADLINE
        while not any(bed.stats()[name] for name in (
                "sessions_deferred", "sessions_evicted")):
            assert time.monotonic() < end, "there is memory for all"
            with bed.inside("client"):
                for _ in range(BATCH):
                    client = stack.enter_context(socket.socket())
                    client.setblocking(False)
                    client.connect_ex((SERVER[socket.AF_INET], 25))
        desk.ask("status", "--explain")


def stripped(desk):
    """Senders that insist on TLS keep their mail."""
    tool("set", "starttls=deny")
    with desk.follow(), session((b"EHLO client.example",
                                 b"250-mx\r\n250 STARTTLS")):
        pass


def profile(desk):
    """All mail comes without extensions."""
    tool("profile", "mailguard")
    desk.ask("status")
    with desk.follow("--alerts"), session((b"EHLO client.example",
                                           b"500 what")):
        pass


def changed(desk):
    """Since a while sessions are reset that were not."""
    with desk.follow("--alerts"):
        tool("set", "refuse=reset")


def stalled(desk):
    """Mail of one sender does not get through, and nobody says why."""
    with contextlib.ExitStack() as stack, desk.follow("--stall", "1"):
        stack.enter_context(session(*DATA)).client(END)


def repeated(desk):
    """Users get the same message again and again."""
    with desk.follow("--stall", "60"):
        for _ in range(2):
            with session(*DATA) as wire:
                wire.client(END)
                wire.server(b"250 queued\r\n")


def unguarded(desk):
    """Mail passes, and there are no sessions."""
    subprocess.run(["nft", "-f", "-"], input=NOTRACK, text=True, check=True)
    try:
        with session(HELO):
            desk.ask("flows")
            desk.ask("status", "--explain")
    finally:
        subprocess.run(["nft", "delete", "table", "inet", "smtpguard_drill"],
                       check=True)


def disabled(desk):
    """What was refused passes."""
    tool("set", "enabled=N")
    with session((b"EXPN root", b"250 root")):
        desk.ask("status", "--explain")


# What each cause is called, and nothing else.
CAUSES = {
    hidden_capability: "250 DSN .*capability hidden, by capabilities",
    limit: "path too long, by max_path=256",
    smuggling: "ambiguous end of data, by end_of_data=reset",
    broken_off: "the session ended without a final reply",
    route: "segments_one_way .*(\n.*)helps: both directions must cross",
    memory: "sessions_(deferred|evicted) .*(\n.*)helps: more max_memory",
    stripped: "250 STARTTLS .*capability hidden, by starttls=deny",
    profile: "profile +mailguard",
    changed: "refuse=reset, was mask, by user 0",
    stalled: "no final reply to the end of data, after",
    repeated: "the same again, as in session",
    unguarded: "packets_unguarded .*(\n.*)helps: .*placement",
    disabled: "nothing is guarded(\n.*)helps: smtpguard set enabled=Y",
}


def run(report):
    for drill, cause in CAUSES.items():
        with report.case(f"drill: {drill.__name__}: its cause is named, and "
                         "no other"):
            # each begins with counters that are 0, and with the defaults
            bed.unload()
            bed.load()
            desk = Desk(cause)
            drill(desk)
            found = [other.__name__ for other, pattern in CAUSES.items()
                     if re.search(pattern, desk.text)]
            assert found == [drill.__name__], \
                f"{desk.commands} name {found}, not {cause!r}:\n{desk.text}"
