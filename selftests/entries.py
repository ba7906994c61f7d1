# SPDX-License-Identifier: GPL-2.0
"""Conntrack's entries in the network namespace of this thread. conntrack(8) does
the same; a case that waits until there are none asks often, and to start a
program takes longer than to ask."""

import os
import socket

from witness import HEADERS, MESSAGE, NLM_F_REQUEST

COUNT = "/proc/sys/net/netfilter/nf_conntrack_count"
# Of the kernel's headers, as Python does not have them.
NETLINK_NETFILTER = 12
NLM_F_ACK = 4
NFNL_SUBSYS_CTNETLINK = 1
IPCTNL_MSG_CT_DELETE = 2
# Behind the header of netlink's own answer.
ERROR = slice(16, 20)


def count():
    """How many there are."""
    with open(COUNT, encoding="ascii") as file:
        return int(file.read())


def flush():
    """Have conntrack forget all of them: a request that names none."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       NETLINK_NETFILTER) as netlink:
        netlink.send(HEADERS.pack(
            HEADERS.size, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
            NLM_F_REQUEST | NLM_F_ACK, 1, 0, socket.AF_UNSPEC, 0, 0))
        error = int.from_bytes(netlink.recv(MESSAGE)[ERROR], "little",
                               signed=True)
    if error:
        raise OSError(-error, os.strerror(-error))
