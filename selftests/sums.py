# SPDX-License-Identifier: GPL-2.0
"""Which counters add up to which, as Documentation/counters.rst says.

    assert not sums.wrong(counters)

Where packets are under way, what is counted twice may have been once."""

# Counters that are one number, and the beginning of those that are another.
SUMS = (
    (("commands_passed",), "passed_"),
    (("commands_refused",), "refused_"),
    (("commands_refused", "others_refused"), "refused_for_"),
    (("resets",), "reset_for_"),
)


def family(counters, beginning):
    """Those that begin so, but for those of another family."""
    return {name: value for name, value in counters.items()
            if name.startswith(beginning) and not any(
                name.startswith(other) for _, other in SUMS
                if len(other) > len(beginning))}


def wrong(counters):
    """What does not add up."""
    complaints = []
    for names, beginning in SUMS:
        total = sum(counters[name] for name in names)
        parts = family(counters, beginning)
        if not parts or sum(parts.values()) != total:
            some = {name: value for name, value in parts.items() if value}
            complaints.append(f"{' + '.join(names)} = {total}, but {some}")
    if counters["sessions_closed"] > counters["sessions_opened"]:
        complaints.append(f"{counters['sessions_opened']} sessions opened, "
                          f"{counters['sessions_closed']} closed")
    return complaints


def sessions(counters):
    """How many there are."""
    return counters["sessions_opened"] - counters["sessions_closed"]
