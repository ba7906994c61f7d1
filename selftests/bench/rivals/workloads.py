# SPDX-License-Identifier: GPL-2.0
"""What is sent, by host and VM alike."""

import dataclasses

# Turns of a loop that has two instructions.
KNOWN = 50000000
# A router that is slow gets this part of the mails.
SLOWER = 4


@dataclasses.dataclass
class Workload:
    """So many mails of a size; cut into packets of a wire's length if that is
    so. Told `per` a GB or per 1,000 mails."""

    name: str
    per: str
    mails: int
    size: int
    kind: str
    cut: bool = False

    def count(self, slow):
        """How many of them are sent by a router that is slow, or not."""
        return max(1, self.mails // SLOWER) if slow else self.mails

    def scale(self, one):
        """From what was measured once to what is told."""
        return 1e9 / one["sent"] if self.per == "GB" else 1000 / one["mails"]


WORKLOADS = (
    Workload("text", "GB", 3, 16000000, "text"),
    Workload("base64", "GB", 3, 16000000, "base64"),
    Workload("text, 1448", "GB", 2, 8000000, "text", cut=True),
    Workload("base64, 1448", "GB", 2, 8000000, "base64", cut=True),
    Workload("5 kB mails", "1,000 mails", 100, 5000, "text"),
    Workload("20 kB mails", "1,000 mails", 100, 20000, "text"),
)
