# SPDX-License-Identifier: GPL-2.0
"""What benchmarks leave behind in build/bench/: tables as text, JSON and SVG; goals,
met or not."""

import json
import os
from pathlib import Path
from xml.sax.saxutils import escape

TREE = Path(__file__).resolve().parents[2]
PLACE = TREE / "build/bench"

_BAR, _GAP, _LEFT, _WIDTH = 14, 6, 250, 760
_COLORS = ("#9a9a9a", "#2d6cb5", "#c0602c")


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
    most = max(max(values) for _, values in groups) or 1
    scale = (_WIDTH - _LEFT - 80) / most
    y = 40
    parts = [f'<text x="10" y="22" font-size="15">{escape(title)}, '
             f'{escape(unit)}</text>']
    for at, label in enumerate(series):
        parts.append(f'<rect x="{_LEFT + 130 * at}" y="30" width="10" '
                     f'height="10" fill="{_COLORS[at]}"/><text '
                     f'x="{_LEFT + 130 * at + 14}" y="39">{escape(label)}'
                     '</text>')
    y += 14
    for label, values in groups:
        middle = y + len(values) * _BAR / 2 + 4
        parts.append(f'<text x="{_LEFT - 8}" y="{middle:.0f}" '
                     f'text-anchor="end">{escape(label)}</text>')
        for at, value in enumerate(values):
            width = max(value * scale, 0)
            parts.append(
                f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" '
                f'height="{_BAR - 2}" fill="{_COLORS[at]}"/>'
                f'<text x="{_LEFT + width + 4:.1f}" y="{y + _BAR - 4}">'
                f'{number(value)}</text>')
            y += _BAR
        y += _GAP
    (PLACE / f"{name}.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" '
        f'height="{y + 10}" font-family="sans-serif" font-size="11">\n' +
        "\n".join(parts) + "\n</svg>\n")
