# SPDX-License-Identifier: GPL-2.0
"""A real Postfix in one network namespace, with nothing of the system's own.

    with Postfix("server") as postfix:
        ...
        for mail in postfix.wait_for("alice", 1):
            ...

Configuration, queue, certificate, log and mailboxes live in one temporary
directory, which goes when Postfix stops.  Every address of example.org has a
mailbox.  Nothing asks the DNS for anything, so nothing waits for it.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from bed import inside

DAEMONS = "/usr/lib/postfix/sbin"
DOMAIN = "example.org"
HOSTNAME = "mail.example.org"
# Long enough for a busy host without hardware virtualisation.
DEADLINE = 180

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = {daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = {hostname}
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
append_dot_mydomain = no
biff = no
maillog_file = {home}/log
maillog_file_prefixes = {home}

# Every address of the domain is delivered to one maildir, and nothing leaves.
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {home}
virtual_mailbox_maps = static:mail/
virtual_mailbox_limit = 0
default_transport = error:nothing leaves this host
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
message_size_limit = 0

# Nothing is looked up, nobody is made to wait, nobody is counted.
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_junk_command_limit = 1000
smtpd_client_connection_count_limit = 0
smtpd_client_event_limit_exceptions = static:all
in_flow_delay = 0

mynetworks = 127.0.0.0/8 [::1]/128
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
disable_vrfy_command = no
smtpd_tls_security_level = may
smtpd_tls_chain_files = {home}/key.pem, {home}/certificate.pem
smtpd_tls_received_header = yes
"""

# No service here is chrooted; what no test needs is not started.
MASTER_CF = """
{listen} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
virtual unix - n n - - virtual
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

# What Postfix's own installation would make, with the rights it asks for.
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
          "incoming", "private", "saved", "trace")


class Postfix:
    """Postfix with its own everything; started and stopped by `with`."""

    def __init__(self, namespace, listen="smtp", settings=None):
        self.namespace = namespace
        self.listen = listen
        self.settings = settings or {}
        self.home = None
        self.process = None
        self._mails = {}

    def __enter__(self):
        self.home = tempfile.mkdtemp(prefix="postfix-")
        try:
            self._configure()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def certificate(self):
        """The file with the server's certificate, for clients to trust."""
        return os.path.join(self.home, "certificate.pem")

    @property
    def log(self):
        """What Postfix has logged so far."""
        try:
            with open(os.path.join(self.home, "log"), encoding="utf-8",
                      errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def mailbox(self, user):
        """The mails delivered to user, as they lie there, oldest first."""
        header = f"\nDelivered-To: {user}@{DOMAIN}\n".encode("ascii")
        new = os.path.join(self.home, "mail", "new")
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(new):
                if name not in self._mails:
                    with open(os.path.join(new, name), "rb") as mail:
                        self._mails[name] = mail.read()
        # A maildir name begins with the time of delivery.
        return [mail for _, mail in sorted(self._mails.items())
                if header in mail[:mail.find(b"\nReceived:") + 1]]

    def queued(self):
        """How many messages are still on their way to a mailbox."""
        total = 0
        for queue in ("incoming", "active", "deferred"):
            for _, _, files in os.walk(os.path.join(self.home, "queue",
                                                    queue)):
                total += len(files)
        return total

    def wait_for(self, user, count, deadline=DEADLINE):
        """The mails of user, once count of them came and no more will.

        That the queue is empty then is what makes "exactly once" certain:
        a duplicate could not still be underway."""
        until = time.monotonic() + deadline
        while time.monotonic() < until:
            if len(self.mailbox(user)) >= count and not self.queued():
                break
            time.sleep(0.05)
        return self.mailbox(user)

    def wait_for_log(self, text, count, deadline=DEADLINE):
        """The log, once it has text so often: a process of its own writes
        it, when it comes to that."""
        until = time.monotonic() + deadline
        while self.log.count(text) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.log

    def stop(self):
        """Stop Postfix and remove all it had."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None
        if self.home:
            shutil.rmtree(self.home, ignore_errors=True)
            self.home = None

    def _configure(self):
        nobody = pwd.getpwnam("nobody")
        postfix = pwd.getpwnam("postfix")
        os.chmod(self.home, 0o755)
        words = {"home": self.home, "daemons": DAEMONS, "domain": DOMAIN,
                 "hostname": HOSTNAME, "listen": self.listen,
                 "uid": nobody.pw_uid, "gid": nobody.pw_gid}
        # Postfix warns of a setting that is there twice.
        lines = [line for line in MAIN_CF.format(**words).splitlines()
                 if line.split(" =")[0] not in self.settings]
        lines += [f"{name} = {value}"
                  for name, value in self.settings.items()]
        self._write("main.cf", "\n".join(lines) + "\n")
        self._write("master.cf", MASTER_CF.format(**words))

        self._make_directory("data", postfix.pw_uid)
        self._make_directory("mail", nobody.pw_uid)
        self._make_directory("queue", 0)
        self._make_directory("queue/pid", 0)
        for queue in QUEUES:
            self._make_directory(f"queue/{queue}", postfix.pw_uid, 0o700)
        self._make_directory("queue/public", postfix.pw_uid)
        self._make_directory("queue/maildrop", postfix.pw_uid)
        make_certificate(self.home)

    def _write(self, name, text):
        with open(os.path.join(self.home, name), "w",
                  encoding="ascii") as file:
            file.write(text)

    def _make_directory(self, name, owner, mode=0o755):
        path = os.path.join(self.home, name)
        os.mkdir(path)
        os.chmod(path, mode)
        os.chown(path, owner, -1)

    def _start(self):
        # master makes itself the leader of a process group, and ends all of
        # it on SIGTERM.
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, f"{DAEMONS}/master",
             "-c", self.home], stdin=subprocess.DEVNULL)
        until = time.monotonic() + DEADLINE
        while not self._greets():
            if self.process.poll() is not None:
                raise RuntimeError(f"Postfix ended at once\n{self.log}")
            if time.monotonic() > until:
                raise RuntimeError(f"Postfix does not greet\n{self.log}")
            time.sleep(0.1)

    def _greets(self):
        """Whether it answers inside of its own namespace, where the router
        has no part in it."""
        host, _, port = self.listen.rpartition(":")
        address = (host or "127.0.0.1", 25 if port == "smtp" else int(port))
        with inside(self.namespace), contextlib.suppress(OSError):
            with socket.create_connection(address, DEADLINE) as connection:
                return connection.recv(4) == b"220 "
        return False


def make_certificate(directory):
    """A key and a certificate for the server, signed by itself."""
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec",
         "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2",
         "-subj", f"/CN={HOSTNAME}",
         "-addext", f"subjectAltName=DNS:{HOSTNAME},IP:198.51.100.2,"
                    "IP:2001:db8:2::2,IP:192.0.2.1,IP:2001:db8:1::1",
         "-keyout", os.path.join(directory, "key.pem"),
         "-out", os.path.join(directory, "certificate.pem")],
        check=True, capture_output=True)
