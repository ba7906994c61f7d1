# SPDX-License-Identifier: GPL-2.0
"""One SMTP session and what the log says of it, line by line.

Each step of SESSION is what is said, and the events that follow from it: the
line for people, and the members of the JSON object. Every byte is said to
the letter: the totals at the end are made of them.
"""

SECRETS = ("AHRlc3QAc2VjcmV0", "TlRMTVNTUAAB", "dXNlcg==", "c2VjcmV0", "VXNlcm5hbWU6",
           "UGFzc3dvcmQ6")


def said(event, text, **members):
    """The octets of text are the code points of the JSON string."""
    return (event, dict(text=text, **members))


def refused(what, offset, parameter, side="client", **members):
    """What is refused by a list of words, which are not shown to people."""
    human = {"verb": "verb not allowed", "capability": "capability hidden"}
    return (f"!!! {what} refused (mask): {human[members['reason']]}, by "
            f"{parameter}; octet {offset + 1} of the {side}, phase command",
            "refusal", dict(verdict="mask", parameter=parameter, side=side,
                            offset=offset, phase="command", profile="esmtp",
                            **members))


def reply(code, text, human=None):
    return (f">>> {human or text}", *said("reply", text, code=code))


def command(verb, text, human=None, **members):
    return (f"<<< {human or text}", *said("command", text, verb=verb,
                                          **members))


SESSION = (
    # What a peer sends moves no cursor and forges no line.
    ("server", (b"220 \x1b[31mm\xe4il\\\x00\x7f\t\"x\r\n",), (
        (r'>>> 220 \x1b[31mm\xe4il\\\x00\x7f\x09"x',
         *said("greeting", "220 \x1b[31mm\xe4il\\\x00\x7f\t\"x", code=220)),)),
    ("client", (b"EHLO client.example\r\n",), (
        command("EHLO", "EHLO client.example"),)),
    ("server", (b"250-mail.example\r\n250-SIZE 19\r\n250-VRFY\r\n"
                b"250 AUTH LOGIN\r\n",), (
        reply(250, "250-mail.example"),
        reply(250, "250-SIZE 19"),
        reply(250, "250-VRFY"),
        refused("250-VRFY", 56, "capabilities", side="server",
                text="250-VRFY", reason="capability"),
        reply(250, "250 AUTH LOGIN"))),
    # Of an AUTH exchange only the mechanism is told.
    ("client", (b"AUTH PLAIN AHRlc3QAc2VjcmV0\r\n",), (
        command("AUTH", "AUTH PLAIN ", r"AUTH PLAIN \...", truncated=True),)),
    ("server", (b"535 no\r\n",), (reply(535, "535 no"),)),
    ("client", (b"x-exps NTLM TlRMTVNTUAAB\r\n",), (
        command("X-EXPS", "x-exps NTLM ", r"x-exps NTLM \...",
                truncated=True),)),
    ("server", (b"535 no\r\n",), (reply(535, "535 no"),)),
    ("client", (b"AUTH LOGIN\r\n",), (command("AUTH", "AUTH LOGIN"),)),
    ("server", (b"334 VXNlcm5hbWU6\r\n",), (
        (r">>> 334 \...", *said("reply", "334 ", code=334,
                                truncated=True)),)),
    ("client", (b"dXNlcg==\r\n",), ()),
    ("server", (b"334 UGFzc3dvcmQ6\r\n",), (
        (r">>> 334 \...", *said("reply", "334 ", code=334,
                                truncated=True)),)),
    ("client", (b"c2VjcmV0\r\n",), ()),
    ("server", (b"235 ok\r\n",), (reply(235, "235 ok"),)),
    ("client", (b"EXPN root\r\n",), (
        command("EXPN", "EXPN root", refused=True),
        refused("EXPN", 109, "verbs", verb="EXPN", text="EXPN root",
                reason="verb"))),
    ("server", (b"500 what\r\n",), (reply(500, "500 what"),)),
    ("client", (b"NOOP " + b"x" * 600 + b"\r\n",), (
        command("NOOP", "NOOP " + "x" * 507, "NOOP " + "x" * 507 + r"\...",
                truncated=True),)),
    ("server", (b"250 ok\r\n",), (reply(250, "250 ok"),)),
    # there is just room for it
    ("client", (b"NOOP " + b"x" * 507 + b"\r\n",), (
        command("NOOP", "NOOP " + "x" * 507),)),
    ("server", (b"250 ok\r\n",), (reply(250, "250 ok"),)),
    ("client", (b"MAIL FROM:<j\xc3\xbcrg@example> SIZE=18\r\n",), (
        command("MAIL", "MAIL FROM:<j\xc3\xbcrg@example> SIZE=18",
                r"MAIL FROM:<j\xc3\xbcrg@example> SIZE=18"),)),
    ("server", (b"250 ok\r\n",), (reply(250, "250 ok"),)),
    ("client", (b"RCPT TO:<a@example>\r\n",), (
        command("RCPT", "RCPT TO:<a@example>"),)),
    ("server", (b"250 ok\r\n",), (reply(250, "250 ok"),)),
    ("client", (b"DATA\r\n",), (command("DATA", "DATA"),)),
    ("server", (b"354 go\r\n",), (
        reply(354, "354 go"),
        ("--- message begins", "data_begin", {}))),
    ("client", (b"Subject: x\r\n\r\ntext\r\n", b".", b"\r\n"), (
        ("--- end of data: 23 bytes, over 3 segments, size 20 of 18 declared",
         "data_end", dict(bytes=23, segments=3, size=20, declared=18)),)),
    ("server", (b"250 queued\r\n",), (reply(250, "250 queued"),)),
    ("client", (b"STARTTLS\r\n",), (command("STARTTLS", "STARTTLS"),)),
    ("server", (b"220 go\r\n",), (reply(220, "220 go"),)),
    # It is a handshake when both have said hello.
    ("client", (b"\x16\x03\x01\x00\x05\x01ello",), ()),
    ("server", (b"\x16\x03\x03\x00\x05\x02ello",), (
        ("--- TLS starts", "tls_start", {}),)),
    ("client", (b"EXPN root\r\n",), ()),
)

TOTALS = {"messages": 1, "commands": 11, "refusals": 1}
COUNTED = {"sessions_opened": 1, "sessions_closed": 1, "sessions_tls": 1,
           "messages": 1, "message_bytes": 23, "commands_passed": 10,
           "messages_over_declared_size": 1, "messages_over_size_limit": 1,
           "commands_refused": 1, "refused_EXPN": 1, "passed_AUTH": 2, "passed_X-EXPS": 1,
           "capabilities_hidden": 1, "ends_of_data_split": 1, "resets": 0}


def talk(wire):
    """Have both sides say all of it."""
    for side, segments, _ in SESSION:
        if side == "client":
            wire.client(*segments)
        else:
            wire.server(b"".join(segments))


def events():
    """What the log tells between the session's beginning and its end."""
    return [event for _, _, told in SESSION for event in told]
