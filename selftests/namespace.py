# SPDX-License-Identifier: GPL-2.0
"""Network namespaces of iproute2, for one thread at a time."""

import contextlib
import ctypes
import os

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _enter(namespace):
    """os.setns() comes with Python 3.12."""
    if _libc.setns(namespace.fileno(), CLONE_NEWNET):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), namespace.name)


@contextlib.contextmanager
def inside(name):
    """Run a block with this thread in a network namespace.

    A socket stays where it was made, so only making it needs this."""
    with open("/proc/thread-self/ns/net", "rb") as home, \
            open(f"/run/netns/{name}", "rb") as there:
        _enter(there)
        try:
            yield
        finally:
            _enter(home)
