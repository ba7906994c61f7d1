# SPDX-License-Identifier: GPL-2.0
"""Documentation/tutorial.rst, step by step: its commands are read out of the page
and run in its order, the client's in the client's namespace, with a real mail
server; and what the page shows must be what is seen."""

import os
import re
import shlex
import subprocess

import bed
import page
from follower import Follower
from page import PATIENCE, SERVER, TREE, expn

UNIT = os.path.join(TREE, "tools/smtpguard.service.in")
SETTINGS = os.path.join(TREE, "tools/smtpguard.conf")
CONFIGURATION = "/etc/smtpguard.conf"
# The page's name of the router's link to the client.
LINK, NAME = "client0", "wan0"

# What no package is there for, nor systemd: where that is run instead.
ELSEWHERE = {
    "apt-get build-dep .": "selftests/deb/run: reproducible",
    "make deb": "selftests/deb/run: reproducible",
    "apt-get install linux-headers-$(uname -r)": "selftests/deb/root.py",
    "apt-get install ./smtpguard_*_amd64.deb ./smtpguard-dkms_*_all.deb":
        "selftests/deb/run: installed",
    "systemctl status smtpguard": "selftests/deb/inside: booted",
    "systemctl enable --now smtpguard-log": "selftests/deb/inside: first_mail",
    "journalctl -x -u smtpguard-log": "selftests/deb/inside: first_mail",
    "systemctl enable --now smtpguard-metrics.timer":
        "selftests/deb/inside: units",
    "apt-get purge smtpguard-dkms smtpguard": "selftests/deb/inside: removed",
}
# What differs from one mail to another, in the record that the page shows.
VARYING = {"312": r"\d+", "4F2A71": r"(\w+)", "0.021904": r"\d+\.\d{6}"}


def follower(line):
    """What follows the log in the background on the page does so here."""
    words = shlex.split(line)
    assert words[:2] == ["smtpguard", "log"], words
    return Follower(*words[2:])


def known(text, line):
    """A line of the page is what the log says, but for what varies."""
    pattern = re.escape(line.rstrip("\n"))
    for sample, others in VARYING.items():
        pattern = pattern.replace(re.escape(sample), others)
    match = re.search(f"{pattern}$", text)
    assert match, f"{text}, not {line}"
    return match


def routes(bench):
    """Before there is a guard."""
    router, client = bench.page.blocks("1. It routes", 2)
    bed.unload()
    bench.run_all(router)
    bench.mail = client.strip()
    bench.send(bench.mail)


def packages(bench):
    """They are there."""
    for block in bench.page.blocks("2. The packages", 2):
        assert not bench.run_all(block)
    bed.load()


def status(bench):
    command, shown, unit = bench.page.blocks("3. Is it there?", 3)
    said, = bench.run_all(command)
    assert said == shown, said
    assert not bench.run_all(unit)


def first_mail(bench):
    messages, line, all_of_it = bench.page.blocks("4. The first guarded mail", 3)
    with follower(messages) as log:
        bench.send(bench.mail)
        queued = known(log.line(), line)[1]
        assert queued in bench.server.log, queued
        bench.send(f"{bench.mail} --tls")
        assert "in TLS, no message is seen" in log.line()
    with follower(all_of_it) as log:
        bench.send(bench.mail)
        log.until("<<< EHLO client.example")
        log.until("<<< QUIT")


def type_lines(bench, command, typed):
    """What is typed, each line when the reply to the one before is there. Returns
    the replies."""
    replies = []
    with subprocess.Popen(
            bed.in_namespace("client", "sh", "-c", f"exec {command}"),
            cwd=bench.place, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE) as process:
        for line in ["", *typed.splitlines()]:
            if line:
                process.stdin.write(f"{line}\n")
                process.stdin.flush()
            reply = process.stdout.readline()
            while reply[3:4] == "-":
                reply = process.stdout.readline()
            replies.append(reply)
        process.stdin.close()
        process.wait(PATIENCE)
    return replies


def refused(bench):
    alerts, command, typed, shown, stats = bench.page.blocks("5. A refused verb", 5)
    with follower(alerts) as log:
        replies = type_lines(bench, command.strip(), typed)
        known(log.line(), shown)
    assert [reply[0] for reply in replies] == list("2252"), replies
    assert replies[2][:3] in ("500", "502"), replies
    bench.read("EXXXXXXXX")
    said = bench.run("smtpguard status")
    assert re.search("^commands +1 refused$", said, re.MULTILINE), said
    said, = bench.run_all(stats)
    assert said.split() == ["refused_EXPN", "1"], said


def rehearsed(bench):
    dialogue, command, shown, capture = bench.page.blocks("6. What would another policy do?", 4)
    bench.write("dialogue.txt", dialogue)
    said = bench.run(command.strip(), status=1)
    assert said == shown, said
    record, *judge = bench.page.commands(capture)
    bench.capture(record, bench.mail)
    for line in judge:
        said = bench.run(line, status=1)
        assert "by starttls=require" in said, (line, said)
    assert bench.run("smtpguard get starttls") == "allow\n"


def reload(bench, expected=0):
    """What the unit does."""
    with open(UNIT, encoding="ascii") as file:
        command = re.search("^ExecReload=(.*)$", file.read(), re.MULTILINE)[1]
    return bench.run(command.replace("@BINDIR@/", ""), status=expected)


def tuned(bench):
    verbs, settings, use, helped = bench.page.blocks("7. Tune", 4)
    with Follower("--alerts") as log, bed.Client(SERVER) as client:
        client.expect("EHLO client.example", "250")
        assert expn(client) == ["refused_EXPN"]
        log.until("EXPN refused")
        for line, counter in zip(bench.page.commands(verbs),
                                 ("passed_EXPN", "refused_EXPN"), strict=True):
            bench.run(line)
            log.until("verbs")
            assert expn(client) == [counter], line
    with open(SETTINGS, encoding="ascii") as file:
        written = file.read() + settings
    with open(CONFIGURATION, "w", encoding="ascii") as file:
        file.write(written)
    check, again, get = use.splitlines()
    bench.run(check)
    assert again == "systemctl reload smtpguard", again
    reload(bench)
    verbs, ports = bench.run(get), bench.run("smtpguard get ports")
    assert "EXPN" in verbs and ports == "25, 587\n", (verbs, ports)
    with open(CONFIGURATION, "a", encoding="ascii") as file:
        file.write("starttls = maybe\n")
    lines = written.count("\n") + 1
    for said in (bench.run(check, status=2), reload(bench, 2)):
        assert f"{CONFIGURATION}:{lines}:12: " in said, said
    assert bench.run(get) == verbs
    bench.run_all(helped)


def watched(bench):
    log, top, metrics = bench.page.blocks("8. Keep an eye on it", 3)
    assert not bench.run_all(log)
    bench.run(f"TERM=vt100 script -qec '{top.strip()}' /dev/null", input="q")
    said, = bench.run_all(metrics)
    names = re.findall(r"``(smtpguard_\w+_total)``", bench.page.text)
    assert len(names) == 2
    for name in names:
        assert f"\n{name} " in said, name


def taken_out(bench):
    moment, for_good = bench.page.blocks("9. Take it out", 2)
    off, on = bench.page.commands(moment)
    with bed.Client(SERVER) as client:
        client.expect("EHLO client.example", "250")
        bench.run("smtpguard set verbs=-EXPN")
        bench.run(off)
        client.command("EXPN off")
        bench.read("EXPN off")
        bench.run(on)
        # the guard finds its place by two replies
        for _ in range(2):
            client.expect("NOOP", "250")
        assert expn(client) == ["refused_EXPN"]
        bench.run_all(for_good)
        assert not os.path.exists("/sys/module/smtpguard")
        client.expect("NOOP", "250")
    bench.send(bench.mail)


STEPS = (routes, packages, status, first_mail, refused, rehearsed, tuned,
         watched, taken_out)


def run(report):
    subprocess.run(["ip", "link", "property", "add", "dev", LINK, "altname",
                    NAME], check=True)
    page.follow(report, "tutorial", ELSEWHERE, STEPS)
