# SPDX-License-Identifier: GPL-2.0
"""Builds smtpguard_insn, the module that sends packets and counts, for the VM."""

from pathlib import Path

import sources
import system

HERE = Path(__file__).resolve().parent
FILES = {"Kbuild": HERE / "insn/Kbuild", "insn.c": HERE / "insn/insn.c",
         **sources.BODIES}

# Runs in mounts of its own, which go with it.
_BUILD = """
set -e
mount --bind "$2" "$1/mnt"
mount -t proc proc "$1/proc"
mount --bind /dev "$1/dev"
chroot "$1" make -C "/usr/src/linux-headers-$3" M=/mnt W=1 modules
"""


def build(place):
    """Where it is, for that system."""
    copy = place.place / "bench-insn"
    with system.lock(place.place / "bench-insn.lock"):
        sources.gather(copy, FILES)
        with open(place.place / "bench-insn.log", "wb") as log:
            system.run(["unshare", "--mount", "sh", "-c", _BUILD, "sh",
                        place.root, copy, place.version], log)
    return copy / "smtpguard_insn.ko"
