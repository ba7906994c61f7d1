# SPDX-License-Identifier: GPL-2.0
"""The sessions of selftests/core/corpus as inputs of the harnesses, so that no
fuzzer has to find out first what SMTP is. The input's form is described where
it is read: input.c, and the head of each harness."""

import ctypes
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "core")]

# pylint: disable=wrong-import-position
import core  # noqa: E402
import harness  # noqa: E402
import hellos  # noqa: E402
from oracle import CLIENT, words  # noqa: E402
from sessions import read_corpus  # noqa: E402

PIECE_MAX = 128
FLAG = 0x80
CHOICES_MAX = 63
RELAY_DOMAINS = 1
GREETING, TLS, LATE = range(3)


class Word(ctypes.Structure):
    """struct word"""
    _fields_ = [("name", ctypes.c_char_p), ("value", ctypes.c_uint8)]


class Table(ctypes.Structure):
    """struct word_table"""
    _fields_ = [("rows", ctypes.POINTER(Word)), ("count", ctypes.c_uint8)]


class Parameter(ctypes.Structure):
    """struct parameter"""
    _fields_ = [("name", ctypes.c_char_p), ("standard", ctypes.c_char_p),
                ("takes", ctypes.c_char_p),
                ("set", ctypes.c_void_p), ("show", ctypes.c_void_p),
                ("offset", ctypes.c_size_t),
                ("table", ctypes.POINTER(Table)),
                ("minimum", ctypes.c_uint), ("unlimited", ctypes.c_bool),
                ("maximum", ctypes.c_uint),
                ("words", ctypes.POINTER(ctypes.c_char_p)),
                ("part", ctypes.c_int)]


class Parameters:
    """settings_parameters, from the core itself."""

    def __init__(self):
        library = ctypes.CDLL(str(core.build()))
        first = Parameter.in_dll(library, "settings_parameters")
        rows = ctypes.cast(ctypes.byref(first), ctypes.POINTER(Parameter))
        self.rows = {}
        # the last row is max_messages
        while b"max_messages" not in [row.name for _, row in
                                      self.rows.values()]:
            number = len(self.rows)
            self.rows[rows[number].name.decode()] = number, rows[number]

    def choices(self, settings):
        """(row, value) for each difference from the default."""
        profile = settings.get("profile", "esmtp")
        chosen = [(0, ["esmtp", "mailguard", "monitor"].index(profile))]
        for name, value in settings.items():
            number, row = self.rows[name]
            if row.words:
                chosen.append((number, self._word(row, value)))
            elif row.table and value != "all":
                chosen += [(number, toggle) for toggle in
                           self._toggles(name, row, profile, value)]
            elif row.maximum:
                # no limit is not among them
                above = max(int(value) - row.minimum, 0)
                chosen.append((number, min(above, 255)))
            elif name == "relay_domains":
                chosen.append((number, RELAY_DOMAINS))
        return chosen[:CHOICES_MAX]

    @staticmethod
    def _word(row, value):
        number = 0
        while row.words[number] != value.encode():
            number += 1
        return number

    @staticmethod
    def _toggles(name, row, profile, value):
        default = harness_default(name, profile)
        changed = set(default) ^ set(words(value))
        table = row.table[0]
        names = [table.rows[number].name.decode()
                 for number in range(table.count)]
        # words that no table has are not among the choices
        return [names.index(word.upper()) for word in sorted(changed)
                if word.upper() in names]


def harness_default(name, profile):
    """The words of a list before it is changed."""
    from oracle import DEFAULTS, PROFILES
    value = PROFILES[profile].get(name, DEFAULTS[name])
    return [] if value == "all" else words(value)


def _pieces(octets):
    return [octets[at:at + PIECE_MAX]
            for at in range(0, len(octets), PIECE_MAX)]


def of_both(session, begin=None):
    """Each turn in segments, with its direction."""
    if begin is None:
        begin = TLS if session.is_tls_port() else GREETING
    parts = [bytes([begin])]
    for turn in session.turns():
        flag = 0 if turn.direction == CLIENT else FLAG
        for piece in _pieces(turn.sent):
            parts += [bytes([flag | len(piece) - 1]), piece]
    return b"".join(parts)


def of_one(session, direction):
    """The turns of one side; what the other says before is one octet."""
    parts, spoken = [], 0
    for turn in session.turns():
        if turn.direction != direction:
            spoken += 1
            continue
        for number, piece in enumerate(_pieces(turn.sent)):
            head = len(piece) - 1
            if number or not spoken:
                parts += [bytes([head]), piece]
            else:
                # the best answer of a server; the next line of a client
                choice = 0 if direction == CLIENT else spoken - 1
                parts += [bytes([FLAG | head, choice & 0xff]), piece]
    return b"".join(parts)


def of_model(*ways):
    """The client's turns, to a server with these ways, see models.c."""
    return lambda session: bytes(ways) + of_one(session, CLIENT)


BOTH = {"": of_both, "-late": lambda session: of_both(session, LATE)}
FORMS = {
    "both": BOTH,
    "cuts": BOTH,
    "client": {"": lambda session: of_one(session, CLIENT)},
    "server": {"": lambda session: of_one(session, 1 - CLIENT)},
    # one that takes chunks, one that knows none, one that refuses them, these
    # two with an end of messages of their own, one that strips bits, and one
    # that takes 30 octets and reads on as if a line began
    "models": {"": of_model(0x08, 0), "-unknown": of_model(0xb9, 0x11),
               "-refused": of_model(0xcb, 0x22),
               "-stripped": of_model(0x08, 0x80),
               "-anew": of_model(0x08, 0x7d)},
}


def of_hellos(client, server):
    """Both hellos in pieces, each with who says it."""
    return b"".join(bytes([flag | len(piece) - 1]) + piece
                    for flag, side in ((0, client), (FLAG, server))
                    for piece in _pieces(side))


def write_hellos(place):
    """The hellos of the core suite."""
    rows = [row[1:3] for row in (*hellos.recorded(), *hellos.MADE)]
    for number, sides in enumerate(rows):
        octets = of_hellos(*sides)
        if len(octets) <= harness.INPUT_MAX:
            (place / f"{number:03}").write_bytes(octets)


def write(name):
    """The seeds of a harness. Returns their folder."""
    place = harness.BUILD / "seeds" / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if name == "hello":
        write_hellos(place)
    if name not in FORMS:
        return place
    parameters = Parameters()
    for number, session in enumerate(read_corpus()):
        choices = parameters.choices(session.settings)
        if choices == [(0, 0)]:
            choices = []
        policy = bytes([len(choices)]) + b"".join(map(bytes, choices))
        for suffix, form in FORMS[name].items():
            octets = policy + form(session)
            if len(octets) <= harness.INPUT_MAX:
                (place / f"{number:03}{suffix}").write_bytes(octets)
    return place
