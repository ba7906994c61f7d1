# SPDX-License-Identifier: GPL-2.0
"""In which orders the octets of a session may cross.

The corpus writes each session down in one order, the one in which replies
come as late as they can. They may come earlier, and cut anywhere, between
the client's later octets. What is held to, by the number of octets of the
other side that must have crossed before an octet:

- each side's octets keep their order;
- an octet of the side that commands comes behind all replies that the corpus
  has before it: this client has waited for them;
- an octet of a reply comes behind the last one of the command that it
  answers, and need not come later. For an end of data that is the last octet
  of CRLF.CRLF, or of the line of BDAT LAST;
- between `((` and `))` nobody waits, but a reply still does for its command.

Some replies are not the same if they come at another time, and by
decisions.rst they must not be. These stay behind all that the corpus has
before them:

- what answers nothing, and what comes in TLS: nothing says since when it was
  under way; of a line that is no reply, its last octet;
- the last octet of a reply that changes how the client's next octet is read:
  the end of every row of the table in section Replies owed; a reply that
  closes a transaction with command_order=refuse, or that ends a sync point
  with pipelining=reset; one that condemns, or that ends a condemned session,
  or that counts towards a desynchronisation;
- all behind a reset.

Which command a reply answers, and what it changes, is what the oracle says
of the order in the corpus. The oracle is asked again about each order that
is drawn, and held to the text, so a mistake in it shows.
"""

from bisect import bisect_right
from itertools import accumulate

from oracle import CLIENT, SERVER, Oracle

# How many octets of one side may cross in a row; small ones are for short
# sessions.
GRAINS = (1, 4, 32, 1 << 20)
TURNS_MAX = 512


class Causality:
    """The orders of one session."""

    def __init__(self, session):
        self.written = session.octets()
        self.sides = {side: [octet for octet in self.written
                             if octet.direction == side]
                      for side in (CLIENT, SERVER)}
        waits = {CLIENT: [], SERVER: []}
        for octet, wait in zip(self.written, self._waits(session)):
            waits[octet.direction].append(wait)
        # A side's octets keep their order, so none waits for less than the
        # one before it.
        self.waits = {side: list(accumulate(wait, max))
                      for side, wait in waits.items()}

    def _waits(self, session):
        oracle = Oracle(session.settings, session.is_tls_port())
        crossed = {CLIENT: [0], SERVER: [0]}
        for octet in self.written:
            others = crossed[1 - octet.direction]
            answers = self._feed(oracle, octet)
            yield others[octet.stretch if answers is None else answers]
            for side, counts in crossed.items():
                counts.append(counts[-1] + (side == octet.direction))

    @staticmethod
    def _feed(oracle, octet):
        """Where the command ends that this octet answers, or None if it has
        to stay where it is."""
        owed = oracle.certain_owed()
        before = oracle.reading()
        is_reply = octet.direction != oracle.client
        is_over = oracle.reset_at is not None or oracle.lost_at is not None
        told = len(oracle.events)
        oracle.feed(octet.direction, octet.sent)
        is_junk = any(event[1] == "unexpected"
                      for event in oracle.events[told:])
        if (is_over or is_junk or not is_reply or not owed
                or oracle.reading() != before):
            return None
        return owed.at + 1

    def is_free(self):
        """Whether there is more than one order."""
        at = {CLIENT: 0, SERVER: 0}
        for octet in self.written:
            if self._ready(1 - octet.direction, at):
                return True
            at[octet.direction] += 1
        return False

    def _ready(self, side, at):
        """How many octets of a side may cross now."""
        return bisect_right(self.waits[side], at[1 - side]) - at[side]

    def draw(self, chance):
        """One order; chance (random.Random) chooses which."""
        at = {CLIENT: 0, SERVER: 0}
        grain = max(chance.choice(GRAINS), len(self.written) // TURNS_MAX)
        drawn = []
        while len(drawn) < len(self.written):
            ready = {side: self._ready(side, at) for side in self.sides}
            side = chance.choice([side for side in ready if ready[side]])
            run = chance.randint(1, min(grain, ready[side]))
            drawn += self.sides[side][at[side]:at[side] + run]
            at[side] += run
        return drawn
