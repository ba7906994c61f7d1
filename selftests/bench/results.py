# SPDX-License-Identifier: GPL-2.0
"""What benchmarks leave behind in build/bench/: tables as text, JSON and SVG; goals,
met or not."""

import json
import os
from pathlib import Path

import bars as pictures

TREE = Path(__file__).resolve().parents[2]
PLACE = TREE / "build/bench"


class Goal:
    """A bound that a number is to keep, as it was measured: nothing is rounded
    before it is compared."""

    def __init__(self, name, value, most=None, least=None):
        self.name = name
        self.value = value
        self.bound = most if least is None else least
        self.met = value <= most if least is None else value >= least
        self.word = "at most" if least is None else "at least"

    def row(self):
        """What a table says of it."""
        return ["met" if self.met else "NOT MET", self.name, self.word,
                number(self.bound), number(self.value)]


def number(value):
    """As many digits as say something."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"


def table(head, rows):
    """Columns below each other; all but words are to the right."""
    lines = [[number(cell) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*lines)]
    right = [all(not isinstance(row[at], str) for row in rows)
             for at in range(len(head))]
    text = []
    for line in lines:
        cells = [cell.rjust(width) if is_right else cell.ljust(width)
                 for cell, width, is_right in zip(line, widths, right)]
        text.append("  ".join(cells).rstrip())
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(text)


def goals_table(goals):
    """All of them, as one table."""
    return table(["goal", "of", "", "bound", "measured"],
                 [goal.row() for goal in goals])


def write(name, text, data):
    """Leave the text and what it was made of."""
    PLACE.mkdir(parents=True, exist_ok=True)
    (PLACE / f"{name}.txt").write_text(text + "\n")
    (PLACE / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n")


def machine():
    """What processor this is, and how many."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{line.split(':')[1].strip()}, {os.cpu_count()} processors"
    return f"{os.uname().machine}, {os.cpu_count()} processors"


def bars(name, title, unit, groups, series):
    """An SVG of horizontal bars: groups is a list of (label, values), one value
    for each of series."""
    PLACE.mkdir(parents=True, exist_ok=True)
    (PLACE / f"{name}.svg").write_text(pictures.bars(
        f"{title}, {unit}", series, groups, linear=True, tell=number))
