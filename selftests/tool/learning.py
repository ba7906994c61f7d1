# SPDX-License-Identifier: GPL-2.0
"""`smtpguard learn`: what the profile monitor would have refused passes with
what is learnt, and not with any part of it left out."""

import contextlib
import re
import subprocess
import tempfile

import bed
from follower import Follower
from wire import Wire

REFUSALS = ("commands_refused", "others_refused", "resets")

# Of a session what is said, in turns: >>> by the server, <<< by the client.
HELLO = (">>>220 mx\r\n", "<<<HELO client.example\r\n", ">>>250 hi\r\n")
RCPT = ("<<<RCPT TO:<b@example>\r\n", ">>>250 ok\r\n")
MAIL = ("<<<MAIL FROM:<a@example>\r\n", ">>>250 ok\r\n")
DATA = ("<<<DATA\r\n", ">>>354 go\r\n")
END = ("<<<text\r\n.\r\n", ">>>250 queued\r\n")
QUIT = ("<<<QUIT\r\n", ">>>221 bye\r\n")
LONG = "x" * 300

# Settings of the profile monitor, sessions, and the lines that are learnt.
ROUNDS = (
    (("auth_mechanisms=PLAIN", "special_characters=refuse", "max_path=256",
      "relay_domains=example", "command_order=refuse", "max_recipients=100",
      "max_messages=1"),
     ((">>>220 mx\r\n", "<<<EHLO client.example\r\n",
       ">>>250-mx\r\n250-XCLIENT NAME\r\n250-X-NEW\r\n"
       "250 AUTH PLAIN LOGIN\r\n",
       "<<<EXPN root\r\n", ">>>250 root\r\n",
       "<<<xfoo bar\r\n", ">>>250 ok\r\n",
       "<<<AUTH LOGIN\r\n", ">>>535 no\r\n"),
      (*HELLO, "<<<MAIL FROM:<a$b@example>\r\n", ">>>250 ok\r\n",
       "<<<RCPT TO:<b@elsewhere.example>\r\n", ">>>250 ok\r\n"),
      (*HELLO, f"<<<MAIL FROM:<{LONG}@example>\r\n", ">>>250 ok\r\n"),
      (">>>220 mx\r\n", "<<<MAIL FROM:<a@example>\r\n", ">>>503 no\r\n"),
      (*HELLO, *MAIL, *RCPT * 120, *DATA, *END),
      (*HELLO, *MAIL, *RCPT, *DATA, "<<<a\r\n.\nb\r\n.\r\n", *END[1:],
       *QUIT),
      (*HELLO, *(MAIL + RCPT + DATA + END) * 3, *QUIT)),
     ("verbs = +EXPN +xfoo +XCLIENT", "capabilities = +XCLIENT +X-NEW",
      "auth_mechanisms = PLAIN,LOGIN",
      "relay_domains = example,elsewhere.example",
      "end_of_data = accept", "max_path = 310", "max_recipients = 120",
      "max_messages = 3")),
    (("starttls=require", "auth=deny", "bare_newline=reset",
      "pipelining=reset", "max_command_line=512", "max_errors=1",
      "max_refused=1"),
     ((">>>220 mx\r\n", "<<<EHLO client.example\r\n",
       ">>>250-mx\r\n250-ETRN\r\n250 AUTH PLAIN\r\n",
       "<<<AUTH PLAIN\r\n", ">>>535 no\r\n"),
      (*HELLO, *MAIL, *RCPT),
      (*HELLO, f"<<<NOOP {LONG}{LONG}\r\n", ">>>250 ok\r\n"),
      (*HELLO, *("<<<NOOP x\r\n", ">>>500 what\r\n") * 3),
      (">>>220 mx\r\n", "<<<EHLO client.example\r\nNOOP\r\n",
       ">>>250 mx\r\n250 ok\r\n"),
      (*HELLO, *("<<<VRFY a\r\n", ">>>252 ok\r\n") * 3)),
     ("verbs = +VRFY", "max_command_line = 16000")),
)

IMPOSSIBLE = ("smtpguard: something would be refused all the same: see what "
              "was printed\n")


def insist(got, expected):
    """Both are equal."""
    assert got == expected, f"expected {expected!r}\n     got {got!r}"


def tool(*arguments, status=0, complaint="", **options):
    """What the tool prints."""
    result = subprocess.run(["smtpguard", *arguments], check=False,
                            capture_output=True, text=True, timeout=60,
                            **options)
    insist((result.returncode, result.stderr), (status, complaint))
    return result.stdout


def refusals():
    """How much was refused so far."""
    counters = bed.stats()
    return [counters[name] for name in REFUSALS]


def play(session):
    """A session, of which all must arrive as it was said."""
    with Wire() as wire:
        for turn in session:
            octets = turn[3:].encode()
            say = wire.server if turn[:3] == ">>>" else wire.client
            insist(say(octets), octets)


def is_refused(sessions):
    """Whether anything of any of them is."""
    before = refusals()
    for session in sessions:
        with contextlib.suppress(AssertionError, OSError):
            play(session)
        if refusals() != before:
            return True
    return False


def record(sessions):
    """What the log tells of sessions under the profile monitor."""
    lines = []
    with Follower("--json", "--lines", "--messages") as follower:
        for session in sessions:
            play(session)
            lines += follower.until('"close"')
    return "".join(f"{line}\n" for line in lines)


def learnt_lines(conf):
    """The settings before which it is told what was seen."""
    return [line for block in conf.split("\n\n")
            if re.search(r"^# .* \([a-z_]+\): \d+ time", block, re.MULTILINE)
            and "needs no change" not in block
            for line in block.splitlines() if not line.startswith("#")]


def apply(conf):
    """Settings from a file."""
    tool("apply", "-", input=conf)


def from_log(report, place):
    for number, (settings, sessions, expected) in enumerate(ROUNDS):
        name = f"{place}/{number}"
        with report.case(f"learn: from a log, {number}"):
            tool("set", "profile=monitor", *settings)
            former = dict(line.split("=", 1)
                          for line in tool("get").splitlines())
            with open(name, "w", encoding="ascii") as file:
                file.write(record(sessions))
            conf = tool("learn", name)
            insist(sorted(learnt_lines(conf)), sorted(expected))
        with report.case(f"learn: it would have refused nothing, {number}"):
            apply(conf)
            before = refusals()
            for session in sessions:
                play(session)
            insist(refusals(), before)
        for line in expected:
            with report.case(f"learn: refused without: {line}"):
                kept = line.split(" ")[0]
                apply(conf.replace(
                    f"{line}\n", f"{kept} = {former[kept]}\n"))
                assert is_refused(sessions)


def from_counters(report):
    with report.case("learn: from the counters"):
        tool("set", "profile=monitor")
        play((*HELLO, "<<<EXPN root\r\n", ">>>250 root\r\n"))
        printed = subprocess.run(["smtpguard", "learn"], check=False,
                                 capture_output=True, text=True).stdout
        line, = re.findall("^verbs = .*", printed, re.MULTILINE)
        assert "+EXPN" in line.split(), printed
    with report.case("learn: counters of a namespace without sessions"):
        subprocess.run(["ip", "netns", "add", "silent"], check=True)
        try:
            first, *others = subprocess.run(
                ["ip", "netns", "exec", "silent", "smtpguard", "learn"],
                check=True, capture_output=True, text=True).stdout.split("\n\n")
            insist(first, "# 0 refused, as the counters have it since the "
                   "module was loaded\nprofile = esmtp")
            # what it is by default, the size of the memory says
            insist([line for block in others for line in block.splitlines()
                    if line and not line.startswith("max_memory = ")],
                   ["# as it is set now"])
        finally:
            subprocess.run(["ip", "netns", "delete", "silent"], check=True)


def nameless(report, place):
    """Where a session is reset the rest of the verb has not come."""
    with report.case("learn: of what is reset nobody knows the verb"):
        tool("set", "profile=monitor", "refuse=reset")
        session = (*HELLO, "<<<EXPN root\r\n", ">>>250 root\r\n")
        with open(f"{place}/reset", "w", encoding="ascii") as file:
            file.write(record((session,)))
        printed = tool("learn", f"{place}/reset", status=1,
                       complaint=IMPOSSIBLE)
        assert "with refuse=mask" in printed, printed


def run(report):
    from_counters(report)
    with tempfile.TemporaryDirectory() as place:
        from_log(report, place)
        nameless(report, place)
