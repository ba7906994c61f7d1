# SPDX-License-Identifier: GPL-2.0
"""The Debian systems that the VM boots: one for each supported kernel, made
once by mmdebstrap and cached below build/ by the content of what makes them.

A system is a directory with
    root/     the system's files; module and tool are built in there
    disk      the same as an ext4 file system, which the VM mounts read-only
    initrd    loads the drivers for that disk and goes on to it
    kernel    the kernel, as Debian built it
"""

import fcntl
import hashlib
import lzma
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
BUILD = TREE / "build/vm"

# What --kernel takes: the release of Debian, and where in it the kernel is.
KERNELS = {
    "6.1": ("bookworm", "bookworm"),
    "6.12": ("trixie", "trixie"),
    "backports": ("trixie", "trixie-backports"),
}
DEFAULT = "6.12"

PACKAGES = """
    linux-image-amd64 linux-headers-amd64
    gcc libc6-dev libmnl-dev libncurses-dev libpcap-dev make pkgconf
    busybox-static conntrack conntrackd ethtool iproute2 iptables ipvsadm kmod
    libnet-ssleay-perl netcat-openbsd nftables openssl openvswitch-switch
    postfix procps python3 python3-aiosmtpd python3-scapy swaks tcpdump
    tmux util-linux wireguard-tools
""".split()

# Mail servers that cannot be installed beside Postfix. What each of them needs
# lies below /opt, in a directory by its name here, to be laid over the root.
SERVERS = {
    "exim": "exim4-daemon-light",
    "opensmtpd": "opensmtpd",
    "sendmail": "sendmail-bin",
}

# Nothing reads these here, and they are most of the files.
LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*",
            "/usr/share/info/*", "/usr/share/zoneinfo/*"]

# Drivers that stand between the kernel and its root.
DRIVERS = ["virtio_pci", "virtio_blk", "virtio_console", "virtio_rng", "ext4",
           "overlay", "9pnet_virtio", "9p"]


def say(text):
    """Progress goes to standard error: standard output is the command's."""
    print(f"vm: {text}", file=sys.stderr, flush=True)


def lock(path):
    """Wait until no other program works in path's directory. To be kept, and
    closed when done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    held = open(path, "w", encoding="ascii")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


class System:
    """One of these systems; made if it is not there yet."""

    def __init__(self, kernel):
        self.release, self.kernel_release = KERNELS[kernel]
        key = hashlib.sha256(b"\0".join(
            [repr((KERNELS[kernel], PACKAGES, SERVERS, LEFT_OUT,
                   DRIVERS)).encode(),
             *(path.read_bytes() for path in (
                 Path(__file__), HERE / "initrd-init",
                 HERE / "unpack-server"))])).hexdigest()[:16]
        self.place = BUILD / f"{kernel}-{key}"
        with lock(BUILD / f"{kernel}.lock"):
            if not self.place.is_dir():
                self._make()

    @property
    def root(self):
        return self.place / "root"

    @property
    def version(self):
        """The version of the kernel, as uname -r gives it."""
        return kernel_version(self.root)

    def _make(self):
        """Under another name: what was left half-way must not look complete.
        """
        need_root()
        work = self.place.with_name(f"{self.place.name}.unfinished")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        log_file = self.place.with_name(f"{self.place.name}.log")
        started = time.monotonic()
        say(f"making the Debian {self.release} system with the kernel of "
            f"{self.kernel_release}, log in {log_file}")
        with open(log_file, "wb") as log:
            _make_root(work / "root", self.release, self.kernel_release, log)
            version = kernel_version(work / "root")
            make_initrd(work, work / "root/usr/bin/busybox",
                        HERE / "initrd-init",
                        drivers(work / "root", version, DRIVERS), log)
            _make_disk(work, log)
        shutil.copy(work / f"root/boot/vmlinuz-{version}", work / "kernel")
        work.rename(self.place)
        say(f"made in {time.monotonic() - started:.0f} s")


def need_root():
    """Everything here makes file systems and mounts."""
    if os.geteuid():
        sys.exit("vm: this must run as root")


def run(command, log, **options):
    """Run a step whose output goes to a log; end with its tail on failure."""
    result = subprocess.run([str(word) for word in command], check=False,
                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                            **options)
    if not result.returncode:
        return
    tail = Path(log.name).read_text(errors="replace").splitlines()[-40:]
    sys.exit("\n".join([*tail, f"vm: {command[0]} failed, log: {log.name}"]))


def _make_root(root, release, kernel_release, log):
    packages = PACKAGES
    hooks = []
    if kernel_release != release:
        packages = [f"{package}/{kernel_release}"
                    if package.startswith("linux-") else package
                    for package in PACKAGES]
        # From wherever the release itself comes.
        hooks = ["--setup-hook=sed -n "
                 f"'s/ {release} / {kernel_release} /p' "
                 '"$1/etc/apt/sources.list" '
                 '>"$1/etc/apt/sources.list.d/kernel.list"']
    # The kernel's package would make an initrd of its own otherwise.
    hooks += ['--setup-hook=mkdir -p "$1/etc/initramfs-tools" && '
              'echo update_initramfs=no '
              '>"$1/etc/initramfs-tools/update-initramfs.conf"']
    hooks += [f'--customize-hook={shlex.quote(str(HERE / "unpack-server"))} '
              f'"$1" {name} {package}' for name, package in SERVERS.items()]
    run(["mmdebstrap", "--mode=root", "--variant=minbase",
         f"--include={','.join(packages)}",
         "--aptopt=APT::Install-Recommends false",
         "--dpkgopt=force-confold",
         *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
         *hooks, release, root], log,
        env={**os.environ, "INITRD": "No",
             "DEBIAN_FRONTEND": "noninteractive"})


def kernel_version(root):
    """The version of the kernel that is installed there, as uname -r gives it."""
    versions = [path.name for path in (root / "lib/modules").iterdir()
                if (root / f"boot/vmlinuz-{path.name}").exists()]
    if len(versions) != 1:
        sys.exit(f"vm: {root} has kernels {versions}, not one")
    return versions[0]


def make_initrd(place, busybox, init, found, log):
    """Make place/initrd of busybox, the program that it starts with, and drivers
    in the order to load them."""
    content = place / "initrd.files"
    shutil.rmtree(content, ignore_errors=True)
    (content / "drivers").mkdir(parents=True)
    shutil.copy(busybox, content / "busybox")
    shutil.copy(init, content / "init")
    (content / "init").chmod(0o755)
    for number, driver in enumerate(found):
        data = driver.read_bytes()
        if driver.suffix == ".xz":
            data = lzma.decompress(data)
        (content / f"drivers/{number:02}.ko").write_bytes(data)
    run(["sh", "-c", "find . | cpio --quiet -o -H newc >../initrd"], log,
        cwd=content)
    shutil.rmtree(content)


def drivers(root, version, names):
    """Those modules and what they need, in the order to load them."""
    listing = subprocess.run(
        ["modprobe", "-d", root, "-S", version, "--show-depends", "-a",
         *names], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = []
    for line in listing.splitlines():
        kind, _, path = line.strip().partition(" ")
        if kind == "insmod" and path not in found:
            found.append(path)
    return [Path(path.split()[0]) for path in found]


def _make_disk(work, log):
    size = int(subprocess.run(["du", "-sm", work / "root"], check=True,
                              stdout=subprocess.PIPE).stdout.split()[0])
    run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal",
         "-d", work / "root", work / "disk", f"{size * 5 // 4 + 64}M"], log)
