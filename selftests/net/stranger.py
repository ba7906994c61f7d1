# SPDX-License-Identifier: GPL-2.0
"""What somebody does who is root in a network namespace of his own, on its
loopback. A program that runs there by itself: it says what came of it in one
line, and stays until its input ends. How a rule chooses connections there is
what it declares, and what it says of them (choose.py).

    reset COUNT DECLARED GIVEN
        connections are asked for, and reset: if the last of them is reset when
        it goes on
    open COUNT DECLARED GIVEN
        sessions are begun: how many of so many"""

import contextlib
import socket
import struct
import subprocess
import sys
import time

ADDRESS = "127.0.0.1"
PORT = 25
FIRST_PORT = 1024
SYN, RST, ACK = 2, 4, 16
DEADLINE = 30
RULES = f"""
table inet own {{{{
	{{declared}}
	chain output {{{{
		type filter hook output priority filter;
		tcp dport {PORT} {{given}}
	}}}}
}}}}
"""
# Nobody is there to answer.
UNANSWERED = f"""
table inet own {{
	chain input {{
		type filter hook input priority filter;
		tcp dport {PORT} drop
	}}
}}
"""


def rules(text):
    subprocess.run(["nft", "-f", "-"], check=True, text=True, input=text)


class Segment:
    """One that can come from any port of a client; data has an even number of
    octets."""

    def __init__(self, flags, sequence, data=b""):
        header = struct.pack("!HHIIHHHH", 0, PORT, sequence, 1,
                             5 << 12 | flags, 1024, 0, 0)
        self._octets = bytearray(header + data)
        pseudo = socket.inet_aton(ADDRESS) * 2 + struct.pack(
            "!HH", socket.IPPROTO_TCP, len(self._octets))
        octets = pseudo + self._octets
        self._sum = sum(struct.unpack(f"!{len(octets) // 2}H", octets))

    def of(self, port):
        """Its octets, from that port. Good until the next are asked for."""
        total = self._sum + port
        total = (total & 0xffff) + (total >> 16)
        checksum = ~(total + (total >> 16)) & 0xffff
        struct.pack_into("!H", self._octets, 0, port)
        struct.pack_into("!H", self._octets, 16, checksum)
        return self._octets


def reset(count, _stack):
    rules(UNANSWERED)
    begin, end = Segment(SYN, 0), Segment(RST, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_TCP) as raw:
        raw.connect((ADDRESS, 0))
        for port in range(FIRST_PORT, FIRST_PORT + count):
            raw.send(begin.of(port))
            raw.send(end.of(port))
        with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                           socket.htons(0x0800)) as tap:
            raw.send(Segment(ACK, 1, b"NOOP\r\n").of(port))
            return is_reset(tap, port)


def is_reset(tap, port):
    tap.settimeout(DEADLINE)
    with contextlib.suppress(TimeoutError):
        while True:
            octets = tap.recv(65536)[20:]
            source, destination = struct.unpack("!HH", octets[:4])
            if (source, destination) == (PORT, port) and octets[13] & RST:
                return True
    return False


def stats():
    output = subprocess.run(["smtpguard", "stats"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return {name: int(value) for name, value in
            (line.split() for line in output.splitlines())}


def open_sessions(count, stack):
    stack.enter_context(socket.create_server((ADDRESS, PORT), backlog=count))
    for _ in range(count):
        client = stack.enter_context(socket.socket())
        client.setblocking(False)
        client.connect_ex((ADDRESS, PORT))
    end = time.monotonic() + DEADLINE
    while True:
        now = stats()
        if now["sessions_opened"] + now["sessions_deferred"] >= count:
            return now["sessions_opened"]
        if time.monotonic() > end:
            sys.exit(f"{now}")
        time.sleep(0.1)


def main():
    what, count, declared, given = sys.argv[1:]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    rules(RULES.format(declared=declared, given=given))
    act = {"reset": reset, "open": open_sessions}[what]
    with contextlib.ExitStack() as stack:
        print(act(int(count), stack), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
