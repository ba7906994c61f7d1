# SPDX-License-Identifier: GPL-2.0
"""What may stand between clients and a mail server, each as a context manager
that has the router do that and nothing else. Where the client has to connect is
in the row; that the router does what the row says is looked up before anything
is measured, by what the router itself counts."""

import contextlib
import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "mail"), str(HERE.parents[1])]

# pylint: disable=wrong-import-position
import bed  # noqa: E402
import postfix  # noqa: E402

SERVER = "198.51.100.2"
ROUTER = "192.0.2.1"
PORT = 25
RUN = Path("/run/rivals")
# An emulated processor that counts is slow to start programs.
PATIENCE = 300

# Each connection of conntrack is made by a rule that asks for its state.
CONNTRACK = """
table inet rival {
	chain forward {
		type filter hook forward priority filter; policy accept;
		ct state invalid drop
		ct state established,related,new accept
	}
}
"""

QUEUE = """
table inet rival {
	chain forward {
		type filter hook forward priority filter; policy accept;
		tcp dport 25 counter queue num 0
		tcp sport 25 counter queue num 0
	}
}
"""

STRINGS = ("VRFY ", "EXPN ")

HAPROXY = f"""
global
	maxconn 1000
	nbthread 1
defaults
	mode tcp
	timeout connect 1m
	timeout client 5m
	timeout server 5m
listen smtp
	bind {ROUTER}:{PORT}
	server real {SERVER}:{PORT}
"""

NGINX = f"""
daemon off;
pid {RUN}/nginx.pid;
error_log stderr crit;
worker_processes 1;
events {{ worker_connections 1000; }}
"""

NGINX_STREAM = f"""
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
{NGINX}
stream {{
	server {{
		listen {ROUTER}:{PORT};
		proxy_pass {SERVER}:{PORT};
	}}
}}
"""

NGINX_MAIL = f"""
load_module /usr/lib/nginx/modules/ngx_mail_module.so;
{NGINX}
http {{
	access_log off;
	server {{
		listen 127.0.0.1:9000;
		location / {{
			add_header Auth-Status OK;
			add_header Auth-Server {SERVER};
			add_header Auth-Port {PORT};
			return 204;
		}}
	}}
}}
mail {{
	server_name router.example;
	auth_http 127.0.0.1:9000/;
	server {{
		listen {ROUTER}:{PORT};
		protocol smtp;
		smtp_auth none;
		smtp_capabilities PIPELINING 8BITMIME "SIZE 1000000000";
		xclient off;
	}}
}}
"""

# Inline, with the defaults of its decoders, and without any log: what it
# writes to disk would be charged to it otherwise.
SURICATA = """%YAML 1.1
---
default-log-dir: /run/rivals
outputs: []
stats:
  enabled: no
logging:
  default-log-level: warning
  outputs:
    - file:
        enabled: yes
        filename: suricata.log
vars:
  address-groups:
    HOME_NET: "any"
  port-groups:
    SMTP_PORTS: "25"
nfq:
  mode: accept
app-layer:
  protocols:
    smtp:
      enabled: yes
      raw-extraction: no
      mime:
        decode-mime: yes
        decode-base64: yes
        decode-quoted-printable: yes
        header-value-depth: 2000
        extract-urls: yes
        body-md5: no
      inspected-tracker:
        content-limit: 100000
        content-inspect-min-size: 32768
        content-inspect-window: 4096
stream:
  memcap: 128mb
  checksum-validation: no
  inline: auto
  reassembly:
    memcap: 256mb
    depth: 1mb
    toserver-chunk-size: 2560
    toclient-chunk-size: 2560
detect:
  profile: medium
mpm-algo: auto
spm-algo: auto
runmode: workers
"""


def run(*command, **options):
    """A program that has to work."""
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout


def modules():
    """The names of those that are loaded."""
    return [line.split()[0] for line in
            Path("/proc/modules").read_text().splitlines()]


def connections():
    """How many conntrack has."""
    return int(run("conntrack", "-C"))


@contextlib.contextmanager
def ruleset(text):
    run("nft", "-f", "-", input=text)
    try:
        yield
    finally:
        run("nft", "delete", "table", "inet", "rival")


@contextlib.contextmanager
def program(*command, ready):
    """A daemon that stays in the foreground, once `ready` says so."""
    RUN.mkdir(exist_ok=True)
    with open(RUN / "program.log", "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log)
    try:
        wait(ready, process)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait(ready, process):
    """Until it is, as long as the process lives."""
    end = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{process.args[0]} did not start:\n" +
                               (RUN / "program.log").read_text() +
                               _suricata_log())
        time.sleep(0.2)


def _suricata_log():
    path = RUN / "suricata.log"
    return path.read_text() if path.exists() else ""


def listening():
    """Whether somebody does on the router's port, at an address or at all."""
    return f":{PORT} " in run("ss", "-Hltn")


def configuration(name, text):
    RUN.mkdir(exist_ok=True)
    (RUN / name).write_text(text)
    return str(RUN / name)


@contextlib.contextmanager
def plain():
    yield lambda: connections() == 0 and "smtpguard" not in modules()


@contextlib.contextmanager
def conntrack():
    run("modprobe", "nf_conntrack")
    with ruleset(CONNTRACK):
        yield lambda: connections() > 0 and "smtpguard" not in modules()
    run("conntrack", "-F")


@contextlib.contextmanager
def guard():
    """With the rules of conntrack alone, as on any router that has it."""
    with conntrack():
        bed.load()
        try:
            yield lambda: bed.stats()["messages"] > 0
        finally:
            bed.unload()


@contextlib.contextmanager
def strings():
    rules = [("FORWARD", "-p", "tcp", "--dport", str(PORT), "-m", "string",
              "--algo", "bm", "--icase", "--string", text, "-j", "DROP")
             for text in STRINGS]
    for rule in rules:
        run("iptables", "-A", *rule)
    try:
        # xt_string has no counter of what it looked at: the rules are there
        yield lambda: run("iptables", "-S").count("--algo bm") == len(rules)
    finally:
        for rule in rules:
            run("iptables", "-D", *rule)


def queued():
    """How many packets the queue has had, in all."""
    text = Path("/proc/net/netfilter/nfnetlink_queue").read_text().split()
    return int(text[7]) if text else -1


@contextlib.contextmanager
def suricata(rules):
    run("modprobe", "nfnetlink_queue")
    configured = configuration("suricata.yaml", SURICATA)
    with program("suricata", "-c", configured, "-q", "0", "-S", rules,
                 "--runmode", "workers", "-l", str(RUN),
                 ready=lambda: queued() >= 0):
        with ruleset(QUEUE):
            yield lambda: queued() > 0


@contextlib.contextmanager
def proxy(*command):
    with program(*command, ready=listening):
        yield listening


def haproxy():
    return proxy("haproxy", "-db", "-f", configuration("haproxy", HAPROXY))


def nginx(text):
    return proxy("nginx", "-p", str(RUN), "-c", configuration("nginx", text))


@contextlib.contextmanager
def before_queue():
    """Postfix, which asks the real server before it takes the message."""
    if not os.path.exists("/run/netns/router"):
        run("ip", "netns", "attach", "router", "1")
    with postfix.Postfix("router", settings={
            "smtpd_proxy_filter": f"{SERVER}:{PORT}",
            "default_transport": f"smtp:[{SERVER}]",
            "smtpd_tls_security_level": "none",
            "smtpd_tls_chain_files": "",
            "mynetworks": "192.0.2.0/24 127.0.0.0/8"}):
        yield listening


@dataclasses.dataclass
class Router:
    """A row. What it does `more` and `less` than smtpguard is in words; a
    proxy is what the client connects to itself. Of a slow one less is
    measured."""

    name: str
    start: object
    proxy: bool = False
    slow: bool = False
    more: str = ""
    less: str = ""


ROWS = (
    Router("plain", plain, less="no connection tracking, reads nothing"),
    Router("conntrack", conntrack, less="reads nothing behind TCP's header"),
    Router("smtpguard", guard),
    Router("xt_string", strings,
           less="two patterns in single packets, anywhere in the session; cut "
                "in two they pass; a message with one is lost"),
    Router("suricata", lambda: suricata("/dev/null"), slow=True,
           more="decodes MIME, finds URLs; other protocols",
           less="without rules drops nothing; of a stream it reads the first "
                "MB, as is its default"),
    Router("suricata+rules", lambda: suricata(str(HERE / "smtp.rules")),
           slow=True,
           more="decodes MIME, finds URLs, alerts by pattern; other protocols",
           less="drops instead of answering: clients wait; of a stream it "
                "reads the first MB, as is its default"),
    Router("haproxy", haproxy, proxy=True,
           more="several servers, health checks",
           less="reads nothing; the server sees the proxy's address"),
    Router("nginx-stream", lambda: nginx(NGINX_STREAM), proxy=True,
           more="several servers",
           less="reads nothing; the server sees the proxy's address"),
    Router("nginx-mail", lambda: nginx(NGINX_MAIL), proxy=True,
           more="authentication, chooses the server by user",
           less="after RCPT reads nothing; the server sees the proxy's address"),
    Router("postfix", before_queue, proxy=True, slow=True,
           more="restrictions, lookups, milters; adds a Received line",
           less="capabilities are its own, not the server's"),
)
