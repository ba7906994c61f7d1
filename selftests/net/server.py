# SPDX-License-Identifier: GPL-2.0
"""An SMTP server that answers from a table and records every octet.

    with Server("server", ports=(25,)) as server, Talk(server) as talk:
        talk.expect("NOOP", "250")
        talk.session.octets         what the server has received
        talk.session.lines          the command lines it read in there

It is careless on purpose: it obeys every verb, also those that no guard lets
through, and takes a bare LF for a line end. Octets are recorded before the
reply to them is sent, so who has the reply may look at the record.
"""

import contextlib
import dataclasses
import socket
import threading
from collections.abc import Callable

from bed import inside

DEADLINE = 20
LINE_MAX = 2048
AUTH_LINE_MAX = 12288

GREETING = b"220 mail.example.org ESMTP ready\r\n"
UNKNOWN = b"500 5.5.2 What?\r\n"
TOO_LONG = b"500 5.5.2 Line too long\r\n"
# A record whose last octets end a line, for clients that read lines.
SERVER_HELLO = b"\x16\x03\x03\x00\x06\x02llo\r\n"
QUEUED = b"250 2.0.0 Queued\r\n"
AUTHENTICATED = b"235 2.7.0 Welcome\r\n"

REPLIES = {
    b"ATRN": b"250 2.0.0 ATRN\r\n",
    b"AUTH": b"535 5.7.8 No\r\n",
    b"BDAT": b"250 2.0.0 BDAT\r\n",
    b"BURL": b"250 2.0.0 BURL\r\n",
    b"DATA": b"354 Go on\r\n",
    b"EHLO": (b"250-mail.example.org\r\n250-PIPELINING\r\n"
              b"250-SIZE 10240000\r\n250-CHUNKING\r\n250 8BITMIME\r\n"),
    b"ETRN": b"250 2.0.0 ETRN\r\n",
    b"EXPN": b"250 2.0.0 EXPN\r\n",
    b"HELO": b"250 mail.example.org\r\n",
    b"HELP": b"214 2.0.0 HELP\r\n",
    b"LHLO": b"250 mail.example.org\r\n",
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"NOOP": b"250 2.0.0 Ok\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n",
    b"SAML": b"250 2.0.0 SAML\r\n",
    b"SEND": b"250 2.0.0 SEND\r\n",
    b"SOML": b"250 2.0.0 SOML\r\n",
    b"STARTTLS": b"454 4.7.0 Not now\r\n",
    b"TURN": b"250 2.0.0 TURN\r\n",
    b"VRFY": b"250 2.0.0 VRFY\r\n",
    b"X-ANONYMOUSTLS": b"454 4.7.0 Not now\r\n",
    b"X-EXPS": b"535 5.7.8 No\r\n",
    b"XCLIENT": b"250 2.0.0 XCLIENT\r\n",
    b"XEXCH50": b"250 2.0.0 XEXCH50\r\n",
    b"XFORWARD": b"250 2.0.0 XFORWARD\r\n",
}


def whole(octets):
    """Octets in one piece."""
    return [octets]


def single(octets):
    """Octets one by one."""
    return [octets[at:at + 1] for at in range(len(octets))]


@dataclasses.dataclass
class Script:
    """What a server says, and when.

    `replies` holds what is different from REPLIES, `cut` makes the segments
    of a reply, and the greeting waits for the event `ready`."""

    greeting: bytes = GREETING
    replies: dict = dataclasses.field(default_factory=dict)
    cut: Callable = whole
    ready: threading.Event | None = None

    def reply(self, line):
        """The verb of a command line, and the reply to it."""
        verb = b"".join(line.split()[:1]).upper()
        limit = AUTH_LINE_MAX if verb in (b"AUTH", b"X-EXPS") else LINE_MAX
        if len(line) > limit:
            return verb, TOO_LONG
        return verb, {**REPLIES, **self.replies}.get(verb, UNKNOWN)


class Dialogue:
    """What a server reads in a stream of octets, and what it says to it.

    `octets` are all that came, `said` all that was said, `lines` the command
    lines with their ends, `messages` the texts with their end of data. Each
    reply is handed to `say`."""

    def __init__(self, script, say):
        self.octets = bytearray()
        self.said = bytearray()
        self.lines = []
        self.messages = []
        self.script = script
        self._say = say
        self._unread = b""
        self._read = self._command

    @property
    def over(self):
        """The client has quit."""
        return not self._read

    def say(self, reply):
        self.said += reply
        self._say(reply)

    def take(self, data):
        """Read what came."""
        self._unread += data
        self.octets += data
        while self._read and self._read():
            pass

    # Each of these takes one piece off what is unread, if there is one.

    def _line(self):
        line, end, rest = self._unread.partition(b"\n")
        if end:
            self._unread = rest
        return line + end if end else None

    def _command(self):
        line = self._line()
        if line is None:
            return False
        self.lines.append(line)
        verb, reply = self.script.reply(line)
        self._read = self._after(verb, reply)
        self.say(reply)
        return True

    def _after(self, verb, reply):
        if verb == b"QUIT":
            return None
        return {(b"DATA", b"354"): self._message,
                (b"AUTH", b"334"): self._response,
                (b"X-EXPS", b"334"): self._response,
                (b"STARTTLS", b"220"): self._handshake,
                (b"X-ANONYMOUSTLS", b"220"): self._handshake}.get(
                    (verb, reply[:3]), self._command)

    def _response(self):
        if self._line() is None:
            return False
        self._read = self._command
        self.say(AUTHENTICATED)
        return True

    def _message(self):
        # The line end before the text is the one of DATA.
        text, end, rest = (b"\r\n" + self._unread).partition(b"\r\n.\r\n")
        if not end:
            return False
        self._unread = rest
        self.messages.append((text + end)[2:])
        self._read = self._command
        self.say(QUEUED)
        return True

    def _handshake(self):
        """Answers the client's first record."""
        header = self._unread[:5]
        if len(self._unread) < 5 + int.from_bytes(header[3:], "big"):
            return False
        self._read = self._opaque
        self.say(SERVER_HELLO)
        return True

    def _opaque(self):
        self._unread = b""
        return False


class Session(Dialogue):
    """One connection as the server sees it; `end` is None, "closed" or
    "reset"."""

    def __init__(self, connection, script):
        super().__init__(script, self._send)
        self.end = None
        self._connection = connection
        self._changed = threading.Condition()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._run, daemon=True).start()

    def wait(self, condition, what):
        """Wait until condition() holds; fail with what if it does not."""
        with self._changed:
            if not self._changed.wait_for(condition, DEADLINE):
                raise AssertionError(
                    f"{what}: end {self.end}, got {bytes(self.octets)!r}")

    def wait_end(self):
        """How the connection ended: "closed" or "reset"."""
        self.wait(lambda: self.end, "the connection did not end")
        return self.end

    def _run(self):
        end = "closed"
        try:
            if self.script.ready:
                self.script.ready.wait(DEADLINE)
            self.say(self.script.greeting)
            while not self.over:
                data = self._connection.recv(65536)
                if not data:
                    break
                self.take(data)
        except ConnectionError:
            end = "reset"
        self._connection.close()
        with self._changed:
            self.end = end
            self._changed.notify_all()

    def take(self, data):
        super().take(data)
        with self._changed:
            self._changed.notify_all()

    def _send(self, reply):
        for piece in self.script.cut(reply):
            self._connection.send(piece, socket.MSG_EOR)


class Server:
    """Listens on ports in a network namespace, for both families."""

    def __init__(self, namespace="server", ports=(25,)):
        self.script = Script()
        self._sessions = {}
        self._changed = threading.Condition()
        self._listeners = []
        for port in ports:
            with inside(namespace):
                self._listeners.append(self.listen(port))
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=(listener,),
                             daemon=True).start()

    def listen(self, port):
        """A socket that listens on a port."""
        return socket.create_server(
            ("::", port), family=socket.AF_INET6, backlog=200,
            dualstack_ipv6=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for listener in self._listeners:
            # Wakes the thread that accepts; to close alone would not.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                connection, peer = listener.accept()
                session = Session(connection, self.script)
                with self._changed:
                    self._sessions[_key(peer)] = session
                    self._changed.notify_all()

    def session(self, client):
        """The session with a client's address; asked for once, for ports are
        used again."""
        key = _key(client)
        with self._changed:
            if not self._changed.wait_for(lambda: key in self._sessions,
                                          DEADLINE):
                raise AssertionError(f"no session with {key}")
            return self._sessions.pop(key)

    @contextlib.contextmanager
    def saying(self, **changes):
        """Follow another script in sessions that begin in this block."""
        before = self.script
        self.script = Script(**changes)
        try:
            yield self
        finally:
            self.script = before


def _key(address):
    return address[0].removeprefix("::ffff:"), address[1]
