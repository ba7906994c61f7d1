# SPDX-License-Identifier: GPL-2.0
"""How much the module keeps, as the kernel counts it: the objects in those of
its slab caches that bear the module's name.

    left = slabs.left()

The count of a cache takes objects for allocated that were freed and wait to be
allocated again on some processor, or that KASAN keeps to catch late users.
Writing to `shrink` gives all of these back first; then the count is exact."""

import os
import time

import entries
from namespace import inside

PLACE = "/sys/kernel/slab"
PREFIX = "smtpguard"
# The table of flows is swept once a second, and a network namespace is taken
# down when those before it have been.
SWEPT = 10


def _caches():
    names = [name for name in os.listdir(PLACE) if name.startswith(PREFIX)]
    if not names:
        raise FileNotFoundError(f"no cache {PREFIX}* in {PLACE}")
    return [os.path.join(PLACE, name) for name in names]


def objects():
    """How many there are."""
    return sum(_count(cache) for cache in _caches())


def octets():
    """What they take, with what is lost because a slab is no multiple of
    their size."""
    return sum(_count(cache) * (os.sysconf("SC_PAGE_SIZE") <<
                                _value(cache, "order")) /
               _value(cache, "objs_per_slab") for cache in _caches())


def left(namespaces=(), patience=SWEPT):
    """How many there are once conntrack has forgotten all connections, in this
    network namespace and in those that are named.

    Who still has something to send begins connections anew, so they are
    forgotten again until nothing is left, or for so many seconds. What leaks
    stays, however often that is done."""
    end = time.monotonic() + patience
    while True:
        entries.flush()
        for name in namespaces:
            with inside(name):
                entries.flush()
        count = objects()
        if not count or time.monotonic() > end:
            return count
        time.sleep(0.2)


def _count(cache):
    # A cache that may be shared with others of its size is a link to a name
    # made of that size, and who counts there would count theirs too.
    if os.path.islink(cache):
        raise RuntimeError(f"{cache} is a link: boot with slab_nomerge")
    with open(f"{cache}/shrink", "wb", buffering=0) as file:
        file.write(b"1")
    return _value(cache, "objects")


def _value(cache, name):
    with open(f"{cache}/{name}", encoding="ascii") as file:
        # the sum, then what each node of memory has of it
        return int(file.read().split()[0])
