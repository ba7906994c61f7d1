# SPDX-License-Identifier: GPL-2.0
"""What a client learns from the greeting: with Mailguard's stars, blotted
out, or all of it."""

import itertools
import threading

import bed
from messages import cuts
from server import single
from talk import PROFILES, Talk, counted, many, parameters, simple_cuts

# The greeting, and what is left of it under Mailguard's stars and blotted.
GREETINGS = (
    (b"220 mail.example.org ESMTP Postfix (Debian)\r\n",
     b"220 ***************************************\r\n",
     b"220 xxxxxxxxxxxxxxxx ESMTP xxxxxxx xxxxxxxx\r\n"),
    (b"220 mx20.example.org ESMTP 8.9.3/8.9.1; Tue, 26 Jun 2001 20:00:02\r\n",
     b"220 **20*************************************2******200**20*00*02\r\n",
     None),
    (b"220 0 0 2 0x\r\n", b"220 0 0 2*0*\r\n", b"220 x x x xx\r\n"),
    (b"220 x\r\n", b"220 *\r\n", b"220 x\r\n"),
    (b"220\r\n", b"220\r\n", b"220\r\n"),
    (b"220-mail.example.org\r\n220-20 years\r\n220 ESMTP\r\n",
     b"220-****************\r\n220-20 *****\r\n220 *****\r\n",
     b"220-xxxxxxxxxxxxxxxx\r\n220-xx xxxxx\r\n220 ESMTP\r\n"),
    (b"220-a\n220 b\n", b"220-*\n220 *\n", b"220-x\n220 x\n"),
    (b"554 No SMTP here\r\n", b"554 ************\r\n",
     b"554 xx xxxx xxxx\r\n"),
)
# Short enough for all of its 256 cuts.
SHORT = b"220 0 a\r\n"
SHORT_STARRED = b"220 0 *\r\n"
BLOTTED = dict(greeting="mask")


def run(report, server):
    greetings(report, server)
    all_cuts(report, server)
    postfix_sees_no_pix(report, server)
    only_the_greeting(report, server)
    one_policy_a_greeting(report, server)


def greet(server):
    """The greeting as a client sees it."""
    with Talk(server) as talk:
        return bytes(talk.received)


def seen_in_cuts(server, greeting, ways):
    """All that clients see of a greeting that is cut in these ways."""
    left = iter(ways)
    with server.saying(greeting=greeting, cut=lambda _: next(left)):
        return set(many(lambda _: greet(server), ways))


def greetings(report, server):
    for kept, starred, blotted in GREETINGS:
        for name, settings, expected in (
                ("mailguard", dict(profile="mailguard"), starred),
                ("esmtp, greeting=mask", BLOTTED, blotted),
                ("esmtp", dict(profile="esmtp"), kept),
                ("mailguard, greeting=keep",
                 dict(profile="mailguard", greeting="keep"), kept)):
            if expected is None:
                continue
            with report.case(f"{name}: greeting {kept!r} in every cut"), \
                    parameters(**settings):
                got = seen_in_cuts(server, kept, list(simple_cuts(kept)))
                assert got == {expected}, f"{got}, not {expected!r}"


def all_cuts(report, server):
    ways = list(cuts(SHORT))
    with report.case(f"mailguard: {SHORT!r} cut in all {len(ways)} ways"), \
            parameters(profile="mailguard"), \
            counted(greetings_masked=len(ways), sessions_opened=len(ways)):
        assert len(ways) == 256
        got = seen_in_cuts(server, SHORT, ways)
        assert got == {SHORT_STARRED}, got


def shown(server, greeting):
    """A greeting of one line as a client sees it, without its line end."""
    with server.saying(greeting=greeting):
        return greet(server).decode().removesuffix("\r\n")


def postfix_sees_no_pix(report, server):
    """Postfix takes a server for a PIX whose greeting consists of "20 *" to
    its end, and then speaks plain SMTP to it."""
    with report.case("esmtp, greeting=mask: Postfix does not take it for a "
                     "PIX, and finds ESMTP in it"), parameters(**BLOTTED):
        text = shown(server, GREETINGS[0][0])
        assert text.startswith("220 ")
        assert text.lstrip("20 *\t\n") != "", text
        assert "ESMTP" in text.split(), text
    with report.case("mailguard: Postfix takes it for a PIX"), \
            parameters(profile="mailguard"):
        text = shown(server, GREETINGS[0][0])
        assert text.lstrip("20 *\t\n") == "", text


def only_the_greeting(report, server):
    for name, settings in (("mailguard", dict(profile="mailguard")),
                           ("esmtp, greeting=mask", BLOTTED)):
        with report.case(f"{name}: later replies are not changed, a second "
                         "220 neither"), parameters(**settings), \
                server.saying(replies={b"NOOP": b"220 Not a greeting\r\n"},
                              cut=single), Talk(server) as talk:
            talk.expect("HELO client", "250 mail.example.org")
            talk.expect("NOOP", "220 Not a greeting")


def one_policy_a_greeting(report, server):
    kept, starred, _ = GREETINGS[0]
    with report.case("profiles written while 300 sessions begin: each "
                     "greeting is one of two whole forms, and both occur"), \
            parameters(), server.saying(greeting=kept):
        got = many_while_written(server)
        others = set(got) - {kept, starred}
        assert not others, others
        assert set(got) == {kept, starred}, f"all were {set(got)}"


def many_while_written(server):
    """Greetings of many sessions, while the profile is written all the time.
    """
    done = threading.Event()

    def write():
        for profile in itertools.cycle(PROFILES):
            bed.set_parameter("profile", profile)
            if done.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return many(lambda _: greet(server), range(300))
    finally:
        done.set()
        writer.join()
