# SPDX-License-Identifier: GPL-2.0
"""Builds the tool with sanitizers, from a copy of its sources."""

import os
import shutil
import subprocess

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

CFLAGS = ("-O1 -g -Werror -fsanitize=address,undefined "
          "-fno-sanitize-recover=all")


def tool(place):
    """Build it below place. Returns its path."""
    for name in ("tools", "kmod"):
        shutil.copytree(os.path.join(TREE, name), f"{place}/{name}",
                        ignore=shutil.ignore_patterns("*.o"))
    result = subprocess.run(
        ["make", "-C", f"{place}/tools", f"CFLAGS={CFLAGS}", "clean",
         "smtpguard"], check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0, result.stdout
    os.chmod(place, 0o755)
    return f"{place}/tools/smtpguard"
