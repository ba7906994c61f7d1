# SPDX-License-Identifier: GPL-2.0
"""Puts results into a page of Documentation/, between the comments that say
where."""

from pathlib import Path

PLACE = Path(__file__).resolve().parents[2] / "Documentation"


def record(page, name, text):
    """Into PAGE.rst, instead of what was there."""
    path = PLACE / f"{page}.rst"
    begin, end = f".. begin {name}\n", f".. end {name}\n"
    before, _, rest = path.read_text().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{path} has no place for {name}")
    block = "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
    path.write_text(f"{before}{begin}\n::\n\n{block}\n\n{end}{after}")
