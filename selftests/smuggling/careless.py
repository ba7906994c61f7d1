# SPDX-License-Identifier: GPL-2.0
"""An SMTP server that takes every ambiguous end of data for an end, so that
no other server can be worse: a line ends at CR, at LF and at CRLF, and a
message at any of these, a dot and any of these, with NULs in between."""

import re
import socketserver
import threading

from bed import inside

LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)")
END_OF_DATA = re.compile(rb"(?:\A|[\r\n])\0*\.\0*(?:\r\n|\r|\n)")
REPLIES = {
    b"EHLO": b"250 mail.example.org\r\n",
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
UNKNOWN = b"500 5.5.2 What?\r\n"
QUEUED = b"250 2.0.0 Queued\r\n"


class Session(socketserver.BaseRequestHandler):
    """Reads lines and messages off what has come."""

    def handle(self):
        self.unread = b""
        self.read = self.command
        try:
            self.request.sendall(b"220 mail.example.org ESMTP\r\n")
            while self.read:
                data = self.request.recv(65536)
                if not data:
                    return
                self.unread += data
                while self.read and self.read():
                    pass
        except ConnectionError:
            pass

    def take(self, pattern):
        """The octets up to the end of what pattern matches, if it does."""
        match = pattern.search(self.unread)
        if not match:
            return None
        taken = self.unread[:match.end()]
        self.unread = self.unread[match.end():]
        return taken

    def command(self):
        """A command line, if there is one."""
        line = self.take(LINE)
        if line is None:
            return False
        verb = line[:4].upper()
        # Of CRLF that came in two segments, the LF.
        if line.strip(b"\r\n"):
            self.request.sendall(REPLIES.get(verb, UNKNOWN))
        self.read = {b"DATA": self.message, b"QUIT": None}.get(
            verb, self.command)
        return True

    def message(self):
        """A message, if its end is there."""
        text = self.take(END_OF_DATA)
        if text is None:
            return False
        self.server.mails.append(text.replace(b"\r\n", b"\n"))
        self.request.sendall(QUEUED)
        self.read = self.command
        return True


class Listener(socketserver.ThreadingTCPServer):
    """Each session has a thread."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


class Careless:
    """This server, in a network namespace."""

    def __init__(self, namespace):
        with inside(namespace):
            self._listener = Listener(("", 25), Session)
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
