# SPDX-License-Identifier: GPL-2.0
"""How a rule chooses the connections that are guarded: it gives them the helper
`smtp`, or a mark. There are modules without that helper; which one this is, the
module tells. Cases in which a rule chooses run for each way that there is:

    for way in choose.WAYS:
        with report.case(f"a rule gives connections {way.name}: ..."), \\
                parameters(**way.values), ruleset(way.rules(2500)):
            ...
"""

from typing import NamedTuple

from talk import field

RULES = """
table inet smtpguard_net_choose {{
	{declared}
	chain prerouting {{
		type filter hook prerouting priority filter;
		tcp dport {port} {given}
	}}
}}
"""


class Way(NamedTuple):
    """One of these ways: what it is called, what a ruleset must declare and a
    rule say, the same for iptables, and the parameters that it takes."""

    name: str
    declared: str
    given: str
    table: str
    target: tuple
    values: dict

    def rules(self, port):
        """A table of nftables that chooses connections to this port."""
        return RULES.format(declared=self.declared, given=self.given,
                            port=port)


HELPER = Way("the helper", 'ct helper smtp { type "smtp" protocol tcp; }',
             'ct helper set "smtp"', "raw", ("CT", "--helper", "smtp"), {})
MARK = Way("a mark", "", "ct mark set 0x13", "mangle",
           ("CONNMARK", "--set-mark", "0x13"), {"mark": "0x10/0xf0"})

# What the module tells of itself.
TOLD, = field("helper")
HAS_HELPER = TOLD == "smtp"
WAYS = (HELPER, MARK) if HAS_HELPER else (MARK,)
