# SPDX-License-Identifier: GPL-2.0
"""What stands in for systemd's journal: a socket that reads entries as its
protocol has them, and what journalctl makes of our catalog."""

import contextlib
import fcntl
import os
import re
import shutil
import socket
import subprocess

# F_SEAL_SEAL, _SHRINK, _GROW and _WRITE, which journald insists on.
SEALS = 0xf
F_GET_SEALS = 1034
PATIENCE = 30


def parse(octets):
    """An entry: its fields in order, each with its value's octets."""
    fields = []
    while octets:
        line, octets = octets.split(b"\n", 1)
        name, equals, value = line.partition(b"=")
        if not equals:
            length = int.from_bytes(octets[:8], "little")
            value, end = octets[8:8 + length], octets[8 + length:9 + length]
            assert end == b"\n", (name, end)
            octets = octets[9 + length:]
        assert re.fullmatch(b"[A-Z][A-Z0-9_]{0,63}", name), name
        fields.append((name.decode(), value))
    return fields


class Journal:
    """The socket."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._socket.settimeout(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        os.unlink(self.path)

    def entry(self):
        """The next, and whether it came as a file."""
        octets, descriptors, _, _ = socket.recv_fds(self._socket, 1 << 18, 1)
        for descriptor in descriptors:
            assert not octets, octets
            with open(descriptor, "rb") as file:
                assert fcntl.fcntl(file, F_GET_SEALS) == SEALS
                octets = os.pread(descriptor, 1 << 20, 0)
        return parse(octets), bool(descriptors)


def catalog(place, source):
    """Identifiers and subjects, as journalctl lists them."""
    below = f"{place}/root/usr/lib/systemd/catalog"
    os.makedirs(below)
    shutil.copy(source, below)

    def run(*words):
        result = subprocess.run(
            ["journalctl", f"--root={place}/root", *words], check=True,
            capture_output=True, text=True)
        assert result.stderr == "", result.stderr
        return result.stdout
    run("--update-catalog")
    with contextlib.suppress(ValueError):
        return dict(line.split(" smtpguard: ")
                    for line in run("--list-catalog").splitlines())
    raise AssertionError(run("--list-catalog"))
