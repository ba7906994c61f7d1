# SPDX-License-Identifier: GPL-2.0
"""What passes although its port is guarded: somebody keeps it from conntrack, or
takes it before IP sees it. What the module can see of that is counted, and the
kernel log names the switch. Where a switch mends it, that is tried as well.

    near 10.4.0.1 eth0 -- near0 router far0 -- eth0 10.4.0.2 far

The router hands over frames between these two in one way after the other."""

import contextlib
import ctypes
import os
import socket
import struct
import subprocess

import bed
import choose
import entries
from failover import calls, ip
from placement import insist_on_guarded, ruleset
from server import Server
from talk import HOSTILE, SERVER, Talk, counted, parameters

KERNEL = tuple(map(int, os.uname().release.split(".")[:2]))
# Before, tc's action ct has no helpers.
TC_HELPS = KERNEL >= (6, 2)
NOTRACK = """
table inet smtpguard_net_notrack {
	chain prerouting {
		type filter hook prerouting priority raw;
		tcp dport { 25, 2525 } notrack
		tcp sport { 25, 2525 } notrack
	}
}
"""
# Of the service that IPVS balances; the server answers to it, too.
VIRTUAL = "203.0.113.25"
REAL = "198.51.100.2"
IPVS = f"""
address add {VIRTUAL}/32 dev lo
-n server address add {VIRTUAL}/32 dev lo
"""
NO_IPVS = f"""
address del {VIRTUAL}/32 dev lo
-n server address del {VIRTUAL}/32 dev lo
"""
# By which the server's packets get to the client past the router.
SHORTCUT = """
-n server link add short0 type veth peer name short0 netns client
-n client link set short0 up
-n server link set short0 up
-n server route add 192.0.2.2 dev short0
"""
NO_SHORTCUT = "-n server link del short0"
LINKS = """
netns add near
netns add far
link add near0 type veth peer name eth0 netns near
link add far0 type veth peer name eth0 netns far
link set near0 up
link set far0 up
-n near address add 10.4.0.1/24 dev eth0
-n near link set eth0 up
-n far address add 10.4.0.2/24 dev eth0
-n far link set eth0 up
"""
FAR = "10.4.0.2"
BOTH_WAYS = (("near0", "far0"), ("far0", "near0"))
BRIDGE = """
link add br0 type bridge mcast_snooping 0
link set near0 master br0
link set far0 master br0
link set br0 addrgenmode none up
"""
CONNTRACK = """
table bridge smtpguard_net_unguarded {
	chain forward {
		type filter hook forward priority filter;
		ct state invalid counter
	}
}
"""
# What tc does with a frame besides handing it over.
TC_CT = ("action", "ct", "commit", "zone", "1")
TC_CT_HELPER = (*TC_CT, "helper", "ipv4-tcp-smtp")
# bpf(2)
BPF_SYSCALL = 321
BPF_PROG_LOAD = 5
BPF_OBJ_PIN = 6
BPF_PROG_TYPE_SCHED_CLS = 3
BPF_PROG_TYPE_XDP = 6
BPF_FUNC_REDIRECT = 23
PINNED = "/sys/fs/bpf"


def run(report, server):
    kept_from_conntrack(report, server)
    with service():
        balanced(report, server)
    with handed_over(), Server("far", (25,)) as far:
        bridged(report, far)
        by_open_vswitch(report, far)
        by_tc(report, far)
        by_bpf(report, far)
    tracked_early(report, server)


@contextlib.contextmanager
def kernel_says():
    """The lines of the kernel log about what is not guarded, once the block is
    over."""
    lines = []
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)
    try:
        yield lines
        with contextlib.suppress(BlockingIOError):
            while True:
                line = os.read(log, 8192).decode(errors="replace")
                if "not guarded:" in line:
                    lines.append(line)
    finally:
        os.close(log)


def pass_by(server, address, namespace, port=25):
    """A session passes octet for octet; by how much the counter grows."""
    before = bed.stats()["packets_unguarded"]
    with counted(sessions_opened=0, commands_refused=0, segments_invalid=0), \
            Talk(server, port, namespace, address) as talk:
        talk.expect("EXPN root", "250")
        talk.insist_on_equal()
    return bed.stats()["packets_unguarded"] - before


def insist_on_count(server, address, namespace, *words):
    """Sessions pass, are counted, and the log has a line with these words."""
    # the line of an hour
    bed.unload()
    bed.load()
    with kernel_says() as lines:
        # both directions of the handshake and of a command
        assert pass_by(server, address, namespace) >= 6
        assert pass_by(server, address, namespace) >= 6
    line, = lines
    for word in words:
        assert word in line, line


def insist_on_nothing(server, address, namespace, port=25):
    """A session passes, and nobody knows of it."""
    with kernel_says() as lines:
        assert pass_by(server, address, namespace, port) == 0
    assert not lines, lines


def insist_on_guard(server, address, namespace="client"):
    """All is as where packets are routed, and nothing passes beside it."""
    with counted(packets_unguarded=0, resets=1, messages=1):
        insist_on_guarded(server, address, 25, namespace)
        with Talk(server, 25, namespace, address) as talk:
            talk.open_message()
            talk.say("250", b"text\r\n.", b"\r\n")
            talk.insist_on_equal()
            talk.insist_on_reset(HOSTILE)


def kept_from_conntrack(report, server):
    for family, address in SERVER.items():
        with report.case(f"{family}: a rule with notrack: all passes, is "
                         "counted, and the kernel log says why, once"), \
                ruleset(NOTRACK):
            insist_on_count(server, address, "client", f"{address}",
                            "notrack")
        with report.case(f"{family}: ... of ports that are not guarded nothing "
                         "is, nor with enabled=N"), ruleset(NOTRACK):
            insist_on_nothing(server, address, "client", 2525)
            with parameters(enabled="N"):
                insist_on_nothing(server, address, "client")
        with report.case(f"{family}: ... and without the rule it is guarded"):
            insist_on_guard(server, address)
    for way in choose.WAYS:
        with report.case(f"a rule gives connections {way.name}: guarded, and "
                         "none is taken for one that passes"), \
                parameters(**way.values), ruleset(way.rules(25)):
            insist_on_guard(server, SERVER["IPv4"])
    with report.case("namespaces=init: in others no notrack counts, with "
                     "namespaces=all it does"):
        assert not counted_by_client(server)
        with parameters(namespaces="all"):
            assert counted_by_client(server)


def counted_by_client(server):
    """Where the client is, nothing is tracked."""
    with bed.inside("client"):
        before = bed.stats()["packets_unguarded"]
    insist_on_guarded(server, SERVER["IPv4"])
    with bed.inside("client"):
        return bed.stats()["packets_unguarded"] - before


@contextlib.contextmanager
def service():
    """An address that is the router's, and the server's."""
    subprocess.run(["modprobe", "-a", "ip_vs", "ip_vs_rr", "ipip"], check=True)
    calls(IPVS)
    try:
        yield
    finally:
        calls(NO_IPVS)
        subprocess.run(["rmmod", "ip_vs_rr", "ip_vs"], check=True)
        subprocess.run(["rmmod", "ipip"], check=True)


@contextlib.contextmanager
def ipvs(how, conntrack):
    """IPVS hands the service to the server in this way. Where conntrack has a
    connection with the same ends already, from the client to the server itself,
    it does not look for a free port, and the SYN is dropped; so those of other
    cases are forgotten."""
    address = f"{VIRTUAL}:25"
    entries.flush()
    subprocess.run(["sysctl", "-qw", f"net.ipv4.vs.conntrack={conntrack}"],
                   check=True)
    subprocess.run(["ipvsadm", "-A", "-t", address, "-s", "rr"], check=True)
    try:
        subprocess.run(["ipvsadm", "-a", "-t", address, "-r", f"{REAL}:25",
                        how], check=True)
        yield
    finally:
        subprocess.run(["ipvsadm", "-C"], check=True)


@contextlib.contextmanager
def shortcut():
    """The server's packets do not come by the router."""
    calls(SHORTCUT)
    try:
        yield
    finally:
        ip(NO_SHORTCUT)


def balanced(report, server):
    with report.case("IPVS with NAT, net.ipv4.vs.conntrack=0: all passes, is "
                     "counted, and the kernel log names the switch"), \
            ipvs("-m", 0):
        insist_on_count(server, VIRTUAL, "client", "net.ipv4.vs.conntrack=1")
    with report.case("IPVS with NAT, net.ipv4.vs.conntrack=1: guarded, and a "
                     "reset reaches both ends"), ipvs("-m", 1):
        insist_on_guard(server, VIRTUAL)
    with shortcut():
        with report.case("IPVS with direct routing, net.ipv4.vs.conntrack=0: "
                         "the client's direction passes and is counted"), \
                ipvs("-g", 0):
            assert pass_by(server, VIRTUAL, "client") >= 3
        with report.case("IPVS with direct routing, net.ipv4.vs.conntrack=1: "
                         "only the client's direction is seen, and what it "
                         "says is reset at both ends"), ipvs("-g", 1), \
                counted(packets_unguarded=0, segments_one_way=1), \
                Talk(server, address=VIRTUAL) as talk:
            talk.insist_on_reset(b"NOOP\r\n")
        ip("-n server link set tunl0 up")
        with report.case("IPVS with a tunnel: all passes, and nothing is "
                         "counted"), ipvs("-i", 0):
            insist_on_nothing(server, VIRTUAL, "client")


@contextlib.contextmanager
def handed_over():
    """Two ends and their links, which nothing connects."""
    try:
        calls(LINKS)
        yield
    finally:
        for name in ("near", "far"):
            subprocess.run(["ip", "netns", "delete", name], check=False)


def bridged(report, server):
    calls(BRIDGE)
    try:
        with report.case("a bridge that conntrack does not follow: all passes, "
                         "is counted, and the kernel log names the rule"):
            insist_on_count(server, FAR, "near", "ct state", "family bridge")
        with report.case("... and with that rule it is guarded"), \
                ruleset(CONNTRACK):
            insist_on_guard(server, FAR, "near")
    finally:
        ip("link del br0")


def dpctl(*words):
    subprocess.run(["ovs-dpctl", *words], check=True)


@contextlib.contextmanager
def open_vswitch(actions):
    """Its datapath does this with segments, then hands them over."""
    subprocess.run(["modprobe", "openvswitch"], check=True)
    dpctl("add-dp", "guard")
    try:
        for device in ("near0", "far0"):
            dpctl("add-if", "guard", device)
        for here, there in ((1, 2), (2, 1)):
            flow = f"recirc_id(0),in_port({here}),eth()"
            dpctl("add-flow", "guard", f"{flow},eth_type(0x0806),arp()",
                  str(there))
            dpctl("add-flow", "guard",
                  f"{flow},eth_type(0x0800),ipv4(proto=6,frag=no),tcp(),"
                  "tcp_flags(0/0)",
                  f"{actions}{there}")
        yield
    finally:
        dpctl("del-dp", "guard")
        # what holds the helper, and with it the module
        entries.flush()


def by_open_vswitch(report, server):
    with report.case("Open vSwitch: all passes, and nothing is counted"), \
            open_vswitch(""):
        insist_on_nothing(server, FAR, "near")
    with report.case("Open vSwitch with ct: all passes, and nothing is "
                     "counted"), open_vswitch("ct(commit,zone=1),"):
        insist_on_nothing(server, FAR, "near")
    if not choose.HAS_HELPER:
        return
    with report.case("Open vSwitch gives connections the helper: all passes, "
                     "is counted, and the kernel log says who did"), \
            helped(), open_vswitch("ct(commit,zone=1,helper=smtp),"):
        insist_on_told(server)


def insist_on_told(server):
    """As insist_on_count() of a module that cannot be loaded anew. Only
    segments with payload count."""
    with kernel_says() as lines:
        assert pass_by(server, FAR, "near") >= 3
        assert pass_by(server, FAR, "near") >= 3
    line, = lines
    assert "Open vSwitch or tc" in line, line


@contextlib.contextmanager
def helped():
    """The module is loaded anew before something holds it."""
    bed.unload()
    bed.load()
    yield


@contextlib.contextmanager
def tc(*filters):
    """Filters at the ingress of both links, which hand frames over; each is
    given the device to hand them to, and that they come from."""
    try:
        for here, there in BOTH_WAYS:
            subprocess.run(["tc", "qdisc", "add", "dev", here, "clsact"],
                           check=True)
            for number, words in enumerate(filters, 1):
                subprocess.run(
                    ["tc", "filter", "add", "dev", here, "ingress", "prio",
                     str(number), *(word.format(here=here, there=there)
                                    for word in words)], check=True)
        yield
    finally:
        for here, _ in BOTH_WAYS:
            subprocess.run(["tc", "qdisc", "del", "dev", here, "clsact"],
                           check=False)
        entries.flush()


MIRRED = ("action", "mirred", "egress", "redirect", "dev", "{there}")
ARP = ("protocol", "arp", "matchall", *MIRRED)


def segments(*actions):
    """What tc does with packets of TCP."""
    return ("protocol", "ip", "flower", "ip_proto", "tcp", *actions)


def by_tc(report, server):
    with report.case("a redirect of tc's action mirred: all passes, and "
                     "nothing is counted"), tc(ARP, segments(*MIRRED)):
        insist_on_nothing(server, FAR, "near")
    with report.case("tc's action ct before it: all passes, and nothing is "
                     "counted"), \
            tc(ARP, segments(*TC_CT, "pipe", *MIRRED)):
        insist_on_nothing(server, FAR, "near")
    if not choose.HAS_HELPER or not TC_HELPS:
        return
    with report.case("tc's action ct gives connections the helper: all "
                     "passes, is counted, and the kernel log says who did"), \
            helped(), tc(ARP, segments(*TC_CT_HELPER, "pipe", *MIRRED)):
        insist_on_told(server)


def bpf(command, attributes):
    """One call of bpf(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(BPF_SYSCALL, command, attributes, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), "bpf(2)")
    return result


def pin(kind, name, device):
    """A program that redirects all that it is given to a device."""
    code = b"".join((
        struct.pack("<BBhi", 0xb7, 1, 0, socket.if_nametoindex(device)),
        struct.pack("<BBhi", 0xb7, 2, 0, 0),
        struct.pack("<BBhi", 0x85, 0, 0, BPF_FUNC_REDIRECT),
        struct.pack("<BBhi", 0x95, 0, 0, 0)))
    held = [ctypes.create_string_buffer(octets)
            for octets in (code, b"GPL", f"{PINNED}/{name}".encode())]
    code_at, licence_at, path_at = map(ctypes.addressof, held)
    program = bpf(BPF_PROG_LOAD, struct.pack(
        "<IIQQIIQI", kind, len(code) // 8, code_at, licence_at, 0, 0, 0, 0))
    try:
        bpf(BPF_OBJ_PIN, struct.pack("<QI", path_at, program))
    finally:
        os.close(program)


@contextlib.contextmanager
def programs(kind):
    """One for each link."""
    subprocess.run(["mount", "-t", "bpf", "bpf", PINNED], check=True)
    try:
        for here, there in BOTH_WAYS:
            pin(kind, here, there)
        yield
    finally:
        subprocess.run(["umount", PINNED], check=True)


@contextlib.contextmanager
def xdp():
    """The links have their programs."""
    try:
        for here, _ in BOTH_WAYS:
            ip(f"link set dev {here} xdpgeneric pinned {PINNED}/{here}")
        yield
    finally:
        for here, _ in BOTH_WAYS:
            ip(f"link set dev {here} xdpgeneric off")


def by_bpf(report, server):
    with report.case("a redirect of an eBPF program of tc: all passes, and "
                     "nothing is counted"), \
            programs(BPF_PROG_TYPE_SCHED_CLS), \
            tc(("protocol", "all", "bpf", "da", "object-pinned",
                f"{PINNED}/{{here}}")):
        insist_on_nothing(server, FAR, "near")
    with report.case("a redirect of XDP: all passes, and nothing is "
                     "counted"), programs(BPF_PROG_TYPE_XDP), xdp():
        insist_on_nothing(server, FAR, "near")


@contextlib.contextmanager
def early():
    """tc has conntrack look at packets before IP does."""
    links = ("client0", "server0")
    try:
        for link in links:
            subprocess.run(["tc", "qdisc", "add", "dev", link, "clsact"],
                           check=True)
            subprocess.run(["tc", "filter", "add", "dev", link, "ingress",
                            *segments("action", "ct")], check=True)
        yield
    finally:
        for link in links:
            subprocess.run(["tc", "qdisc", "del", "dev", link, "clsact"],
                           check=False)


def tracked_early(report, server):
    with report.case("tc's action ct, and then it is routed: guarded, and a "
                     "reset reaches both ends"), early():
        insist_on_guard(server, SERVER["IPv4"])
