# SPDX-License-Identifier: GPL-2.0
"""Mail servers that other people wrote, one at a time, each with a minimal
configuration of its own: every recipient has the same maildir, and nothing
asks the DNS.

    with Exim("server") as server:
        ...
        server.queued()         messages on their way to the maildir
        server.mails()          those that are there

Exim, OpenSMTPD and Sendmail are laid over the root from /opt, where
selftests/vm/system.py has put them; each sees a machine with no other server
in it, in mounts and processes of its own that end with it.
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

import postfix
from bed import in_namespace, inside

# Long enough for a busy host without hardware virtualisation.
DEADLINE = 180
ADDRESS = "127.0.0.1"
USER = "nobody"

# /tmp is on the layer below, so the server's directory is bound to be shared.
LAY_OVER = """
set -e
name=$1 home=$2 users=$3
shift 3
mount -t tmpfs layer "$home/layer"
cd "$home/layer"
mkdir upper work root
[ ! -d "/opt/$name" ] || cp -a "/opt/$name/." upper
mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work root root
mount --bind "$home" "root$home"
mount --bind /dev root/dev
mount -t proc proc root/proc
chroot root ldconfig
printf 'passwd: files\\ngroup: files\\nhosts: files\\n' >root/etc/nsswitch.conf
: >root/etc/resolv.conf
echo '127.0.0.1 mail.example.org router localhost' >root/etc/hosts
for user in $users; do
	chroot root useradd --system --user-group "$user"
done
# Some go through all numbers that a file may have.
ulimit -n 1024
exec chroot root "$@"
"""


class Server:
    """A program that serves port 25 until it is stopped.

    What is different in a kind of server: `command`, and `configure()`, which
    fills the directory `home`; `users` that it runs as; `opt`, where it lies
    below /opt; `queue`, the directory below home whose files are messages on
    their way."""

    opt = ""
    users = ""
    queue = None

    def __init__(self, namespace, **settings):
        self.namespace = namespace
        self.settings = settings
        self.home = None
        self._process = None

    def __enter__(self):
        self.home = tempfile.mkdtemp(prefix="server-")
        os.chmod(self.home, 0o755)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process and self._process.poll() is None:
            # The first process of a process namespace takes all with it.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def configure(self):
        """Write what the program reads."""

    @property
    def command(self):
        """The program and its arguments."""
        raise NotImplementedError

    def write(self, name, text, mode=0o644):
        """Make a file in the server's directory."""
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, mode)

    def mails(self):
        """What was delivered so far."""
        found = []
        new = os.path.join(self.home, "mail/new")
        for name in sorted(os.listdir(new)):
            with open(os.path.join(new, name), "rb") as mail:
                found.append(mail.read())
        return found

    def queued(self):
        """How many files of messages are still on their way."""
        if not self.queue:
            return 0
        return sum(len(files) for _, _, files in
                   os.walk(os.path.join(self.home, self.queue)))

    def log(self):
        """What the program has said."""
        with open(os.path.join(self.home, "log"), encoding="utf-8",
                  errors="replace") as log:
            return log.read()

    def _start(self):
        owner = pwd.getpwnam(USER)
        for name in ("layer", "mail", "mail/new", "mail/cur", "mail/tmp"):
            os.mkdir(os.path.join(self.home, name))
            if name != "layer":
                os.chown(os.path.join(self.home, name), owner.pw_uid,
                         owner.pw_gid)
        self.configure()
        with open(os.path.join(self.home, "log"), "wb") as log:
            self._process = subprocess.Popen(
                in_namespace(self.namespace, "unshare", "--mount", "--pid",
                             "--fork", "--kill-child", "sh", "-c", LAY_OVER,
                             "sh", self.opt, self.home, self.users,
                             *self.command),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        until = time.monotonic() + DEADLINE
        while not self._greets():
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.command[0]} ended\n{self.log()}")
            if time.monotonic() > until:
                raise RuntimeError(f"{self.command[0]} does not greet\n"
                                   f"{self.log()}")
            time.sleep(0.1)

    def _greets(self):
        """Whether it answers inside of its own namespace, where the router
        has no part in it."""
        with inside(self.namespace), contextlib.suppress(OSError):
            with socket.create_connection((ADDRESS, 25), DEADLINE) as link:
                return link.recv(4) == b"220 "
        return False


class Exim(Server):
    """Settings are options of the main section."""

    opt = "exim"
    users = "Debian-exim"
    queue = "spool/input"
    configuration = """
primary_hostname = mail.example.org
spool_directory = {home}/spool
log_file_path = {home}/spool/%slog
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
queue_only
queue_run_max = 1
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
keep_environment =
acl_smtp_rcpt = everything
{settings}
begin acl
everything:
  accept
begin authenticators
nobody:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = false
begin routers
everyone:
  driver = accept
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  maildir_format
  directory = {home}/mail
  user = nobody
  group = nogroup
"""

    def configure(self):
        settings = "\n".join(f"{name} = {value}" for name, value in
                             self.settings.items())
        self.write("exim.conf", self.configuration.format(
            home=self.home, settings=settings))

    @property
    def command(self):
        # From any other place it would not run as root. To deliver what is
        # queued by one process a second is much faster than each by its own.
        return ["sh", "-c", f"cp {self.home}/exim.conf /etc/exim4/exim4.conf "
                "&& exec exim4 -bdf -q1s"]


class OpenSmtpd(Server):
    """It has no settings about line ends."""

    opt = "opensmtpd"
    users = "opensmtpd opensmtpq"
    queue = "spool/queue"
    configuration = """
listen on 0.0.0.0
table everyone {{ "@" = "nobody" }}
action "deliver" maildir "{home}/mail" virtual <everyone>
match from any for any action "deliver"
"""

    def configure(self):
        os.mkdir(os.path.join(self.home, "spool"), 0o711)
        self.write("smtpd.conf", self.configuration.format(home=self.home))

    @property
    def command(self):
        # Its queue is where it was compiled to be.
        return ["sh", "-c", f"mkdir -p /var/spool/smtpd && mount --bind "
                f"{self.home}/spool /var/spool/smtpd && "
                f"exec smtpd -d -f {self.home}/smtpd.conf"]


class Sendmail(Server):
    """The setting `features` is what the ruleset srv_features gives."""

    opt = "sendmail"
    queue = "queue"
    configuration = """
V10/Berkeley
Djmail.example.org
O QueueDirectory={home}/queue
O DeliveryMode=interactive
O QueueLA=1000
O RefuseLA=1000
O LogLevel=0
O DefaultUser=nobody
O PidFile={home}/pid
O Timeout.ident=0
O SmtpGreetingMessage=$j
O DaemonPortOptions=Name=MTA,Addr=0.0.0.0
C{{persistentMacros}}
Mlocal, P={home}/deliver, F=lsDFM, S=0, R=0, A=deliver $u
Mprog, P=/bin/false, F=ls, A=false $u
Sparse=0
R$+	$#local $: $1
"""
    features = """
Ssrv_features
R$*	$# {}
"""

    def configure(self):
        os.mkdir(os.path.join(self.home, "queue"), 0o700)
        configuration = self.configuration.format(home=self.home)
        if "features" in self.settings:
            configuration += self.features.format(self.settings["features"])
        self.write("sendmail.cf", configuration)
        self.write("deliver", "#!/bin/sh\n"
                   f"exec cat >\"$(mktemp {self.home}/mail/new/XXXXXXXX)\"\n",
                   0o755)

    @property
    def command(self):
        return ["/usr/libexec/sendmail/sendmail", "-C",
                f"{self.home}/sendmail.cf", "-bD"]


class Aiosmtpd(Server):
    """It has no settings about line ends."""

    @property
    def command(self):
        return ["python3", "-m", "aiosmtpd", "-n", "-l", "0.0.0.0:25", "-c",
                "aiosmtpd.handlers.Mailbox", f"{self.home}/mail"]


class Postfix(postfix.Postfix):
    """Settings are parameters of main.cf."""

    def __init__(self, namespace, **settings):
        super().__init__(namespace, settings=settings)

    def mails(self):
        """What was delivered so far."""
        return self.mailbox("alice")
