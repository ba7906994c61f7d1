# SPDX-License-Identifier: GPL-2.0
"""What the mail suite and the demo need of the test bed: namespaces, the
module's parameters and counters, and a client that decides itself which
octets share a segment."""

import contextlib
import os
import re
import socket
import subprocess

import witness
from namespace import inside

PARAMETERS = "/sys/module/smtpguard/parameters"
MODULE = "smtpguard"
# What the kernel writes when something is badly wrong with it.
TROUBLE = re.compile(r"WARNING:|BUG:|Oops|general protection|KASAN|"
                     r"rcu.*stall|soft lockup|use-after-free|leaked")


def in_namespace(namespace, *command):
    """The command line that runs command in a network namespace."""
    return ["ip", "netns", "exec", namespace, *command]


def set_parameter(name, value):
    """Write one parameter of the module. Unbuffered: a write that fails
    must not be made again when the file is closed."""
    with open(os.path.join(PARAMETERS, name), "wb", buffering=0) as parameter:
        parameter.write(value.encode("ascii"))


def load(**parameters):
    """Load the module afresh, with parameters."""
    subprocess.run(["insmod", os.environ["SMTPGUARD_KO"]] +
                   [f"{name}={value}" for name, value in parameters.items()],
                   check=True)
    witness.module_loaded()


def unload():
    """Take the module out of the kernel."""
    subprocess.run(["rmmod", MODULE], check=True)


def stats():
    """The module's counters."""
    with contextlib.closing(witness.Netlink()) as netlink:
        return witness.counters_in(netlink.counters())


def kernel_trouble():
    """The lines of the kernel log that no test run may cause."""
    log = subprocess.run(["dmesg"], check=True, capture_output=True,
                         text=True, errors="replace").stdout
    return "\n".join(line for line in log.splitlines()
                     if TROUBLE.search(line))


class Client:
    """An SMTP client that says what is to be a segment of its own.

    `heard` and `said` get every line for a transcript, if given; `source` is
    the client's own address and port."""

    def __init__(self, address, port=25, namespace="client", timeout=30,
                 heard=None, said=None, source=None):
        self.heard = heard or (lambda line: None)
        self.said = said or (lambda line: None)
        with inside(namespace):
            self.socket = self.connect((address, port), timeout, source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.socket.makefile("rb")
        self.greeting = self.reply()

    def connect(self, address, timeout, source):
        """A socket that is connected."""
        return socket.create_connection(address, timeout, source)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.lines.close()
        self.socket.close()

    def send(self, *pieces):
        """Send each piece as one segment: the end-of-record mark keeps the
        kernel from joining it with the next."""
        for piece in pieces:
            self.socket.send(piece, socket.MSG_EOR)

    def reply(self):
        """The lines of the next reply, without line ends."""
        lines = []
        while not lines or lines[-1][3:4] == b"-":
            line = self.lines.readline()
            if not line.endswith(b"\n"):
                raise ConnectionError(f"ended after {lines + [line]!r}")
            lines.append(line.rstrip(b"\r\n"))
            self.heard(lines[-1].decode("latin-1"))
        return lines

    def command(self, line):
        """Send a command line, whole; the lines of its reply."""
        self.said(line)
        self.send(line.encode("latin-1") + b"\r\n")
        return self.reply()

    def expect(self, line, code):
        """Send a command and insist on the code of its reply."""
        answer = self.command(line)
        if not answer[-1].startswith(code.encode()):
            raise AssertionError(f"{line}: {answer!r}, not {code}")
        return answer
