# SPDX-License-Identifier: GPL-2.0
"""A client, a router and a server: the router is this system, the others are
network namespaces of it."""

import subprocess

LINKS = """
netns add client
netns add server
link add client0 type veth peer name eth0 netns client
link add server0 type veth peer name eth0 netns server
address add 192.0.2.1/24 dev client0
address add 198.51.100.1/24 dev server0
link set client0 up
link set server0 up
"""
END = """
link set lo up
address add {v4}.2/24 dev eth0
link set eth0 up
route add default via {v4}.1
"""
ENDS = {"client": "192.0.2", "server": "198.51.100"}
SERVER = ("198.51.100.2", 25)


def make():
    """Make them."""
    subprocess.run(["ip", "-batch", "-"], input=LINKS, text=True, check=True)
    for name, v4 in ENDS.items():
        subprocess.run(["ip", "-n", name, "-batch", "-"], text=True, check=True,
                       input=END.format(v4=v4))
    with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as file:
        file.write("1")
