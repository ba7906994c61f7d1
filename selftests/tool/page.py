# SPDX-License-Identifier: GPL-2.0
"""A page of Documentation/, whose commands are read out of it and run: the
client's in the client's namespace, with a real mail server behind the router."""

import glob
import os
import re
import subprocess
import tempfile
import time

import bed
from postfix import Postfix

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PATIENCE = 120
SERVER = "198.51.100.2"
# What the server must have for the lines that it reads to be in its log, and for
# the domain that pages send to.
SETTINGS = {"virtual_mailbox_domains": "mx.example",
            "debug_peer_list": "192.0.2.2", "debug_peer_level": "1"}


class Page:
    """Its literal blocks, a section at a time. Commands that no test in the VM can
    run are in a table, with where they are run instead."""

    def __init__(self, name, elsewhere):
        with open(os.path.join(TREE, "Documentation", name),
                  encoding="utf-8") as file:
            self.text = file.read()
        self._elsewhere = elsewhere
        self._unmet = set(elsewhere)
        parts = re.split(r"^(\w.*)\n===+\n", self.text, flags=re.MULTILINE)
        self._blocks = {title: [
            re.sub("^ {4}", "", block, flags=re.MULTILINE) for block in
            re.findall(r"::\n\n((?: {4}.*\n|\n(?= {4}))+)", section)]
            for title, section in zip(parts[1::2], parts[2::2])}
        self.introduction = self._blocks.pop(parts[1])

    def blocks(self, title, count):
        """Those of a section, all of which are known here."""
        found = self._blocks.pop(title)
        assert len(found) == count, f"{title}: {len(found)} blocks, not {count}"
        return found

    def commands(self, block):
        """Those of a block that are run here."""
        for line in block.splitlines():
            if line in self._elsewhere:
                self._unmet.discard(line)
            else:
                yield line

    def insist_on_end(self, report):
        """All sections were asked for, and all commands of the table are there."""
        report.equal("no other sections", list(self._blocks), [])
        report.equal("what is run elsewhere is on the page",
                     sorted(self._unmet), [])


class Bench:
    """A page, a server, and a directory that commands are run in."""

    def __init__(self, page, server, place):
        self.page = page
        self.server = server
        self.place = place
        # the command by which a page sends mail again and again
        self.mail = None
        self._expected = 0

    def run(self, line, namespace=None, status=0, **options):
        """What a command of the page prints."""
        command = ["sh", "-c", line]
        if namespace:
            command = bed.in_namespace(namespace, *command)
        result = subprocess.run(
            command, check=False, cwd=self.place, text=True, timeout=PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            **{"stdin": None if "input" in options else subprocess.DEVNULL,
               **options})
        assert result.returncode == status, \
            f"{line}: {result.returncode}: {result.stdout}"
        return result.stdout

    def run_all(self, block, **options):
        """Run a block's commands on the router."""
        return [self.run(line, **options)
                for line in self.page.commands(block)]

    def write(self, name, content):
        """A file that commands read."""
        with open(f"{self.place}/{name}", "w", encoding="ascii") as file:
            file.write(content)

    def send(self, line):
        """Have the client send a mail, and see that it arrives, once."""
        self.run(line, "client")
        self._expected += 1
        end = time.monotonic() + PATIENCE
        while True:
            found = len(glob.glob(f"{self.server.home}/mail/new/*"))
            if found >= self._expected and not self.server.queued():
                break
            assert time.monotonic() < end, self.server.log[-3000:]
            time.sleep(0.1)
        assert found == self._expected, (found, self._expected)

    def capture(self, record, mail):
        """Send a mail while a command of the page records it."""
        with subprocess.Popen(["sh", "-c", f"exec {record}"], cwd=self.place,
                              text=True, stderr=subprocess.PIPE) as process:
            for line in process.stderr:
                if "listening on" in line:
                    break
            self.send(mail)
            # the kernel hands packets over some at a time
            time.sleep(3)
            process.terminate()

    def read(self, line):
        """The server has read a line from the client."""
        said = f"< unknown[192.0.2.2]: {line}\n"
        assert said in self.server.wait_for_log(said, 1, 10), \
            self.server.log[-3000:]


def expn(client):
    """Which of the two counters a line makes grow."""
    before = bed.stats()
    client.command("EXPN root")
    after = bed.stats()
    return [name for name in ("passed_EXPN", "refused_EXPN")
            if after[name] > before[name]]


def follow(report, name, elsewhere, sections, begin=lambda bench: None):
    """Do what a page says, section by section, with a real server; and that it says
    no more. The module is there afterwards, whatever the page did with it."""
    page = Page(f"{name}.rst", elsewhere)
    try:
        with tempfile.TemporaryDirectory() as place, \
                Postfix("server", settings=SETTINGS) as server:
            bench = Bench(page, server, place)
            begin(bench)
            for section in sections:
                with report.case(f"{name}: {section.__name__}"):
                    section(bench)
    finally:
        if not os.path.exists("/sys/module/smtpguard"):
            bed.load()
    page.insist_on_end(report)
