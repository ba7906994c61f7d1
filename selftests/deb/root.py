# SPDX-License-Identifier: GPL-2.0
"""The Debian systems in which the packages are installed: clean ones, each with
the kernel of its release, made once by mmdebstrap and cached below build/ by
the content of what makes them."""

import hashlib
import os
import shutil
import subprocess
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


# What sends mail through an upgrade, and where the packages of the next kernel
# lie: they have the release's backports, which nothing else comes from.
PEERS = ["openssl", "postfix", "procps", "python3"]
NEXT = "opt/next"
NEXT_KERNEL = ["linux-image-amd64", "linux-headers-amd64"]


def made():
    """Where things are made, on a file system that takes all of them."""
    BUILD.mkdir(parents=True, exist_ok=True)
    return BUILD


class Root:
    """One of these systems; made if it is not there yet."""

    def __init__(self, release, upgrade=False):
        self.release = release
        self.upgrade = upgrade
        key = hashlib.sha256(
            repr((release, upgrade, PACKAGES)).encode() +
            Path(__file__).read_bytes()).hexdigest()[:16]
        name = f"{release}-upgrade" if upgrade else release
        self.place = BUILD / f"{name}-{key}"
        with system.lock(BUILD / f"{name}.lock"):
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
        packages = PACKAGES + PEERS * self.upgrade
        with open(log_file, "wb") as log:
            system.run(
                ["mmdebstrap", "--mode=root", "--variant=minbase",
                 f"--include={','.join(packages)}",
                 "--aptopt=APT::Install-Recommends false",
                 # the kernel's package would make an initrd otherwise
                 "--dpkgopt=force-confold",
                 '--setup-hook=mkdir -p "$1/etc/initramfs-tools" && '
                 'echo update_initramfs=no '
                 '>"$1/etc/initramfs-tools/update-initramfs.conf"',
                 *(self._next_kernel() if self.upgrade else ()),
                 self.release, work], log,
                env={**os.environ, "INITRD": "No",
                     "DEBIAN_FRONTEND": "noninteractive"})
        if self.upgrade:
            self._unpack_next(work)
        work.rename(self.place)

    def _next_kernel(self):
        """What has mmdebstrap fetch it, from wherever the release itself comes."""
        backports = f"{self.release}-backports"
        yield ("--setup-hook=sed -n "
               f"'s/ {self.release} / {backports} /p' "
               '"$1/etc/apt/sources.list" '
               '>"$1/etc/apt/sources.list.d/next.list"')
        yield (f'--customize-hook=mkdir -p "$1/{NEXT}/partial" && '
               f'chroot "$1" apt-get -y -d -o Dir::Cache::archives=/{NEXT} '
               f"-t {backports} install {' '.join(NEXT_KERNEL)}")

    @staticmethod
    def _unpack_next(work):
        """The kernel itself, and the drivers that it boots with; newer releases
        have a package for each."""
        target = work / NEXT / "unpacked"
        for kind in ("image", "base", "binary", "modules"):
            for path in (work / NEXT).glob(f"linux-{kind}-[0-9]*.deb"):
                subprocess.run(["dpkg-deb", "-x", path, target], check=True)
        image, = (work / NEXT).glob("linux-image-[0-9]*.deb")
        # where the release has merged directories the package has, too
        if not (target / "lib").exists():
            (target / "lib").symlink_to("usr/lib")
        release = image.name.split("_")[0].removeprefix("linux-image-")
        subprocess.run(["depmod", "-b", target, release], check=True)
        # whence the package's script copies it to /boot
        kernel = target / f"lib/modules/{release}/vmlinuz"
        if kernel.exists():
            (target / "boot").mkdir()
            shutil.copy(kernel, target / f"boot/vmlinuz-{release}")

    @property
    def kernel(self):
        """The version of its kernel, as uname -r gives it."""
        return system.kernel_version(self.place)

    @property
    def next_place(self):
        """Where the next kernel lies as it would be installed."""
        return self.place / NEXT / "unpacked"
