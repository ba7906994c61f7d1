# SPDX-License-Identifier: GPL-2.0
"""Mail clients other people wrote, run in the client's namespace."""

import smtplib
import ssl
import subprocess
import tempfile

from bed import in_namespace, inside
from messages import SENDER
from postfix import DOMAIN

HELO = "client.example.net"
DEADLINE = 120


def smtp_source(address, user, *options, port=25, **popen):
    """Start Postfix's own load generator. It ends with an error at the first
    answer that it does not like."""
    host = f"[{address}]" if ":" in address else address
    return subprocess.Popen(
        in_namespace("client", "smtp-source", "-M", HELO, "-f", SENDER,
                     "-t", f"{user}@{DOMAIN}", *options, f"{host}:{port}"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **popen)


def finish(process):
    """Wait for a program that must succeed."""
    output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, f"{process.args}: {output}"


def run_smtp_source(*arguments, **keywords):
    finish(smtp_source(*arguments, **keywords))


def send_by_smtp_source(address, message, **keywords):
    """Let smtp-source stuff the dots and end the lines of message."""
    with text_file(message) as text:
        run_smtp_source(address, message.user, "-F", text.name, **keywords)


def send_by_swaks(address, message, *options):
    """Send with swaks, which prints the whole session."""
    with text_file(message) as text:
        family = "-6" if ":" in address else "-4"
        finish(subprocess.Popen(
            in_namespace("client", "swaks", family, "--server", address,
                         "--helo", HELO, "--from", SENDER,
                         "--to", message.recipient,
                         "--data", f"@{text.name}", *options),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True))


def send_by_smtplib(address, *messages, port=25, trust=None):
    """Send with Python's library, all in one session, over TLS if there is
    a certificate to trust. It says EHLO, and HELO if that is refused."""
    with inside("client"):
        session = smtplib.SMTP(address, port, local_hostname=HELO,
                               timeout=DEADLINE)
    with session:
        if trust:
            session.starttls(context=ssl.create_default_context(cafile=trust))
        session.ehlo_or_helo_if_needed()
        options = ["BODY=8BITMIME"] if session.has_extn("8bitmime") else []
        for message in messages:
            session.sendmail(SENDER, [message.recipient], message.text,
                             mail_options=options)


def text_file(message):
    """A file with the text of message, lines ended as in files, but for
    its last line end, which both programs add."""
    file = tempfile.NamedTemporaryFile()
    file.write(message.delivered.removesuffix(b"\n"))
    file.flush()
    return file
