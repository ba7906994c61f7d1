# SPDX-License-Identifier: GPL-2.0
"""The router, and the networks around it:

    client 192.0.2.2 -- client0 | router | server0 -- 198.51.100.2 server
                                |        | uplink0 -- 203.0.113.2

What goes out by uplink0 is masqueraded. Each end has a network behind it in
which nobody answers, and does not forward. With namespaces=all the module and
conntrack are in all of these namespaces."""

import socket
import struct
import subprocess

from namespace import inside

PORT = 25
BACKLOG = 4096
ENDS = ("client", "server")
LINKS = ("client0", "server0")
# What comes from there is taken on by this processor; so both directions of a
# connection, and whoever works on the third, meet in its lock.
PROCESSORS = {"client0": 1, "server0": 2, "uplink0": 2}

MAIL = "198.51.100.2"
REFUSING = "198.51.100.3"
REJECTED = "198.51.100.4"
RESETTING = "198.51.100.5"
HELD = "198.51.100.6"
IDLE = "198.51.100.7"
CROWDED = "198.51.100.8"
UPLINK = "203.0.113.2"
UPLINK_ADDRESS = "203.0.113.1/24"
# In front of the last two octets.
CLIENTS_NOWHERE = "198.18."
SERVERS_NOWHERE = "198.19."

_LINKS = f"""
netns add client
netns add server
link add client0 type veth peer name eth0 netns client
link add server0 type veth peer name eth0 netns server
link add uplink0 type veth peer name eth1 netns server
address add 192.0.2.1/24 dev client0
address add 198.51.100.1/24 dev server0
address add {UPLINK_ADDRESS} dev uplink0
link set client0 up
link set server0 up
link set uplink0 up
route add {CLIENTS_NOWHERE}0.0/16 via 192.0.2.2
route add {SERVERS_NOWHERE}0.0/16 via {MAIL}
"""
_ENDS = {
    "client": """
link set lo up
address add 192.0.2.2/24 dev eth0
link set eth0 up
route add default via 192.0.2.1
""",
    "server": f"""
link set lo up
address add {MAIL}/24 dev eth0
address add {REFUSING}/24 dev eth0
address add {REJECTED}/24 dev eth0
address add {RESETTING}/24 dev eth0
address add {HELD}/24 dev eth0
address add {IDLE}/24 dev eth0
address add {CROWDED}/24 dev eth0
address add {UPLINK}/24 dev eth1
link set eth0 up
link set eth1 up
route add default via 198.51.100.1
""",
}
_MASQUERADE = """
table ip soak {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname "uplink0" masquerade
	}
}
"""


def call(*command, **options):
    """Run a program that must not fail; what it prints."""
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout


def within(namespace, *command):
    """The command line that runs command there; '' is the router."""
    where = ("ip", "netns", "exec", namespace) if namespace else ()
    return *where, *command


def flush(namespace=""):
    """Conntrack forgets all connections."""
    call(*within(namespace, "conntrack", "-F"), stderr=subprocess.DEVNULL)


def ip(lines, namespace=""):
    """Lines for ip(8)."""
    where = ["-n", namespace] if namespace else []
    call("ip", *where, "-batch", "-", input=lines)


def write(path, value):
    """Write a file of the kernel's."""
    with open(path, "wb", buffering=0) as file:
        file.write(str(value).encode("ascii"))


def make():
    """All of it."""
    ip(_LINKS)
    for namespace, lines in _ENDS.items():
        ip(lines, namespace)
    call("nft", "-f", "-", input=_MASQUERADE)
    for link, processor in PROCESSORS.items():
        _receive_on(link, processor)
    write("/proc/sys/net/ipv4/ip_forward", 1)


def _receive_on(link, processor):
    """Those that the kernel does not have it takes out without a word."""
    path = f"/sys/class/net/{link}/queues/rx-0/rps_cpus"
    write(path, f"{1 << processor:x}")
    with open(path, encoding="ascii") as file:
        mask = int(file.read().replace(",", ""), 16)
    if mask != 1 << processor:
        raise RuntimeError(f"no processor {processor} for {link}")


def client_socket():
    """A socket of the client's."""
    with inside("client"):
        return socket.socket()


def listen(address):
    """A socket of the server's that listens."""
    with inside("server"):
        return socket.create_server((address, PORT), backlog=BACKLOG)


def reset_when_closed(sock):
    """Let the kernel send a reset then, and nothing of what was not sent."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
