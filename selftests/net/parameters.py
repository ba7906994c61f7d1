# SPDX-License-Identifier: GPL-2.0
"""Module parameters: defaults, values that are taken, values that are refused
with the old policy left whole, profiles, and the same on the insmod line."""

import contextlib
import errno
import os
import subprocess

import bed
from choose import HAS_HELPER, TOLD
from talk import (Talk, counted, default_memory, defaults, field, parameter,
                  parameters)

ESMTP = {
    "profile": "esmtp",
    "verbs": "HELO,EHLO,MAIL,RCPT,DATA,BDAT,RSET,NOOP,QUIT,HELP,AUTH,STARTTLS,"
             "ETRN,X-ANONYMOUSTLS,X-EXPS",
    "capabilities": "SIZE,8BITMIME,PIPELINING,ENHANCEDSTATUSCODES,DSN,"
                    "SMTPUTF8,STARTTLS,AUTH,CHUNKING,BINARYMIME,HELP,ETRN,"
                    "REQUIRETLS,LIMITS,DELIVERBY,MT-PRIORITY,FUTURERELEASE,"
                    "NO-SOLICITING,PRDR,X-ANONYMOUSTLS,X-EXPS",
    "greeting": "keep",
    "refuse": "mask",
    "starttls": "allow",
    "auth": "allow",
    "auth_mechanisms": "all",
    "security_layers": "refuse",
    "pipelining": "accept",
    "command_order": "accept",
    "special_characters": "accept",
    "source_routes": "accept",
    "percent_hack": "accept",
    "relay_domains": "",
    "end_of_data": "defang",
    "bare_newline": "accept",
    "desync": "reset",
    "midstream": "resync",
    "max_command_line": "2048",
    "max_reply_line": "2048",
    "max_text_line": "1000",
    "max_recipients": "0",
    "max_refused": "0",
    "max_header": "512",
    "max_whole_line": "90",
    "max_path": "1024",
    "max_errors": "0",
    "max_messages": "0",
}
PROFILES = {
    "esmtp": ESMTP,
    "mailguard": {**ESMTP, "profile": "mailguard",
                  "verbs": "HELO,MAIL,RCPT,DATA,RSET,NOOP,QUIT",
                  "capabilities": "", "greeting": "mask"},
    "monitor": {**ESMTP, "profile": "monitor"},
}
# These no profile sets.
DEFAULTS = {**ESMTP, "enabled": "Y", "namespaces": "init", "ports": "25",
            "mark": "0", "tls_ports": "465", "proxy_protocol": "refuse",
            "max_memory": default_memory(), "full": "defer",
            "max_unacknowledged": "32768", "log_envelope": "plain"}

SIXTEEN_PORTS = ",".join(str(port) for port in range(1001, 1017))

# Each of them reads back as it was written.
GOOD = {
    "profile": ("mailguard", "monitor", "esmtp"),
    "enabled": ("N", "Y"),
    "namespaces": ("all", "init"),
    "ports": ("", "1", "65535", "25,587", "25 587 465", SIXTEEN_PORTS),
    "mark": ("0x1", "0xffffffff", "0x10/0xf0", "0x80000000/0x80000000", "0"),
    "verbs": ("", "HELO", "HELO QUIT", ",+X-FOO", "HELO,+XLOOP +X-FOO", "helo,Quit",
              "ATRN,AUTH,BDAT,BURL,DATA,EHLO,ETRN,EXPN,HELO,HELP,LHLO,MAIL,"
              "NOOP,QUIT,RCPT,RSET,SAML,SEND,SOML,STARTTLS,TURN,VRFY,"
              "X-ANONYMOUSTLS,X-EXPS,XCLIENT,XFORWARD"),
    "capabilities": ("", "SIZE", "SIZE,+XOORG", "size, dsn", "8BITMIME CHUNKING VRFY"),
    "greeting": ("mask", "keep"),
    "refuse": ("reset", "mask"),
    "starttls": ("deny", "require", "allow"),
    "end_of_data": ("reset", "accept", "defang"),
    "midstream": ("accept", "reset", "resync"),
    "tls_ports": ("", "465,10465"),
    "max_memory": ("1", "65535"),
    "full": ("pass", "defer"),
    "max_unacknowledged": ("65535", "2048"),
    "log_envelope": ("hash", "off", "plain"),
    "proxy_protocol": ("accept", "refuse"),
    "auth": ("tls-only", "deny", "allow"),
    "auth_mechanisms": ("", "PLAIN, scram-sha-256", "all"),
    "security_layers": ("accept", "refuse"),
    "pipelining": ("reset", "accept"),
    "command_order": ("refuse", "accept"),
    "special_characters": ("refuse", "accept"),
    "source_routes": ("refuse", "accept"),
    "percent_hack": ("refuse", "accept"),
    "relay_domains": ("example.org", "a.example b.EXAMPLE,c", ""),
    "bare_newline": ("defang", "reset", "accept"),
    "desync": ("log", "reset"),
    "max_command_line": ("512", "16000"),
    "max_reply_line": ("512", "4000"),
    "max_header": ("0", "65535"),
    "max_whole_line": ("0", "65535"),
    "max_path": ("256", "2000"),
    "max_errors": ("0", "65535"),
    "max_messages": ("0", "65535"),
    "max_text_line": ("1000", "65535"),
    "max_recipients": ("100", "65535", "0"),
    "max_refused": ("0", "65535"),
}

# What was written, and how it reads back.
CANONICAL = {
    "mark": (("", "0"), ("16", "0x10"), ("16/240", "0x10/0xf0"),
             ("0xAbC", "0xabc"), ("0x0010", "0x10"),
             ("4294967295", "0xffffffff"), ("1/0xffffffff", "0x1"),
             ("0x10/240", "0x10/0xf0"), (" 0x10\t", "0x10")),
}

NOT_A_NUMBER = ("", "many", "-1", "+1", "600x", "600 700", "0x300", "1e3")
OVERFLOW = "18446744073709551616"
# Below the least value and above the greatest.
LIMITS = {
    "max_memory": ("0", "65536"),
    "max_unacknowledged": ("2047", "65536"),
    "max_command_line": ("511", "16001"),
    "max_reply_line": ("511", "4001"),
    "max_header": ("65536",),
    "max_whole_line": ("65536",),
    "max_path": ("255", "2001"),
    "max_errors": ("65536",),
    "max_messages": ("65536",),
    "max_text_line": ("999", "65536"),
    "max_recipients": ("1", "99", "65536"),
    "max_refused": ("65536",),
}
WORDS = ("namespaces", "full", "greeting", "refuse", "starttls", "end_of_data",
         "midstream", "proxy_protocol", "auth", "pipelining", "command_order",
         "special_characters", "source_routes", "percent_hack",
         "bare_newline", "desync")

BAD = (
    *((name, value, errno.EINVAL) for name in ("profile", *WORDS)
      for value in ("", "no-such-word", "keep mask", "MASK", "1", "x" * 600)),
    ("profile", "custom", errno.EINVAL),
    ("profile", "esmtpx", errno.EINVAL),
    ("enabled", "", errno.EINVAL),
    ("enabled", "maybe", errno.EINVAL),
    ("enabled", "2", errno.EINVAL),
    ("ports", "smtp", errno.EINVAL),
    ("ports", "-25", errno.EINVAL),
    ("ports", "25x", errno.EINVAL),
    ("ports", "25;26", errno.EINVAL),
    ("ports", "25,587,x", errno.EINVAL),
    ("ports", "0", errno.ERANGE),
    ("ports", "25,0", errno.ERANGE),
    ("ports", "65536", errno.ERANGE),
    ("ports", f"{SIXTEEN_PORTS},25", errno.EINVAL),
    ("ports", "25" + " " * 600 + "26", errno.EINVAL),
    ("verbs", "FOO", errno.EINVAL),
    ("verbs", "HELO,EHLO,MAILX", errno.EINVAL),
    ("verbs", "HELO;QUIT", errno.EINVAL),
    ("verbs", "HEL", errno.EINVAL),
    ("verbs", "NOOP," * 120, errno.EINVAL),
    *(("verbs", f"HELO,{verb}", errno.EINVAL) for verb in
      ("XEXCH50", "PROXY", "GET")),
    *(("mark", value, errno.EINVAL) for value in (
        "smtp", "-1", "+1", "0x", "0xg", "1x", "010", "0b1", "1/", "/1", "/",
        "1//1", "1/1/1", "1 / 1", "1,2", "0x10 0x20", "f", "1/0x", "1/mask",
        # such connections are all that nobody marked, or none
        "0x0", "00", "0/0", "0/0xf0", "1/0", "0x10/0x0f", "0x11/0xf0")),
    *(("mark", value, errno.ERANGE) for value in (
        "0x100000000", "4294967296", "1/0x100000001", OVERFLOW,
        "0x" + "f" * 400)),
    ("tls_ports", "smtps", errno.EINVAL),
    ("tls_ports", "65536", errno.ERANGE),
    ("auth_mechanisms", "PLAIN,all", errno.EINVAL),
    ("auth_mechanisms", "PLAIN,PLAINER", errno.EINVAL),
    ("relay_domains", "example_org", errno.EINVAL),
    ("relay_domains", ".example.org", errno.EINVAL),
    ("relay_domains", " ".join(f"x{number}.org" for number in range(64)),
     errno.EINVAL),
    ("capabilities", "SIZEX", errno.EINVAL),
    ("capabilities", "SIZE,X-OWN", errno.EINVAL),
    ("capabilities", "SIZE,+OWN-X", errno.EINVAL),
    ("verbs", "+XLOOP +EXDATA", errno.EINVAL),
    ("capabilities", "SIZE," * 120, errno.EINVAL),
    *((name, value, errno.EINVAL) for name in LIMITS
      for value in NOT_A_NUMBER),
    *((name, value, errno.ERANGE) for name, values in LIMITS.items()
      for value in (*values, OVERFLOW)),
)

# In use while bad values are written; not the defaults, so that to fall back
# to them would show.
USED = {"ports": "25,2525", "mark": "0x10/0xf0",
        "verbs": "HELO,EHLO,VRFY,QUIT", "capabilities": "SIZE,DSN", "max_refused": "19"}

GOOD_LINES = (
    dict(profile="mailguard"),
    dict(ports="25,2525", max_refused="7"),
    dict(verbs="HELO,QUIT", capabilities="", greeting="mask"),
    dict(enabled="N"),
    dict(verbs="HELO,+X-FOO"),
    dict(namespaces="all", mark="0x10/0xf0"),
)
BAD_LINES = (
    ("profile", "none", "Invalid parameters"),
    ("ports", "70000", "Numerical result out of range"),
    ("namespaces", "container", "Invalid parameters"),
    ("mark", "1/2", "Invalid parameters"),
    ("verbs", "HELO,XEXCH50", "Invalid parameters"),
    ("max_recipients", "1", "Numerical result out of range"),
    ("starttls", "maybe", "Invalid parameters"),
)


class KernelLog:
    """The lines of the kernel log from here on."""

    def __init__(self):
        self._file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self._file, 0, os.SEEK_END)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._file)

    def lines(self):
        """Those of the module that have come since the last call."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                record = os.read(self._file, 8192).decode(errors="replace")
                found.append(record.partition(";")[2].split("\n")[0])
        return [line for line in found if line.startswith("smtpguard: ")]


def run(report, server):
    defaults()
    with KernelLog() as log:
        values(report)
        good(report, log)
        canonical(report, log)
        bad(report, server, log)
        profiles(report)
        monitor(report, server)
        enabled(report, server)
        try:
            insmod(report, server, log)
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                bed.unload()
            bed.load()
    information(report)


def read_all():
    return {name: parameter(name) for name in os.listdir(bed.PARAMETERS)}


def write(name, value):
    """Write a value as echo does, once; the errno, 0 if it was taken."""
    file = os.open(os.path.join(bed.PARAMETERS, name), os.O_WRONLY)
    try:
        os.write(file, f"{value}\n".encode())
    except OSError as problem:
        return problem.errno
    finally:
        os.close(file)
    return 0


def values(report):
    report.equal("every parameter has its default", read_all(), DEFAULTS)


def good(report, log):
    for name, choices in GOOD.items():
        with report.case(f"{name}: each of {len(choices)} good values reads "
                         "back as written, and is not logged"), parameters():
            for value in choices:
                got = write(name, value)
                assert not got, f"{value!r}: {os.strerror(got)}"
                assert parameter(name) == value, \
                    f"wrote {value!r}, read {parameter(name)!r}"
            assert not log.lines()
    report.check("there is a good value for every parameter",
                 set(GOOD) == set(DEFAULTS))


def canonical(report, log):
    for name, choices in CANONICAL.items():
        with report.case(f"{name}: each of {len(choices)} good values reads "
                         "back in one form, and is not logged"), parameters():
            for value, expected in choices:
                got = write(name, value)
                assert not got, f"{value!r}: {os.strerror(got)}"
                assert parameter(name) == expected, \
                    f"wrote {value!r}, read {parameter(name)!r}"
            assert not log.lines()


def bad(report, server, log):
    for name, value in USED.items():
        bed.set_parameter(name, value)
    before = read_all()
    log.lines()
    for name, value, expected in BAD:
        shown = value if len(value) < 30 else f"{value[:20]}... ({len(value)})"
        with report.case(f"{name}: {shown!r} is refused with "
                         f"{errno.errorcode[expected]}, named once in the "
                         "kernel log, and changes nothing"):
            got = write(name, value)
            assert got == expected, errno.errorcode.get(got, "taken")
            named = [line for line in log.lines()
                     if line.startswith(f"smtpguard: {name}: ")]
            assert len(named) == 1, named
            assert read_all() == before, read_all()
            if name in ("ports", "verbs", "capabilities"):
                insist_on_used(server)
    defaults()


def insist_on_used(server):
    """What is read back of a list is its text; this is what it does."""
    with server.saying(replies={
            b"EHLO": b"250-mail\r\n250-DSN\r\n250-AUTH X\r\n250 SIZE\r\n"}), \
            Talk(server, 2525) as talk:
        lines = talk.command("EHLO client")
        assert lines == [b"250-mail", b"250-DSN", b"250-XXXXXX",
                         b"250 SIZE"], lines
        talk.expect("VRFY root", "250")
        talk.expect("NOOP", "500")
        talk.expect("QUIT", "221")


def profiles(report):
    for profile, expected in PROFILES.items():
        with report.case(f"profile={profile} sets all it governs, and leaves "
                         "what is no profile's"), parameters():
            for name, choices in GOOD.items():
                bed.set_parameter(name, choices[0] + "\n")
            bed.set_parameter("profile", profile)
            own = {name: GOOD[name][0] for name in set(DEFAULTS) - set(ESMTP)}
            assert read_all() == {**expected, **own}, read_all()
    for name in set(ESMTP) - {"profile"}:
        for profile, shown in (("esmtp", "custom"), ("mailguard", "custom"),
                               ("monitor", "monitor")):
            with report.case(f"{name} written after profile={profile} makes "
                             f"it {shown}"), parameters(profile=profile):
                bed.set_parameter(name, GOOD[name][1])
                assert parameter("profile") == shown, parameter("profile")
                kept = {**PROFILES[profile], "profile": shown,
                        name: GOOD[name][1]}
                got = {other: parameter(other) for other in kept}
                assert got == kept, got
    with report.case("enabled, namespaces, ports and mark make no profile "
                     "custom"), \
            parameters(ports="26", mark="1", namespaces="all", enabled="N"):
        assert parameter("profile") == "esmtp"


def monitor(report, server):
    with report.case("profile=monitor changes nothing on the wire, and "
                     "counts"), parameters(profile="monitor"), \
            server.saying(replies={b"EHLO": b"250-a\r\n250 XEXCH50\r\n"}), \
            counted(refused_EXPN=1, refused_unknown=1, commands_refused=2,
                    capabilities_hidden=1, resets=1), \
            Talk(server) as talk:
        assert talk.command("EHLO client") == [b"250-a", b"250 XEXCH50"]
        talk.expect("EXPN root", "250 2.0.0 EXPN")
        talk.expect("FOO", "500")
        talk.expect("NOOP", "250")
        # Would be a reset: that is what is counted.
        talk.expect("XEXCH50 0 2", "250 2.0.0 XEXCH50")
        talk.insist_on_equal()
    with report.case("profile=monitor, greeting=mask: the greeting is counted "
                     "and kept"), \
            parameters(profile="monitor", greeting="mask"), \
            counted(greetings_masked=1), Talk(server) as talk:
        assert talk.greeting == [b"220 mail.example.org ESMTP ready"]


def enabled(report, server):
    with report.case("enabled=N passes everything at once, in a flow under "
                     "way too; enabled=Y guards it again"), parameters(), \
            Talk(server) as talk:
        talk.expect("EXPN root", "500")
        bed.set_parameter("enabled", "N")
        talk.expect("EXPN root", "250 2.0.0 EXPN")
        talk.expect("XEXCH50 0 2", "250 2.0.0 XEXCH50")
        bed.set_parameter("enabled", "Y")
        # The second reply says where the session is.
        for _ in range(2):
            talk.expect("NOOP", "250")
        talk.expect("EXPN root", "500")
        assert talk.session.lines[-1] == b"EXXXXXXXX\r\n"
    with report.case("a session that begins under enabled=N is found when "
                     "that is over, and guarded"), \
            parameters(enabled="N"), counted(sessions_opened=2), \
            Talk(server) as talk:
        talk.expect("VRFY root", "250 2.0.0 VRFY")
        bed.set_parameter("enabled", "Y")
        for _ in range(2):
            talk.expect("VRFY root", "250 2.0.0 VRFY")
        talk.expect("VRFY root", "500")
        with Talk(server) as other:
            other.expect("VRFY root", "500")


def insmod(report, server, log):
    for line in GOOD_LINES:
        text = " ".join(f"{name}={value}" for name, value in line.items())
        with report.case(f"insmod with {text}: these values, the rest by "
                         "default or profile, one line in the kernel log"):
            bed.unload()
            log.lines()
            bed.load(**line)
            check_load_line(log.lines())
            base = PROFILES[line.get("profile", "esmtp")]
            expected = {**DEFAULTS, **base, **line}
            if set(line) & (set(ESMTP) - {"profile"}):
                expected["profile"] = "custom"
            assert read_all() == expected, read_all()
    bed.unload()
    for name, value, problem in BAD_LINES:
        with report.case(f"insmod with {name}={value} fails with {problem}, "
                         "names it in the kernel log, leaves nothing behind"):
            log.lines()
            result = subprocess.run(
                ["insmod", os.environ["SMTPGUARD_KO"], f"{name}={value}"],
                check=False, capture_output=True, text=True)
            assert result.returncode, "it was loaded"
            assert problem in result.stderr, result.stderr
            named = [line for line in log.lines()
                     if line.startswith(f"smtpguard: {name}: ")]
            assert len(named) == 1, named
            assert not os.path.exists(os.path.dirname(bed.PARAMETERS))
    with report.case("insmod after those that failed: defaults, and it "
                     "guards"):
        bed.load()
        check_load_line(log.lines())
        assert read_all() == DEFAULTS, read_all()
        with Talk(server) as talk:
            talk.expect("EXPN root", "500")


def check_load_line(lines):
    version = field("version")[0]
    loaded = parameter("profile")
    ports = parameter("ports") or "none"
    namespaces = parameter("namespaces")
    helper = f"helper {TOLD}" if HAS_HELPER else "no helper"
    expected = [f"smtpguard: version {version} loaded, profile {loaded}, "
                f"ports {ports}, namespaces {namespaces}, {helper}"]
    assert lines == expected, f"{lines}, not {expected}"


def information(report):
    described = {line.partition(":")[0]: line.partition(":")[2]
                 for line in field("parm")}
    report.equal("modinfo lists every parameter", set(described),
                 set(DEFAULTS))
    report.check("modinfo describes every parameter",
                 all(described.values()), described)
    report.equal("the module has no other name by which the kernel would load "
                 "it for anybody", field("alias"), [])
