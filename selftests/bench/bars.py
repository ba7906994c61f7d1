# SPDX-License-Identifier: GPL-2.0
"""Bars on a linear or logarithmic scale, and lines over the latter, as SVG."""

import math
from xml.sax.saxutils import escape

COLOURS = ("#3465a4", "#c17d11", "#4e9a06", "#75507b", "#cc0000", "#555753")
LABEL = 150
LETTER = 6.5
WIDTH = 560
BAR = 13
SPACE = 10
TOP = 50
HEIGHT = 260


def _text(x, y, text, more=""):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="11" '
            f'font-family="sans-serif" {more}>{escape(str(text))}</text>')


def _short(value):
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:.3g}"


def _picture(left, height, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{left + WIDTH + 80:.0f}" height="{height:.0f}">',
        '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])


def _legend(left, names, y):
    parts = []
    for number, name in enumerate(names):
        x = left + number * 110
        parts.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" '
                     f'fill="{COLOURS[number % len(COLOURS)]}"/>')
        parts.append(_text(x + 14, y, name))
    return parts


def _logarithmic(values):
    """Where a value is, of 1, and where lines are drawn."""
    values = [value for value in values if value > 0]
    low = math.floor(math.log10(min(values)))
    powers = max(math.ceil(math.log10(max(values))) - low, 1)
    return (lambda value: value > 0 and (math.log10(value) - low) / powers,
            [10 ** (low + power) for power in range(powers + 1)])


def _linear(values):
    most = max(values) or 1
    return lambda value: max(value, 0) / most, []


def bars(title, series, rows, linear=False, tell=_short):
    """rows: a name and a value, or None, for each of the series."""
    values = [value for _, row in rows for value in row if value is not None]
    share, ticks = (_linear if linear else _logarithmic)(values)
    left = max(LABEL, LETTER * max(len(name) for name, _ in rows))
    bottom = TOP + len(rows) * (len(series) * BAR + SPACE)
    parts = [_text(10, 18, title, 'font-weight="bold"'),
             *_legend(left, series, 38)]
    for tick in ticks:
        x = left + share(tick) * WIDTH
        parts.append(f'<line x1="{x:.0f}" y1="{TOP}" x2="{x:.0f}" '
                     f'y2="{bottom}" stroke="#ccc"/>')
        parts.append(_text(x, bottom + 14, tell(tick), 'text-anchor="middle"'))
    y = TOP + SPACE / 2
    for name, row in rows:
        middle = y + len(series) * BAR / 2 + 4
        parts.append(_text(left - 8, middle, name, 'text-anchor="end"'))
        for number, value in enumerate(row):
            if value is not None and (linear or value > 0):
                length = share(value) * WIDTH
                parts.append(
                    f'<rect x="{left:.0f}" y="{y:.0f}" width="{length:.1f}" '
                    f'height="{BAR - 2}" '
                    f'fill="{COLOURS[number % len(COLOURS)]}"/>')
                parts.append(_text(left + length + 4, y + BAR - 4,
                                   tell(value)))
            y += BAR
        y += SPACE
    return _picture(left, bottom + 30, parts)


def lines(title, series, points):
    """points: for each of the series pairs of x, on a logarithmic scale, and
    y, from zero."""
    low = math.log10(min(x for line in points for x, _ in line))
    high = math.log10(max(x for line in points for x, _ in line))
    top = max(y for line in points for _, y in line) * 1.1 or 1

    def place(x, y):
        return (LABEL + (math.log10(x) - low) / ((high - low) or 1) * WIDTH,
                TOP + HEIGHT * (1 - y / top))

    parts = [_text(10, 18, title, 'font-weight="bold"'),
             *_legend(LABEL, series, 38)]
    for step in range(5):
        x, y = place(10 ** low, top * step / 4)
        parts.append(f'<line x1="{x}" y1="{y:.0f}" x2="{x + WIDTH}" '
                     f'y2="{y:.0f}" stroke="#ccc"/>')
        parts.append(_text(x - 8, y + 4, _short(top * step / 4),
                           'text-anchor="end"'))
    for x in sorted({x for line in points for x, _ in line}):
        parts.append(_text(place(x, 0)[0], TOP + HEIGHT + 16, _short(x),
                           'text-anchor="middle"'))
    for number, line in enumerate(points):
        path = " ".join("{:.1f},{:.1f}".format(*place(*point))
                        for point in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke-width="2" '
                     f'stroke="{COLOURS[number % len(COLOURS)]}"/>')
    return _picture(LABEL, TOP + HEIGHT + 30, parts)
