# SPDX-License-Identifier: GPL-2.0
"""An SMTP server that takes every ambiguous end of data for an end, so that
no other server can be worse: a line ends at CR, at LF and at CRLF, and a
message at any of these, a dot and any of these, with NULs in between. Of a
message that is too long, of one of its lines, and of a line of an AUTH exchange
it reads what is left as if a line began there; and what begins as a command is
one to it in an exchange, too."""

import re
import socketserver
import sys
import threading

from bed import inside

LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)")
END_OF_DATA = re.compile(rb"(?:\A|[\r\n])\0*\.\0*(?:\r\n|\r|\n)")
LAST_LINE = re.compile(rb"\.\0*(?:\r\n|\r|\n)")
# Octets of a line of a message that are read at once.
LINE_MAX = 100000
# What was searched already is searched from so many octets before its end on.
MARGIN = 64
# Octets of a line of an exchange that are read at once.
EXCHANGE_MAX = 16384
COMMANDS = b"MAIL", b"RCPT", b"DATA", b"QUIT"
REPLIES = {
    b"EHLO": b"250-mail.example.org\r\n250-AUTH LOGIN\r\n250 SIZE %d\r\n",
    b"AUTH": b"334 VXNlcm5hbWU6\r\n",
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
UNKNOWN = b"500 5.5.2 What?\r\n"
QUEUED = b"250 2.0.0 Queued\r\n"
TOO_LARGE = b"552 5.3.4 Too large\r\n"
NO_MAIL = b"503 5.5.1 MAIL first\r\n"
DENIED = b"501 5.5.2 What?\r\n"


class Session(socketserver.BaseRequestHandler):
    """Reads lines and messages off what has come."""

    def handle(self):
        self.unread = b""
        self.searched = 0
        self.mail = False
        self.read = self.command
        try:
            self.request.sendall(b"220 mail.example.org ESMTP\r\n")
            while self.read:
                data = self.request.recv(65536)
                if not data:
                    return
                self.searched = max(0, len(self.unread) - MARGIN)
                self.unread += data
                while self.read and self.read():
                    pass
        except ConnectionError:
            pass

    def take(self, pattern, most=sys.maxsize):
        """The octets up to the end of what pattern matches, if it does in so
        many."""
        match = pattern.search(self.unread, self.searched, most)
        return self.take_all(match.end()) if match else None

    def take_all(self, length):
        """So many octets, if they are there."""
        if len(self.unread) < length:
            return None
        taken, self.unread = self.unread[:length], self.unread[length:]
        self.searched = 0
        return taken

    def command(self):
        """A command line, if there is one."""
        line = self.take(LINE)
        if line is None:
            return False
        self.run(line)
        return True

    def run(self, line):
        """Answer a command line."""
        verb = line[:4].upper()
        # Of CRLF that came in two segments, the LF.
        if not line.strip(b"\r\n"):
            return
        self.mail |= line.upper().startswith(b"MAIL FROM:")
        reply = REPLIES.get(verb, UNKNOWN)
        if verb == b"EHLO":
            reply %= self.server.limit
        if verb in (b"RCPT", b"DATA") and not self.mail:
            reply, verb = NO_MAIL, None
        self.request.sendall(reply)
        self.read = {b"DATA": self.message, b"AUTH": self.exchange,
                     b"QUIT": None}.get(verb, self.command)

    def exchange(self):
        """A line of an exchange, or as much of it as fits."""
        line = self.take(LINE, EXCHANGE_MAX) or self.take_all(EXCHANGE_MAX)
        if line is None:
            return False
        self.read = self.command
        if line.startswith(COMMANDS):
            self.run(line)
        else:
            self.request.sendall(DENIED)
        return True

    def message(self):
        """A message, if its end is there."""
        end = self.end()
        if end is None and self.take_all(self.server.limit):
            self.request.sendall(TOO_LARGE)
            self.read = self.rest
            return True
        if end is None:
            return False
        text = self.take_all(end)
        self.server.mails.append(text.replace(b"\r\n", b"\n"))
        self.request.sendall(QUEUED)
        self.mail = False
        self.read = self.command
        return True

    def end(self):
        """How many octets are up to the end of a message, within the limit."""
        where = self.unread, self.searched, self.server.limit
        ends = [match.end() for match in END_OF_DATA.finditer(*where)]
        ends += [match.end() for match in LAST_LINE.finditer(*where)
                 if match.start() - self.unread.rfind(b"\n", 0, match.start())
                 > LINE_MAX]
        return min(ends, default=None)

    def rest(self):
        """What is left of a message that was too large."""
        if self.take(END_OF_DATA) is None:
            return False
        self.mail = False
        self.read = self.command
        return True


class Listener(socketserver.ThreadingTCPServer):
    """Each session has a thread."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


class Careless:
    """This server, in a network namespace."""

    def __init__(self, namespace, message_size_limit):
        with inside(namespace):
            self._listener = Listener(("", 25), Session)
        self._listener.limit = message_size_limit
        self._listener.mails = []

    def __enter__(self):
        threading.Thread(target=self._listener.serve_forever).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown()
        self._listener.server_close()

    def mails(self):
        """What has come so far."""
        return list(self._listener.mails)

    def queued(self):
        """Nothing is ever on its way."""
        return 0
