# SPDX-License-Identifier: GPL-2.0
"""Instructions that the core and the history take for an octet, in user space, by
valgrind's callgrind: no kernel, and each function's part."""

import collections
import re
import subprocess
from pathlib import Path

import results

HERE = Path(__file__).resolve().parent
KMOD = HERE.parents[1] / "kmod"
WORK = results.PLACE / "octets"
KINDS = ["text", "base64", "html"]
# As the kernel compiles it: no vector registers.
FLAGS = ["-std=gnu11", "-O2", "-g", "-mno-sse", "-mno-sse2", "-mno-mmx",
         "-mno-avx", "-fno-strict-aliasing"]
MOST_FUNCTIONS = 6


def build():
    """The program, in build/."""
    WORK.mkdir(parents=True, exist_ok=True)
    program = WORK / "octets"
    subprocess.run(["gcc", *FLAGS, "-Wall", f"-I{KMOD}", f"-I{HERE}", "-o",
                    program, HERE / "octets.c",
                    HERE / "bodies.c", *sorted(KMOD.glob("core/*.c"))],
                   check=True)
    return program


def compiler():
    """Which, and its version."""
    return "gcc " + subprocess.run(
        ["gcc", "-dumpfullversion"], check=True, stdout=subprocess.PIPE,
        text=True).stdout.strip()


def functions(profile, octets):
    """(function, instructions an octet), the most expensive first."""
    text = subprocess.run(
        ["callgrind_annotate", "--threshold=99", profile], check=True,
        stdout=subprocess.PIPE, text=True).stdout
    # a line for each file that a function has code of
    parts = collections.Counter()
    for match in re.finditer(r"^ *([\d,]+) \(.*?\) +\S+?:(\w+)(?: \[.*)?$",
                             text, re.MULTILINE):
        parts[match[2]] += int(match[1].replace(",", "")) / octets
    return parts.most_common()


def count(program, kind):
    """Instructions an octet of a kind, and of which functions."""
    profile = WORK / f"callgrind.{kind}"
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=pass_message",
         f"--callgrind-out-file={profile}", program, kind], check=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    octets = int(run.stdout)
    collected = int(re.search(r"Collected : (\d+)", run.stderr)[1])
    return collected / octets, functions(profile, octets)


def count_all():
    """By kind."""
    program = build()
    return {kind: count(program, kind) for kind in KINDS}


def show(counted):
    """A table: a row for each kind."""
    rows = [[kind, total, ", ".join(f"{name} {part:.2f}" for name, part in
                                    parts[:MOST_FUNCTIONS])]
            for kind, (total, parts) in counted.items()]
    return results.table(["octet of", "instructions", "of which"], rows)


if __name__ == "__main__":
    print(show(count_all()))
