# SPDX-License-Identifier: GPL-2.0
"""Reads the corpus: selftests/core/corpus/*.session, plain text.

    session: a sentence that names it
    see: the RFC section or CVE it is about
    with: end_of_data=reset; verbs=+BDAT -ETRN     what differs from default
    port: 465                                      25 if it is not said
    after: greeted                                 an opening's lines first
    S: 220 mx.example ESMTP
    C: VRFY root
    reads: XXXXXXXXX              what the other end reads in its place
    C~ no CRLF at the end of this one
    C: BDAT[reset] 5 LAST         at the octet behind the mark
    reset                         at the next segment, whoever sends it
    dropped                       the line above does not pass, and no more
    refused: VRFY unknown         the verbs of refused commands, in order
    told: message*2 ambiguous     and what else happened, see TOLD
    size: 1000 of 900 in 950      of the last message, as in section Sizes: its
                                  own, the declared one, the server's limit

What is not said does not happen: a line without `reads:` reads as it was
sent, a session without `refused:` refuses nothing. `opening: name` begins a
list of lines that `after:` refers to. Between `((` and `))` the two sides do
not wait for each other. `#` begins a comment line. Replies are written where
they come at the latest; causality.py says in which other orders the octets may
cross.

In the octets, \\r \\n \\t \\s \\0 \\\\ \\{ \\xHH stand for one, \\s for a
blank; {text*100} repeats and {hex 16 03 01} is what it says.
"""

import re
from collections import namedtuple
from pathlib import Path

from oracle import CLIENT, DEFAULTS, DROPPED, PROFILES, SERVER, words

CORPUS = Path(__file__).resolve().parent / "corpus"
TOLD = ("message", "ambiguous", "tls", "sync", "desync", "unexpected",
        "over_declared", "over_limit", "long_header")
LISTS = ("verbs", "capabilities", "auth_mechanisms")
RESET = "[reset]"

_KEY = re.compile(r"(session|opening|see|with|port|after|refused|told|size|reads):"
                  r"(?: (.*))?$")
_LINE = re.compile(r"([CS])([:~])(?: (.*))?$")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)")
_BRACES = re.compile(r"(?<!\\)\{(?:hex ([0-9A-Fa-f ]+)|((?:[^{}\\]|\\.)+)"
                     r"\*(\d+))\}")
_NAMED = {"r": b"\r", "n": b"\n", "t": b"\t", "s": b" ", "0": b"\0",
          "\\": b"\\", "{": b"{"}


def _escape(match):
    name = match[1]
    if name[0] == "x":
        return bytes([int(name[1:], 16)])
    if name not in _NAMED:
        raise ValueError(f"no escape \\{name}")
    return _NAMED[name]


def _plain(text):
    parts, at = [], 0
    for match in _ESCAPE.finditer(text):
        parts += [text[at:match.start()].encode(), _escape(match)]
        at = match.end()
    return b"".join(parts + [text[at:].encode()])


def octets(text):
    """The octets that a piece of the corpus stands for."""
    parts, at = [], 0
    for match in _BRACES.finditer(text):
        parts.append(_plain(text[at:match.start()]))
        at = match.end()
        if match[1]:
            parts.append(bytes.fromhex(match[1]))
        else:
            parts.append(_plain(match[2]) * int(match[3]))
    return b"".join(parts + [_plain(text[at:])])


# direction, sent, and what is read in its place, None from a reset on; and
# how many octets are written before those that do not wait for each other.
Octet = namedtuple("Octet", "direction sent read stretch")


class Turn:
    """One line of the corpus: what is sent, and what is read in its place;
    where a reset is in it, what is read before that."""

    def __init__(self, direction, sent, reset_at=None):
        self.direction = direction
        self.sent = sent
        self.read = sent[:reset_at]
        self.reset_at = reset_at


class Session:
    """One session: turns, and what to expect of it."""

    def __init__(self, name, place):
        self.name = name
        self.place = place
        self.see = None
        self.settings = {}
        self.port = 25
        # Lists of turns; those of one list do not wait for each other.
        self.stretches = []
        self.reset_before = None   # the number of the first turn behind it
        self.refused = []
        self.told = {}
        self.size = None

    def turns(self):
        """All turns, in the order of the corpus."""
        return [turn for stretch in self.stretches for turn in stretch]

    def is_tls_port(self):
        """Whether it is TLS from its first octet on."""
        return str(self.port) in words(self.settings.get("tls_ports", ""))

    def octets(self):
        """All octets, in the order of the corpus."""
        written, number, is_reset = [], 0, False
        for stretch in self.stretches:
            begin = len(written)
            for turn in stretch:
                is_reset = is_reset or number == self.reset_before
                number += 1
                for at, sent in enumerate(turn.sent):
                    is_reset = is_reset or at == turn.reset_at
                    written.append(Octet(
                        turn.direction, sent,
                        None if is_reset else turn.read[at],
                        begin if len(stretch) > 1 else len(written)))
        return written


class Reader:
    """Reads the files of a corpus."""

    def __init__(self):
        self.openings = {}
        self.sessions = []
        self.current = None
        self.group = None
        self.last = None        # the turn before, and whether CRLF ends it

    def read(self, path):
        """Add one file's sessions."""
        for number, text in enumerate(path.read_text().split("\n"), 1):
            try:
                self._line(text, f"{path.name}:{number}")
            except ValueError as problem:
                raise ValueError(f"{path.name}:{number}: {problem}") from None

    def _line(self, text, place):
        if not text or text.startswith("#"):
            return
        key, line = _KEY.match(text), _LINE.match(text)
        if key:
            getattr(self, f"_{key[1]}")(key[2] or "", place)
        elif line:
            self._turn(CLIENT if line[1] == "C" else SERVER, line[3] or "",
                       b"\r\n" if line[2] == ":" else b"")
        elif text == "reset":
            self._outside_group()
            self.current.reset_before = len(self.current.turns())
        elif text == "dropped":
            turn = self.last[0]
            turn.read = bytes([DROPPED]) * len(turn.read)
        elif text == "((":
            self.group = []
            self.current.stretches.append(self.group)
        elif text == "))":
            self.group = None
        else:
            raise ValueError(f"not understood: {text}")

    def _session(self, name, place):
        if any(session.name == name for session in self.sessions):
            raise ValueError(f"there is another session named {name}")
        self.current = Session(name, place)
        self.sessions.append(self.current)
        self.last = None

    def _opening(self, name, place):
        self.current = self.openings[name] = Session(name, place)
        self.last = None

    def _see(self, text, _):
        self.current.see = text

    def _with(self, text, _):
        for setting in text.split(";"):
            name, _, value = setting.partition("=")
            self.current.settings[name.strip()] = value.strip()

    def _port(self, text, _):
        self.current.port = int(text)

    def _after(self, name, _):
        self.current.stretches += self.openings[name].stretches
        for key, value in self.openings[name].settings.items():
            self.current.settings.setdefault(key, value)
        self.current.told.update(self.openings[name].told)

    def _refused(self, text, _):
        for word in text.split():
            verb, _, count = word.partition("*")
            self.current.refused += [verb] * int(count or 1)

    def _told(self, text, _):
        for word in text.split():
            name, _, count = word.partition("*")
            if name not in TOLD:
                raise ValueError(f"{name} is none of {', '.join(TOLD)}")
            self.current.told[name] = int(count or 1)

    def _size(self, text, _):
        self.current.size = text

    def _reads(self, text, _):
        turn, end = self.last
        read = octets(text)
        if turn.reset_at is None:
            read += end
        if len(read) != len(turn.read):
            raise ValueError(f"{len(turn.read)} octets are sent, and "
                             f"{len(read)} read")
        turn.read = read

    def _turn(self, direction, text, end):
        before, mark, behind = text.partition(RESET)
        if mark:
            self._outside_group()
        sent = octets(before)
        turn = Turn(direction, sent + octets(behind) + end,
                    len(sent) if mark else None)
        self.last = turn, end
        if self.group is None:
            self.current.stretches.append([turn])
        else:
            self.group.append(turn)

    def _outside_group(self):
        if self.group is not None:
            raise ValueError("what is reset has an order")


def resolve(settings):
    """Settings with `+WORD -WORD` lists made whole."""
    profile = PROFILES[settings.get("profile", DEFAULTS["profile"])]
    whole = dict(settings)
    for name in LISTS:
        if not re.match(r"[+-]", settings.get(name, "")):
            continue
        listed = words(profile.get(name, DEFAULTS[name]))
        for word in settings[name].split():
            if word[0] == "-":
                listed.remove(word[1:])
            else:
                listed.append(word)
        whole[name] = " ".join(listed)
    return whole


def read_corpus():
    """All sessions; the openings' file comes first."""
    reader = Reader()
    reader.read(CORPUS / "openings.session")
    for path in sorted(CORPUS.glob("*.session")):
        if path.name != "openings.session":
            reader.read(path)
    for session in reader.sessions:
        session.settings = resolve(session.settings)
        if not session.see:
            raise ValueError(f"{session.place}: see: is missing")
    return reader.sessions
