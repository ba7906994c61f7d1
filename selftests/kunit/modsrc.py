# SPDX-License-Identifier: GPL-2.0
"""Builds the module from a copy of its sources, below build/, so that the
tree stays clean and several kernels can be built for at once."""

import os
import re
import shutil
import subprocess
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
BUILD = TREE / "build"

# What a build finds out about its kernel.
HAVE = Path("kmod/compat/have.h")
_TOOL_SUFFIXES = (".c", ".h", ".in", ".bash-completion")
_PROBLEM = re.compile(r"\b(warning|error):|^(WARNING|ERROR): modpost",
                      re.IGNORECASE)


def sources():
    """The files that a build of the module may read, below TREE."""
    found = [TREE / "Kbuild"]
    if not found[0].is_file():
        raise FileNotFoundError(f"{found[0]} is missing")
    found += sorted((TREE / "kmod").rglob("*"))
    found += sorted((TREE / "selftests/kunit").glob("*.[ch]"))
    return [path.relative_to(TREE) for path in found if path.is_file()
            and (path.name == "Kbuild" or path.suffix in (".c", ".h", ".sh"))
            and path.relative_to(TREE) != HAVE]


def tool_sources():
    """The files that a build of the tool may read besides, below TREE."""
    return [path.relative_to(TREE)
            for path in sorted((TREE / "tools").rglob("*"))
            if path.name == "Makefile" or path.name.endswith(_TOOL_SUFFIXES)]


def copy_sources(copy, wanted):
    """Bring copy up to date; files that are the same keep their time stamps,
    and thereby their objects."""
    for path in wanted:
        content = (TREE / path).read_bytes()
        target = copy / path
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for path in copy.rglob("*.[ch]"):
        if (path.relative_to(copy) not in [*wanted, HAVE]
                and not path.name.endswith(".mod.c")):
            path.unlink()


def build(copy, headers, make_args, log):
    """Build the module in copy for the kernel tree headers. Returns whether
    make succeeded, and its complaints about files of ours."""
    clean = copy / ".clean"
    # An object that is already there does not repeat its warnings, so after
    # a build with any, or one that was interrupted, all is built again.
    if copy.exists() and not clean.exists():
        shutil.rmtree(copy)
    copy.mkdir(parents=True, exist_ok=True)
    clean.unlink(missing_ok=True)
    copy_sources(copy, sources())
    log.parent.mkdir(parents=True, exist_ok=True)
    result = subprocess.run(
        ["make", f"-j{os.cpu_count()}", "-C", str(headers), f"M={copy}", "W=1",
         *make_args, "modules"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    # Names relative to the tree can be opened from where one works.
    output = result.stdout.replace(f"{copy}/", "")
    log.write_text(output)
    complaints = [line for line in output.split("\n")
                  if _PROBLEM.search(line) and _ours(line, copy)]
    good = result.returncode == 0
    if good and not complaints:
        clean.touch()
    elif not good and not any("error:" in line.lower() for line in complaints):
        complaints += output.rstrip().split("\n")[-20:]
    return good, complaints


def _ours(line, copy):
    """Whether a complaint is about a file of the module; those about the
    kernel's own headers are for others to mend."""
    name = line.split(":", 1)[0]
    return ("modpost" in line or line.startswith("ERROR")
            or (not name.startswith("/") and (copy / name).is_file()))
