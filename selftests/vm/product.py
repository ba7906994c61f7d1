# SPDX-License-Identifier: GPL-2.0
"""Module and tool, built for a system from a copy of the tree's sources. The
module may be one without its conntrack helper, and the system's kernel be taken
for one that has no helpers at all."""

import hashlib
import re
import shutil
import sys

import system

sys.path[:0] = [str(system.TREE / "selftests/kunit")]

# pylint: disable=wrong-import-position
import modsrc  # noqa: E402

_PROBLEM = re.compile(r"\bwarning:|^WARNING:", re.MULTILINE)

HELPERLESS = "SMTPGUARD_HELPERLESS=y"

# Runs in mounts of its own, which go with it.
_BUILD = """
set -e
root=$1 sources=$2 version=$3
shift 3
mount --bind "$sources" "$root/mnt"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
chroot "$root" make -C "/usr/src/linux-headers-$version" M=/mnt W=1 \\
	"$@" modules
chroot "$root" make -C /mnt/tools clean
chroot "$root" make -C /mnt/tools
"""

# The same where no header tells of helpers.
_HIDE = """
set -e
headers=$(echo "$1"/usr/src/linux-headers-*-common/include/net/netfilter)
cp -R "$headers" "$2"
rm "$2/netfilter/nf_conntrack_helper.h"
mount --bind "$2/netfilter" "$headers"
"""


class Product:
    """The newest build. Stays as it is until closed, so that what is being
    copied is not built anew under the reader."""

    def __init__(self, place, helperless=False, hide_helpers=False):
        name = "product" + "-helperless" * helperless + "-hidden" * hide_helpers
        self.sources = place.place / name
        self.log = place.place / f"{name}.log"
        self._script = _HIDE * hide_helpers + _BUILD
        self._words = [HELPERLESS] * helperless
        self._lock = system.lock(place.place / f"{name}.lock")
        self._build(place)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Let others build."""
        self._lock.close()

    @property
    def module(self):
        return self.sources / "smtpguard.ko"

    @property
    def tool(self):
        return self.sources / "tools/smtpguard"

    def _build(self, place):
        sources = modsrc.sources() + modsrc.tool_sources()
        key = _digest(sources)
        done = self.sources / ".done"
        if done.is_file() and done.read_text() == key:
            return
        system.need_root()
        if not done.is_file():
            shutil.rmtree(self.sources, ignore_errors=True)
        # What is already built does not repeat its warnings, so after any
        # trouble all is built again.
        done.unlink(missing_ok=True)
        modsrc.copy_sources(self.sources, sources)
        with open(self.log, "wb") as log:
            system.run(["unshare", "--mount", "sh", "-c", self._script, "sh",
                        place.root, self.sources, place.version,
                        *self._words], log)
        complaints = [line for line in
                      self.log.read_text(errors="replace").splitlines()
                      if _PROBLEM.search(line)]
        if complaints:
            sys.exit("\n".join([*complaints, f"vm: warnings, {self.log}"]))
        done.write_text(key)


def _digest(paths):
    digest = hashlib.sha256()
    for path in paths:
        content = (system.TREE / path).read_bytes()
        digest.update(f"{path} {len(content)}\n".encode() + content)
    return digest.hexdigest()
