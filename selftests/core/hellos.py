# SPDX-License-Identifier: GPL-2.0
"""Hellos of TLS handshakes, read by kmod/core/hello.c and by a model of it: it
has all octets at once, and asks for them field by field.

The two must agree on each hello, on each of its beginnings, however it is cut,
and on what becomes of it when octets are changed, lost or doubled."""

import random
import struct
from pathlib import Path

from oracle import CLIENT, SERVER

RECORDED = Path(__file__).resolve().parent / "hellos.txt"
SEED = 20010529
DAMAGED = 20000
QUICK_DAMAGED = 1000

NAME, PROTOCOLS, VERSIONS = 0, 16, 43
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891"
                      "c2a211167abb8c5e079e09e2c8a8339c")
GREASE = {bytes([16 * high + 10] * 2) for high in range(16)}
FIELD = 260
LIMIT = 20480
UNDER_WAY, READ, ALERT, WRONG = range(4)


class Short(Exception):
    """More octets are needed."""


class Malformed(Exception):
    """It cannot be read."""


class Fatal(Exception):
    """A fatal alert came."""


def insist(condition):
    """What does not hold is malformed."""
    if not condition:
        raise Malformed


class Records:
    """Octets of handshake messages, out of the records that carry them."""

    def __init__(self, octets, known):
        self.octets = octets
        self.known = known
        self.left = 0
        self.inside = False
        self.budget = LIMIT

    def _take(self, count):
        taken, self.octets = self.octets[:count], self.octets[count:]
        if len(taken) < count:
            raise Short
        return taken

    def _record(self):
        kind, major, _, length = struct.unpack("!BBBH", self._take(5))
        insist(major == 3)
        if kind == 22:
            insist(0 < length <= 0x4000)
            self.left = length
            return
        insist(not self.inside and (kind, length) in ((20, 1), (21, 2)))
        for number in range(length):
            insist(self.budget)
            self.budget -= 1
            octet = self._take(1)[0]
            if kind == 21 and not number:
                level = octet
        if kind == 21:
            if "alert" in self.known:
                self.known["alert"] = octet
            if level == 2:
                raise Fatal

    def octet(self):
        """The next octet of a message."""
        while not self.left:
            self._record()
        insist(self.budget)
        self.budget -= 1
        octet = self._take(1)
        self.left -= 1
        self.inside = True
        return octet

    def field(self, count):
        """A field of a message."""
        return b"".join(self.octet() for _ in range(count))


class Message:
    """One hello: no field is longer than what is left of it."""

    def __init__(self, records, kind):
        records.inside = False
        head = records.field(4)
        self.left = int.from_bytes(head[1:], "big")
        insist(head[0] == kind and self.left <= 0x4000)
        self.records = records

    def field(self, count):
        """The next so many octets."""
        insist(count <= self.left)
        self.left -= count
        return self.records.field(count)

    def vector(self, size):
        """One that begins with its length."""
        return self.field(int.from_bytes(self.field(size), "big"))


def listed(octets):
    """What is in a list that is all of an extension."""
    insist(len(octets) > 2
           and int.from_bytes(octets[:2], "big") == len(octets) - 2)


def server_name(known, octets):
    """RFC 6066 section 3."""
    listed(octets)
    insist(len(octets) > 5)
    length = int.from_bytes(octets[3:5], "big")
    insist(0 < length <= len(octets) - 5)
    if octets[2] == 0:
        name = octets[5:5 + length]
        known["name"] = name[:255]
        known["truncated"] |= len(name) > 255


def protocols(known, which, octets):
    """RFC 7301, as far as there is room: what is kept of one field, and what
    is kept of all names."""
    listed(octets)
    at = 2
    while at < len(octets):
        if at >= FIELD:
            known["truncated"] = 1
            return
        end = at + 1 + octets[at]
        insist(octets[at] and end <= len(octets))
        name = octets[at + 1:end]
        if end > FIELD:
            known["truncated"] = 1
            return
        if name not in GREASE:
            if len(known[which]) + 1 + len(name) > 64:
                known["truncated"] = 1
                return
            known[which] += bytes([len(name)]) + name
        at = end


def versions(known, octets):
    """RFC 8446 section 4.2.1, of a client."""
    insist(3 <= len(octets) <= 255 and len(octets) % 2
           and octets[0] == len(octets) - 1)
    known["offered"] = max(
        [version for version, in struct.iter_unpack("!H", octets[1:])
         if version >> 8 == 3], default=known["offered"])


def chosen(known, octets):
    """The same of a server."""
    insist(len(octets) == 2)
    known["version"] = int.from_bytes(octets, "big")


def extensions(known, message, readers):
    """The rest of a hello, if there is any."""
    seen = set()
    if not message.left:
        return
    insist(int.from_bytes(message.field(2), "big") == message.left)
    while message.left:
        kind, length = struct.unpack("!HH", message.field(4))
        octets = message.field(length)
        if kind in readers:
            insist(kind not in seen)
            seen.add(kind)
            readers[kind](known, octets)


def begin(message):
    """Version and random; the session is passed over."""
    head = message.field(35)
    insist(head[0] == 3 and head[34] <= 32)
    return int.from_bytes(head[:2], "big"), head[2:34], head[34]


def client_hello(known, records):
    """RFC 8446 section 4.1.2."""
    message = Message(records, 1)
    known["offered"], _, session = begin(message)
    message.field(session)
    length = int.from_bytes(message.field(2), "big")
    insist(length and not length % 2)
    message.field(length)
    length = message.field(1)[0]
    insist(length)
    message.field(length)
    extensions(known, message, {
        NAME: server_name, VERSIONS: versions,
        PROTOCOLS: lambda known, octets: protocols(known, "protocols",
                                                   octets)})


def server_hello(known, records):
    """RFC 8446 section 4.1.3; one that asks for another hello comes first, if
    at all."""
    message = Message(records, 2)
    head = message.field(35)
    insist(head[0] == 3 and head[34] <= 32)
    known["version"] = int.from_bytes(head[:2], "big")
    again = head[2:34] == RETRY
    insist(not again or not known["retry"])
    message.field(head[34])
    known["cipher"] = int.from_bytes(message.field(3)[:2], "big")
    extensions(known, message, {
        VERSIONS: chosen,
        PROTOCOLS: lambda known, octets: protocols(known, "protocol",
                                                   octets)})
    if again:
        known["retry"] = 1
        server_hello(known, records)


def read(known, reader, octets):
    """How far one side is."""
    try:
        reader(known, Records(octets, known))
    except Short:
        return UNDER_WAY
    except Malformed:
        return WRONG
    except Fatal:
        return ALERT
    return READ


def model(client, server):
    """What is known of both hellos, as harness_hello() tells it."""
    known = {"offered": 0, "version": 0, "cipher": 0, "retry": 0,
             "truncated": 0, "name": b"", "protocols": b"", "protocol": b""}
    states = [read(known, client_hello, client), UNDER_WAY]
    known["alert"] = -1
    if server:
        if states[0] == UNDER_WAY:
            states[0] = WRONG
        states[1] = read(known, server_hello, server)
    return (f"client={states[0]} server={states[1]} "
            f"offered={known['offered']:04x} version={known['version']:04x} "
            f"cipher={known['cipher']:04x} retry={known['retry']} "
            f"truncated={int(known['truncated'])} alert={known['alert']} "
            f"name={known['name'].hex()} protocols={known['protocols'].hex()} "
            f"protocol={known['protocol'].hex()}")


def vector(size, octets):
    """Octets behind their length."""
    return len(octets).to_bytes(size, "big") + octets


def record(octets, kind=22):
    """One record."""
    return bytes([kind, 3, 1]) + vector(2, octets)


def extension(kind, octets):
    """One extension."""
    return struct.pack("!H", kind) + vector(2, octets)


def named(name, kind=0):
    """The extension with the server's name."""
    return extension(NAME, vector(2, bytes([kind]) + vector(2, name)))


def speaks(*names):
    """The extension with protocols."""
    return extension(PROTOCOLS, vector(2, b"".join(
        vector(1, name) for name in names)))


def knows(*numbers):
    """The extension with versions."""
    return extension(VERSIONS, vector(1, b"".join(
        number.to_bytes(2, "big") for number in numbers)))


def hello_of_client(*added, version=0x303, session=b"s" * 32,
                    suites=b"\x13\x01", methods=b"\0", tail=None):
    """The message; its extensions are added."""
    octets = (version.to_bytes(2, "big") + b"r" * 32 + vector(1, session)
              + vector(2, suites) + vector(1, methods))
    if added or tail is not None:
        octets += vector(2, b"".join(added)) if tail is None else tail
    return b"\x01" + vector(3, octets)


def hello_of_server(*added, version=0x303, cipher=0x1302, draw=b"r" * 32,
                    session=b"s" * 32):
    """The same of a server."""
    octets = (version.to_bytes(2, "big") + draw + vector(1, session)
              + cipher.to_bytes(2, "big") + b"\0")
    if added:
        octets += vector(2, b"".join(added))
    return b"\x02" + vector(3, octets)


def split(octets, length):
    """A message in records of so many octets."""
    return b"".join(record(octets[at:at + length])
                    for at in range(0, len(octets), length))


CHOSEN = extension(VERSIONS, b"\x03\x04")
CLIENT_1_3 = hello_of_client(named(b"mx.example"), speaks(b"smtp", b"x"),
                             knows(0x304, 0x303))
SERVER_1_3 = hello_of_server(CHOSEN)
ASKS = hello_of_server(CHOSEN, draw=RETRY, cipher=0x1301)
WHOLE = dict(client=READ, server=READ)
OF_1_3 = dict(WHOLE, offered=0x304, version=0x304, cipher=0x1302)
PLAIN = dict(WHOLE, offered=0x303, version=0x303, cipher=0x1302)
LONG = b"a" * 63 + b"."

# Name, what both sides say, and some of what is known then.
MADE = (
    ("TLS 1.3", record(CLIENT_1_3), record(SERVER_1_3),
     dict(OF_1_3, name=b"mx.example", protocols=b"\x04smtp\x01x")),
    ("in records of one octet", split(CLIENT_1_3, 1), split(SERVER_1_3, 1),
     dict(OF_1_3, name=b"mx.example")),
    ("in records of seven octets", split(CLIENT_1_3, 7), split(SERVER_1_3, 7),
     dict(OF_1_3, protocols=b"\x04smtp\x01x")),
    ("TLS 1.2 without extensions", record(hello_of_client()),
     record(hello_of_server()), PLAIN),
    ("and with none of them", record(hello_of_client(tail=b"\0\0")),
     record(hello_of_server()), PLAIN),
    ("ALPN of TLS 1.2", record(hello_of_client(speaks(b"smtp"))),
     record(hello_of_server(speaks(b"smtp"))),
     dict(PLAIN, protocols=b"\x04smtp", protocol=b"\x04smtp")),
    ("SSL 3", record(hello_of_client(version=0x300)),
     record(hello_of_server(version=0x300, cipher=0x0a)),
     dict(WHOLE, offered=0x300, version=0x300, cipher=0x0a)),
    ("GREASE is no version", record(hello_of_client(knows(
        0x3a3a, 0x302, 0xfafa, 0x304, 0x303))), record(SERVER_1_3), OF_1_3),
    ("nor a protocol", record(hello_of_client(speaks(
        b"\x0a\x0a", b"smtp", b"\xea\xea", b"\x0a\x1a"))),
     record(SERVER_1_3), dict(protocols=b"\x04smtp\x02\x0a\x1a")),
    ("nothing but GREASE", record(hello_of_client(knows(0x0a0a))),
     record(hello_of_server()), PLAIN),
    ("drafts are not compared", record(hello_of_client(knows(
        0x7f1c, 0x303))), record(hello_of_server(extension(
            VERSIONS, b"\x7f\x1c"))),
     dict(WHOLE, offered=0x303, version=0x7f1c)),
    ("another hello is asked for", record(CLIENT_1_3),
     record(ASKS) + record(b"\x01", 20) + record(SERVER_1_3),
     dict(OF_1_3, retry=1)),
    ("in one record", record(CLIENT_1_3), record(ASKS + SERVER_1_3),
     dict(OF_1_3, retry=1)),
    ("asked for, and no more", record(CLIENT_1_3), record(ASKS),
     dict(client=READ, server=UNDER_WAY, retry=1, cipher=0x1301)),
    ("asked for twice", record(CLIENT_1_3), record(ASKS) + record(ASKS),
     dict(server=WRONG, retry=1)),
    ("a long name", record(hello_of_client(named(LONG * 4))),
     record(SERVER_1_3), dict(name=(LONG * 4)[:255], truncated=1)),
    ("the longest name", record(hello_of_client(named((LONG * 4)[:255]))),
     record(SERVER_1_3), dict(name=(LONG * 4)[:255], truncated=0)),
    ("a hostile name", record(hello_of_client(named(b"\x1b[2J\n\0\xff"))),
     record(SERVER_1_3), dict(name=b"\x1b[2J\n\0\xff")),
    ("a name of no host", record(hello_of_client(named(b"x", 1))),
     record(SERVER_1_3), dict(client=READ, name=b"")),
    ("many protocols", record(hello_of_client(speaks(*[b"p" * 31] * 3))),
     record(SERVER_1_3), dict(protocols=(b"\x1f" + b"p" * 31) * 2,
                              truncated=1)),
    ("a long protocol", record(hello_of_client(speaks(b"p" * 64))),
     record(SERVER_1_3), dict(client=READ, protocols=b"", truncated=1)),
    ("a longer list", record(hello_of_client(speaks(*[b"\x0a\x0a"] * 100))),
     record(SERVER_1_3), dict(client=READ, protocols=b"", truncated=1)),
    ("long fields", split(hello_of_client(
        extension(0xfe0d, b"e" * 2000), named(b"a"), suites=b"\x13\x01" * 999,
        methods=b"\0" * 255), 1000), record(SERVER_1_3),
     dict(WHOLE, offered=0x303, version=0x304, name=b"a")),
    ("no session", record(hello_of_client(named(b"a"), session=b"")),
     record(hello_of_server(session=b"")), dict(PLAIN, name=b"a")),
    ("an empty extension", record(hello_of_client(
        extension(23, b""), named(b"a"), extension(17, b""))),
     record(hello_of_server(extension(23, b""))), dict(PLAIN, name=b"a")),
    ("the server takes the name", record(CLIENT_1_3),
     record(hello_of_server(extension(NAME, b""), CHOSEN)), OF_1_3),
    ("a warning, and a hello", record(CLIENT_1_3),
     record(b"\x01\x70", 21) + record(SERVER_1_3), dict(OF_1_3, alert=112)),
    ("a fatal alert", record(CLIENT_1_3), record(b"\x02\x46", 21),
     dict(client=READ, server=ALERT, alert=70)),
    ("a client's alert", record(b"\x02\x46", 21), b"",
     dict(client=ALERT, server=UNDER_WAY, alert=-1)),
    ("what the client says behind its hello", record(CLIENT_1_3)
     + record(b"x", 23), record(SERVER_1_3), OF_1_3),
    ("what the server says behind its own", record(CLIENT_1_3),
     record(SERVER_1_3 + b"\x0b") + record(b"x", 23), OF_1_3),
    ("an answer to half a hello", record(CLIENT_1_3)[:-1],
     record(SERVER_1_3), dict(client=WRONG, server=READ)),
    ("an alert in a hello", record(CLIENT_1_3[:9]) + record(b"\x01\0", 21)
     + record(CLIENT_1_3[9:]), b"", dict(client=WRONG)),
    ("SSL 2", b"\x80\x2e\x01\x03\x01" + b"x" * 40, b"", dict(client=WRONG)),
    ("application data", record(b"x", 23), b"", dict(client=WRONG)),
    ("an empty record", record(b""), b"", dict(client=WRONG)),
    ("too long a record", b"\x16\x03\x01\x40\x01", b"", dict(client=WRONG)),
    ("too long a hello", record(b"\x01\0\x40\x01"), b"", dict(client=WRONG)),
    ("too short a hello", record(b"\x01\0\0\x22"), b"", dict(client=WRONG)),
    ("no hello", record(b"\x0b\0\0\x30"), b"", dict(client=WRONG)),
    ("a server's, of a client", record(SERVER_1_3), b"", dict(client=WRONG)),
    ("a client's, of a server", record(CLIENT_1_3), record(CLIENT_1_3),
     dict(client=READ, server=WRONG)),
    ("too long a session", record(hello_of_client(session=b"s" * 33)), b"",
     dict(client=WRONG)),
    ("no suites", record(hello_of_client(suites=b"")), b"",
     dict(client=WRONG)),
    ("half a suite", record(hello_of_client(suites=b"\x13\x01\x13")), b"",
     dict(client=WRONG)),
    ("no methods", record(hello_of_client(methods=b"")), b"",
     dict(client=WRONG)),
    ("more than there are extensions", record(hello_of_client(
        tail=b"\0\x01")), b"", dict(client=WRONG)),
    ("less", record(hello_of_client(tail=b"\0\0\0")), b"",
     dict(client=WRONG)),
    ("an extension that is longer", record(hello_of_client(
        tail=b"\0\x04\0\x17\0\x01")), b"", dict(client=WRONG)),
    ("half an extension's head", record(hello_of_client(
        tail=b"\0\x03\0\x17\0")), b"", dict(client=WRONG)),
    ("two names", record(hello_of_client(named(b"a"), named(b"b"))), b"",
     dict(client=WRONG, name=b"a")),
    ("an empty name", record(hello_of_client(named(b""))), b"",
     dict(client=WRONG)),
    ("no name", record(hello_of_client(extension(NAME, b""))), b"",
     dict(client=WRONG)),
    ("a name longer than its list", record(hello_of_client(extension(
        NAME, vector(2, b"\0\0\x05abcd")))), b"", dict(client=WRONG)),
    ("an empty list of protocols", record(hello_of_client(extension(
        PROTOCOLS, b"\0\0"))), b"", dict(client=WRONG)),
    ("an empty protocol", record(hello_of_client(speaks(b""))), b"",
     dict(client=WRONG)),
    ("a protocol longer than its list", record(hello_of_client(extension(
        PROTOCOLS, vector(2, b"\x05smtp")))), b"", dict(client=WRONG)),
    ("half a version", record(hello_of_client(extension(
        VERSIONS, vector(1, b"\x03\x04\x03")))), b"", dict(client=WRONG)),
    ("no version", record(hello_of_client(knows())), b"", dict(client=WRONG)),
    ("two versions chosen", record(CLIENT_1_3), record(hello_of_server(
        extension(VERSIONS, b"\x03\x04\x03\x03"))), dict(server=WRONG)),
    ("warnings without end", record(CLIENT_1_3),
     record(b"\x01\0", 21) * 10241, dict(server=WRONG, alert=0)),
)

# What is known of each of RECORDED.
EXPECTED = {
    "openssl-tls1.3": dict(OF_1_3, name=b"mail.example"),
    "openssl-tls1.3-alpn": dict(OF_1_3, name=b"mail.example",
                                protocols=b"\x04smtp\x01x", protocol=b""),
    "openssl-tls1.2": dict(WHOLE, offered=0x303, version=0x303,
                           cipher=0xc030, name=b"mail.example"),
    "openssl-tls1.2-alpn-no-name": dict(
        WHOLE, offered=0x303, version=0x303, cipher=0xc030, name=b"",
        protocols=b"\x04imap\x04smtp", protocol=b"\x04smtp"),
    "openssl-tls1.0": dict(WHOLE, offered=0x301, version=0x301,
                           cipher=0xc014, name=b"mail.example"),
    "openssl-retry": dict(OF_1_3, retry=1, name=b"mail.example"),
}


def recorded():
    """Name, client's octets, server's."""
    rows = []
    for line in RECORDED.read_text(encoding="ascii").splitlines():
        if line[:2] in ("C ", "S "):
            rows[-1][1 + "CS".index(line[0])] += bytes.fromhex(line[2:])
        elif not line.startswith("#"):
            rows.append([line, b"", b""])
    return rows


def shown(value):
    """As harness_hello() has it."""
    return value.hex() if isinstance(value, bytes) else str(value)


def wrong(told, expected):
    """What was not told as expected."""
    members = dict(word.split("=", 1) for word in told.split())
    return [f"{name}={members[name]} for {value!r}"
            for name, value in expected.items()
            if members[name] != (f"{value:04x}" if name in (
                "offered", "version", "cipher") else shown(value))]


class Reader:
    """The core."""

    def __init__(self, library):
        self.library = library
        self.count = 0

    def read(self, client, server, cuts=()):
        """What it knows of both, cut so."""
        octets = client + server
        marks = bytearray(len(octets))
        for at in cuts:
            marks[at] = 1
        self.count += 1
        return self.library.hello(
            bytes([CLIENT]) * len(client) + bytes([SERVER]) * len(server),
            bytes(marks), octets, len(octets)).decode()

    def differs(self, client, server):
        """Where it does not agree with itself, or with the model."""
        whole = self.read(client, server)
        length = len(client + server)
        if whole != model(client, server):
            return f"the model says\n{model(client, server)}\nthe core\n{whole}"
        for cuts in ([at] for at in range(1, length)):
            if self.read(client, server, cuts) != whole:
                return f"cut before octet {cuts[0]}"
        if self.read(client, server, range(length)) != whole:
            return "octet by octet"
        for end in range(length):
            some = (client[:end], server[:max(0, end - len(client))])
            if self.read(*some) != model(*some):
                return (f"after {end} octets the model says\n{model(*some)}\n"
                        f"the core\n{self.read(*some)}")
        return ""

    def differs_damaged(self, rows, count):
        """The same of hellos with some octets changed, lost or doubled."""
        chance = random.Random(SEED)
        for _ in range(count):
            sides = [bytearray(side) for side in chance.choice(rows)[1:3]]
            for _ in range(chance.randint(1, 3)):
                side = chance.choice(sides)
                at = chance.randrange(len(side) + 1)
                end = at + chance.randint(0, 4)
                side[at:end] = chance.choice((
                    b"", side[at:end] * 2, chance.randbytes(end - at),
                    bytes([chance.choice((0, 1, 2, 3, 255))])))
            client, server = map(bytes, sides)
            length = len(client + server)
            cuts = chance.sample(range(length), chance.randrange(
                length // 2 + 1))
            told, expected = self.read(client, server, cuts), model(client,
                                                                    server)
            if told != expected:
                return (f"{client.hex()} {server.hex()}: the model says\n"
                        f"{expected}\nthe core\n{told}")
        return ""


def run(report, library, quick):
    """All of them. Returns how often the core has read one."""
    reader = Reader(library)
    rows = [(f"hello of {name}", client, server, EXPECTED[name])
            for name, client, server in recorded()]
    rows += [(f"hello: {name}", *rest) for name, *rest in MADE]
    for name, client, server, expected in rows:
        problems = wrong(reader.read(client, server), expected)
        # what is long is so for the sake of its length
        if not problems and len(client + server) < 4000:
            problems = [reader.differs(client, server)]
        report.check(name, not any(problems), "\n".join(problems))
    problem = reader.differs_damaged(
        [row for row in rows if len(row[1] + row[2]) < 4000],
        QUICK_DAMAGED if quick else DAMAGED)
    report.check("hellos that are damaged", not problem, problem)
    return reader.count
