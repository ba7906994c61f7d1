# SPDX-License-Identifier: GPL-2.0
"""Two routers, of which the second takes over in the middle of a session:

                 +-- 10.1.0.1 first  10.2.0.1 --+
    client 10.1.0.10                            10.2.0.10 server
                 +-- 10.1.0.2 second 10.2.0.2 --+

conntrackd tells the second one of the first one's connections; of what the
guard knows of them it tells nothing."""

import contextlib
import itertools
import operator
import os
import re
import subprocess
import time

import bed
from server import Server
from talk import Talk, parameters

DEADLINE = 30
CLIENT = "10.1.0.10"
ADDRESS = "10.2.0.10"
ROUTERS = ("first", "second")
# A line for each thing that ip(8) is to do; such a line's options, and the rest.
CALL = re.compile(r"\s*((?:-n \w+ |-[46] )*)(.*)")
LINKS = """
netns add lan
netns add fc
netns add fs
netns add first
netns add second
-n lan link add left type bridge
-n lan link add right type bridge
-n lan link set left up
-n lan link set right up
-n lan link add fc type veth peer name eth0 netns fc
-n lan link add fs type veth peer name eth0 netns fs
-n lan link add first0 type veth peer name left netns first
-n lan link add first1 type veth peer name right netns first
-n lan link add second0 type veth peer name left netns second
-n lan link add second1 type veth peer name right netns second
-n first link add sync type veth peer name sync netns second
-n lan link set fc master left up
-n lan link set first0 master left up
-n lan link set second0 master left up
-n lan link set fs master right up
-n lan link set first1 master right up
-n lan link set second1 master right up
-n fc address add 10.1.0.10/24 dev eth0
-n fs address add 10.2.0.10/24 dev eth0
-n first address add 10.1.0.1/24 dev left
-n first address add 10.2.0.1/24 dev right
-n first address add 10.3.0.1/24 dev sync
-n second address add 10.1.0.2/24 dev left
-n second address add 10.2.0.2/24 dev right
-n second address add 10.3.0.2/24 dev sync
-n fc link set eth0 up
-n fs link set eth0 up
-n first link set left up
-n first link set right up
-n first link set sync up
-n second link set left up
-n second link set right up
-n second link set sync up
-n fc route add default via 10.1.0.1
-n fs route add default via 10.2.0.1
"""
# Only the routers are to guard.
UNTRACKED = """
table inet untracked {
	chain prerouting {
		type filter hook prerouting priority raw;
		notrack
	}
	chain output {
		type filter hook output priority raw;
		notrack
	}
}
"""
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../../Documentation/howto.rst")
# What the page has of the first router is not what it is here, as there are two of
# them on one machine; and of the second one addresses are changed over.
FILES = {"/var/lock/conntrack.lock": "/run/conntrackd-{}.lock",
         "/var/run/conntrackd.ctl": "/run/conntrackd-{}.ctl"}
FIRST, SECOND = "10.3.0.1", "10.3.0.2"


def page():
    """The daemon's configuration, and what it is told where its router takes over,
    as Documentation/howto.rst has both."""
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    configuration = re.search(r"::\n\n(    Sync \{\n(?: .*\n)+)", text)[1]
    orders = re.findall(r"^    conntrackd (-[cfRB])$", text, re.MULTILINE)
    return configuration, orders


def configure(name, number):
    """The configuration of a router's daemon."""
    text = page()[0]
    for path, other in FILES.items():
        assert path in text, path
        text = text.replace(path, other.format(name))
    if number:
        sync, rest = text.split("General", 1)
        addresses = {FIRST: SECOND, SECOND: FIRST}
        text = re.sub("|".join(map(re.escape, addresses)),
                      lambda match: addresses[match[0]], sync)
        text += f"General{rest}"
    with open(f"/run/conntrackd-{name}.conf", "w", encoding="ascii") as file:
        file.write(text)


def run(report, _):
    with parameters(namespaces="all"), routers(), Server("fs") as server:
        for name, before, behind in (
                ("before an end of data", b"text", b"\r\n.\r\n"),
                ("in the middle of an end of data", b"text\r\n.", b"\r\n"),
                ("between its CR and LF", b"text\r\n.\r", b"\n"),
                ("in the middle of a message", b"EXPN a\r\n.",
                 b".\r\nEXPN a\r\n.\r\n")):
            with report.case(f"another router takes over {name}: the message "
                             "arrives once, what follows is guarded"):
                take_over(server, before, behind)
        with report.case("another router takes over between commands, and the "
                         "first comes back: the session is guarded by both"):
            there_and_back(server)


def ip(line):
    """One call of ip(8)."""
    subprocess.run(["ip", *line.split()], check=True)


def calls(lines):
    """What ip(8) is to do, a line for each; those in a row with the same options
    it is told at once."""
    split = [CALL.fullmatch(line).groups()
             for line in lines.strip().split("\n")]
    for options, steps in itertools.groupby(split, operator.itemgetter(0)):
        subprocess.run(["ip", *options.split(), "-batch", "-"], check=True,
                       text=True, input="\n".join(step for _, step in steps))


def untrack(namespace):
    """The namespace of an end is not to guard, too."""
    subprocess.run(bed.in_namespace(namespace, "nft", "-f", "-"),
                   input=UNTRACKED, text=True, check=True)


def daemon(name):
    """The command line of a router's conntrackd."""
    return bed.in_namespace(name, "conntrackd", "-C",
                            f"/run/conntrackd-{name}.conf")


@contextlib.contextmanager
def routers():
    """All of the network, for the time of a block."""
    with contextlib.ExitStack() as stack:
        stack.callback(remove)
        calls(LINKS)
        for end in ("fc", "fs", "lan"):
            untrack(end)
        for number, name in enumerate(ROUTERS):
            subprocess.run(bed.in_namespace(
                name, "sysctl", "-qw", "net.ipv4.ip_forward=1"), check=True)
            configure(name, number)
            subprocess.run([*daemon(name), "-d"], check=True,
                           stdout=subprocess.DEVNULL)
            stack.callback(subprocess.run, [*daemon(name), "-k"], check=True,
                           stdout=subprocess.DEVNULL)
        use(0)
        yield


def remove():
    """Take it down."""
    for name in ("lan", "fc", "fs", *ROUTERS):
        subprocess.run(["ip", "netns", "delete", name], check=False)


def use(number):
    """Let both ends send by this router."""
    ip(f"-n fc route replace default via 10.1.0.{number + 1}")
    ip(f"-n fs route replace default via 10.2.0.{number + 1}")


def hand_over(talk, number):
    """Wait until the other router knows of the connection; let it take over."""
    name = ROUTERS[number]
    port = f"sport={talk.socket.getsockname()[1]} "
    end = time.monotonic() + DEADLINE
    while True:
        known = subprocess.run([*daemon(name), "-e"], check=True, text=True,
                               capture_output=True).stdout
        if any(port in line and "ESTABLISHED" in line
               for line in known.splitlines()):
            break
        assert time.monotonic() < end, f"{name} was told of {known!r}"
        time.sleep(0.1)
    # take what is known, and tell the other one from now on
    orders = page()[1]
    assert len(orders) == 4, orders
    for order in orders:
        subprocess.run([*daemon(name), order], check=True,
                       stdout=subprocess.DEVNULL)
    use(number)


def refused(name):
    """How many EXPN a router has refused."""
    with bed.inside(name):
        return bed.stats()["refused_EXPN"]


def insist_on_guard(talk, name):
    """After two replies of the server's."""
    for _ in range(2):
        talk.expect("NOOP", "250")
    before = refused(name)
    talk.expect("EXPN root", "500")
    assert refused(name) == before + 1


def take_over(server, before, behind):
    use(0)
    with Talk(server, namespace="fc", address=ADDRESS) as talk:
        talk.expect("EXPN root", "500")
        talk.open_message()
        del talk.sent[:], talk.session.octets[:]
        talk.send(before)
        talk.session.wait(lambda: len(talk.session.octets) == len(before),
                          "the begin of the message did not come")
        hand_over(talk, 1)
        talk.say("250", behind)
        talk.insist_on_equal()
        insist_on_guard(talk, "second")
        talk.expect("QUIT", "221")


def there_and_back(server):
    use(0)
    with Talk(server, namespace="fc", address=ADDRESS) as talk:
        talk.expect("EXPN root", "500")
        hand_over(talk, 1)
        insist_on_guard(talk, "second")
        hand_over(talk, 0)
        insist_on_guard(talk, "first")
        talk.expect("QUIT", "221")
