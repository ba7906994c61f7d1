# SPDX-License-Identifier: GPL-2.0
"""Sources of the kernel modules that measure, which are not installed."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
CORE = HERE.parents[1] / "kmod/core"

# Messages, and what they need of the core.
BODIES = {"bodies.c": HERE / "bodies.c", "bodies.h": HERE / "bodies.h",
          "core/types.h": CORE / "types.h"}
# The scanner alone.
SCANNER = {f"core/{path.name}": path for path in
           [*CORE.glob("*.h"), CORE / "body.c", CORE / "header.c"]}


def gather(place, files):
    """Bring the files of a module together in a place, under the names that its
    Kbuild has. What is the same keeps its time stamp, and so its object."""
    for name, source in files.items():
        target = place / name
        content = source.read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
