# SPDX-License-Identifier: GPL-2.0
"""Documentation/howto.rst: its commands are read out of the page and run, and it is
seen whether they bring about what the page says. Dialogues and what smtpguard test
says of them are for selftests/tool/rehearse, conntrackd for net/failover."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess

import bed
import page
from follower import Follower
from page import SERVER, expn
import witness

# What this machine has no daemon, image or kernel tree for.
ELSEWHERE = {
    "smtpguard check": "tutorial.py: tuned",
    "systemctl reload smtpguard": "tutorial.py: tuned",
    "systemctl enable --now smtpguard-log": "selftests/deb/inside: first_mail",
    "systemctl restart smtpguard-log": "selftests/deb/inside: first_mail",
    "apt-get install linux-image-amd64 linux-headers-amd64":
        "selftests/deb/upgrade: upgrade",
    "dkms status": "selftests/deb/upgrade: upgrade",
    "apt-get install ./smtpguard_*_amd64.deb ./smtpguard-dkms_*_all.deb":
        "selftests/deb/inside: replaced",
    "rmmod smtpguard": "selftests/deb/inside: unguarded",
    "systemctl restart smtpguard": "selftests/deb/inside: unguarded",
    "journalctl -k -g 'smtpguard: not guarded'": "net/unguarded",
    "conntrackd -e": "net/failover",
    "make KDIR=/path/to/vyos-build/packages/linux-kernel/linux modules":
        "selftests/vm/build",
    "make tool": "selftests/vm/build",
}
DEVICES = {"wan0": "client0", "lan0": "server0"}
# The page's address of a client that is left out.
LEFT_OUT, CLIENT = "192.0.2.50", "192.0.2.2"


@contextlib.contextmanager
def policy(bench, settings=""):
    """Settings of the page for a block."""
    before = bench.run("smtpguard show")
    bench.run("smtpguard apply -", input=settings)
    try:
        yield
    finally:
        bench.run("smtpguard apply -", input=before)


@contextlib.contextmanager
def ruleset(bench, text):
    """A ruleset of the page for a block."""
    bench.run("nft -f -", input=text)
    try:
        yield
    finally:
        bench.run(f"nft delete {' '.join(text.split()[:3])}")


@contextlib.contextmanager
def session():
    """One that has said hello."""
    with bed.Client(SERVER) as client:
        client.expect("HELO client.example", "250")
        yield client


def legacy(bench):
    settings, dialogue, command, shown = bench.page.blocks(
        "A legacy server", 4)
    assert dialogue and shown
    bench.write("old.txt", dialogue)
    with policy(bench, settings):
        bench.run(command.strip(), status=1)
        with bed.Client(SERVER) as client:
            assert b"ESMTP" in client.greeting[-1], client.greeting
            client.expect("EHLO client.example", "500")
        bench.send(bench.mail)


def smuggling(bench):
    settings, dialogue, command, _, stats = bench.page.blocks(
        "SMTP smuggling", 5)
    bench.write("smuggled.txt", dialogue)
    bench.run(command.strip(), status=1)
    said, = bench.run_all(stats)
    assert len(said.splitlines()) == 3, said
    with policy(bench, settings):
        bench.send(bench.mail)


def tls_only(bench):
    settings, block = bench.page.blocks("TLS only", 2)
    clear, encrypted, stats = bench.page.commands(block)
    # for the others to send
    bench.mail = clear
    with policy(bench, settings):
        before = bed.stats()
        # swaks' own: MAIL was refused
        bench.run(clear, "client", status=23)
        bench.send(encrypted)
        after = bed.stats()
        for name in ("refused_MAIL", "sessions_tls"):
            assert after[name] == before[name] + 1, name
        said = bench.run(stats)
        assert len(said.splitlines()) == 2, said


def journal(bench):
    enable, unit, restart, read = bench.page.blocks("The log in the journal", 4)
    assert not bench.run_all(enable + restart)
    command = re.findall("^ExecStart=(.+)$", unit, re.MULTILINE)
    words = shlex.split(command[0])
    assert words[:2] == ["/usr/bin/smtpguard", "log"], words
    with Follower(*words[2:]) as log:
        with session() as client:
            client.command("EXPN root")
        bench.send(bench.mail)
        kept = log.stop()[1]
    _, why = read.split("|")
    said = bench.run(why.strip(), input=kept)
    for word in ("EXPN root: refused by the guard", "accepted by the server",
                 "a@client.example"):
        assert word in said, (word, said)


def upgrades(bench):
    blocks = bench.page.blocks("Upgrades", 5)
    said, = bench.run_all("".join(blocks))
    version = bench.run("cat /sys/module/smtpguard/version")
    assert re.search(f"^version +{version}", said, re.MULTILINE), said


def fail_over(bench):
    """The configuration and the orders of conntrackd are for net/failover; there is
    no keepalived here."""
    configuration, orders, keepalived, check = bench.page.blocks(
        "Fail-over with keepalived and conntrackd", 4)
    assert configuration.startswith("Sync"), configuration
    assert orders.count("conntrackd -") == 4, orders
    assert keepalived.count("vrrp_instance") == 2, keepalived
    _, counters = bench.run_all(check)
    assert len(counters.splitlines()) == 2, counters


def containers(bench):
    everywhere, rule, check = bench.page.blocks("Containers", 3)
    with policy(bench):
        bench.run_all(everywhere)
        assert bench.run("smtpguard get namespaces") == "all\n"
    with policy(bench), contained("client") as inside:
        for line in bench.page.commands(rule):
            bench.run(line.replace("PID", inside))
        assert "inet mail" in bench.run("nft list tables", "client")
        assert "0x10" in bench.run("smtpguard get mark")
        status, flows, log = bench.page.commands(check)
        for line in (status, flows):
            bench.run(line.replace("PID", inside))
        words = shlex.split(log.replace("PID", inside))
        at = words.index("log")
        with Follower(*words[at + 1:], command=words[:at - 1]):
            pass
        bench.run("nft delete table inet mail", "client")


@contextlib.contextmanager
def contained(namespace):
    """The number of a process that is in a network namespace."""
    command = bed.in_namespace(namespace, "sh", "-c", "echo && exec sleep 600")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            yield str(process.pid)
        finally:
            process.kill()


def captured(bench, block):
    """Capture a mail as a block says, and return the command behind that."""
    record, judge = block.splitlines()[-2:]
    bench.capture(record, bench.mail)
    return judge


def printers(bench):
    capture, dialogue, command, _, settings, rules = bench.page.blocks(
        "Printers and scanners", 6)
    judge = captured(bench, capture)
    bench.run(judge)
    bench.write("printer.txt", dialogue)
    bench.run(command.strip())
    with policy(bench, settings):
        with ruleset(bench, rules), session() as client:
            assert expn(client) == ["refused_EXPN"]
        with ruleset(bench, rules.replace(LEFT_OUT, CLIENT)), \
                session() as client:
            assert expn(client) == []


def bridges(bench):
    """That it guards is for net/bridge."""
    rules, check = bench.page.blocks("Bridges", 2)
    bench.run_all(rules)
    try:
        bench.run_all(check)
        assert "ct state invalid" in bench.run("nft list table bridge smtp")
    finally:
        bench.run("nft delete table bridge smtp")


def flowtables(bench):
    rules, check = bench.page.blocks("Flowtables", 2)
    for name, device in DEVICES.items():
        rules = rules.replace(name, device)
    with ruleset(bench, rules), session() as client:
        for _ in range(5):
            client.expect("NOOP", "250")
        entries, flows = bench.run_all(check)
        assert "dport=25 " in entries and "OFFLOAD" not in entries, entries
        assert CLIENT in flows, flows
        assert expn(client) == ["refused_EXPN"]


def words(bench):
    find, gone = bench.page.blocks("From rules of xt_string", 2)
    rule = ("FORWARD -p tcp --dport 25 -m string --algo bm --string EXPN "
            "-j DROP")
    listing = find.splitlines()[0]
    bench.run(f"iptables -A {rule}")
    try:
        assert "EXPN" in bench.run(listing)
    finally:
        bench.run(f"iptables -D {rule}")
    assert bench.run(gone.strip(), status=1) == "0\n"
    bench.run(captured(bench, find))


def vyos(bench):
    """A system image: nothing but /config stays."""
    build, signed, copy, boot, check = bench.page.blocks("VyOS and EdgeOS", 5)
    assert not bench.run_all(build)
    assert bench.run_all(signed) == ["N\n"]
    os.makedirs(f"{bench.place}/tools")
    shutil.copy(os.environ["SMTPGUARD_KO"], f"{bench.place}/smtpguard.ko")
    shutil.copy(shutil.which("smtpguard"), f"{bench.place}/tools")
    shutil.copy(os.path.join(page.TREE, "tools/smtpguard.conf"),
                f"{bench.place}/tools")
    bench.run_all(copy)
    with open("/config/smtpguard/smtpguard.conf", "a", encoding="ascii") as file:
        file.write("max_refused = 7\n")
    bed.unload()
    bench.run(boot)
    witness.module_loaded()
    bench.run_all(check)
    assert bench.run("smtpguard get max_refused") == "7\n"
    bed.unload()
    bed.load()


# tls_only has the command by which the others send.
SECTIONS = (tls_only, legacy, smuggling, journal, upgrades, fail_over, containers,
            printers, bridges, flowtables, words, vyos)


def introduce(bench):
    for block in bench.page.introduction:
        bench.run_all(block)


def run(report):
    page.follow(report, "howto", ELSEWHERE, SECTIONS, introduce)
