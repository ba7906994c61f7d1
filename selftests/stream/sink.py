# SPDX-License-Identifier: GPL-2.0
"""A server that reads long messages in big pieces and keeps them whole:

    with Sink((ADDRESS, 25)) as sink:
        ...
        sink.take()     the messages that came since, in no order
"""

import socketserver
import threading

from bed import inside
from server import GREETING, QUEUED, REPLIES, UNKNOWN

END = b"\r\n.\r\n"
PIECE = 1 << 18


class Receiver(socketserver.StreamRequestHandler):
    """One session."""

    disable_nagle_algorithm = True

    def handle(self):
        self.wfile.write(GREETING)
        for line in self.rfile:
            verb = line[:4].upper()
            self.wfile.write(REPLIES.get(verb, UNKNOWN))
            if verb == b"DATA":
                self.server.messages.append(self._message())
                self.wfile.write(QUEUED)
            if verb == b"QUIT":
                return

    def _message(self):
        """A client sends nothing behind the end of data until that is
        answered."""
        text = bytearray()
        while not text.endswith(END):
            piece = self.rfile.read1(PIECE)
            if not piece:
                raise ConnectionError(f"ended after {len(text)} octets")
            text += piece
        return text


class Sink(socketserver.ThreadingTCPServer):
    """Listens in the server's namespace."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address):
        self.messages = []
        with inside("server"):
            super().__init__(address, Receiver)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def take(self):
        """The messages that came since this was called last."""
        taken, self.messages = self.messages, []
        return taken
