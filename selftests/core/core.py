# SPDX-License-Identifier: GPL-2.0
"""The protocol core of kmod/core, built as a shared library and called from
here. Libraries are below build/core/, one for each content of the sources."""

import ctypes
import hashlib
import subprocess
from pathlib import Path

from oracle import CLIENT

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
BUILD = TREE / "build/core"

WARNINGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror",
            "-Wno-unused-parameter"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

SEGMENT, PIECE = 1, 2
GREETING, TLS, LATE = range(3)


def sources(tree):
    """The C files and headers of the library."""
    return sorted((tree / "kmod/core").glob("*.[ch]")) + [
        HERE / "harness.c", HERE / "harness.h"]


def build(sanitized=False, tree=TREE):
    """Build the library if it is not there yet. Returns its path."""
    flags = WARNINGS + (["-O1", "-g", *SANITIZERS] if sanitized else ["-O2"])
    key = hashlib.sha256(" ".join(flags).encode())
    for path in sources(tree):
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    library = BUILD / f"{key.hexdigest()[:16]}.so"
    if library.is_file():
        return library
    BUILD.mkdir(parents=True, exist_ok=True)
    unfinished = library.with_suffix(".unfinished")
    subprocess.run(
        ["gcc", *flags, "-shared", "-fPIC", "-I", tree / "kmod/core",
         "-o", unfinished,
         *[path for path in sources(tree) if path.suffix == ".c"]],
        stdin=subprocess.DEVNULL, check=True)
    unfinished.rename(library)
    return library


class Core:
    """The library."""

    def __init__(self, library):
        self.library = ctypes.CDLL(str(library))
        opaque, octets = ctypes.c_void_p, ctypes.c_char_p
        for name, result, *arguments in (
                ("open", opaque, octets),
                ("begin", None, opaque, ctypes.c_int),
                ("replay", ctypes.c_size_t, opaque, octets, octets, opaque,
                 ctypes.c_size_t),
                ("events", octets, opaque),
                ("is_lost", ctypes.c_int, opaque),
                ("hello", octets, octets, octets, octets, ctypes.c_size_t),
                ("close", None, opaque)):
            function = getattr(self.library, f"harness_{name}")
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)


class Guard:
    """The core with one session's settings, for many replays of it."""

    def __init__(self, core, settings, tls_port):
        self.core = core
        self.begin = TLS if tls_port else GREETING
        # A profile sets the others, so it comes first.
        order = sorted(settings, key=lambda name: name != "profile")
        text = "".join(f"{name}={settings[name]}\n" for name in order)
        self.handle = core.open(text.encode())
        if not self.handle:
            raise ValueError(f"the core refuses these settings:\n{text}")

    def replay(self, directions, cuts, octets, begin=None):
        """Let octets cross, cut so. Returns (octets that passed as they were
        forwarded, events)."""
        buffer = ctypes.create_string_buffer(octets, len(octets))
        self.core.begin(self.handle, self.begin if begin is None else begin)
        passed = self.core.replay(self.handle, directions, cuts, buffer,
                                  len(octets))
        return buffer.raw[:passed], self.core.events(self.handle)

    def is_lost(self):
        """Whether, after a replay from LATE on, the phase is not known."""
        return bool(self.core.is_lost(self.handle))

    def close(self):
        """Free what the core holds."""
        self.core.close(self.handle)


def cuts_at(length, segments=(), pieces=()):
    """The cuts that Guard.replay() takes."""
    cuts = bytearray(length)
    for at in pieces:
        cuts[at] = PIECE
    for at in segments:
        cuts[at] = SEGMENT
    return bytes(cuts)


def segment_at(directions, cuts, octet):
    """Where the segment begins that an octet is in."""
    begin = octet
    while (begin and directions[begin] == directions[begin - 1]
           and cuts[begin] != SEGMENT):
        begin -= 1
    return begin


def next_segment(directions, cuts, octet):
    """Where the segment begins behind the one that an octet is in."""
    begin = octet + 1
    while (begin < len(directions)
           and directions[begin] == directions[begin - 1]
           and cuts[begin] != SEGMENT):
        begin += 1
    return begin


assert CLIENT == 0, "enum direction begins with the client"
