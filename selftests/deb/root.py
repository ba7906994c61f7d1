# SPDX-License-Identifier: GPL-2.0
"""The Debian systems in which the packages are built and installed: clean ones, made
once by mmdebstrap and cached below build/ by the content of what makes them."""

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
CONTROL = TREE / "debian/control"
RELEASES = ("bookworm", "trixie")

# What sends mail through an upgrade, and what else it looks with.
PEERS = ["autopkgtest", "ccache", "dpkg-dev", "login", "openssl", "postfix", "procps",
         "python3"]
# What the packages depend on is there already, so that nothing but them is
# installed; the rest is what the test itself takes.
INSTALLED = """
    apt busybox-static dkms gcc iproute2 kmod libmnl0 libncurses6 libpcap0.8
    linux-headers-amd64 linux-image-amd64
    make mokutil nftables python3-minimal systemd-sysv udev
""".split()
# Of each kind what is in it: "build" builds the packages, and has what those say
# that it takes; in "plain" they are installed, and in "upgrade", too, which has its
# next kernel at hand.
PACKAGES = {
    "build": ["build-essential", "lintian"],
    "plain": INSTALLED,
    "upgrade": INSTALLED + PEERS,
}

# Where the packages of the next kernel lie: they have the release's backports,
# which nothing else comes from.
NEXT = "opt/next"
# Where compilers remember; a file system that is made of another has its times in
# seconds, and systemd and apt run in other locales. apt has a path of its own.
CACHE = "var/cache/ccache"
CACHE_PATH = "/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin"
CACHE_SETTINGS = {
    "ccache.conf": f"cache_dir = /{CACHE}\ncompiler_check = content\n"
                   "sloppiness = locale\n",
    "apt/apt.conf.d/ccache": f'DPkg::Path "{CACHE_PATH}";\n'}
NEXT_KERNEL = ["linux-image-amd64", "linux-headers-amd64"]


def made():
    """Where things are made, on a file system that takes all of them."""
    BUILD.mkdir(parents=True, exist_ok=True)
    return BUILD


def _build_dependencies(_):
    """What has mmdebstrap install what the packages say that they are built with."""
    yield (f'--customize-hook=mkdir -p "$1/source/debian" && '
           f'cp {CONTROL} "$1/source/debian/" && chroot "$1" '
           "sh -c 'cd /source && apt-get -y build-dep .' && "
           'rm -r "$1/source"')


def _next_kernel(release):
    """What has mmdebstrap fetch it, from wherever the release itself comes."""
    backports = f"{release}-backports"
    yield (f"--setup-hook=sed -n 's/ {release} / {backports} /p' "
           '"$1/etc/apt/sources.list" >"$1/etc/apt/sources.list.d/next.list"')
    for name, content in CACHE_SETTINGS.items():
        yield f"--customize-hook=printf %s '{content}' >\"$1/etc/{name}\""
    yield (f'--customize-hook=mkdir -p "$1/{NEXT}/partial" && '
           f'chroot "$1" apt-get -y -d -o Dir::Cache::archives=/{NEXT} '
           f"-t {backports} install {' '.join(NEXT_KERNEL)}")


# Of each kind what mmdebstrap does besides.
HOOKS = {"build": _build_dependencies, "upgrade": _next_kernel,
         "plain": lambda _: ()}


class Root:
    """One of these systems; made if it is not there yet."""

    def __init__(self, release, kind):
        self.release = release
        self.kind = kind
        key = hashlib.sha256(
            repr((release, kind)).encode() + Path(__file__).read_bytes() +
            CONTROL.read_bytes() * (kind == "build")).hexdigest()[:16]
        name = f"{release}-{kind}"
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
        system.say(f"making a system of Debian {self.release}, log in "
                   f"{log_file}")
        with open(log_file, "wb") as log:
            system.run(
                ["mmdebstrap", "--mode=root", "--variant=minbase",
                 f"--include={','.join(PACKAGES[self.kind])}",
                 "--aptopt=APT::Install-Recommends false",
                 # the kernel's package would make an initrd otherwise
                 "--dpkgopt=force-confold",
                 '--setup-hook=mkdir -p "$1/etc/initramfs-tools" && '
                 'echo update_initramfs=no '
                 '>"$1/etc/initramfs-tools/update-initramfs.conf"',
                 *HOOKS[self.kind](self.release),
                 self.release, work], log,
                env={**os.environ, "INITRD": "No",
                     "DEBIAN_FRONTEND": "noninteractive"})
        if self.kind == "upgrade":
            self._unpack_next(work)
        work.rename(self.place)

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
