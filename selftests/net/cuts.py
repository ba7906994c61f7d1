# SPDX-License-Identifier: GPL-2.0
"""Segmentation never matters: however TCP cuts a session, the server reads
the same octets and the client gets the same replies."""

import random
import threading

from messages import cuts
from server import single, whole
from talk import PROFILES, Talk, counted, parameters

# The end of a message, how many ways there are to cut it, and in how many of
# those the end of data itself, CRLF.CRLF, is in more than one segment.
ENDS = (
    (b"x\r\n.\r\n", 32, 30),
    (b"\nx\r\n.\r\n", 64, 60),
)

# What may be sent at once, and the codes of the replies to it: a client waits
# for the answer to DATA (RFC 2920).
DIALOGUE = (
    (b"%s client.example.net\r\nMAIL FROM:<a@example.net>\r\n"
     b"RCPT TO:<b@example.org>\r\nDATA\r\n", "250 250 250 354"),
    (b"Subject: EXPN\r\n\r\n..dot\r\nVRFY b\r\n.\r\n"
     b"RSET\r\nVRFY b\r\nNOOP\r\nQUIT\r\n", "250 250 500 250 221"),
)
HELLO = {"esmtp": b"EHLO", "mailguard": b"HELO"}
RANDOM_CUTS = 24

DATA_REFUSED = {b"DATA": b"503 5.5.1 Not now\r\n"}

# Sent in one segment before the greeting, and what the server may see of it.
BEFORE_GREETING = (
    ("DATA and EXPN",
     b"DATA\r\nEXPN root\r\n", {"esmtp": b"DATA\r\nEXXXXXXXX\r\n",
                                "mailguard": b"DATA\r\nXXXXXXXXX\r\n"}),
    ("DATA, RSET and EXPN",
     b"DATA\r\nRSET\r\nEXPN root\r\n",
     {"esmtp": b"DATA\r\nRSET\r\nEXXXXXXXX\r\n",
      "mailguard": b"DATA\r\nRSET\r\nXXXXXXXXX\r\n"}),
    ("DATA twice and VRFY",
     b"DATA\r\nDATA\r\nVRFY root\r\n",
     {"esmtp": b"DATA\r\nDATA\r\nXXXXXXXXX\r\n",
      "mailguard": b"DATA\r\nDATA\r\nXXXXXXXXX\r\n"}),
)


def run(report, server):
    for profile in PROFILES:
        with parameters(profile=profile):
            ends_of_data(report, server, profile)
            q295725(report, server, profile)
            whole_sessions(report, server, profile)
            cve_2000_1022(report, server, profile)


def ends_of_data(report, server, profile):
    for end, ways, split in ENDS:
        with report.case(f"{profile}: {end!r} cut in all {ways} ways: every "
                         f"message comes, {split} ends of data were split"):
            pieces = list(cuts(end))
            assert len(pieces) == ways
            with Talk(server) as talk, counted(
                    messages=ways, ends_of_data_split=split,
                    message_bytes=ways * len(end), ends_of_data_ambiguous=0,
                    commands_refused=0, resets=0):
                for way in pieces:
                    talk.open_message()
                    talk.say("250", *way)
                talk.insist_on_equal()
            assert talk.session.messages == [end] * ways


def q295725(report, server, profile):
    """The end of data in two packets never reached the server, so that it
    never answered and the client sent the message again for hours."""
    with report.case(f"{profile}: KB Q295725: an end of data in two packets "
                     "reaches the server, and its 250 the client"):
        for first, second in ((b"text\r\n.\r", b"\n"), (b"text\r\n.", b"\r\n"),
                              (b"text\r\n", b".\r\n"), (b"text\r", b"\n.\r\n"),
                              (b"text", b"\r\n.\r\n")):
            with Talk(server) as talk, counted(messages=1, resets=0):
                talk.open_message()
                talk.send(first)
                talk.session.wait(lambda end=first:
                                  talk.session.octets.endswith(end),
                                  "the first packet did not come")
                talk.say("250", second)
                talk.expect("QUIT", "221")
                talk.insist_on_equal()
            assert talk.session.messages == [b"text\r\n.\r\n"]


def whole_sessions(report, server, profile):
    expected = play(server, profile, whole, whole)
    ways = [("client octet by octet", single, whole),
            ("server octet by octet", whole, single),
            ("both octet by octet", single, single)]
    for name, of_client, of_server in ways:
        with report.case(f"{profile}: a whole session, {name}: what both "
                         "ends read is the same as uncut"):
            insist_on_same(play(server, profile, of_client, of_server),
                           expected)
    with report.case(f"{profile}: a whole session cut at random "
                     f"{RANDOM_CUTS} times: what both ends read is the same"):
        def play_at_random(seed):
            return play(server, profile, random_cut(seed), random_cut(-seed))
        # The server's script is set anew for each, so one at a time.
        for seed in range(1, RANDOM_CUTS + 1):
            insist_on_same(play_at_random(seed), expected)


def random_cut(seed):
    """A way to cut that looks like nothing, yet is the same in each run."""
    source = random.Random(seed)

    def cut(octets):
        count = source.randint(0, min(len(octets) - 1, 12))
        places = sorted(source.sample(range(1, len(octets)), count))
        return [octets[start:end] for start, end in
                zip([0, *places], [*places, len(octets)])]
    return cut


def play(server, profile, of_client, of_server):
    """Go through the dialogue; what the server and the client read."""
    with server.saying(cut=of_server), Talk(server) as talk:
        for octets, codes in DIALOGUE:
            octets = octets.replace(b"%s", HELLO[profile])
            talk.send(*of_client(octets))
            for code in codes.split():
                talk.insist(code)
        assert talk.session.wait_end() == "closed"
        assert talk.lines.readline() == b"", "more than was asked for"
    assert len(talk.session.octets) == len(talk.sent)
    assert len(talk.received) == len(talk.session.said)
    return bytes(talk.session.octets), bytes(talk.received)


def insist_on_same(got, expected):
    for who, octets, others in zip(("server", "client"), got, expected):
        assert octets == others, f"{who} read\n{octets!r}, uncut\n{others!r}"


def cve_2000_1022(report, server, profile):
    """Mailguard took the client's DATA for the begin of a message, whatever
    the server said to it, and let every verb through from there on."""
    with report.case(f"{profile}: CVE-2000-1022: DATA answered by 503 does "
                     "not open the filter for EXPN"):
        with server.saying(replies=DATA_REFUSED), Talk(server) as talk, \
                counted(messages=0, refused_EXPN=3, resets=0):
            talk.expect("HELO client.example.net", "250")
            talk.expect("DATA", "503")
            talk.expect("EXPN root", "500")
            talk.expect("MAIL FROM:<a@example.net>", "250")
            talk.expect("DATA", "503")
            talk.say("503", b"DATA\r\nEXPN root\r\n")
            talk.insist("500")
            talk.expect("EXPN root", "500")
            assert b"EXPN" not in talk.session.octets
    for name, octets, visible in BEFORE_GREETING:
        for how, cut in (("in one segment", whole),
                         ("octet by octet", single)):
            with report.case(f"{profile}: CVE-2000-1022: {name} {how} before "
                             "the greeting"):
                early_commands(server, cut(octets), visible[profile])


def early_commands(server, pieces, visible):
    """Sent while the server has not yet greeted."""
    ready = threading.Event()
    with server.saying(replies=DATA_REFUSED, ready=ready):
        # Nothing tells the client that the router has seen its octets; but
        # all of them go before the greeting, for they are what frees it.
        talk = Late(server, pieces, ready)
    with talk:
        for line in visible.splitlines():
            talk.insist({b"DATA": "503", b"RSET": "250"}.get(line, "500"))
        talk.expect("NOOP", "250")
        assert talk.session.octets == visible + b"NOOP\r\n", \
            talk.session.octets


class Late(Talk):
    """A client that speaks before the greeting, to a server that greets only
    when that has been sent."""

    def __init__(self, server, pieces, ready):
        self._ready = ready
        super().__init__(server, early=pieces)

    def send(self, *pieces):
        super().send(*pieces)
        self._ready.set()
