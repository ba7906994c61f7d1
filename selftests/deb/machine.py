# SPDX-License-Identifier: GPL-2.0
"""A copy of a clean Debian system: programs run in it as on a machine that is
being installed, then it boots in a virtual machine of its own."""

import shutil
import subprocess
from pathlib import Path

from root import system
import qemu

HERE = Path(__file__).resolve().parent
MEMORY = "1G"
DRIVERS = ("virtio_pci", "virtio_blk", "ext4")

# In mounts of its own, which go with it: what is written stays in the upper
# layer.
_ENTER = """
set -e
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay \\
	"$2/merged"
mount -t proc proc "$2/merged/proc"
mount --bind /dev "$2/merged/dev"
mount -t tmpfs tmpfs "$2/merged/run"
place=$2
shift 2
"""
_RUN = _ENTER + 'exec chroot "$place/merged" "$@"\n'
_DISK = _ENTER + """
umount "$place/merged/proc" "$place/merged/dev" "$place/merged/run"
size=$(du -sm "$place/merged" | cut -f 1)
mke2fs -q -t ext4 -d "$place/merged" "$place/disk" $((size * 5 / 4 + 256))M
"""

# The results go out by the second serial line.
_UNIT = """[Unit]
Description=what is tested
After=multi-user.target

[Service]
Type=oneshot
ExecStart={command}
ExecStopPost=systemctl poweroff --force --force
StandardOutput=file:/dev/ttyS1
StandardError=journal+console
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
"""


class Machine:
    """The copy, below a directory that the caller removes."""

    def __init__(self, clean, place):
        self.clean = clean
        self.place = Path(place)
        for name in ("upper", "work", "merged"):
            (self.place / name).mkdir(parents=True)

    def run(self, *command):
        """Run a program in it. Returns its status, and all that it prints."""
        result = subprocess.run(
            ["unshare", "--mount", "--uts", "sh", "-c", _RUN, "sh",
             self.clean.place, self.place, *command], check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                 "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8",
                 # it boots with the initrd of boot()
                 "INITRD": "No"})
        return result.returncode, result.stdout

    def copy(self, place):
        """Another one, as this one is now."""
        other = Machine(self.clean, place)
        shutil.rmtree(other.place / "upper")
        subprocess.run(["cp", "-a", self.place / "upper", other.place],
                       check=True)
        return other

    def put(self, source, target):
        """Copy a file into it."""
        target = self.place / "upper" / target.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)

    def write(self, target, content):
        """Make a file in it."""
        target = self.place / "upper" / target.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    def read(self, path):
        """What a file of it holds."""
        return self.run("cat", path)[1]

    def settle(self, command):
        """It is to run a program whenever it boots, and what is done to it from
        now on is done by what it boots."""
        self.write("/etc/systemd/system/tested.service",
                   _UNIT.format(command=command))
        self.run("systemctl", "enable", "tested.service")
        subprocess.run(["unshare", "--mount", "sh", "-c", _DISK, "sh",
                        self.clean.place, self.place], check=True)

    def boot(self, deadline, kernel_place=None):
        """Boot it with the kernel of a system, its own if none is named, and wait
        for the program's end. Returns what that printed, and what the console
        shows."""
        kernel_place = kernel_place or self.clean.place
        version = system.kernel_version(kernel_place)
        with open(self.place / "initrd.log", "wb") as log:
            system.make_initrd(
                self.place, self.clean.place / "usr/bin/busybox",
                HERE / "initrd-init",
                system.drivers(kernel_place, version, DRIVERS), log)
        told, console = self.place / "told", self.place / "console"
        try:
            subprocess.run(
                ["qemu-system-x86_64", *qemu.RUNNING, "-m", MEMORY,
                 "-nodefaults", "-display", "none", "-no-reboot", "-kernel",
                 kernel_place / f"boot/vmlinuz-{version}",
                 "-initrd", self.place / "initrd", "-append",
                 "console=ttyS0 panic=-1 oops=panic net.ifnames=0",
                 "-serial", f"file:{console}", "-serial", f"file:{told}",
                 "-drive", f"file={self.place}/disk,if=virtio,format=raw,"
                           "cache=unsafe"],
                check=True, stdin=subprocess.DEVNULL, timeout=deadline)
        except subprocess.TimeoutExpired:
            pass
        return [path.read_text(errors="replace").replace("\r", "")
                if path.exists() else "" for path in (told, console)]
