# SPDX-License-Identifier: GPL-2.0
"""A mail receiver that does with half a message what Exchange 5.5 did,
according to Microsoft KB Q295725: "The connection eventually times out and
the message queues for delivery on the receiving host"."""

import contextlib
import socketserver
import threading

from bed import inside

ANSWERS = {b"HELO": b"250 stand-in", b"MAIL": b"250 ok", b"RCPT": b"250 ok",
           b"DATA": b"354 go ahead", b"QUIT": b"221 bye"}


class Receiver(socketserver.ThreadingTCPServer):
    """Listens in the server's namespace; `mails` is its only mailbox."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port, patience):
        self.patience = patience
        self.mails = []
        with inside("server"):
            super().__init__(("", port), Session)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.connection.settimeout(self.server.patience)
        # A sender that gave up may be gone, or just silent.
        with contextlib.suppress(OSError):
            self._talk()

    def _talk(self):
        self._say(b"220 stand-in")
        verb = None
        while verb not in (b"", b"QUIT"):
            verb = self.rfile.readline()[:4].strip().upper()
            self._say(ANSWERS.get(verb, b"500 what?"))
            if verb == b"DATA":
                self._receive()

    def _receive(self):
        mail = b""
        try:
            while not mail.endswith(b"\r\n.\r\n"):
                octets = self.connection.recv(65536)
                if not octets:
                    break
                mail += octets
        finally:
            # The point of it all: kept, whether the end was seen or not.
            self.server.mails.append(mail)
        self._say(b"250 queued")

    def _say(self, line):
        self.wfile.write(line + b"\r\n")
