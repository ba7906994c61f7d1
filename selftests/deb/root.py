# SPDX-License-Identifier: GPL-2.0
"""The Debian systems in which the packages are installed: clean ones, each with
the kernel of its release, made once by mmdebstrap and cached below build/ by
the content of what makes them."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "vm")]

# pylint: disable=wrong-import-position
import system  # noqa: E402

BUILD = TREE / "build/deb"
RELEASES = ("bookworm", "trixie")

# What the packages depend on is there already, so that nothing but them is
# installed; the rest is what the test itself takes.
PACKAGES = """
    apt busybox-static dkms gcc iproute2 kmod libmnl0 libncurses6 libpcap0.8
    linux-headers-amd64 linux-image-amd64
    make mokutil nftables python3-minimal systemd-sysv udev
""".split()


def made():
    """Where things are made, on a file system that takes all of them."""
    BUILD.mkdir(parents=True, exist_ok=True)
    return BUILD


class Root:
    """One of these systems; made if it is not there yet."""

    def __init__(self, release):
        self.release = release
        key = hashlib.sha256(
            repr((release, PACKAGES)).encode() +
            Path(__file__).read_bytes()).hexdigest()[:16]
        self.place = BUILD / f"{release}-{key}"
        with system.lock(BUILD / f"{release}.lock"):
            if not self.place.is_dir():
                self._make()

    def _make(self):
        """Under another name: what was left half-way must not look complete.
        """
        system.need_root()
        work = self.place.with_name(f"{self.place.name}.unfinished")
        shutil.rmtree(work, ignore_errors=True)
        log_file = self.place.with_name(f"{self.place.name}.log")
        system.say(f"making the Debian {self.release} system, log in "
                   f"{log_file}")
        with open(log_file, "wb") as log:
            system.run(
                ["mmdebstrap", "--mode=root", "--variant=minbase",
                 f"--include={','.join(PACKAGES)}",
                 "--aptopt=APT::Install-Recommends false",
                 # the kernel's package would make an initrd otherwise
                 "--dpkgopt=force-confold",
                 '--setup-hook=mkdir -p "$1/etc/initramfs-tools" && '
                 'echo update_initramfs=no '
                 '>"$1/etc/initramfs-tools/update-initramfs.conf"',
                 self.release, work], log,
                env={**os.environ, "INITRD": "No",
                     "DEBIAN_FRONTEND": "noninteractive"})
        work.rename(self.place)

    @property
    def kernel(self):
        """The version of its kernel, as uname -r gives it."""
        found = [path.name for path in (self.place / "lib/modules").iterdir()
                 if (self.place / f"boot/vmlinuz-{path.name}").exists()]
        if len(found) != 1:
            sys.exit(f"deb: {self.place} has kernels {found}, not one")
        return found[0]
