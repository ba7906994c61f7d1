# SPDX-License-Identifier: GPL-2.0
"""Who does one thing after the other while there is mail."""

import random
import threading


class Actor:
    """Does everything that it can once, then what chance has it do, and at last
    everything once more that may be last. `done` says how often, by the name of
    the method without its first character; `problem` is what ended it before
    its time, if anything did."""

    def __init__(self, seed, pause):
        self.problem = None
        self.random = random.Random(seed)
        self._pause = pause
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.done = {_name(action): 0 for action in self.actions()}

    def actions(self):
        """The methods to call; one that is to be called more often than others
        is there several times."""
        raise NotImplementedError

    def last_actions(self):
        """Those that leave something behind which would show later."""
        return self.actions()

    def start(self):
        """Begin."""
        self._thread.start()

    def stop(self):
        """Come to the end; raises what the problem was."""
        self._stopped.set()
        self._thread.join()
        if self.problem:
            raise self.problem

    def _run(self):
        try:
            for action in self._order():
                action()
                self.done[_name(action)] += 1
                self._stopped.wait(self.random.uniform(0, self._pause))
        except Exception as problem:  # raised in stop()
            self.problem = problem

    def _order(self):
        yield from self._shuffled(self.actions())
        while not self._stopped.is_set():
            yield self.random.choice(self.actions())
        yield from self._shuffled(self.last_actions())

    def _shuffled(self, actions):
        once = list(dict.fromkeys(actions))
        self.random.shuffle(once)
        return once


def _name(action):
    return action.__name__[1:]
