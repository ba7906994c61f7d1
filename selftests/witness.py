# SPDX-License-Identifier: GPL-2.0
"""What the guard and the kernel had to say while a block ran:

    with Witness():
        talk.expect("NOOP", "250")

An exception that leaves the block takes it along as a note: which counters of
the module have grown, the last events of its session log with the reasons for
what was refused, and what is new in the kernel log. It sees the network
namespace that the block is in when it begins. Of the others that have a name
there are the counters, as they are.

Nothing is read before something goes wrong, since many blocks are witnessed
and few go wrong: the kernel keeps the events in the buffer of a socket. That
socket goes with the block, so it keeps neither a namespace nor the module."""

import contextlib
import functools
import ipaddress
import os
import re
import socket
import struct
import sys
import time

from namespace import inside

HEADER = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "kmod/uapi/smtpguard.h")
NAMESPACES = "/run/netns"
# Of the kernel's headers, as Python does not have them.
NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
SO_RCVBUFFORCE = 33
NLM_F_REQUEST = 1
NLMSG_ERROR = 2
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID = 1
CTRL_ATTR_FAMILY_NAME = 2
CTRL_ATTR_MCAST_GROUPS = 7
CTRL_ATTR_MCAST_GRP_ID = 2
KIND_MASK = 0x3fff
HEADERS = struct.Struct("=IHHIIBBH")

# Memory that the events of one block may take. It is not taken before.
BUFFER = 64 << 20
MESSAGE = 1 << 16
PATIENCE = 10
# How much of it is told.
RESETS = 3
EVENTS = 8
KERNEL_LINES = 6
LINE = 200

# Those whose block is running.
_present = []

ENDS = ("CLIENT", "SERVER")
# Of every event; the ends of the connection are told in another way.
COMMON = {"PAD", "EVENT", "NUMBER", "TIME", "SESSION",
          *(f"{end}_{part}" for end in ENDS for part in ("ADDRESS", "PORT"))}


@functools.cache
def names(enum):
    """The constants of an enum of the module, in their order."""
    with open(HEADER, encoding="ascii") as header:
        return re.findall(rf"^\tSMTPGUARD_{enum}_(\w+),$", header.read(),
                          re.MULTILINE)


@functools.cache
def octets():
    """The attributes that hold what a peer has said."""
    with open(HEADER, encoding="ascii") as header:
        return set(re.findall(r"@SMTPGUARD_A_(\w+): octets", header.read()))


@functools.cache
def strings():
    """The attributes that hold a string."""
    with open(HEADER, encoding="ascii") as header:
        return set(re.findall(r"@SMTPGUARD_A_(\w+): string", header.read()))


def pack(kind, value):
    """One attribute."""
    return struct.pack("=HH", 4 + len(value), kind) + value + \
        b"\0" * (-len(value) % 4)


def unpack(data):
    """Kinds and values of attributes."""
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        yield kind & KIND_MASK, data[at + 4:at + length]
        at += max(length + 3 & ~3, 4)


class Netlink:
    """The module's generic netlink family, in the namespace that this is made
    in. Raises OSError where it is not loaded."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                     NETLINK_GENERIC)
        self._socket.settimeout(PATIENCE)
        try:
            family = dict(unpack(self._ask(
                GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                pack(CTRL_ATTR_FAMILY_NAME, b"smtpguard\0"))))
        except OSError:
            self.close()
            raise
        self._family, = struct.unpack("=H", family[CTRL_ATTR_FAMILY_ID])
        # The first of them is that of all that sessions say.
        _, group = next(unpack(family[CTRL_ATTR_MCAST_GROUPS]))
        self.group, = struct.unpack("=I", dict(unpack(group))[
            CTRL_ATTR_MCAST_GRP_ID])

    def close(self):
        """Nothing of it stays."""
        self._socket.close()

    def _ask(self, family, command, attributes=b""):
        """Attributes of the answer to a request."""
        self._socket.send(HEADERS.pack(
            HEADERS.size + len(attributes), family, NLM_F_REQUEST, 0, 0,
            command, 1, 0) + attributes)
        answer = self._socket.recv(MESSAGE)
        if HEADERS.unpack_from(answer)[1] == NLMSG_ERROR:
            number, = struct.unpack_from("=i", answer, 16)
            raise OSError(-number, os.strerror(-number))
        return answer[HEADERS.size:]

    def counters(self):
        """All counters, as they came; see counters_in()."""
        return self._ask(self._family, names("CMD").index("GET_STATS"))

    def join(self, group):
        """Have the events of the session log kept from now on."""
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        self._socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
        self._socket.setblocking(False)

    def events(self):
        """Those that have been kept."""
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    message = self._socket.recv(MESSAGE)
                except BlockingIOError:
                    raise
                except OSError:
                    # there was no room for some
                    continue
                yield Event(message[HEADERS.size:])


class Event:
    """One event of the session log."""

    def __init__(self, data):
        kinds = names("A")
        self._values = {kinds[kind]: value for kind, value in unpack(data)
                        if kind < len(kinds)}

    def _number(self, name):
        return int.from_bytes(self._values.get(name, b""), sys.byteorder)

    def _address(self, name):
        return ipaddress.ip_address(self._values[f"{name}_ADDRESS"])

    @property
    def addresses(self):
        """Those of its connection."""
        return {self._address(name) for name in ENDS}

    def _end(self, name):
        return f"{self._address(name)} {self._number(f'{name}_PORT')}"

    @property
    def resets(self):
        """It says why a session was reset."""
        return self._values.get("VERDICT") == b"reset\0"

    def _value(self, name):
        value = self._values[name]
        if name in strings():
            return f'"{value[:-1].decode("ascii")}"'
        if name in octets():
            return repr(value)[1:]
        return str(self._number(name)) if value else "yes"

    def tell(self, began):
        """A line for people."""
        after = (self._number("TIME") - began) / 1e9
        kind = names("EVENT")[self._number("EVENT")].lower()
        return " ".join([
            f"{after:.3f} s", " > ".join(map(self._end, ENDS)), kind,
            *(f"{name.lower()}={self._value(name)}"
              for name in self._values if name not in COMMON)])


def counters_in(answer):
    """The counters in an answer to who asked for them."""
    name, value = map(names("A").index, ("NAME", "VALUE"))
    counters_of = (dict(unpack(counter)) for _, counter in unpack(answer))
    return {counter[name][:-1].decode("ascii"):
            int.from_bytes(counter[value], sys.byteorder)
            for counter in counters_of}


def counters():
    """All counters of this namespace; none where the module is not loaded."""
    try:
        with contextlib.closing(Netlink()) as netlink:
            return counters_in(netlink.counters())
    except OSError:
        return {}


def namespaces():
    """Those that have a name."""
    with contextlib.suppress(FileNotFoundError):
        return sorted(os.listdir(NAMESPACES))
    return []


def module_loaded():
    """To be called where the module is loaded anew: who followed its log does
    so no more."""
    for witness in list(_present):
        witness.follow()


class Witness:
    """See above."""

    def __init__(self):
        self._began = time.time_ns()
        self._before = b""
        self._netlink = None
        self._kernel = None

    def __enter__(self):
        # Its end now; what comes later can be read from there.
        self._kernel = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self._kernel, 0, os.SEEK_END)
        with contextlib.suppress(OSError):
            self._netlink = Netlink()
            self._before = self._netlink.counters()
            self._netlink.join(self._netlink.group)
        _present.append(self)
        return self

    def follow(self):
        """The module is another one, and its counters begin with nothing."""
        self._before = b""
        with contextlib.closing(Netlink()) as netlink:
            if self._netlink:
                self._netlink.join(netlink.group)

    def __exit__(self, _, problem, __):
        if isinstance(problem, Exception):
            try:
                problem.add_note("\n".join(self.tell()))
            except Exception as other:  # it must not hide the first
                problem.add_note(f"what the guard said is lost: {other!r}")
        _present.remove(self)
        os.close(self._kernel)
        if self._netlink:
            self._netlink.close()

    def tell(self, addresses=()):
        """All of it, in lines of bearable length; where addresses are given,
        only events of connections with one of these."""
        lines = [*self._tell_counters(), *self._tell_events(addresses),
                 *self._tell_kernel(), *self._tell_others()]
        return [line if len(line) <= LINE else f"{line[:LINE]}..."
                for line in lines]

    def _tell_counters(self):
        before = counters_in(self._before)
        grown = {name: value - before.get(name, 0)
                 for name, value in counters().items()}
        yield "guard: " + (", ".join(
            f"{name} +{value}" for name, value in grown.items() if value)
            or "no counter has grown")

    def _tell_events(self, addresses):
        if not self._netlink:
            return
        wanted = set(map(ipaddress.ip_address, addresses))
        events = [event for event in self._netlink.events()
                  if not wanted or wanted & event.addresses]
        places = [place for place, event in enumerate(events)
                  if event.resets][-RESETS:]
        places = sorted({*places, *range(len(events))[-EVENTS:]})
        for place in places:
            yield f"guard: {events[place].tell(self._began)}"

    def _tell_kernel(self):
        lines = []
        # there is no more, or some are gone already
        with contextlib.suppress(OSError):
            while True:
                record = os.read(self._kernel, MESSAGE)
                text = record.partition(b";")[2].split(b"\n")[0]
                lines.append(text.decode(errors="replace"))
        for line in lines[-KERNEL_LINES:]:
            yield f"kernel: {line}"

    def _tell_others(self):
        for name in namespaces():
            found = {}
            # it may be on its way in or out
            with contextlib.suppress(OSError), inside(name):
                found = counters()
            if any(found.values()):
                yield f"guard in {name}: " + ", ".join(
                    f"{key} {value}" for key, value in found.items() if value)
