# SPDX-License-Identifier: GPL-2.0
"""Connections that begin, end and are reset in strange ways, so that a guard
could lose its place in the stream, or hold for over what is not."""

from case import (BOTH, LAST, LINUX, MAIL, NONE, OPEN_MESSAGE, Case, answer,
                  begin, called, establish, forge, greet, greeted, mail,
                  opened, pause, send, settle, syn, syn_with, text_heard)
from odd import EVIL, FAR, HARMLESS, LIBERAL
from overlaps import CAPABILITY, HELLO

CLOSES_SOON = (("net.netfilter.nf_conntrack_tcp_timeout_close", 1),)
STRICT = (("net.netfilter.nf_conntrack_tcp_loose", 0),)
# Until conntrack has forgotten a connection that closed.
FORGOTTEN = pause(2)
FORGETS_SOON = (("net.netfilter.nf_conntrack_tcp_timeout_established", 5),
                ("net.netfilter.nf_conntrack_tcp_timeout_unacknowledged", 5))
LEAVES_SOON = tuple((f"net.netfilter.nf_conntrack_tcp_timeout_{state}", 5)
                    for state in ("close_wait", "fin_wait", "last_ack",
                                  "time_wait"))
FORGETS_SYNS = (("net.netfilter.nf_conntrack_tcp_timeout_syn_sent", 1),)
# Until conntrack has forgotten a connection that nobody has reset.
FORGOTTEN_OPEN = pause(7)
# Until conntrack has forgotten it between two times that the server repeats
# what was not acknowledged, and the second of them has passed.
SPOKEN_AGAIN = pause(5)
# Passes the router, and nothing behind it.
SHORT = {"ip": {"ttl": 2}}
SEEN_BY_GUARD = {"flags": "RA", **SHORT}


def emit(data=b"", at=-1, first=None, **fields):
    """A segment of a connection that is just being made; `first` is another
    first number than the case's."""
    def run(c):
        if first is not None:
            fields["seq"] = first
        c.send(data, at, **fields)
    return run


def opening(name, steps, evades, **more):
    return Case("opening", name, tuple(steps), evades, opening=(), **more)


def opening_cases():
    """The three segments that make a connection, and what is before them."""
    yield opening("a command in the SYN",
                  [syn_with(EVIL), establish, greeted, settle], LAST)
    yield opening("a command in the SYN, and again behind it",
                  [syn_with(EVIL), establish, greeted, begin, send(EVIL),
                   settle], BOTH)
    yield opening("a harmless command in the SYN, an evil one behind it",
                  [syn_with(HARMLESS), establish, greeted, send(EVIL),
                   settle], BOTH)
    yield opening("two SYNs, an evil command in the second",
                  [syn, emit(EVIL, flags="S", ack=0), establish, greeted,
                   settle], LAST)
    yield opening("a SYN with another number comes first",
                  [emit(flags="S", ack=0, first=77, **SHORT), settle, syn,
                   establish, greeted, send(EVIL), settle], BOTH)
    yield opening("a SYN with another number comes before the last segment",
                  [syn, emit(flags="S", ack=0, first=77, **SHORT), establish,
                   greeted, send(EVIL), settle], BOTH)
    yield opening("a SYN with a later number comes before the last segment",
                  [syn, emit(flags="S", at=len(EVIL) - 1, ack=0, **SHORT),
                   establish, greeted, send(EVIL), settle], BOTH)
    yield opening("the last segment is a command",
                  [syn, send(EVIL), settle], BOTH)
    yield opening("the last segment is a command, with FIN",
                  [syn, send(EVIL, flags="FPA"), settle], BOTH)
    yield opening("a command comes before the last segment, without ACK",
                  [syn, send(EVIL, flags="P"), establish, greeted, settle],
                  LAST)
    yield opening("a command comes before the SYN",
                  [emit(EVIL, at=0, flags="PA", ack=1), settle, syn,
                   establish, greeted, settle], NONE)
    yield opening("an ACK comes before the SYN",
                  [emit(at=0, flags="A", ack=1), settle, syn, establish,
                   greeted, send(EVIL), settle], BOTH)
    yield opening("an ACK comes before the SYN, strict conntrack",
                  [emit(at=0, flags="A", ack=1), settle, syn, establish,
                   greeted, send(EVIL), settle], BOTH, sysctls=STRICT)
    yield opening("a SYN/ACK comes before the SYN",
                  [emit(flags="SA", ack=1), settle, syn, establish, greeted,
                   send(EVIL), settle], BOTH)
    yield opening("an RST comes before the last segment, and dies early",
                  [syn, emit(at=0, **SEEN_BY_GUARD), establish, greeted,
                   send(EVIL), settle], BOTH)
    yield opening("a FIN comes before the last segment, and dies early",
                  [syn, emit(at=0, flags="FA", **SHORT), establish, greeted,
                   send(EVIL), settle], BOTH)
    for name, fields in (("with SYN alone", {"flags": "S", "ack": 0}),
                         ("with SYN and ACK", {"flags": "SA"})):
        yield Case("opening", f"a SYN in mid-stream, {name}",
                   (emit(first=77, **fields), settle, send(EVIL), settle),
                   BOTH)
        yield Case("opening", f"a SYN in mid-stream that dies early, {name}",
                   (emit(first=77, **fields, **SHORT), settle, send(EVIL),
                    settle), BOTH)
        yield Case("opening", "a SYN in mid-stream with the number before "
                   f"what is next, {name}",
                   (send(at=len(EVIL) - 1, **fields, **SHORT), settle,
                    send(EVIL), settle), BOTH)
        yield Case("opening", "a SYN in mid-stream does no harm to a message, "
                   f"{name}",
                   (emit(first=77, **fields), settle, mail()), NONE,
                   mail=MAIL)


def both_ways_cases():
    """The end that is called calls, too, or does not acknowledge at once. A
    guard that takes who sent the SYN/ACK for the server, or the SYN for the
    client, hides nothing."""
    evil = CAPABILITY[1]
    for name, steps in (
            ("a split handshake", [emit(flags="S", ack=0), settle,
                                   emit(at=0, flags="A")]),
            ("a split handshake with an ACK first",
             [emit(flags="A", at=0), emit(flags="S", ack=0), settle,
              emit(at=0, flags="A")]),
            ("a simultaneous open", [emit(flags="S", ack=0), settle,
                                     emit(flags="SA"), settle,
                                     emit(at=0, flags="A")]),
            ("a SYN/ACK twice", [emit(flags="SA"), emit(flags="SA"),
                                 settle]),
            ("a SYN/ACK that acknowledges wrongly",
             [emit(flags="SA", ack=7), answer])):
        yield Case("opening", f"{name} hides no capability",
                   (*steps, settle, greet, send(evil, at=None), settle),
                   BOTH, judged="client", opening=(called,))


def closing(name, steps, evades, **more):
    return Case("closing", name, tuple(steps), evades, **more)


def fin_cases():
    """The end of what the client says."""
    end = len(HARMLESS)
    # Conntrack believes what the server never sees, and has the connection be
    # over; a SYN makes it forget that, and time runs out for what is new then.
    yield closing("a FIN far ahead, an ACK, a SYN that dies early, a pause",
                  [send(flags="FA", at=9), send(flags="FA", at=9),
                   send(flags="A"), emit(flags="S", ack=0, first=77, **SHORT),
                   pause(4), send(EVIL), settle], BOTH,
                  sysctls=FORGETS_SYNS)
    yield closing("a command with FIN", [send(EVIL, flags="FPA"), settle],
                  BOTH)
    yield closing("a FIN, and a command at its place",
                  [send(flags="FA"), settle, send(EVIL), settle], LAST)
    yield closing("a FIN, and a command behind it",
                  [send(flags="FA"), settle, send(b"\n" + EVIL), settle],
                  LAST)
    yield closing("a FIN that dies early, and a command at its place",
                  [send(flags="FA", **SHORT), settle, send(EVIL), settle],
                  BOTH)
    yield closing("a FIN that dies early, and a command behind its place",
                  [send(flags="FA", **SHORT), settle, send(b"\n" + EVIL),
                   settle], BOTH)
    yield closing("a FIN behind a hole, and commands up to beyond it",
                  [send(flags="FA", at=end),
                   send(HARMLESS + EVIL), settle], BOTH)
    yield closing("a FIN behind a hole that dies early, and commands up to "
                  "beyond it",
                  [send(flags="FA", at=end, **SHORT),
                   send(HARMLESS + EVIL), settle], BOTH)
    yield closing("a FIN in the middle of a command",
                  [send(EVIL[:3], flags="FPA"), send(EVIL[3:], at=3),
                   settle], LAST)
    yield closing("a FIN in the middle of a command that dies early",
                  [send(EVIL[:3], flags="FPA", **SHORT), send(EVIL),
                   settle], BOTH)
    yield closing("a FIN with harmless text, repeated with an evil one",
                  [send(HARMLESS, flags="FPA"),
                   send(EVIL, flags="FPA"), settle], LAST)
    yield closing("a FIN behind an evil text, behind a hole",
                  [send(EVIL[1:], at=1, flags="FPA"),
                   send(EVIL[:1]), settle], BOTH)
    yield closing("a FIN behind an end of data, commands behind a hole",
                  [send(b".\r\n" + EVIL[:-1], at=2),
                   send(b"\n", at=4 + len(EVIL), flags="FPA"),
                   send(b"x\n"), settle], NONE,
                  opening=opened(OPEN_MESSAGE))


def reset_cases():
    """A reset that only the guard believes in."""
    for name, fields, evades in (
            ("dies early", SEEN_BY_GUARD, BOTH),
            ("has a wrong checksum", {"flags": "RA", "chksum": 0x1234},
             LINUX),
            ("is not the next, but in the window", {"flags": "RA", "at": 9},
             BOTH),
            ("was before the window", {"flags": "RA", "at": -9}, BOTH),
            ("is far beyond the window", {"flags": "RA", "at": FAR}, BOTH),
            ("has no ACK, and is in the window", {"flags": "R", "at": 9},
             BOTH),
            ("is exact", {"flags": "RA"}, NONE)):
        yield closing(f"a reset that {name}, and a command",
                      [send(**fields), settle, send(EVIL), settle], evades)
        yield closing(f"a reset that {name}, and a command when it is "
                      "forgotten",
                      [send(**fields), settle, FORGOTTEN, send(EVIL), settle],
                      evades, sysctls=CLOSES_SOON)
        if evades == BOTH:
            yield closing(f"a reset that {name} does no harm to a message",
                          [send(**fields), settle, mail()], NONE, mail=MAIL)
    yield closing("a reset that dies early, and a command when it is "
                  "forgotten, strict conntrack",
                  [send(**SEEN_BY_GUARD), settle, FORGOTTEN, send(EVIL),
                   settle], BOTH, sysctls=CLOSES_SOON + STRICT)
    yield closing("a reset in mid-message that dies early, and an end of "
                  "data when it is forgotten",
                  [send(**SEEN_BY_GUARD), settle, FORGOTTEN,
                   send(b"\r\n.\r\n" + EVIL), settle], BOTH,
                  sysctls=CLOSES_SOON, opening=opened(OPEN_MESSAGE))
    yield closing("a reset and a SYN that die early, and a command of the "
                  "old connection",
                  [send(**SEEN_BY_GUARD),
                   emit(flags="S", ack=0, first=77, **SHORT), settle,
                   send(EVIL), settle], BOTH)
    yield closing("a reset that dies early, and a SYN that is answered by an "
                  "ACK, and a command of the old connection",
                  [send(**SEEN_BY_GUARD),
                   emit(flags="S", ack=0, first=77), settle,
                   send(EVIL), settle], BOTH)
    yield closing("a reset that dies early, and a command when the server "
                  "speaks again",
                  [send(**SEEN_BY_GUARD), settle, SPOKEN_AGAIN, send(EVIL),
                   settle, send(EVIL, at=len(EVIL)), settle], BOTH, sysctls=CLOSES_SOON,
                  opening=(syn, establish, text_heard))
    yield closing("what the guard resets goes on behind a place that only "
                  "the guard knows, when that is forgotten",
                  [send(HARMLESS, **SHORT),
                   send(b"XEXCH50 1 2\r\n", at=len(HARMLESS)), settle,
                   FORGOTTEN, send(EVIL), settle], BOTH, sysctls=CLOSES_SOON)


def idle_cases():
    """A session that conntrack forgets before the server does."""
    yield closing("a segment dies early, and another when it is forgotten",
                  [send(HARMLESS, **SHORT), settle, FORGOTTEN_OPEN,
                   send(EVIL), settle], BOTH, sysctls=FORGETS_SOON)
    yield closing("a command when an idle session is forgotten",
                  [settle, FORGOTTEN_OPEN, send(EVIL), settle], BOTH,
                  sysctls=FORGETS_SOON)
    yield closing("an end of data when an idle message is forgotten",
                  [settle, FORGOTTEN_OPEN, send(b"\r\n.\r\n" + EVIL),
                   settle], BOTH, sysctls=FORGETS_SOON,
                  opening=opened(OPEN_MESSAGE))


def forged_cases():
    """The client speaks in the server's name, to whom the router looks just
    as it does to the client."""
    yield Case("forged", "an ACK of what died early, and another command in "
               "its place",
               (send(HARMLESS, **SHORT), forge(flags="A",
                                               reached=len(HARMLESS)),
                settle, send(EVIL), settle), BOTH)
    for name, sysctls in (("", ()), (", liberal conntrack", LIBERAL)):
        yield Case("forged", f"an ACK of what was never sent{name}",
                   (forge(flags="A", reached=len(EVIL)), settle, send(EVIL),
                    settle), BOTH, sysctls=sysctls)
        yield Case("forged", f"an ACK far beyond what was sent{name}",
                   (forge(flags="A", reached=FAR), settle, send(EVIL),
                    settle), BOTH, sysctls=sysctls)
    for name, command, reply, evil in (
            ("a 354", b"DATA\r\n", b"354 Go on\r\n", EVIL),
            ("a 220 to STARTTLS", b"STARTTLS\r\n", b"220 Go on\r\n",
             HELLO + b"\0" * 5 + b"\r\n" + EVIL),
            ("a 334", b"AUTH LOGIN\r\n", b"334 VXNlcm5hbWU6\r\n", EVIL)):
        yield Case("forged", f"{name}, before the server's own reply",
                   (send(command, **SHORT), forge(reply,
                                                  reached=len(command)),
                    settle, send(command + evil, ack_at=-len(reply)),
                    settle), BOTH,
                   script={"replies": {b"DATA": b"503 5.5.1 No\r\n"}})
    yield Case("forged", "a RST, and a command",
               (forge(flags="RA"), settle, send(EVIL), settle), BOTH)
    yield Case("forged", "a RST, and a command when that is forgotten",
               (forge(flags="RA"), settle, FORGOTTEN, send(EVIL), settle),
               BOTH, sysctls=CLOSES_SOON)
    yield Case("forged", "a FIN, and a command",
               (forge(flags="FA"), settle, send(EVIL), settle), BOTH)
    yield Case("forged", "a FIN, and a command when that is forgotten",
               (forge(flags="FA"), settle, FORGOTTEN_OPEN, send(EVIL),
                settle), BOTH, sysctls=LEAVES_SOON)
    yield Case("forged", "a FIN beside one that dies early, and a command when "
               "both are forgotten",
               (send(flags="FA", **SHORT), forge(flags="FA"), settle,
                FORGOTTEN_OPEN, send(EVIL), settle), BOTH,
               sysctls=LEAVES_SOON)
    yield Case("forged", "a SYN/ACK with another number, and a command",
               (forge(flags="SA"), settle, send(EVIL), settle), BOTH)


def cases():
    yield from opening_cases()
    yield from both_ways_cases()
    yield from fin_cases()
    yield from reset_cases()
    yield from idle_cases()
    yield from forged_cases()
