# SPDX-License-Identifier: GPL-2.0
"""Prometheus's text format, read as strictly as it is written down, and what it
asks of names: selftests/tool/run reads with it what the module counts, and
selftests/tool/rehearse has promtool say the same of it."""

import re

NAME = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
HEADER = re.compile(rf"# (HELP|TYPE) ({NAME}) (\S.*)")
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\d+(?:\.\d+)?)")
LABEL = re.compile(rf'({NAME})="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def labels(text):
    """The labels between the brackets, as pairs."""
    found, at = [], 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"no label: {text[at:]}"
        found.append((match[1], match[2]))
        at = match.end()
    assert not text.endswith(","), text
    return tuple(found)


def headers(lines):
    """What the two lines say that begin a metric: its name and its type."""
    kinds = [HEADER.fullmatch(line) for line in lines]
    assert len(kinds) == 2 and all(kinds), lines
    assert [match[1] for match in kinds] == ["HELP", "TYPE"], lines
    assert kinds[0][2] == kinds[1][2], lines
    assert kinds[1][3] in ("counter", "gauge", "histogram"), lines
    return kinds[1][2], kinds[1][3]


def check_histogram(name, samples):
    """Buckets grow, the last has all of them, and sum and count follow."""
    *buckets, (total, _, _), (count, _, number) = samples
    assert {bucket for bucket, _, _ in buckets} == {f"{name}_bucket"}, samples
    assert (total, count) == (f"{name}_sum", f"{name}_count"), samples
    bounds = [float(dict(pairs)["le"]) for _, pairs, _ in buckets]
    values = [value for _, _, value in buckets]
    assert bounds == sorted({*bounds}) and bounds[-1] == float("inf"), bounds
    assert values == sorted(values) and values[-1] == number, values


def read(text):
    """All samples: values by name and labels. Each metric is there once, with
    what it is, and only counters have names that end in _total."""
    assert text.endswith("\n"), "no line end at the end"
    metrics = re.split(r"(?m)^(?=# HELP )", text)
    assert metrics[0] == "", metrics[0]
    samples, seen = {}, set()
    for metric in metrics[1:]:
        lines = metric.splitlines()
        name, kind = headers(lines[:2])
        assert name not in seen, f"{name} is there twice"
        seen.add(name)
        assert name.endswith("_total") == (kind == "counter"), name
        assert lines[2:], f"{name} has no sample"
        found = []
        for line in lines[2:]:
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] == name or kind == "histogram", line
            key = (match[1], labels(match[2] or ""))
            assert key not in samples, f"{key} is there twice"
            samples[key] = float(match[3]) if "." in match[3] else \
                int(match[3])
            found.append((*key, samples[key]))
        if kind == "histogram":
            check_histogram(name, found)
    return samples
