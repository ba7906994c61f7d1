# SPDX-License-Identifier: GPL-2.0
"""Network namespaces that are none of the router's. Anybody can make one and
be root in it; the router's administrator says with namespaces= if connections
are guarded by port there, and a rule there may choose its own.

    guest 10.8.0.2 -- guest0 10.8.0.1 pod 10.9.0.1 host0 -- 10.9.0.2 host
"""

import contextlib
import glob
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import bed
import choose
import entries
from failover import calls, ip, untrack
from memory import CLOSED, crowd, insist_on_mail, little_memory
from pickup import (ensure_loaded, find, find_by_hand, flushed,
                    insist_on_cleanup, insist_on_guard, insist_on_mask)
from placement import insist_on_guarded, insist_on_not_guarded
from server import Server
from stream import NOOP, OK, forget, insist_on_next
from talk import SERVER, Talk, counted, parameter, parameters
from wire import End, Wire, by_hand, call, hardware_address

ROUNDS = 40
KILLERS = 2
# More than the module remembers of connections that are over.
RESET = 30000
# Where the kernel's modules have those of Netfilter.
NETFILTER = "kernel/net/netfilter"
# So many others have half of max_memory, and of this many sessions only some
# find room in what is for one.
SHARES = 4
SESSIONS = 400
# How a user's own rules choose.
WAY = choose.WAYS[0]
ENDS = ("guest", "host")
PORTS = (25, 2500, 2525)
ADDRESS = "10.9.0.2"
# A line for each thing that ip(8) is to do.
LINKS = """
netns add pod
netns add guest
netns add host
-n pod link add guest0 type veth peer name eth0 netns guest
-n pod link add host0 type veth peer name eth0 netns host
-n pod address add 10.8.0.1/24 dev guest0
-n pod address add 10.9.0.1/24 dev host0
-n guest address add 10.8.0.2/24 dev eth0
-n host address add 10.9.0.2/24 dev eth0
-n pod link set guest0 up
-n pod link set host0 up
-n guest link set eth0 up
-n host link set eth0 up
-n guest route add default via 10.8.0.1
-n host route add default via 10.9.0.1
"""
FOLLOWED = """
table inet smtpguard_net_pod {
	chain forward {
		type filter hook forward priority filter;
		ct state invalid counter
	}
}
"""
# Root nowhere but in namespaces of his own.
STRANGER = ("setpriv", "--reuid", "nobody", "--regid", "nogroup",
            "--clear-groups", "unshare", "-Urn")
# A command runs to its end, and its namespace stays.
STAYING = ("sh", "-c", '"$@" && echo done && exec cat', "sh")
NAMED = ('add table inet t; add ct helper inet t h {{ type "{name}" protocol '
         "tcp; }}")


def run(report, server):
    unprivileged(report)
    resets(report, server)
    shares(report, server)
    with pod(), Server("host", PORTS) as own:
        left_alone(report, own, server)
        chosen(report, own)
        switched(report, own)
        with by_hand(ENDS, links()):
            by_segment(report)
    come_and_go(report)


@contextlib.contextmanager
def pod():
    """All of the network, for the time of a block."""
    try:
        calls(LINKS)
        call("pod", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        # only the one in the middle is of interest
        for end in ENDS:
            untrack(end)
        yield
    finally:
        for name in ("pod", *ENDS):
            subprocess.run(["ip", "netns", "delete", name], check=False)


def links():
    """Both ends of both links."""
    return (*(("pod", f"{end}0") for end in ENDS),
            *((end, "eth0") for end in ENDS))


@contextlib.contextmanager
def ruleset(text):
    """The ruleset of the namespace in the middle."""
    call("pod", "nft", "-f", "-", input=text)
    try:
        yield
    finally:
        call("pod", "nft", "delete", *text.split()[:3])


def is_loaded(name):
    with open("/proc/modules", encoding="ascii") as file:
        return any(line.startswith(f"{name} ") for line in file)


@contextlib.contextmanager
def installed():
    """The module is where modprobe finds it, and not loaded. Of the kernel's own
    only those of its subsystem are there: to go through all takes long."""
    place = f"/lib/modules/{os.uname().release}"
    with tempfile.TemporaryDirectory(dir="/run") as few:
        shutil.copytree(f"{place}/{NETFILTER}", f"{few}/{NETFILTER}")
        for path in glob.glob(f"{place}/modules.*"):
            shutil.copy(path, few)
        os.mkdir(f"{few}/updates")
        shutil.copy(os.environ["SMTPGUARD_KO"], f"{few}/updates")
        with contextlib.ExitStack() as stack:
            stack.callback(ensure_loaded)
            subprocess.run(["mount", "--bind", few, place], check=True)
            stack.callback(subprocess.run, ["umount", place], check=True)
            subprocess.run(["depmod", "-a"], check=True)
            bed.unload()
            yield


def unprivileged(report):
    with installed():
        with report.case("an administrator loads the module by its name"):
            subprocess.run(["modprobe", "smtpguard"], check=True)
            bed.unload()
        with report.case("a user who is nobody here and names the helper in a "
                         "network namespace of his own does not have it "
                         "loaded"):
            # what the kernel itself brings along he does
            for name, module, loaded in (("ftp", "nf_conntrack_ftp", True),
                                         ("smtp", "smtpguard", False)):
                result = subprocess.run(
                    [*STRANGER, "nft", NAMED.format(name=name)], check=False,
                    capture_output=True, text=True)
                assert is_loaded(module) == loaded, (module, result)


@contextlib.contextmanager
def stranger(*command):
    """A user's namespace in which a command runs until its input ends: the
    process, and the first line that it says."""
    process = subprocess.Popen(
        [*STRANGER, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True)
    try:
        yield process, process.stdout.readline().removesuffix("\n")
    finally:
        process.communicate()


def stranger_who(what, count):
    """The same, of stranger.py, which a user might not find where it is."""
    with open(f"{os.path.dirname(__file__)}/stranger.py",
              encoding="ascii") as file:
        return stranger("python3", "-c", file.read(), what, str(count),
                        WAY.declared, WAY.given)


def resets(report, server):
    with by_hand():
        with report.case(f"a user resets {RESET} connections in a namespace of "
                         "his own: one of the router's that conntrack forgot "
                         "is picked up nevertheless"), \
                parameters(**WAY.values), \
                stranger_who("reset", RESET) as (_, said), \
                counted(sessions_opened=2, resets=0, refused_VRFY=1), \
                Wire() as wire:
            # his own are remembered
            assert said == "True", said
            wire.command(NOOP, OK)
            forget(wire)
            # the first may be anybody's
            for _ in range(2):
                wire.reply(OK)
            find_by_hand(wire)
            insist_on_mask(wire)
    with report.case("what such a namespace remembered goes with it"):
        insist_on_cleanup()
        bed.unload()
        bed.load()
        assert not bed.kernel_trouble(), bed.kernel_trouble()
    insist_on_mail(server)


def shares(report, server):
    with report.case(f"users begin sessions in {SHARES + 1} namespaces of "
                     "their own: each gets an eighth of max_memory, all "
                     "together half, the router the other half"), \
            contextlib.ExitStack() as stack:
        while flushed():
            time.sleep(0.2)
        stack.enter_context(little_memory(ports=f"25,{CLOSED}",
                                          **WAY.values))
        *opened, late = (
            int(stack.enter_context(stranger_who("open", SESSIONS))[1])
            for _ in range(SHARES + 1))
        # what the others have left of their half; one may be more than a share
        assert max(opened) - min(opened) < SHARES < min(opened), opened
        assert late < SHARES, late
        with counted(sessions_opened=1, sessions_deferred=0):
            insist_on_mail(server)
        while flushed():
            time.sleep(0.2)
        before = bed.stats()["sessions_opened"]
        with crowd():
            own = bed.stats()["sessions_opened"] - before
        # seven eighths of what the others left, which took as much of a half
        assert abs(own - sum(opened) * 9 / 8) < 8 * SHARES, (opened, own)


def followed(name):
    """How many connections conntrack knows in a namespace, once somebody has
    spoken there."""
    with bed.inside(name):
        # what the table of flows holds goes within a second
        while flushed():
            time.sleep(0.2)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
            speaker.sendto(b"anybody?", ("127.0.0.1", 9))
        return entries.count()


def insist_on_nothing():
    """Nothing was counted in the namespace in the middle."""
    with bed.inside("pod"):
        stats = bed.stats()
    assert not any(stats.values()), {name: value for name, value in
                                     stats.items() if value}


def left_alone(report, own, server):
    ip("-n pod link set lo up")
    with report.case("namespaces=init: in another network namespace no "
                     "connection is followed"):
        assert not followed("pod")
    for name, rules in (("nothing there follows", contextlib.nullcontext()),
                        ("a rule there follows", ruleset(FOLLOWED))):
        with report.case(f"namespaces=init: connections that {name} are not "
                         "guarded and not counted, on whatever port"), rules, \
                parameters(ports="25,2525"):
            for port in PORTS:
                insist_on_not_guarded(own, ADDRESS, port, "guest")
            insist_on_nothing()
            insist_on_guarded(server, SERVER["IPv4"], 2525)


def chosen(report, own):
    for way in choose.WAYS:
        with report.case(f"namespaces=init: a rule there gives connections "
                         f"{way.name}: they are guarded, others are not"), \
                parameters(**way.values), ruleset(way.rules(2525)), \
                counted(sessions_opened=0, commands_refused=0), \
                bed.inside("pod"):
            insist_on_guarded(own, ADDRESS, 2525, "guest")
            insist_on_not_guarded(own, ADDRESS, 25, "guest")


def is_guarded(talk):
    """Two replies tell the phase of what was picked up late."""
    find(talk)
    del talk.session.octets[:]
    talk.command("EXPN root")
    return b"EXPN root\r\n" not in talk.session.octets


def switched(report, own):
    with report.case("namespaces=all: sessions that began before are guarded "
                     "there, as those that begin now; namespaces=init: all of "
                     "them pass; and once more"), \
            contextlib.ExitStack() as stack:
        talks = []
        for _ in range(2):
            talks.append(stack.enter_context(
                Talk(own, namespace="guest", address=ADDRESS)))
            for value in "all", "init":
                stack.enter_context(parameters(namespaces=value))
                assert bool(followed("pod")) == (value == "all")
                talks.append(stack.enter_context(
                    Talk(own, namespace="guest", address=ADDRESS)))
                for number, talk in enumerate(talks):
                    assert is_guarded(talk) == (value == "all"), (
                        value, number)
        for talk in talks:
            talk.expect("QUIT", "221")
    for way in choose.WAYS:
        switched_under_chosen(report, own, way)


def switched_under_chosen(report, own, way):
    with report.case("namespaces=init: of sessions there that a rule follows "
                     f"those go on being guarded to which it gave {way.name}, "
                     "without a gap"), ruleset(way.rules(2500)), \
            parameters(namespaces="all", **way.values), \
            Talk(own, namespace="guest", address=ADDRESS) as talk, \
            Talk(own, 2500, namespace="guest", address=ADDRESS) as kept, \
            bed.inside("pod"):
        for each in talk, kept:
            each.expect("EXPN root", "500")
        with counted(refused_EXPN=1, sessions_opened=0, sessions_closed=1,
                     resets=0):
            bed.set_parameter("namespaces", "init")
            kept.expect("EXPN root", "500")
            talk.expect("EXPN root", "250")
        bed.set_parameter("namespaces", "all")
        insist_on_guard(talk)
        kept.expect("EXPN root", "500")


class PodWire(Wire):
    """A connection by hand by the namespace in the middle."""

    addresses = {"IPv4": ("10.8.0.2", ADDRESS)}

    def _make_ends(self, client, server):
        return (End("guest", *client, hardware_address("pod", "guest0")),
                End("host", *server, hardware_address("pod", "host0")))


def by_segment(report):
    with report.case("namespaces=init: what conntrack there calls INVALID "
                     "passes"), ruleset(FOLLOWED), \
            bed.inside("pod"), counted(segments_invalid=0), PodWire() as wire:
        wire.client.emit(b"EXPN root\r\n", at=1 << 30)
        wire.server.expect(b"EXPN root\r\n", at=1 << 30)
    for way in choose.WAYS:
        with report.case(f"namespaces=init: a rule there gives a connection "
                         f"{way.name}: INVALID segments of it carry no data "
                         "to the server"), parameters(**way.values), \
                ruleset(way.rules(25)), \
                bed.inside("pod"), counted(segments_invalid=1), \
                PodWire() as wire:
            wire.client.emit(b"EXPN root\r\n", at=1 << 30)
            insist_on_next(wire)
    with report.case("a connection that begins under namespaces=init, with the "
                     "ports of one that was reset before, is not held for "
                     "that"), bed.inside("pod"), \
            counted(resets=0, refused_VRFY=1):
        with parameters(namespaces="all"), PodWire() as wire:
            wire.command(NOOP, OK)
            wire.server.emit(flags="RA")
            wire.client.expect_flags("RA")
            flushed()
        with parameters(), PodWire(port=wire.port) as wire:
            bed.set_parameter("namespaces", "all")
            find_by_hand(wire)
            insist_on_mask(wire)


@contextlib.contextmanager
def coming_and_going():
    """Network namespaces do, as fast as they can, for the time of a block."""
    done = threading.Event()

    def work():
        while not done.is_set():
            subprocess.run(["unshare", "-n", "true"], check=True)

    workers = [threading.Thread(target=work) for _ in range(KILLERS)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        done.set()
        for worker in workers:
            worker.join()


@contextlib.contextmanager
def namespace(name):
    ip(f"netns add {name}")
    try:
        ip(f"-n {name} link set lo up")
        yield name
    finally:
        ip(f"netns delete {name}")


def insist_on_switch(value, name):
    bed.set_parameter("namespaces", value)
    assert bool(followed(name)) == (value == "all"), (name, value)


def come_and_go(report):
    with report.case(f"namespaces is switched {ROUNDS} times while namespaces "
                     "come and go: each is as was asked for"), \
            parameters(), coming_and_going(), namespace("old") as old:
        for number in range(ROUNDS // 2):
            insist_on_switch("all", old)
            with namespace(f"young{number}") as young:
                assert followed(young)
                insist_on_switch("init", old)
                assert not followed(young)
    with report.case("rmmod and insmod with namespaces=all and init while "
                     "namespaces come and go"), coming_and_going(), \
            namespace("old") as old:
        for _ in range(5):
            for value in "all", "init":
                bed.unload()
                assert not followed(old)
                bed.load(namespaces=value)
                assert bool(followed(old)) == (value == "all")
        assert parameter("namespaces") == "init"
