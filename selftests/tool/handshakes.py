# SPDX-License-Identifier: GPL-2.0
"""What TLS handshakes say in clear, in the log, in EVE and in `smtpguard flows`:
made ones, of which each octet is the test's, and those of OpenSSL and Postfix.
What a hello may say at all is selftests/core's."""

import contextlib
import json
import os
import ssl
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "core")]

import bed
import hellos
import suricata
from follower import Follower
from postfix import Postfix, make_certificate
from wire import Wire

CLIENT = hellos.record(hellos.hello_of_client(
    hellos.named(b"mx\x1b[2J.example"), hellos.speaks(b"smtp", b"x\ny"),
    hellos.knows(0x3a3a, 0x304, 0x303)))
SERVER = hellos.record(hellos.SERVER_1_3)
ASKED = hellos.record(hellos.ASKS) + hellos.record(b"\x01", 20)
OF_CLIENT = {"tls_offered": "TLS 1.3", "tls_sni": "mx\x1b[2J.example",
             "tls_alpn_offered": ["smtp", "x\ny"]}
OF_SERVER = {"tls_version": "TLS 1.3", "tls_cipher": "TLS_AES_256_GCM_SHA384"}
AGREED = {"result": "agreed", **OF_CLIENT, **OF_SERVER}
TEXT = (r"=== TLS agreed, TLS 1.3 offered, to mx\x1b[2J.example, to speak smtp, "
        r"to speak x\x0ay: TLS 1.3, TLS_AES_256_GCM_SHA384")

SMALL = """
table inet smtpguard_small {
	chain forward {
		type filter hook forward priority 0
		tcp flags syn tcp option maxseg size set 88
	}
}
"""
# In each event of a session, or another each time.
COMMON = ("time", "number", "session", "group", "event", "client_address",
          "client_port", "server_address", "server_port")


def insist(got, expected):
    """Both are equal."""
    assert got == expected, f"expected {expected!r}\n     got {got!r}"


class Handshake(contextlib.ExitStack):
    """A session of which the handshake begins, and what is told of it."""

    def __init__(self, *options):
        super().__init__()
        self.follower = self.enter_context(Follower(
            *(options or ("--messages", "--json"))))
        self.end = self.enter_context(contextlib.ExitStack())
        self.before = bed.stats()["hellos_unread"]
        self.wire = self.end.enter_context(Wire())
        self.wire.server(b"220 mx\r\n")
        self.wire.command(b"EHLO client.example", b"250 mx")
        self.wire.command(b"STARTTLS", b"220 go")

    def event(self):
        """The next one of TLS, without what is in all of them."""
        event = json.loads(self.follower.line())
        while event["event"] != "tls":
            event = json.loads(self.follower.line())
        for name in COMMON:
            event.pop(name)
        return event

    def unread(self):
        """How many could not be read since."""
        return bed.stats()["hellos_unread"] - self.before


# Name, what both sides say by turns, what is told; how many are not read.
MADE = (
    ("TLS 1.3", (CLIENT, SERVER), AGREED, 0),
    ("another hello is asked for", (CLIENT, ASKED, CLIENT, SERVER),
     dict(AGREED, tls_retry=True), 0),
    ("TLS 1.2, which tells the protocol",
     (hellos.record(hellos.hello_of_client(hellos.speaks(b"smtp"))),
      hellos.record(hellos.hello_of_server(hellos.speaks(b"smtp"),
                                           cipher=0xc02c))),
     {"result": "agreed", "tls_offered": "TLS 1.2",
      "tls_alpn_offered": ["smtp"], "tls_version": "TLS 1.2",
      "tls_cipher": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "tls_alpn": "smtp"}, 0),
    ("numbers without a name",
     (hellos.record(hellos.hello_of_client(version=0x3ff)),
      hellos.record(hellos.hello_of_server(version=0x3fe, cipher=0xdada))),
     {"result": "agreed", "tls_offered": "0x03ff", "tls_version": "0x03fe",
      "tls_cipher": "0xdada"}, 0),
    ("a long name", (hellos.record(hellos.hello_of_client(
        hellos.named(b"a" * 300))), hellos.record(hellos.hello_of_server())),
     {"result": "agreed", "tls_offered": "TLS 1.2", "tls_sni": "a" * 255,
      "tls_version": "TLS 1.2", "tls_cipher": "TLS_AES_256_GCM_SHA384",
      "truncated": True}, 0),
    ("a fatal alert", (CLIENT, hellos.record(b"\x02\x46", 21)),
     {"result": "alert", **OF_CLIENT, "tls_alert": 70}, 0),
    ("a server that answers in clear",
     (CLIENT.replace(b"\n", b"n"), b"454 no\r\n"),
     {"result": "declined", **OF_CLIENT,
      "tls_alpn_offered": ["smtp", "xny"]}, 0),
    ("a server's hello that is none",
     (CLIENT, hellos.record(b"\x02\0\0\x04abcd")),
     {"result": "unread", **OF_CLIENT}, 1),
    ("a client's that is none",
     (hellos.record(b"\x01\0\0\x04abcd"), SERVER),
     {"result": "agreed", **OF_SERVER}, 0),
)


def made(report):
    """Each of them."""
    for name, turns, expected, unread in MADE:
        for cut in (False, True):
            with report.case(f"log: tls: {name}"
                             f"{', octet by octet' if cut else ''}"), \
                    Handshake() as handshake:
                for number, octets in enumerate(turns):
                    side = handshake.wire.server if number % 2 else \
                        handshake.wire.client
                    pieces = [octets[at:at + 1] for at in range(
                        len(octets))] if cut else [octets]
                    for piece in pieces:
                        side(piece)
                insist(handshake.event(), expected)
                insist(handshake.unread(), unread)
    with report.case("log: tls: a session that ends before"), \
            Handshake() as handshake:
        handshake.wire.client(CLIENT)
        handshake.end.close()
        insist(handshake.event(), {"result": "ended", **OF_CLIENT})
    with report.case("log: tls: not where neither hello is read"), \
            Handshake() as handshake:
        handshake.wire.client(b"\x16\x03\x01\0\x05\x01ello")
        handshake.wire.server(b"\x16\x03\x03\0\x05\x02ello")
        insist(handshake.unread(), 1)
        insist(json.loads(handshake.follower.line())["event"], "message")
        insist(handshake.follower.stop(), (0, "", ""))


def shown(report):
    """For people, for Suricata's readers, and in flows."""
    with report.case("log: tls for people"), \
            Handshake("--messages") as handshake:
        handshake.wire.client(CLIENT)
        handshake.wire.server(SERVER)
        insist([_text(handshake.follower.line()) for _ in range(2)],
               ["=== client.example: in TLS, no message is seen", TEXT])
    with report.case("log: tls among all lines"), \
            Handshake("--lines") as handshake:
        handshake.wire.client(CLIENT)
        handshake.wire.server(SERVER)
        lines = handshake.follower.until("=== TLS")
        insist([_text(line) for line in lines[-2:]], ["--- TLS starts", TEXT])
    with report.case("log --eve: tls"), \
            Handshake("--eve", "--messages") as handshake:
        handshake.wire.client(CLIENT)
        handshake.wire.server(SERVER)
        handshake.follower.line()
        record = json.loads(handshake.follower.line())
        insist(record["tls"], {"sni": "mx\x1b[2J.example",
                               "version": "TLS 1.3"})
        own = record.pop("smtpguard")
        insist([own[name] for name in ("event", "tls_offered", "tls_cipher")],
               ["tls", "TLS 1.3", "TLS_AES_256_GCM_SHA384"])
        suricata.check(record)
    with report.case("flows: the version of TLS"), Handshake() as handshake:
        port = str(handshake.wire.client_address[1])
        assert "tls_version" not in _flow(port)
        handshake.wire.client(CLIENT)
        handshake.wire.server(SERVER)
        insist(_flow(port)["tls_version"], "TLS 1.3")
        insist(_smtpguard("flows", "dump", port).rstrip("\n").split(
            "\t")[-1], "0x0304")
        assert "  opaque, TLS 1.3, " in _smtpguard("flows", port)


def _text(line):
    """A line for people, without the time and who it is of."""
    return line.split("  ", 2)[2].strip()


def _smtpguard(*words):
    return subprocess.run(["smtpguard", *words], check=True,
                          capture_output=True, text=True).stdout


def _flow(port):
    return json.loads(_smtpguard("flows", "--json", port))


def _told(follower):
    """The next handshake, as whose client and server are another each time."""
    event = json.loads(follower.line())
    while event["event"] != "tls":
        event = json.loads(follower.line())
    return {name: value for name, value in event.items()
            if name not in COMMON}


def _shake(wire, client, server):
    """A handshake of OpenSSL's with itself, octet by octet."""
    ends = [ssl.MemoryBIO() for _ in range(4)]
    sides = (client.wrap_bio(ends[0], ends[1], server_hostname="mx.example"),
             server.wrap_bio(ends[2], ends[3], server_side=True))
    for _ in range(4):
        for number, side in enumerate(sides):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
            said = ends[2 * number + 1].read()
            pass_on = wire.server if number else wire.client
            for octet in said:
                pass_on(bytes([octet]))
            ends[2 - 2 * number].write(said)
    return sides[0]


def octet_by_octet(report):
    """A real client's hello, and the real server's, in segments of one octet."""
    with tempfile.TemporaryDirectory() as home:
        make_certificate(home)
        for name, version, curve in (
                ("TLS 1.3", ssl.TLSVersion.TLSv1_3, None),
                ("TLS 1.3", ssl.TLSVersion.TLSv1_3, "secp521r1"),
                ("TLS 1.2", ssl.TLSVersion.TLSv1_2, None)):
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain(f"{home}/certificate.pem",
                                   f"{home}/key.pem")
            server.set_alpn_protocols(["smtp"])
            if curve:
                server.set_ecdh_curve(curve)
            client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            client.check_hostname = False
            client.verify_mode = ssl.CERT_NONE
            client.maximum_version = version
            client.set_alpn_protocols(["lmtp", "smtp"])
            with report.case(f"log: tls: OpenSSL, {name}, octet by octet"
                             f"{', with a second hello' if curve else ''}"), \
                    Handshake() as handshake:
                _shake(handshake.wire, client, server)
                expected = {
                    "result": "agreed", "tls_offered": name,
                    "tls_sni": "mx.example",
                    "tls_alpn_offered": ["lmtp", "smtp"], "tls_version": name,
                    **OPENSSL[name]}
                if curve:
                    expected["tls_retry"] = True
                insist(handshake.event(), expected)


# What the server chooses, whose key is of the curve P-256.
OPENSSL = {
    "TLS 1.3": {"tls_cipher": "TLS_AES_256_GCM_SHA384"},
    "TLS 1.2": {"tls_cipher": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "tls_alpn": "smtp"},
}


def _join_segments(count):
    """Hosts hand the network packets of so many segments at most."""
    for side in ("client", "server"):
        devices = json.loads(subprocess.run(
            bed.in_namespace(side, "ip", "-j", "link"), check=True,
            capture_output=True, text=True).stdout)
        for device in devices:
            if device["ifname"] != "lo":
                subprocess.run(bed.in_namespace(
                    side, "ip", "link", "set", device["ifname"],
                    "gso_max_segs", str(count)), check=True)


@contextlib.contextmanager
def small_segments():
    """Segments have 88 octets, options of TCP among them."""
    subprocess.run(["nft", "-f", "-"], input=SMALL, text=True, check=True)
    _join_segments(1)
    try:
        yield
    finally:
        _join_segments(65535)
        subprocess.run(["nft", "delete", "table", "inet", "smtpguard_small"],
                       check=True)


def postfix(report):
    """openssl s_client, and Postfix."""
    with Postfix("server"), small_segments(), \
            Follower("--messages", "--json") as follower:
        for option, name in (("-tls1_3", "TLS 1.3"), ("-tls1_2", "TLS 1.2")):
            with report.case(f"log: tls: s_client and Postfix, {name}"):
                said = subprocess.run(bed.in_namespace(
                    "client", "openssl", "s_client", "-connect",
                    "198.51.100.2:25", "-starttls", "smtp", "-servername",
                    "mail.example", "-alpn", "smtp", "-quiet", option),
                    check=False, input="QUIT\r\n", capture_output=True,
                    text=True, timeout=60)
                assert "221 " in said.stdout, said
                told = _told(follower)
                # some versions of Postfix know ALPN
                told.pop("tls_alpn", None)
                insist(told, {
                    "result": "agreed", "tls_offered": name,
                    "tls_sni": "mail.example", "tls_alpn_offered": ["smtp"],
                    "tls_version": name,
                    "tls_cipher": OPENSSL[name]["tls_cipher"]})


def run(report):
    """All of them."""
    for cases in (made, shown, octet_by_octet, postfix):
        cases(report)
