# SPDX-License-Identifier: GPL-2.0
"""The server never sees a refused command, the client never sees a refused
capability, and all that is allowed passes octet for octet."""

import re

from server import SERVER_HELLO, single, whole
from talk import (PROFILES, Talk, counted, halves, many, parameters,
                  simple_cuts)

ALLOWED = {
    "esmtp": "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT HELP AUTH STARTTLS "
             "ETRN X-ANONYMOUSTLS X-EXPS",
    "mailguard": "HELO MAIL RCPT DATA RSET NOOP QUIT",
}
# Octets that are no lines follow these, so their line is never overwritten.
UNMASKABLE = "BDAT XEXCH50"
KNOWN = ("ATRN AUTH BDAT BURL DATA EHLO ETRN EXPN HELO HELP LHLO MAIL NOOP "
         "QUIT RCPT RSET SAML SEND SOML STARTTLS TURN VRFY X-ANONYMOUSTLS "
         "X-EXPS XCLIENT XEXCH50 XFORWARD")
HELLO = b"HELO client\r\n"
NOOP = b"NOOP\r\n"

# Short ones: each is sent once for each of its octets in one session.
UNKNOWN = (
    b"FOO\r\n", b"WIZ\r\n", b"DEBUG\r\n", b"wiz\r\n", b"eXpN root\r\n",
    b"vrfy\troot\r\n", b"EXPNX\r\n", b"MAILX FROM:<>\r\n", b"RCP TO:<b>\r\n",
    b" EXPN root\r\n", b"\tVRFY root\r\n", b" NOOP\r\n", b"\xc5XPN root\r\n",
    b"\xff\xfe\r\n", b"NO\0OP\r\n", b"E\0XPN root\r\n", b"BDATX 3\r\n",
    b"\0EXPN root\r\n", b"\x08NOOP\r\n",
    b"EXPN root\n", b".\r\n",
)

# What begins a session of another protocol.
FOREIGN = (
    b"GET / HTTP/1.1\r\nHost: mail\r\n\r\n", b"CONNECT mail:25 HTTP/1.0\r\n",
    b"post /\r\n", b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
)

# Name, what is sent, what the server gets in either profile; with bare line
# ends it may read more than one line.
EXACT = (
    ("an empty line is left to the server", b"\r\n", b"\r\n"),
    ("a bare LF ends a line", b"NOOP\nVRFY root\r\n", b"NOOP\nXXXXXXXXX\r\n"),
    ("what follows a bare CR is overwritten",
     b"NOOP\rVRFY root\r\n", b"NOOP\rXXXXXXXXX\r\n"),
    ("CR CR LF", b"NOOP\r\r\nVRFY root\r\n", b"NOOP\r\r\nXXXXXXXXX\r\n"),
    ("a bare CR behind an argument",
     b"MAIL FROM:<a>\rVRFY b\r\n", b"MAIL FROM:<a>\rXXXXXX\r\n"),
    ("a prefix of an allowed verb is left to the server",
     b"MAI\r\nVRFY\r\n", b"MAI\r\nXXXX\r\n"),
    ("pipelined", b"NOOP\r\nVRFY a\r\nNOOP\r\nVRFY b\r\nNOOP\r\n",
     b"NOOP\r\nXXXXXX\r\nNOOP\r\nXXXXXX\r\nNOOP\r\n"),
)

ARGUMENTS = {
    "HELO": b" client", "EHLO": b" client", "MAIL": b" FROM:<a@b> SIZE=3",
    "RCPT": b" TO:<EXPN@b>", "NOOP": b" VRFY x", "HELP": b" EXPN",
    "AUTH": b" PLAIN AGEAYg==", "ETRN": b" example.org", "BDAT": b" 0",
    "X-EXPS": b" GSSAPI",
}
DATA_REFUSED = {b"DATA": b"503 5.5.1 Not now\r\n"}

GOING_TLS = {b"STARTTLS": b"220 2.0.0 Go on\r\n"}
HANDSHAKE = b"\x16\x03\x01\x00\x0a\x01VRFY a\r\n\0"

CAPABILITIES = (
    b"250-mail.example.org VRFY EXPN\r\n250-PIPELINING\r\n"
    b"250-SIZE 10240000\r\n250-VRFY\r\n250-CHUNKING\r\n250-ETRN\r\n"
    b"250-STARTTLS\r\n250-AUTH PLAIN LOGIN XOAUTH2\r\n250-AUTH=PLAIN LOGIN\r\n"
    b"250-XEXCH50 2\r\n250-expn\r\n250-SIZEX\r\n250-size 5\r\n250-DSN\r\n"
    b"250-8BITMIME\r\n250-X-UNKNOWN VRFY\r\n250-BURL imap\r\n"
    b"250 BINARYMIME\r\n")
VISIBLE = (
    b"250-mail.example.org VRFY EXPN\r\n250-PIPELINING\r\n"
    b"250-SIZE 10240000\r\n250-XXXX\r\n250-CHUNKING\r\n250-ETRN\r\n"
    b"250-STARTTLS\r\n250-AUTH PLAIN LOGIN XOAUTH2\r\n250-AUTH=PLAIN LOGIN\r\n"
    b"250-XXXXXXXXX\r\n250-eXXX\r\n250-SIZEX\r\n250-size 5\r\n250-DSN\r\n"
    b"250-8BITMIME\r\n250-X-XXXXXXXXXXXX\r\n250-BXXXXXXXX\r\n"
    b"250 BINARYMIME\r\n")
ONLY_SIZE = (
    b"250-mail.example.org VRFY EXPN\r\n250-XXXXXXXXXX\r\n"
    b"250-SIZE 10240000\r\n250-XXXX\r\n250-XXXXXXXX\r\n250-XXXX\r\n"
    b"250-SXXXXXXX\r\n250-XXXXXXXXXXXXXXXXXXXXXXXX\r\n"
    b"250-XXXXXXXXXXXXXXXX\r\n250-XXXXXXXXX\r\n250-XXXX\r\n"
    b"250-SIZEX\r\n250-size 5\r\n250-XXX\r\n250-XXXXXXXX\r\n"
    b"250-XXXXXXXXXXXXXX\r\n250-XXXXXXXXX\r\n250 XXXXXXXXXX\r\n")
HIDDEN_KEYWORDS = (b"VRFY", b"XEXCH50", b"EXPN", b"X-UNKNOWN", b"BURL")


def run(report, server):
    for profile in PROFILES:
        with parameters(profile=profile):
            refused_verbs(report, server, profile)
            exact(report, server, profile)
            allowed_verbs(report, server, profile)
            unmaskable(report, server, profile)
    foreign(report, server)
    limits(report, server)
    reset_instead(report, server)
    tls(report, server)
    capabilities(report, server)


def masked(line, profile):
    """A command line as the server may get it: from the first octet on with
    which it can no longer become an allowed command, all is overwritten."""
    text = line.rstrip(b"\r\n")
    verb = re.match(rb"[^ \t]*", text)[0]
    allowed = ALLOWED[profile].encode().split()
    known = allowed + UNMASKABLE.encode().split()
    passing = 0
    while passing < len(verb) and any(
            word.startswith(verb[:passing + 1].upper()) for word in known):
        passing += 1
    argument = len(text) > len(verb)
    if passing == len(verb) and (verb.upper() in allowed or not argument):
        return line
    return line[:passing] + b"X" * (len(text) - passing) + line[len(text):]


def words(octets):
    """What a server that takes any CR or LF for a line end reads as verbs."""
    return {line.split()[0].upper()
            for line in re.split(rb"[\r\n]", bytes(octets)) if line.strip()}


def refused_set(profile):
    return {verb.encode() for verb in
            set(KNOWN.split()) - set(ALLOWED[profile].split())}


def refused_verbs(report, server, profile):
    verbs = refused_set(profile) - set(UNMASKABLE.encode().split())
    lines = [*(verb + b" A=b\r\n" for verb in sorted(verbs)), *UNKNOWN]

    def refuse(line):
        with report.case(f"{profile}: {line!r} is refused, however cut, and "
                         "the session goes on"):
            refuse_line(server, profile, line)
    many(refuse, lines)


def refuse_line(server, profile, line):
    visible = masked(line, profile)
    assert visible != line, "not a line that is refused"
    with Talk(server) as talk:
        talk.say("250", HELLO)
        ways = list(simple_cuts(line))
        for pieces in ways:
            talk.say("500", *pieces)
            talk.say("250", NOOP)
        lines = talk.session.lines
        expected = [HELLO] + [visible, NOOP] * len(ways)
        assert lines == expected, f"{lines}, not {expected}"
        seen = words(talk.session.octets) & (refused_set(profile) |
                                             {b"FOO", b"WIZ", b"DEBUG"})
        assert not seen, f"the server saw {seen}"


def exact(report, server, profile):
    for name, sent, visible in EXACT:
        with report.case(f"{profile}: {name}: {sent!r}, in every cut"):
            for pieces in simple_cuts(sent):
                with Talk(server) as talk:
                    talk.send(*pieces, b"QUIT\r\n")
                    assert talk.session.wait_end() == "closed"
                got = talk.session.octets
                assert got == visible + b"QUIT\r\n", f"{pieces}: {got!r}"


def allowed_verbs(report, server, profile):
    def pass_on(verb):
        with report.case(f"{profile}: {verb} passes octet for octet, in any "
                         "case and cut"):
            pass_verb(server, verb)
    with server.saying(replies=DATA_REFUSED):
        many(pass_on, ALLOWED[profile].split())


def pass_verb(server, verb):
    if verb == "QUIT":
        for pieces in simple_cuts(b"qUiT\r\n"):
            with Talk(server) as talk:
                talk.say("221", *pieces)
                talk.insist_on_equal()
        return
    line = verb.encode() + ARGUMENTS.get(verb, b"") + b"\r\n"
    with Talk(server) as talk:
        talk.say("250", HELLO)
        if verb == "BDAT":
            talk.say("250", b"EHLO client\r\n")
            talk.say("250", b"MAIL FROM:<>\r\n")
            talk.say("250", b"RCPT TO:<b@example.org>\r\n")
        for spelled in (verb.upper(), verb.lower(), verb.title()):
            for pieces in simple_cuts(spelled.encode() + line[len(verb):]):
                talk.send(*pieces)
                answer = talk.reply()[-1]
                assert not answer.startswith(b"500"), f"{pieces}: {answer}"
        talk.insist_on_equal()


def unmaskable(report, server, profile):
    for line in (b"BDAT 12 LAST\r\nEXPN root\r\n", b"bdat 3\r\nabc",
                 b"XEXCH50 12 2\r\nEXPN root\r\n"):
        verb = line.split()[0].decode()
        if verb.upper() in ALLOWED[profile].split():
            continue
        with report.case(f"{profile}: {verb} resets both ends, however cut, "
                         "and is never overwritten"):
            def reset(pieces, verb=verb):
                with Talk(server) as talk:
                    talk.say("250", HELLO)
                    talk.insist_on_reset(*pieces)
                got = bytes(talk.session.octets.removeprefix(HELLO))
                # A beginning of it may have gone in earlier segments.
                assert verb.encode().startswith(got), got
                return got
            sent = many(reset, list(simple_cuts(line[:line.index(b"\n")]))
                        + [whole(line), single(line)])
            assert sent[0] == b"", f"uncut, {sent[0]} went through"


def foreign(report, server):
    for line in FOREIGN:
        with report.case(f"another protocol, {line[:10]!r}, is reset at both "
                         "ends"), counted(resets=1, sessions_foreign=1), \
                Talk(server) as talk:
            talk.insist_on_reset(line)


def limits(report, server):
    with report.case("max_refused=20: 20 refused commands get 500, the next "
                     "one a reset at both ends"), counted(resets=1), \
            parameters(max_refused="20"):
        with Talk(server) as talk:
            for _ in range(20):
                talk.expect("VRFY root", "500")
            talk.expect("NOOP", "250")
            talk.insist_on_reset(b"VRFY root\r\n")
    with report.case("max_refused=0, the default: there is no limit"), \
            Talk(server) as talk:
        for _ in range(300):
            talk.expect("VRFY root", "500")
        talk.expect("NOOP", "250")
    with report.case("max_recipients=100: RCPT 101 is put off by a 4yz, "
                     "the message goes on with 100"), \
            parameters(max_recipients="100"), \
            server.saying(replies={b"RCPT": b"501 5.5.4 Whose?\r\n"}), \
            Talk(server) as talk:
        too_many_recipients(talk)
    with report.case("a command line of 2048 octets passes"), \
            Talk(server) as talk:
        talk.say("250", b"NOOP " + b"a" * 2041 + b"\r\n")
        talk.insist_on_equal()
    with report.case("a longer command line is refused, and overwritten from "
                     "there on"), counted(refused_NOOP=2, resets=0):
        for cut in (whole, single):
            too_long_line(server, cut)
    with report.case("max_command_line=512: an AUTH line of 12288 octets "
                     "passes"), \
            parameters(max_command_line="512"), Talk(server) as talk:
        talk.say("535", b"AUTH GSSAPI " + b"A" * 12274 + b"\r\n")
        talk.insist_on_equal()
    with report.case("AUTH: a response passes unread, and no refused verb "
                     "after it"):
        auth_exchange(server)


def too_many_recipients(talk):
    talk.expect("MAIL FROM:<a@example.net>", "250")
    for number in range(100):
        talk.expect(f"RCPT TO:<b{number}@example.org>", "501")
    talk.send(b"RCPT TO:<b100@example.org>\r\n")
    answer = talk.reply()
    assert answer == [b"401 4.5.4 Whose?"], answer
    assert talk.session.lines[-1] == b"RCPT TO:" + b" " * 18 + b"\r\n", \
        talk.session.lines[-1]
    talk.expect("DATA", "354")
    talk.say("250", b"text\r\n.\r\n")
    # The next message begins to count anew.
    talk.expect("MAIL FROM:<a@example.net>", "250")
    talk.expect("RCPT TO:<b@example.org>", "501")


def too_long_line(server, cut):
    line = b"NOOP " + b"a" * 2100 + b"\r\n"
    with Talk(server) as talk:
        talk.say("500", *cut(line))
        got = talk.session.lines[0]
        visible = line[:2046] + b"X" * (len(line) - 2048) + b"\r\n"
        assert got == visible, f"{len(got)} octets, {got[2030:]!r}"
        talk.expect("NOOP", "250")


def auth_exchange(server):
    with server.saying(replies={b"AUTH": b"334 VXNlcm5hbWU6\r\n"}):
        for pieces in simple_cuts(b"RVhQTiByb290\r\n"):
            with Talk(server) as talk:
                talk.expect("AUTH LOGIN", "334")
                talk.say("235", *pieces)
                talk.insist_on_equal()
                talk.expect("EXPN root", "500")
                assert talk.session.lines[-1] == b"EXXXXXXXX\r\n"


def reset_instead(report, server):
    with report.case("refuse=reset: a refused verb resets both ends, however "
                     "cut"), parameters(refuse="reset"):
        ways = list(simple_cuts(b"VRFY root\r\n"))
        with counted(resets=len(ways)):
            for pieces in ways:
                with Talk(server) as talk:
                    talk.expect("NOOP", "250")
                    talk.insist_on_reset(*pieces[:1])
                assert talk.session.octets == NOOP, talk.session.octets


def tls(report, server):
    with report.case("starttls=deny: STARTTLS is refused and not announced"), \
            parameters(starttls="deny"), server.saying(
                replies={**GOING_TLS, b"EHLO": CAPABILITIES}), \
            Talk(server) as talk:
        lines = talk.command("EHLO client")
        assert b"250-SXXXXXXX" in lines and b"250-STARTTLS" not in lines, lines
        talk.expect("STARTTLS", "500")
        assert talk.session.lines[-1] == b"XXXXXXXX\r\n", talk.session.lines
    with report.case("starttls=require: no MAIL and no AUTH in clear, any in "
                     "TLS"), parameters(starttls="require"), \
            server.saying(replies={**GOING_TLS, b"EHLO": CAPABILITIES}):
        require_tls(server)
    with report.case("STARTTLS: what follows the hello of both sides passes, "
                     "however cut"), server.saying(replies=GOING_TLS):
        for pieces in simple_cuts(HANDSHAKE):
            with Talk(server) as talk, counted(sessions_tls=1, resets=0):
                into_tls(talk, pieces)
    with report.case("STARTTLS: a command pipelined behind it resets both "
                     "ends before the handshake (CVE-2011-0411)"), \
            server.saying(replies=GOING_TLS), \
            counted(resets=1, syncs_violated=1), \
            Talk(server) as talk:
        # The reply passes, what the client sends next does not.
        talk.say("220", b"STARTTLS\r\nRSET\r\n")
        talk.insist_on_reset(HANDSHAKE)
        assert talk.session.octets == b"STARTTLS\r\nRSET\r\n", \
            talk.session.octets
    with report.case("STARTTLS: a command where the handshake should be "
                     "resets both ends"), server.saying(replies=GOING_TLS), \
            counted(resets=1), Talk(server) as talk:
        talk.expect("STARTTLS", "220")
        talk.insist_on_reset(b"EXPN root\r\n")
        assert talk.session.octets == b"STARTTLS\r\n", talk.session.octets


def require_tls(server):
    with Talk(server) as talk:
        lines = talk.command("EHLO client")
        assert not any(b"AUTH" in line for line in lines), lines
        assert b"250-STARTTLS" in lines, lines
        talk.expect("MAIL FROM:<a@example.net>", "500")
        talk.expect("AUTH PLAIN AGEAYg==", "500")
        assert talk.session.lines[1:] == [b"X" * 25 + b"\r\n",
                                          b"X" * 19 + b"\r\n"], \
            talk.session.lines
        into_tls(talk, [HANDSHAKE])


def into_tls(talk, pieces):
    talk.expect("STARTTLS", "220")
    before = len(talk.session.octets)
    talk.send(*pieces)
    hello = talk.lines.readline()
    assert hello == SERVER_HELLO, hello
    sent = b"".join(pieces) + b"EXPN root\r\nVRFY root\r\n"
    talk.send(sent[-22:])
    talk.session.wait(lambda: len(talk.session.octets) >= before + len(sent),
                      "the handshake did not come")
    assert talk.session.octets[before:] == sent, talk.session.octets


def capabilities(report, server):
    with report.case("EHLO: refused capabilities are overwritten, in one "
                     "segment"):
        assert ehlo(server, [whole]) == [VISIBLE]
    with report.case("EHLO: a refused capability is never seen, wherever the "
                     "reply is cut"):
        ways = [*halves(CAPABILITIES), single(CAPABILITIES)]
        for pieces, seen in zip(ways, ehlo(server, [
                lambda _, pieces=pieces: pieces for pieces in ways])):
            assert seen == VISIBLE, f"{pieces}: {seen!r}"
            first = {re.split(rb"[ =]", line[4:])[0].upper()
                     for line in seen.splitlines()[1:]}
            assert not first & set(HIDDEN_KEYWORDS), first
    with report.case("capabilities=SIZE: only that is seen"), \
            parameters(capabilities="SIZE"):
        seen, = ehlo(server, [whole])
        assert seen == ONLY_SIZE, seen
    with report.case("EHLO: a reply that refuses it is not changed"), \
            server.saying(replies={
                b"EHLO": b"550-VRFY\r\n550-CHUNKING\r\n550 EXPN\r\n"}), \
            Talk(server) as talk:
        lines = talk.command("EHLO client")
        assert lines == [b"550-VRFY", b"550-CHUNKING", b"550 EXPN"], lines


def ehlo(server, ways):
    """What a client sees of replies to EHLO, each cut in its own way."""
    cut = iter(ways)

    def cut_capabilities(reply):
        return next(cut)(reply) if reply == CAPABILITIES else [reply]

    seen = []
    with server.saying(replies={b"EHLO": CAPABILITIES},
                       cut=cut_capabilities), Talk(server) as talk:
        for _ in ways:
            before = len(talk.received)
            talk.expect("EHLO client", "250")
            seen.append(bytes(talk.received[before:]))
    return seen
