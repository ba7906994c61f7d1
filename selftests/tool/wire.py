# SPDX-License-Identifier: GPL-2.0
"""A conversation through the router of which the test speaks both parts, so
that the order of events, and what is in which segment, is the test's."""

import contextlib
import socket

from bed import inside

SERVER = {socket.AF_INET: "198.51.100.2", socket.AF_INET6: "2001:db8:2::2"}
PATIENCE = 30


def endpoint(address):
    """An address as the log writes it."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Wire:
    """One connection; counts what each side has sent."""

    def __init__(self, family=socket.AF_INET, port=25, asked=None):
        """The client asks for another port where NAT takes it to this one."""
        with inside("server"), contextlib.closing(
                socket.create_server(("", port), family=family)) as listener:
            listener.settimeout(PATIENCE)
            with inside("client"):
                self._client = socket.create_connection(
                    (SERVER[family], asked or port), PATIENCE)
            self._server, self.seen_address = listener.accept()
        for end in (self._client, self._server):
            end.settimeout(PATIENCE)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client_address = self._client.getsockname()
        self.server_address = self._client.getpeername()
        self.to_server = 0
        self.to_client = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """The client ends the session, as after QUIT."""
        self._client.close()
        self._server.close()

    @property
    def flow(self):
        """Both ends, as the log writes them."""
        return (f"{endpoint(self.client_address)} > "
                f"{endpoint(self.server_address)}")

    def server(self, octets):
        """The server says octets; what the client receives."""
        self.to_client += len(octets)
        return _pass_on(self._server, self._client, octets)

    def client(self, *segments):
        """The client says segments; what the server receives. Each has
        arrived before the next is sent, so none is joined with another."""
        self.to_server += sum(len(segment) for segment in segments)
        return b"".join(_pass_on(self._client, self._server, segment)
                        for segment in segments)

    def say(self, octets):
        """The client says octets that may not arrive."""
        self._client.sendall(octets)

    def command(self, line, reply):
        """A command line and the reply to it, both without line end."""
        self.client(line + b"\r\n")
        self.server(reply + b"\r\n")


def _pass_on(sender, receiver, octets):
    # Larger than any buffer, a send would wait for the receiver.
    received = b""
    sent = 0
    while len(received) < len(octets):
        sent += sender.send(octets[sent:sent + 32768])
        while len(received) < sent:
            data = receiver.recv(65536)
            if not data:
                raise ConnectionError(f"ended after {received[-80:]!r}")
            received += data
    return received
