# SPDX-License-Identifier: GPL-2.0
"""What must become of a session, after Documentation/decisions.rst.

A model to compare the protocol core with, so it is written another way: it
takes one octet at a time, keeps whatever it wants to look back at, and knows
nothing of segments. Each method says which section of decisions.rst it is.

    oracle = Oracle({"end_of_data": "reset"})
    forwarded = oracle.feed(SERVER, octet)     # None where it is a reset
    oracle.events, oracle.reset_at, oracle.doomed_after
"""

import re

CLIENT, SERVER = 0, 1

# In the place of an octet that is not forwarded while the session goes on.
DROPPED = 0x7f

NUL, TAB, LF, CR, BLANK = 0x00, 0x09, 0x0a, 0x0d, 0x20
HANDSHAKE = 0x16
DOT, STAR, SMALL_X, LARGE_X = b".*xX"
BLANKS = (BLANK, TAB)

ESMTP_VERBS = ("HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT HELP AUTH "
               "STARTTLS ETRN X-ANONYMOUSTLS X-EXPS")
ESMTP_CAPABILITIES = (
    "SIZE 8BITMIME PIPELINING ENHANCEDSTATUSCODES DSN SMTPUTF8 STARTTLS AUTH "
    "CHUNKING BINARYMIME HELP ETRN REQUIRETLS LIMITS DELIVERBY MT-PRIORITY "
    "FUTURERELEASE NO-SOLICITING PRDR X-ANONYMOUSTLS X-EXPS")
MAILGUARD_VERBS = "HELO MAIL RCPT DATA RSET NOOP QUIT"

DEFAULTS = {
    "profile": "esmtp",
    "verbs": ESMTP_VERBS,
    "capabilities": ESMTP_CAPABILITIES,
    "greeting": "keep",
    "refuse": "mask",
    "starttls": "allow",
    "auth": "allow",
    "auth_mechanisms": "all",
    "security_layers": "refuse",
    "end_of_data": "defang",
    "bare_newline": "accept",
    "command_order": "accept",
    "pipelining": "accept",
    "desync": "reset",
    "proxy_protocol": "refuse",
    "special_characters": "accept",
    "source_routes": "accept",
    "percent_hack": "accept",
    "relay_domains": "",
    "tls_ports": "",
    "max_command_line": "2048",
    "max_path": "1024",
    "max_header": "512",
    "max_whole_line": "90",
    "max_recipients": "0",
    "max_refused": "0",
    "max_errors": "0",
    "max_messages": "0",
}

PROFILES = {
    "esmtp": {},
    "mailguard": {"verbs": MAILGUARD_VERBS, "capabilities": "",
                  "greeting": "mask"},
    "monitor": {},
}

KNOWN_VERBS = set(
    "ATRN AUTH BDAT BURL DATA EHLO ETRN EXPN HELO HELP LHLO MAIL NOOP PROXY QUIT "
    "RCPT RSET SAML SEND SOML STARTTLS TURN VRFY X-ANONYMOUSTLS X-EXPS XCLIENT "
    "XEXCH50 XFORWARD".split())
UNMASKABLE = {"BDAT", "XEXCH50"}
STARTS_TLS = {"STARTTLS", "X-ANONYMOUSTLS"}
AUTHENTICATES = {"AUTH", "X-EXPS"}
OPENS_MAIL = {"MAIL", "SEND", "SOML", "SAML"}
NAMES = OPENS_MAIL | {"RCPT", "VRFY", "EXPN"}
HELLO = {"HELO", "EHLO", "LHLO"}
NOT_SMTP = set("CONNECT DELETE GET HEAD OPTIONS PATCH POST PRI PUT TRACE"
               .split())
# Those whose reply changes how the session goes on; the others' counts for
# nothing where their argument was refused.
CHANGES_STATE = {"HELO", "EHLO", "LHLO", "MAIL", "SEND", "SOML", "SAML",
                 "RCPT", "DATA", "BURL", "AUTH", "X-EXPS", "STARTTLS",
                 "X-ANONYMOUSTLS", "XCLIENT",
                 "TURN", "ATRN", "NOOP", "VRFY", "EXPN", "QUIT"}
SYNC_POINTS = {"greeting", "EHLO", "LHLO", "DATA", "VRFY", "EXPN", "NOOP",
               "TURN", "ATRN", "AUTH", "STARTTLS", "X-ANONYMOUSTLS",
               "X-EXPS", "QUIT", "XCLIENT"}

# Those behind which, or behind whose reply, may come what is no line of a
# command of the client's.
NOT_ALONE = {"BDAT", "XEXCH50", "PROXY", "BURL", "ATRN", "TURN", "XCLIENT"}

# Known words that begin no line which is for certain a command.
NOT_COMMANDS = NOT_ALONE | NOT_SMTP | {"SSH-"}

# The verb that a capability announces, where it is not its own name.
ANNOUNCES = {"CHUNKING": "BDAT", "BINARYMIME": "BDAT"}
# One bit for each capability of which it is remembered who offered it.
OFFERS = {b"STARTTLS": 1, b"CHUNKING": 2}

# What the server may leave unanswered, and by what it answers it if it does.
OPTIONAL = {"empty": (5,), "broken off": (4, 5)}

# What is not passed over where replies are counted anew.
MUST_BE_ANSWERED = {"greeting", "EHLO", "LHLO", "AUTH", "X-EXPS", "STARTTLS",
                    "X-ANONYMOUSTLS", "XCLIENT",
                    "TURN", "ATRN", "end of data", "BDAT", "BURL"}

# As which clients end all lines that do not know better, but with CRLF.
OWN_LINE_ENDS = (b"\n", b"\r\r\n")

# A chunk may not follow while one of these owes its reply.
BDAT_WAITS_FOR = {"HELO", "EHLO", "LHLO", "DATA", "AUTH", "X-EXPS",
                  "STARTTLS", "X-ANONYMOUSTLS",
                  "XCLIENT", "TURN", "ATRN", "empty",
                  "broken off"}

# Replies to BDAT of servers that take its chunk for commands; the second only
# if a recipient was accepted.
DENIALS = {500, 502, 521}
DENIALS_WITH_RECIPIENT = {501, 503}

# Those that are known by name; a policy may name no others.
MECHANISMS = set(
    "ANONYMOUS CRAM-MD5 DIGEST-MD5 EXTERNAL GS2-KRB5 GS2-KRB5-PLUS GSS-SPNEGO "
    "GSSAPI KERBEROS_V4 LOGIN NTLM OAUTHBEARER OTP PLAIN SCRAM-SHA-1 "
    "SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS SCRAM-SHA-512 "
    "SCRAM-SHA-512-PLUS SECURID XOAUTH2".split())

# Those with which both ends may agree on a security layer.
LAYERED = {"DIGEST-MD5", "GSS-SPNEGO", "GSSAPI", "KERBEROS_V4"}

AUTH_LINE_MAX = 12288
EXCHANGE_LINE_MAX = 131072
CHUNK_SIZE_LIMIT = 1 << 31
MESSAGE_SIZE_MAX = (1 << 64) - 1
PROXY_LINE_MAX = 107
PROXY_LINE = b"PROXY"
PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
ROW_OF_ERRORS = 5

COMMAND = re.compile(rb"([^ \t\r\0]+)(?:[ \t][^\r\0]*)?(\r?)\n")
REPLY = re.compile(rb"([2-5][0-9][0-9])(?:([ \t-]).*)?", re.DOTALL)
TO = re.compile(rb"RCPT[ \t]+(T(O:?)?)?", re.IGNORECASE)
SIZE_PARAMETER = re.compile(rb"SIZE=(.*)", re.IGNORECASE | re.DOTALL)
SIZE_KEYWORD = re.compile(rb"...[- \t]SIZE[ \t]([0-9]+)(?:[ \t].*)?",
                          re.IGNORECASE | re.DOTALL)
INITIAL_RESPONSE = re.compile(rb"[ \t]*[A-Za-z0-9+/=]*[ \t]*")
BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                   b"0123456789+/=")
SEVEN_BITS = re.compile(rb"(?:\A|[\0-\x20>])BODY=7BIT(?:[\0-\x20>]|\Z)",
                        re.IGNORECASE)
LAX_END = re.compile(rb"(\r\n|\r|\n)\0*\.[\r\n\0]\Z")
SPECIAL_CHARACTERS = b"|`!;&()<\""


def words(text):
    """A list parameter's words; a sign marks those that are in no table."""
    return [word.lstrip("+") for word in re.split(r"[,\s]+", text) if word]


def message_size(digits):
    """A size of RFC 1870; 0 for what is none."""
    if not re.fullmatch(rb"[0-9]+", digits):
        return 0
    return min(int(digits), MESSAGE_SIZE_MAX)


def is_prefix(text, candidates):
    """Whether the octets text, in either case, begin one of candidates."""
    upper = text.decode("latin-1").upper()
    return any(word.startswith(upper) for word in candidates)


def is_one_of(text, candidates):
    """Whether the octets text, in either case, are one of candidates."""
    return text.decode("latin-1").upper() in candidates


class Policy:
    """Parameters, with what follows from them taken together."""

    def __init__(self, settings):
        profile = settings.get("profile", DEFAULTS["profile"])
        values = {**DEFAULTS, **PROFILES[profile], **settings}
        unknown = set(values) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"no parameter {', '.join(sorted(unknown))}")
        self.monitor = profile == "monitor"
        for name, value in values.items():
            setattr(self, name, int(value) if name.startswith("max_")
                    else value)
        self.verbs = set(words(values["verbs"]))
        if self.starttls == "deny":
            self.verbs -= STARTS_TLS
        if self.starttls == "require":
            self.verbs -= OPENS_MAIL | AUTHENTICATES
        if self.auth != "allow":
            self.verbs -= AUTHENTICATES
        self.any_mechanism = values["auth_mechanisms"] == "all"
        self.auth_mechanisms = set(words(values["auth_mechanisms"]))
        self.relay_domains = {domain.upper()
                              for domain in words(values["relay_domains"])}
        listed = words(values["capabilities"])
        self.utf8 = "SMTPUTF8" in listed
        self.capabilities = {name for name in listed if self._announced(name)}

    def _announced(self, capability):
        verb = ANNOUNCES.get(capability, capability)
        return verb not in KNOWN_VERBS or verb in self.verbs


class Owed:
    """A reply that the server owes: what it answers, and which octet was the
    last of that, whether it was refused here, and the envelope it belongs to.
    An end of data in LMTP is owed several; how many is known once the replies
    before have come."""

    def __init__(self, answers, at, envelope=None, refused=False, replies=1):
        self.answers = answers
        self.at = at
        self.envelope = envelope
        self.refused = refused
        self.replies = replies


class Envelope:
    """What was said since the last MAIL; the transaction may be over."""

    def __init__(self, is_open=False):
        self.is_open = is_open
        self.declared = 0
        self.recipients = 0
        self.accepted = 0
        self.is_named = False     # a RCPT was said, and the mail has no end
        self.chunk_failed = False


class Chunk:
    """`BDAT SP size [SP [LAST]]`: section Chunks."""

    GRAMMAR = re.compile(rb" (0|[1-9][0-9]*)(?: (LAST)?)?", re.IGNORECASE)
    BEGINNING = re.compile(rb" (?:(?:0|[1-9][0-9]*)(?: (?:L|LA|LAS|LAST)?)?)?",
                           re.IGNORECASE)

    def __init__(self):
        self.text = b""

    def takes(self, octet):
        """Whether the line can still become one with this octet."""
        self.text += bytes([octet])
        digits = re.match(rb" ?([0-9]*)", self.text)[1]
        return (self.BEGINNING.fullmatch(self.text) is not None
                and int(digits or b"0") < CHUNK_SIZE_LIMIT)

    def is_whole(self):
        """Whether the line may end here."""
        return self.GRAMMAR.fullmatch(self.text) is not None

    def parsed(self):
        """(size, is it the last)"""
        match = self.GRAMMAR.fullmatch(self.text)
        return int(match[1]), match[2] is not None


class Mechanism:
    """The word behind AUTH: section Command lines, AUTH."""

    def __init__(self, policy):
        self.allowed = policy.auth_mechanisms
        self.any = policy.any_mechanism
        self.word = b""
        self.response = None

    def refuses(self, octet):
        """Whether this octet of the argument shows that it is not allowed."""
        if self.response is not None:
            self.response += bytes([octet])
            return not INITIAL_RESPONSE.fullmatch(self.response)
        if octet in BLANKS and not self.word:
            return False
        if octet in BLANKS:
            self.response = b""
            return not self.any and not is_one_of(self.word, self.allowed)
        self.word += bytes([octet])
        return not self.any and not is_prefix(self.word, self.allowed)

    def refuses_end(self):
        """Whether the end of the line shows it."""
        return (not self.any and is_one_of(self.word, MECHANISMS)
                and not is_one_of(self.word, self.allowed))


class Path:
    """The path of MAIL or RCPT: section Paths."""

    def __init__(self, policy, is_recipient):
        self.policy = policy
        self.domains = policy.relay_domains if is_recipient else set()
        self.path = self.parameters = b""
        self.found = self.begun = self.over = False
        self.route = False
        self.quoted = self.escaped = False
        self.local = b""
        self.domain = None

    def declared(self):
        """The size that the parameters declare, 0 if none."""
        size = 0
        for word in re.split(rb"[ \t]", self.parameters)[1:]:
            match = SIZE_PARAMETER.fullmatch(word)
            if match:
                size = message_size(match[1])
        return size

    def refuses(self, octet):
        """Whether this octet of the argument shows that it is not allowed."""
        refused = self._refuses(octet)
        if self.over:
            self.parameters += bytes([octet])
        return refused

    def _refuses(self, octet):
        if self.over:
            return False
        if not self.begun:
            return self._before(octet)
        if self._ends(octet):
            self.over = True
            return self.refuses_end() or (octet == ord(">")
                                          and self._is_long(octet))
        if self._is_long(octet):
            return True
        if self.quoted:
            self._quote(octet)
            return False
        return self._judge(octet)

    def _is_long(self, octet):
        self.path += bytes([octet])
        return len(self.path) > self.policy.max_path

    def refuses_end(self):
        """Whether the end of the path shows it."""
        return (bool(self.domains) and self.domain is not None
                and not is_one_of(self.domain, self.domains))

    def _before(self, octet):
        if octet == ord("<"):
            self.found = True
            return self._is_long(octet)
        if not self.found or octet in BLANKS:
            self.found = self.found or octet == ord(":")
            return False
        self.begun = True
        return self._refuses(octet)

    def _ends(self, octet):
        if self.quoted:
            return False
        return octet == ord(">") or (octet in BLANKS
                                     and self.domain is not None)

    def _quote(self, octet):
        if self.escaped:
            self.escaped = False
        elif octet == ord("\\"):
            self.escaped = True
        elif octet == ord('"'):
            self.quoted = False

    def _judge(self, octet):
        """An octet of the path outside of quotes."""
        in_local = not self.route and self.domain is None
        if (octet in SPECIAL_CHARACTERS
                and self.policy.special_characters == "refuse"
                and not (octet == ord('"') and in_local and not self.local)):
            return True
        if self.route:
            if octet == ord(":"):
                # As before a path; a second route may follow.
                self.route = self.begun = False
            return False
        if self.domain is not None:
            self.domain += bytes([octet])
            return bool(self.domains) and not is_prefix(self.domain,
                                                        self.domains)
        first = not self.local
        if first and octet == ord("@"):
            self.route = True
            return self.policy.source_routes == "refuse"
        if octet == ord("@"):
            self.domain = b""
            return False
        self.local += bytes([octet])
        if octet in b"%!" and self.policy.percent_hack == "refuse":
            return True
        self.quoted = octet == ord('"')
        return False


class Handshake:
    """What both sides have said of one: section TLS."""

    HEADER = 5

    def __init__(self):
        self.client = b""
        self.server = b""

    @staticmethod
    def tls_record(text, hello, least):
        """The first record of text: (whether it may be one, its length, or
        None where that is not known)."""
        if not text:
            return True, None
        is_right = (text[0] in (0x15, 0x16) and text[1:2] in (b"", b"\3")
                    and all(octet <= 4 for octet in text[2:3]))
        high, low = (list(text[3:5]) + [0, 0])[:2]
        length = high << 8 | low
        if text[0] == 0x15:
            is_right = is_right and length <= 2 and (len(text) < 5
                                                     or length == 2)
        else:
            is_right = is_right and length <= 16384 and (len(text) < 5
                                                         or length >= least)
            is_right = is_right and text[5:6] in ((b"", hello) if hello
                                                  else (text[5:6],))
        return is_right, length if len(text) >= 5 else None

    @staticmethod
    def ssl2_record(text):
        """The same for one in the frame of SSL 2."""
        low = text[1] if len(text) > 1 else 0
        length = (text[0] & 0x7f) << 8 | low
        is_right = (length <= 16384 and (len(text) < 2 or length >= 9)
                    and text[2:3] in (b"", b"\1")
                    and text[3:4] in (b"", b"\3")
                    and all(octet <= 3 for octet in text[4:5]))
        return is_right, length if len(text) >= 5 else None

    def client_may_say(self, octet):
        """Whether the client's next octet may be this one."""
        self.client += bytes([octet])
        return self.client_records() is not None

    def client_records(self):
        """(whether all are whole, whether one is a hello) of what the client
        has said; None if it may not have said it."""
        text, total, greeted = self.client, 0, False
        if text and text[0] & 0x80:
            is_right, length = self.ssl2_record(text)
            if not is_right:
                return None
            if length is None:
                return False, False
            # the length counts from behind itself
            text, total, greeted = text[2 + length:], length - 3, True
            if len(self.client) < 2 + length:
                return False, True
        while text:
            is_right, length = self.tls_record(text, None if greeted
                                               else b"\1", 1 if greeted else 4)
            total += length or 0
            if not is_right or total > 16384:
                return None
            if length is None:
                return False, greeted
            greeted = greeted or (text[0] == 0x16 and len(text) > 5)
            if len(text) < 5 + length:
                return False, greeted
            text = text[5 + length:]
        return True, greeted

    def server_text(self):
        """What the server has said behind its whole alerts."""
        text = self.server
        while text[:1] == b"\x15" and len(text) >= 7:
            text = text[7:]
        return text

    def server_is_whole(self):
        """Whether the server's next octet begins a record."""
        return not self.server_text()

    def server_may_say(self, octet):
        """Whether the server's next octet may be this one."""
        self.server += bytes([octet])
        text = self.server_text()
        if not self.client or not self.tls_record(text, b"\2", 4)[0]:
            return False
        return not self.is_answered() or self.client_records() == (True, True)

    def is_answered(self):
        """Whether the server has shown its hello."""
        text = self.server_text()
        return text[:1] == b"\x16" and len(text) == 6


class Late:
    """A session that was picked up after its start: section Sessions picked
    up late. Keeps all that the client has said."""

    def __init__(self):
        self.said = b""
        self.since = None         # of said, all from here on is commands
        self.success = False      # ... unless a server refuses a message
        self.codes = []           # of the replies since then
        self.interrupted = False  # the client spoke while a reply came
        self.tls = None           # what was said since TLS may have begun
        self.asked = None         # of said, TLS or a command begins here

    def client(self, octet, in_reply):
        """An octet of the client. Returns the verb of the line that ends here,
        if that is what has been found with it."""
        self.said += bytes([octet])
        if in_reply:
            self.interrupted = True
            self.since = self.asked = None
        if self.tls and not self.tls.client_may_say(octet):
            self.tls = None
        if self.asked is None or octet != LF:
            return None
        verb = self.verb(self.said[self.asked:])
        self.asked = None
        return None if verb in NOT_COMMANDS else verb

    def server(self, octet):
        """An octet of the server. Returns whether it shows TLS."""
        if self.tls and not self.tls.server_may_say(octet):
            self.tls = None
        return self.tls is not None and self.tls.is_answered()

    @staticmethod
    def verb(line, newline=(b"\r",)):
        """The known verb of a line, None if there is none."""
        match = COMMAND.fullmatch(line)
        if (not match or len(line) > AUTH_LINE_MAX
                or match[2] not in newline):
            return None
        verb = match[1].decode("latin-1").upper()
        return verb if verb in KNOWN_VERBS | NOT_SMTP | {"SSH-"} else None

    def reply(self, code):
        """A reply is whole. Returns (the verb that it answers, if the lines
        are commands, and what it shows to come next), None for either."""
        lines = self.said.split(b"\n")
        last = (self.verb(lines[-2] + b"\n", (b"\r", b""))
                if len(lines) > 1 else None)
        # The first line may be the end of one.
        is_whole = len(lines) > 2
        silent = not lines[-1] and not self.interrupted
        self.interrupted = False
        if silent and code == 354 and (last == "DATA" or not last
                                       and not is_whole):
            self.line_ends = OWN_LINE_ENDS
            if len(lines) == 2 and lines[0] in (b"\r", b"\r\r"):
                self.line_ends = [b"\r\r\n"]
            elif len(lines) > 2 or len(lines) > 1 and lines[0]:
                self.line_ends = [re.search(rb"\r*\Z", lines[-2])[0] + b"\n"]
            return None, "message"
        if silent and code == 334 and last in {None, *AUTHENTICATES}:
            return None, "exchange"
        is_ready = silent and code == 220
        self.tls = Handshake() if is_ready else None
        self.asked = (len(self.said) if is_ready and (
            last in STARTS_TLS | {"XCLIENT"} or not last and not is_whole)
                      else None)
        answered = self.answered(code)
        if not answered:
            self.look_anew(silent, code)
            return None, None
        if silent and len(self.codes) == self.said[self.since:].count(b"\n"):
            return answered, "command"
        return answered, None

    def answered(self, code):
        """The verb of the line since then that this reply answers."""
        if self.since is None:
            return None
        lines = self.said[self.since:].split(b"\n")[:-1]
        verbs = [self.verb(line + b"\n") for line in lines]
        if (not all(verbs) or set(verbs) & NOT_COMMANDS
                or len(verbs) <= len(self.codes)):
            return None
        verb = verbs[len(self.codes)]
        is_good = 200 <= code < 300
        is_bad = 400 <= code < 600 and code != 421
        if not (is_bad and self.success or
                is_good and verb not in STARTS_TLS | {"DATA"}):
            return None
        self.codes.append(code)
        self.success = self.success or is_good
        return verb

    def look_anew(self, silent, code):
        """A reply that answers none of the lines."""
        self.since = None
        self.codes = []
        self.success = 200 <= code < 300
        if silent and code // 100 in (2, 4, 5) and code != 421:
            self.since = len(self.said)


class Line:
    """A command line under way."""

    def __init__(self):
        self.octets = b""
        self.verb = b""
        self.verb_over = False
        self.masked = False
        self.refused = False
        self.verb_refused = False
        self.after_cr = False
        self.over = False         # one recipient too many
        self.put_off = False      # and refused for that
        self.filler = LARGE_X
        self.chunk = None
        self.judge = None

    def name(self):
        """The verb, if it is one."""
        verb = self.verb.decode("latin-1").upper()
        return verb if verb in KNOWN_VERBS else "unknown"


class Oracle:
    """One session."""

    def __init__(self, settings, tls_port=False, late=False):
        self.policy = Policy(settings)
        self.events = []
        self.at = -1              # of the octet being judged, both directions
        self.reset_at = None      # of the octet that is a reset
        self.doomed_after = None  # a segment that begins behind it is reset
        self.reason = None        # of the reset or of the condemnation
        self.client = CLIENT      # the direction of the side that commands
        self.condemned_at = None  # of the octet that condemned it
        self.withheld = False     # condemned in a chunk
        self.waiting = None       # for which reply the client's octets do
        self.lost_at = None       # monitor: it goes on as if picked up late
        self.refused = 0
        self.messages = 0
        self.errors_in_a_row = 0
        self.heard_at = -1        # of the client's last octet
        self.phase = self.command
        self.owed = [Owed("greeting", self.at)]
        self.line = Line()
        self.new_session()
        self.late = Late() if late else None
        if late:
            self.owed = []
            self.phase = self.opaque
        elif tls_port:
            self.owed = []
            self.begin_tls(in_clear=False)
        elif self.policy.proxy_protocol == "accept":
            self.header = b""
            self.phase = self.proxy

    def new_session(self):
        """As the first one, or after TURN or XCLIENT."""
        self.reply_line = b""
        self.reply_lines = 0      # of the reply under way
        self.hello = False
        self.resynced = False     # what it was before is not known
        self.lmtp = False
        self.in_chunks = False
        self.line_ends = set()    # that of DATA, if it is not CRLF
        self.envelope = Envelope()
        self.limit = self.announced = 0
        self.layered = False      # by the last AUTH's mechanism
        self.auth_refused = False  # the last AUTH, but not its verb
        self.layer_at = None      # of the octet that the client spoke before
        self.seven_bits = False   # of a message that comes
        self.mail_said_seven = False
        self.chunking = self.offered = False
        self.offers = 0           # of the reply to EHLO that comes
        self.ehlo_refused = False
        self.in_doubt = False     # which commands replies are to
        self.recipients_lost = 0  # refused where a chunk may follow

    def feed(self, direction, octet):
        """Judge one octet. Returns what is forwarded in its place, or None
        where it is a reset."""
        if self.reset_at is not None:
            return None
        self.at += 1
        if self.lost_at is not None:
            return octet
        if direction != self.client:
            forwarded = self.server_octet(octet)
        elif self.late:
            forwarded = octet
            self.late_octet(octet)
        elif self.waiting:
            return DROPPED
        elif self.condemned():
            forwarded = (DROPPED if self.withheld else
                         octet if octet in (CR, LF) else LARGE_X)
        else:
            forwarded = self.client_octet(octet)
        if direction == self.client:
            self.heard_at = self.at
        return octet if self.policy.monitor else forwarded

    def tell(self, *event):
        """Note that something happened with this octet."""
        self.events.append((self.at, *event))

    # Terms

    def reset(self, octet, reason, in_reply=False, whole=False):
        """The octet is a reset, or condemns the session. The end of a whole
        line, which is only one too many, passes then."""
        if self.reason is None:
            self.reason = reason
        if self.policy.monitor:
            self.lost_at = self.at
            return octet
        if not in_reply and not self.committed():
            self.reset_at = self.at
            return None
        self.condemned_at = self.at
        self.withheld = self.phase == self.chunk or (
            in_reply and self.in_chunk_line())
        self.waiting = None
        self.doom()
        return octet if in_reply or whole else LARGE_X

    def condemned(self):
        """Whether the session is."""
        return self.condemned_at is not None

    def doom(self):
        """A condemned session ends as soon as nothing is owed any more."""
        if self.doomed_after is None and not self.committed():
            self.doomed_after = self.at

    def opaque(self, octet):
        """Octets that are not looked at."""
        return octet

    def reading(self):
        """What a reply may change of how the client's octets are read."""
        return (self.phase, self.client, self.allowed(), self.must_wait(),
                self.reset_at, self.condemned_at, self.doomed_after,
                self.lost_at, self.errors_in_a_row, self.chunking,
                self.has_recipient(), self.recipients_lost, self.waiting)

    # Replies owed

    def next_owed(self):
        """What the next reply answers; None if none is owed."""
        while self.owed:
            first = self.owed[0]
            if first.replies is None:
                accepted = first.envelope.accepted if self.lmtp else 1
                first.replies = max(accepted, 1)
            if first.replies:
                return first
            self.owed.pop(0)
        return None

    def certain_owed(self):
        """The same, where it is certain before the reply's code is."""
        owed = self.next_owed()
        return None if owed and owed.answers in OPTIONAL else owed

    def owed_whatever(self):
        """What a positive reply answers."""
        self.next_owed()
        return next((owed for owed in self.owed
                     if owed.answers not in OPTIONAL and owed.replies != 0),
                    None)

    def owed_by(self, code):
        """What this reply answers; what was not answered will not be."""
        while True:
            owed = self.next_owed()
            if not owed or owed.answers not in OPTIONAL:
                break
            if code // 100 in OPTIONAL[owed.answers]:
                break
            self.owed.pop(0)
        if owed and owed.answers == "DATA" and 200 <= code < 300:
            return None
        if code == 354 and self.realigns():
            self.owed = self.owed[-1:]
            return self.owed[0]
        return owed

    def committed(self):
        """Section Commitment."""
        self.next_owed()
        return any(owed.answers == "end of data" for owed in self.owed)

    def owe(self, answers, refused=False):
        """One more reply is owed."""
        self.owed.append(Owed(answers, self.at, self.envelope, refused))

    def owe_end_of_data(self):
        """In LMTP one for each accepted recipient."""
        self.owed.append(Owed("end of data", self.at, self.envelope,
                              replies=None))

    def server_octet(self, octet):
        """An octet of the side that replies."""
        if self.phase == self.opaque and not self.late:
            return octet
        if self.phase == self.handshake:
            return self.handshake_answer(octet)
        if self.late and self.late.server(octet):
            self.late = None
            self.tell("tls")
            return octet
        return self.reply_text(octet)

    def reply_text(self, octet):
        """An octet of a reply line."""
        if octet != LF:
            self.reply_line += bytes([octet])
            return self.reply_octet(octet)
        line, self.reply_line = self.reply_line.replace(b"\r", b""), b""
        match = REPLY.fullmatch(line)
        if not match:
            self.tell("unexpected")
            return octet
        code, last = int(match[1]), match[2] != b"-"
        self.tell("reply", code, last)
        self.read_capability(line, code)
        self.reply_lines = 0 if last else self.reply_lines + 1
        if last:
            self.reply(octet, code, self.owed_whatever())
        return octet

    def read_capability(self, line, code):
        """What the reply to EHLO announces: section Sizes."""
        if not self.reply_lines:
            self.announced = 0
            self.offered = False
            self.offers = 0
        owed = self.owed_whatever()
        if (owed and owed.answers in ("EHLO", "LHLO") and self.reply_lines
                and 200 <= code < 300):
            match = SIZE_KEYWORD.fullmatch(line)
            if re.match(rb"....SIZE[ \t]", line, re.IGNORECASE):
                self.announced = message_size(match[1]) if match else 0
            name = re.match(rb"[^ \t=]*", line[4:])[0].upper()
            if name == b"CHUNKING" and "CHUNKING" in self.policy.capabilities:
                self.offered = True
            self.offers |= OFFERS.get(name, 0)

    def reply(self, octet, code, certain):
        """The last line of a reply has come."""
        if self.late:
            self.late_reply(code)
            return
        owed = self.owed_by(code)
        if owed:
            owed.replies -= 1
            self.in_doubt = ((self.in_doubt or owed.answers in OPTIONAL) and (
                self.next_owed() is not None or
                (self.phase == self.command and bool(self.line.octets))))
        elif code != 421 and (not self.resynced or self.phase in (
                self.exchange, self.message, self.chunk)):
            self.tell("unexpected")
            self.in_doubt = True
        if owed and owed is certain and not self.in_doubt:
            self.note_offers(owed, 200 <= code < 300)
        is_denied = self.denies_chunk(owed, code)
        if owed and owed.answers in ("BDAT", "end of data"):
            self.note_chunk(owed, code)
        if owed and owed.answers == "end of data" and code == 353:
            self.owed.insert(0, Owed("end of data", owed.at, owed.envelope,
                                     replies=owed.envelope.accepted + 1))
        elif owed and owed.answers == "end of data" and not owed.replies:
            owed.envelope.accepted = 0
        if owed and owed.answers == "RCPT over" and 200 <= code < 300:
            owed.envelope.accepted += 1
        if owed and owed.answers == "RCPT":
            if 200 <= code < 300:
                owed.envelope.accepted += 1
            elif self.chunking:
                self.recipients_lost += 1
        if self.condemned():
            self.doom()
            return
        self.next_phase(octet, owed, code)
        if is_denied:
            self.reset(octet, "chunk denied", in_reply=True)
        if not self.condemned():
            self.wait_no_more(octet)
        self.look_for_desync(octet, owed, code)

    def note_offers(self, owed, good):
        """Whoever refuses EHLO and takes HELO offers nothing."""
        if owed.answers == "EHLO":
            self.ehlo_refused = not good
        if good and (owed.answers in ("EHLO", "LHLO") or
                     owed.answers == "HELO" and self.ehlo_refused):
            self.tell("offers", self.offers)

    def wait_no_more(self, octet):
        """Whether the reply was what the client's octets were held back for."""
        if self.waiting == "end of data" and not self.committed():
            self.waiting = None
        elif self.waiting == "EHLO":
            self.waiting = None
            self.judge_chunk(octet, in_reply=True)

    def next_phase(self, octet, owed, code):
        """The table of section Replies owed."""
        answers = owed.answers if owed else None
        good = 200 <= code < 300
        if answers in OPENS_MAIL and not good:
            owed.envelope.is_open = False
        if answers in OPENS_MAIL and good and not any(
                other.answers in OPENS_MAIL and other.replies
                for other in self.owed):
            self.seven_bits = self.mail_said_seven
        if answers in HELLO and good:
            self.limit = self.announced
            self.chunking = self.offered
            self.resynced = False
        if answers == "LHLO" and good:
            self.lmtp = True
        elif answers == "XCLIENT" and code == 220:
            self.enter(octet, owed, self.new_session)
        elif answers in ("ATRN", "TURN") and good:
            self.enter(octet, owed, self.turn)
        elif code == 354 and not owed and self.resynced:
            self.enter_unseen(octet)
        elif code == 354 and answers != "DATA":
            self.reset(octet, "354 to no DATA", in_reply=True)
        elif code == 354:
            self.enter(octet, owed, self.begin_message)
        elif answers == "extra" and code // 100 == 3:
            self.reset(octet, "extra", in_reply=True)
        elif answers in AUTHENTICATES and code == 334:
            self.enter(octet, owed, self.begin_exchange)
        elif (answers in AUTHENTICATES and good and self.layered
              and self.heard_at == owed.at):
            self.layer_at = owed.at
        elif answers in STARTS_TLS and code == 220:
            self.enter(octet, owed, self.begin_tls)

    def realigns(self):
        """Whether a 354 is the reply to the last command, though that to
        another one may be due."""
        left = [owed.answers for owed in self.owed if owed.replies != 0]
        return (left.count("DATA") == 1 and left[-1] == "DATA"
                and not MUST_BE_ANSWERED & set(left))

    def enter(self, octet, owed, begin):
        """The client must have been silent since the command."""
        if self.heard_at == owed.at:
            begin()
            return
        self.tell("sync")
        self.reset(octet, "sync", in_reply=True)

    def enter_unseen(self, octet):
        """As the above, for a DATA that came before it was picked up."""
        if self.phase == self.command and not self.line.octets:
            self.begin_message()
            return
        self.tell("sync")
        self.reset(octet, "sync", in_reply=True)

    # Sessions picked up late

    def late_octet(self, octet):
        """An octet of the client's."""
        found = self.late.client(octet, self.reply_line or self.reply_lines)
        if not found:
            return
        self.late = None
        self.resynced = True
        self.phase = self.command
        self.take(found)

    def late_reply(self, code):
        """A reply of which it is not known what it answers."""
        verb, follows = self.late.reply(code)
        good = 200 <= code < 300
        if verb in OPENS_MAIL:
            self.envelope = Envelope()
        if verb == "RCPT" and good:
            self.envelope.accepted += 1
        if verb in HELLO and good:
            self.lmtp = verb == "LHLO"
        if not follows:
            return
        late, self.late = self.late, None
        self.resynced = True
        self.phase = self.command
        if follows == "message":
            self.line_ends = self.own_line_ends() & set(late.line_ends)
            self.begin_message()
        elif follows == "exchange":
            self.layered = True
            self.begin_exchange()

    def turn(self):
        """Client and server change places."""
        self.client = SERVER if self.client == CLIENT else CLIENT
        self.new_session()
        self.owed = [Owed("greeting", self.at)]

    def look_for_desync(self, octet, owed, code):
        """Section Desynchronisation."""
        if self.condemned():
            return
        if not owed:
            if (self.phase in (self.exchange, self.message)
                    and 200 <= code < 300):
                self.desync(octet)
            if (self.phase == self.exchange and not self.condemned()
                    and code != 421 and not 300 <= code < 400):
                self.leave_exchange()
            elif (not self.condemned()
                  and self.phase == self.message and code != 421
                  and 400 <= code < 600):
                self.broken_off = True
                self.command_text = b""
                self.after_cr = self.text.endswith(b"\r")
                self.mid_line = not re.search(rb"(\A|[\r\n])\0*\Z",
                                              self.text)
            return
        if owed.answers in OPTIONAL or owed.refused or owed.answers in ("greeting", "end of data"):
            return
        if code not in (500, 502) or not self.messages:
            self.errors_in_a_row = 0
            return
        self.errors_in_a_row += 1
        if self.errors_in_a_row == ROW_OF_ERRORS:
            self.errors_in_a_row = 0
            self.desync(octet)

    def desync(self, octet):
        """The server took for an end of data what was none."""
        self.tell("desync")
        if self.policy.desync == "reset":
            self.reset(octet, "desync", in_reply=True)

    # Greeting, EHLO

    def reply_octet(self, octet):
        """An octet of a reply line, which is the last of reply_line."""
        line = self.reply_line
        header = REPLY.fullmatch(line[:4])
        owed = self.owed_whatever()
        if (owed and owed.answers == "RCPT over" and octet == ord("5")
                and (len(line) == 1 or (len(line) == 5 and header
                                        and header[1][:1] == b"5"))):
            return ord("4")
        if (octet == CR or len(line) <= 4 or not header or not owed
                or self.condemned()):
            return octet
        code, text = int(header[1]), line[4:]
        if self.policy.greeting == "mask" and (
                owed.answers == "greeting"
                or (owed.answers == "XCLIENT" and code == 220)):
            return self.greeting_octet(text, octet)
        if (owed.answers in ("EHLO", "LHLO") and 200 <= code < 300
                and self.reply_lines):
            return self.capability_octet(text, octet)
        return octet

    def greeting_octet(self, text, octet):
        """The last octet of text, of a greeting that is to be masked."""
        if "EHLO" not in self.policy.verbs:
            keep = octet in b"20" or (octet in BLANKS
                                      and text[-2:-1] == b"0")
            return octet if keep else STAR
        word = re.split(rb"[ \t]", text)[-1]
        return octet if b"ESMTP".startswith(word) else SMALL_X

    def capability_octet(self, text, octet):
        """The last octet of text, of a line that names a capability."""
        name = re.match(rb"[^ \t=]*", text)[0]
        if len(name) == len(text):
            keep = is_prefix(name, self.policy.capabilities)
        elif not is_one_of(name, self.policy.capabilities):
            keep = False
        elif is_one_of(name, AUTHENTICATES) and len(text) > len(name) + 1:
            keep = self.keeps_mechanism(text[len(name) + 1:])
        else:
            keep = True
        return octet if keep else LARGE_X

    def keeps_mechanism(self, text):
        """Whether the last octet of a list of mechanisms passes."""
        if self.policy.any_mechanism:
            return True
        if text[-1] in BLANKS:
            word = re.split(rb"[ \t]", text)[-2]
            return (not is_prefix(word, self.policy.auth_mechanisms)
                    or not word
                    or is_one_of(word, self.policy.auth_mechanisms))
        word = re.split(rb"[ \t]", text)[-1]
        return is_prefix(word, self.policy.auth_mechanisms)

    # Pipelining

    def must_wait(self):
        """Whether the client has to be silent."""
        return self.policy.pipelining == "reset" and any(
            owed.answers in SYNC_POINTS and owed.replies
            for owed in self.owed)

    def client_octet(self, octet):
        """An octet of the side that commands."""
        if self.phase != self.proxy and self.must_wait():
            self.tell("sync")
            return self.reset(octet, "pipelining")
        return self.phase(octet)

    # PROXY

    def proxy(self, octet):
        """The client's first octets: a header, or the first command."""
        self.header += bytes([octet])
        header = self.header
        if PROXY_LINE.startswith(header[:5]) and len(header) <= PROXY_LINE_MAX:
            if octet == LF:
                self.phase = self.command
                self.tell("command", "PROXY", False)
            return octet
        if PROXY_SIGNATURE.startswith(header[:12]):
            wanted = 16
            if len(header) >= wanted:
                wanted += int.from_bytes(header[14:16], "big")
            if len(header) == wanted:
                self.phase = self.command
            return octet
        self.phase = self.command
        if header[0] == CR:
            return self.reset(octet, "not SMTP")
        for octet in header:
            forwarded = self.client_octet(octet)
            if self.reset_at is not None or self.condemned():
                break
        return forwarded

    # Command lines

    def allowed(self):
        """The verbs that are allowed just now."""
        verbs = set(self.policy.verbs)
        if self.policy.command_order != "refuse" or self.resynced:
            return verbs
        if not self.hello or self.envelope.is_open:
            verbs -= {"MAIL"}
        if not self.envelope.is_open:
            verbs -= {"RCPT", "DATA", "BURL"}
        return verbs

    def command(self, octet):
        """An octet of a command line."""
        line = self.line
        if octet == NUL and self.layer_at == self.heard_at:
            if self.policy.security_layers == "refuse":
                return self.reset(octet, "security layer")
            self.phase = self.opaque
            return octet
        if octet == LF:
            return self.newline(octet)
        if not line.octets and octet == HANDSHAKE:
            return self.reset(octet, "not SMTP")
        line.octets += bytes([octet])
        if line.octets == b"SSH-":
            return self.reset(octet, "not SMTP")
        if line.chunk:
            return self.chunk_line(octet)
        if octet == CR:
            return self.carriage_return(octet)
        if line.after_cr:
            line.after_cr = False
            line.masked = line.refused = True
            line.filler = LARGE_X
        elif not line.verb_over and octet in BLANKS:
            return self.end_verb(octet)
        elif not line.verb_over:
            self.walk_verb(octet)
        elif not line.masked:
            self.argument(octet)
        return self.mask_if_refused(octet)

    def carriage_return(self, octet):
        """The end of the line's text, or a CR that stands alone."""
        line = self.line
        after_cr, line.after_cr = line.after_cr, True
        if not line.verb_over:
            return self.end_verb(octet)
        return octet if after_cr else self.end_argument(octet)

    def end_argument(self, octet):
        """What has passed is a domain or mechanism that is not allowed."""
        line = self.line
        if line.judge and not line.masked and line.judge.refuses_end():
            return self.reset(octet, "argument")
        return octet

    def mask_if_refused(self, octet):
        """What becomes of an octet other than CR and LF."""
        if not self.line.masked:
            return octet
        if self.policy.refuse == "reset":
            return self.reset(octet, "refused")
        return self.line.filler

    def walk_verb(self, octet):
        """1. Verb."""
        line = self.line
        line.verb += bytes([octet])
        if not is_prefix(line.verb, self.allowed() | UNMASKABLE):
            line.masked = line.refused = line.verb_refused = True

    def end_verb(self, octet):
        """The blank, CR or LF behind the verb."""
        line = self.line
        line.verb_over = True
        verb = line.verb.decode("latin-1").upper()
        is_allowed = verb in self.allowed()
        if verb in NOT_SMTP:
            return self.reset(octet, "not SMTP")
        if verb in UNMASKABLE and not is_allowed:
            return self.reset(octet, "unmaskable")
        if verb == "BDAT":
            line.chunk = Chunk()
            return self.begin_chunk_line(octet)
        if octet in (CR, LF):
            return octet
        if not is_allowed:
            line.masked = line.refused = line.verb_refused = True
        elif verb in AUTHENTICATES:
            line.judge = Mechanism(self.policy)
        elif verb == "RCPT" and 0 < self.policy.max_recipients <= (
                self.envelope.recipients):
            line.over = True
        elif verb in OPENS_MAIL or verb == "RCPT":
            line.judge = Path(self.policy, verb == "RCPT")
        return self.mask_if_refused(octet)

    def argument(self, octet):
        """6. NUL, 7. Length, 8. Paths, 9. Recipients, 11. AUTH."""
        line = self.line
        if line.over and not TO.fullmatch(line.octets):
            line.masked = line.refused = line.put_off = True
            line.filler = BLANK
            return
        limit = self.policy.max_command_line
        if line.name() in AUTHENTICATES:
            limit = max(limit, AUTH_LINE_MAX)
        if (octet == NUL or (octet > 0x7f and not self.policy.utf8
                             and line.name() in NAMES)
                or len(line.octets.replace(b"\r", b"")) + 2 > limit
                or (line.judge and line.judge.refuses(octet))):
            line.masked = line.refused = True

    def newline(self, octet):
        """LF: the end of the line, or 5. Bare LF."""
        line = self.line
        if line.chunk:
            return self.chunk_line(octet)
        if not line.after_cr and self.policy.bare_newline == "reset":
            return self.reset(octet, "bare newline")
        if line.verb.upper() == b"BDAT":
            return self.end_verb(octet)
        if not line.after_cr and self.policy.bare_newline == "defang":
            return self.defanged_newline(octet)
        if not line.verb_over:
            forwarded = self.end_verb(octet)
            if self.reset_at is not None or self.condemned():
                return forwarded
        elif not line.after_cr:
            forwarded = self.end_argument(octet)
            if self.reset_at is not None or self.condemned():
                return forwarded
        return self.end_command(octet)

    def defanged_newline(self, octet):
        """The line goes on as if a blank had come."""
        line = self.line
        was_masked = line.masked
        line.octets += b" "
        if not line.verb_over:
            self.end_verb(BLANK)
        elif not line.masked:
            self.argument(BLANK)
        if self.reset_at is not None:
            return None
        if self.condemned():
            return octet
        return line.filler if was_masked else BLANK

    def end_command(self, octet):
        """The line is whole."""
        line = self.line
        verb = line.name()
        is_empty = not line.octets.strip(b"\r")
        if verb == "DATA":
            ending = re.search(rb"\r*\Z", line.octets)[0] + b"\n"
            self.line_ends = self.own_line_ends() & {ending}
        self.line = Line()
        self.tell("command", verb, line.refused)
        if verb in AUTHENTICATES and not line.verb_refused:
            self.auth_refused = line.refused
        if verb in OPENS_MAIL:
            self.mail_said_seven = SEVEN_BITS.search(line.octets) is not None
            self.seven_bits = self.seven_bits or self.mail_said_seven
        if line.put_off:
            self.envelope.is_named = True
            self.owe("RCPT over", refused=True)
            return octet
        is_extra = is_one_of(line.verb, self.policy.verbs - KNOWN_VERBS)
        if line.refused:
            if is_extra and not line.verb_refused:
                self.owe("extra")
            elif line.verb_refused or verb == "unknown":
                self.owe("refused", refused=True)
            else:
                self.take(verb, refused=True)
            self.refused += 1
            if 0 < self.policy.max_refused < self.refused:
                return self.reset(octet, "too many refused", whole=True)
            return octet
        if is_extra:
            self.owe("extra")
            return octet
        if verb == "MAIL" and 0 < self.policy.max_messages <= self.messages:
            return self.reset(octet, "too many messages", whole=True)
        if is_empty:
            self.owe("empty")
        else:
            self.take(verb, line.judge)
        if verb in AUTHENTICATES:
            self.layered = line.judge is not None and is_one_of(
                line.judge.word, LAYERED)
        return octet

    def take(self, verb, judge=None, refused=False):
        """A command line has passed, or at least its verb."""
        if verb in OPENS_MAIL or verb in HELLO or verb == "RSET":
            self.in_chunks = False
            self.envelope.is_named = False
        if verb in OPENS_MAIL:
            before = self.envelope
            self.envelope = Envelope(is_open=True)
            if refused:
                self.envelope.declared = before.declared
                self.envelope.recipients = before.recipients
            if judge:
                self.envelope.declared = judge.declared()
        elif verb in HELLO:
            self.hello = True
        if verb in HELLO or verb == "RSET":
            self.envelope.is_open = False
        if verb == "RCPT":
            self.envelope.is_named = True
            self.envelope.recipients += not refused
        self.owe(verb, refused and verb not in CHANGES_STATE)

    # Chunks

    def begin_chunk_line(self, octet):
        """The octet behind BDAT."""
        if octet == BLANK:
            forwarded = self.judge_chunk(octet)
            if self.reset_at is not None or self.condemned():
                return forwarded
        return self.chunk_line(octet)

    def judge_chunk(self, octet, in_reply=False):
        """Whether a chunk may follow, or must wait."""
        owed = {owed.answers for owed in self.owed
                if owed.replies != 0} & BDAT_WAITS_FOR
        if (owed and not owed - HELLO and not self.in_doubt
                and not self.policy.monitor):
            self.waiting = "EHLO"
        elif owed or self.in_doubt:
            self.tell("sync")
            return self.reset(octet, "chunk that does not wait", in_reply)
        elif not (self.chunking and self.has_recipient()):
            return self.reset(octet, "chunk for nobody", in_reply)
        return octet

    def has_recipient(self):
        """Whether a RCPT of this mail was accepted, or is not answered."""
        envelope = self.envelope
        if not envelope.is_named:
            return False
        return bool(envelope.accepted) or any(
            owed.envelope is envelope and owed.replies != 0
            and owed.answers in OPENS_MAIL | {"RCPT"} for owed in self.owed)

    def in_chunk_line(self):
        """Whether the line under way is that of a BDAT."""
        return self.phase == self.command and self.line.chunk is not None

    def denies_chunk(self, owed, code):
        """Whether a reply shows that the octets to come of a chunk are
        commands to the server."""
        if self.phase != self.chunk and not self.in_chunk_line():
            return False
        if not owed:
            return code != 421
        return (owed.answers in ("BDAT", "end of data")
                and self.denies_chunks(owed, code))

    def denies_chunks(self, owed, code):
        """Whether a server that says this to a chunk does not take it."""
        return code in DENIALS or (
            code in DENIALS_WITH_RECIPIENT and bool(owed.envelope.accepted)
            and not owed.envelope.chunk_failed)

    def note_chunk(self, owed, code):
        """The reply to a BDAT."""
        if self.denies_chunks(owed, code):
            self.chunking = False
        if owed.answers == "BDAT" and 400 <= code < 600:
            owed.envelope.chunk_failed = True

    def chunk_line(self, octet):
        """An octet of a BDAT line behind the verb."""
        line = self.line
        if octet == LF and line.after_cr:
            return self.chunk_begin(octet)
        if octet == CR and line.chunk.is_whole() and not line.after_cr:
            line.after_cr = True
            return octet
        if line.after_cr or not line.chunk.takes(octet):
            return self.reset(octet, "chunk")
        return octet

    def chunk_begin(self, octet):
        """The BDAT line is whole."""
        self.chunk_left, self.chunk_last = self.line.chunk.parsed()
        self.line = Line()
        self.tell("command", "BDAT", False)
        if not self.in_chunks:
            self.tell("begin")
            self.size = 0
        self.in_chunks = True
        if self.chunk_last:
            self.owe_end_of_data()
        else:
            self.owe("BDAT")
        self.phase = self.chunk
        if not self.chunk_left:
            self.chunk_end()
        return octet

    def chunk(self, octet):
        """An octet of the chunk."""
        self.chunk_left -= 1
        self.size += 1
        if not self.chunk_left:
            self.chunk_end()
        return octet

    def chunk_end(self):
        """Behind it is a command line."""
        self.phase = self.command
        if self.chunk_last:
            self.end_of_data()

    def end_of_data(self):
        """The end of a message, of either kind."""
        self.in_chunks = False
        self.envelope.is_named = False
        declared = self.envelope.declared
        self.tell("message", self.size, "of", declared, "in", self.limit)
        if 0 < declared < self.size:
            self.tell("over_declared")
        if 0 < self.limit < self.size:
            self.tell("over_limit")
        self.messages += 1
        self.envelope.is_open = False

    # AUTH

    def begin_exchange(self):
        """A 334 has asked for a line."""
        self.phase = self.exchange
        self.response = bytearray()
        self.response_refused = self.auth_refused

    def leave_exchange(self):
        """The server reads no line of it any more."""
        if self.response or self.response_refused:
            self.response_refused = True
        else:
            self.phase = self.command

    def exchange(self, octet):
        """An octet of that line."""
        if octet == LF:
            self.tell("secret")
            self.owe("AUTH")
            self.phase = self.command
            return octet
        line = self.response
        line.append(octet)
        if octet == CR:
            return octet
        alone = len(line) == 1 and octet == STAR
        follows = octet in BASE64 and line[-2:-1] not in (b"*", b"\r")
        if (not (alone or follows) or len(line) > EXCHANGE_LINE_MAX):
            self.response_refused = True
        if not self.response_refused:
            return octet
        if self.policy.refuse == "reset":
            return self.reset(octet, "response")
        return STAR

    # Messages

    def begin_message(self):
        """A 354 has asked for a message. What counts of what was forwarded
        is what could belong to an end of data; the begin is a line's."""
        self.tell("begin")
        self.phase = self.message
        self.tail = b"\r\n"
        self.text = bytearray()
        self.line_length = 0
        self.counted = 0          # octets that do not only quote a dot
        self.header_is_open = True
        self.too_long = False
        self.broken_off = False
        self.own_text = b""

    def message(self, octet):
        """An octet of a message."""
        self.measure(octet)
        holds = False
        if self.line_ends:
            self.own_text += bytes([octet])
            end = self.own_end()
            if end:
                self.text += bytes([octet])
                self.phase = self.command
                if self.broken_off:
                    self.owe("broken off")
                else:
                    self.owe_end_of_data()
                self.size = self.unquoted_size(b"." + end)
                self.end_of_data()
                if not self.policy.monitor and not self.broken_off:
                    self.waiting = "end of data"
                return octet
            holds = bool(self.line_ends) and re.fullmatch(
                rb"(?:[^\r\n\0]*\r\r\n)*\.\r\r", self.own_text)
            if holds:
                self.tail += bytes([octet])
            elif self.tail.endswith(b"\r\n.\r\r"):
                return self.ambiguous(octet, defang=False)
        forwarded = octet if holds else self.message_octet(octet)
        # a client is known by what it has said, a line by what is read
        if self.line_ends and forwarded is not None and not self.policy.monitor:
            self.own_text = self.own_text[:-1] + bytes([forwarded])
        if forwarded is not None:
            self.text += bytes([forwarded])
            self.line_length = 0 if forwarded == LF else self.line_length + 1
        if forwarded == LF and (
                self.text.endswith(b"\r\n\r\n") or self.text == b"\r\n"
                or b"\r" not in self.text and (
                    self.text.endswith(b"\n\n") or self.text == b"\n")):
            self.header_is_open = False
        if (self.header_is_open and self.policy.max_header
                and self.phase == self.message
                and len(self.text) == self.policy.max_header * 1024):
            self.tell("long_header")
        if self.phase == self.command:
            self.size = self.unquoted_size()
            self.end_of_data()
        return forwarded

    def measure(self, octet):
        """Section *Messages that are too long*, of the next octet."""
        begins_line = not self.text or self.text.endswith(b"\r\n")
        self.counted += not (octet == DOT and begins_line)
        if 0 < self.limit < self.counted:
            self.too_long = True
        if (self.header_is_open and self.policy.max_header
                and len(self.text) == self.policy.max_header * 1024):
            self.too_long = True

    def own_line_ends(self):
        """The line ends that a client may have in place of CRLF."""
        return set(OWN_LINE_ENDS if self.policy.bare_newline == "accept"
                   and self.policy.end_of_data != "accept" else ())

    def own_end(self):
        """The line end of a line of one dot, if that and all lines and DATA
        ended so."""
        for end in set(self.line_ends):
            crs = rb"\r{0,2}" if b"\r" in end else b""
            if not re.fullmatch(
                    rb"(?:[^\r\n\0]*" + end + rb")*[^\r\n\0]*" + crs,
                    self.own_text):
                self.line_ends.remove(end)
        return next((end for end in self.line_ends
                     if (b"\n" + self.own_text).endswith(b"\n." + end)), None)

    def unquoted_size(self, last=b".\r\n"):
        """The size of the message, section Sizes."""
        lines = self.text[:-len(last)].split(b"\r\n")
        return len(b"\r\n".join(line[line.startswith(b"."):]
                                for line in lines))

    def message_octet(self, octet):
        """The octet that is forwarded in its place."""
        if (self.broken_off and not self.tail.endswith(b"\r\n.\r")
                and self.is_command_text(octet)):
            self.tail = b""
            return LARGE_X
        before, self.tail = self.tail, self.tail + bytes([octet])
        if self.tail.endswith(b"\r\n.\r\n"):
            self.phase = self.command
            if self.broken_off:
                self.owe("broken off")
            else:
                self.owe_end_of_data()
            return octet
        bare_lf = octet == LF and not before.endswith(b"\r")
        bare_cr = octet != LF and before.endswith(b"\r")
        if self.policy.bare_newline == "reset" and (bare_lf or bare_cr):
            return self.reset(octet, "bare newline")
        if before.endswith(b"\r\n.\r"):
            return self.ambiguous(octet, defang=False)
        seen = self.seen(self.tail)
        if LAX_END.search(seen) and not self.tail.endswith(b"\r\n.\r"):
            return self.ambiguous(octet, defang=True)
        if bare_lf and self.policy.bare_newline == "defang":
            self.tail = b""
            return BLANK
        whole = self.policy.max_whole_line * 1024
        too_long = self.too_long or 0 < whole <= self.line_length
        if (too_long and self.seen(self.text[-1:]) == b"."
                and seen[-1] in (CR, LF, NUL)
                and not self.tail.endswith(b"\r\n.\r")
                and self.policy.end_of_data != "accept"):
            self.tail = b""
            return BLANK
        if seen[-1] not in (CR, LF, NUL, DOT):
            self.tail = b""
        return octet

    def seen(self, octets):
        """What a server reads, *Seven bits*."""
        if not self.seven_bits:
            return octets
        return bytes(octet & 0x7f for octet in octets)

    def is_command_text(self, octet):
        """Whether this octet of a message broken off makes its line a command,
        or is behind one that did, or a CR, or on the line that the reply came
        in."""
        if octet == LF:
            self.command_text = b""
            self.mid_line = self.after_cr = False
            return False
        if octet == CR:
            self.after_cr = True
            return False
        if self.after_cr:
            self.mid_line = True
        words_known = KNOWN_VERBS | NOT_SMTP | {"SSH-"}
        if self.mid_line or is_one_of(self.command_text, words_known):
            return True
        if octet != NUL and (self.command_text or octet > BLANK):
            self.command_text += bytes([octet])
        return is_one_of(self.command_text, words_known)

    def ambiguous(self, octet, defang):
        """An ambiguous end of data is complete."""
        self.tell("ambiguous")
        if self.policy.end_of_data == "accept":
            if self.seen(self.tail)[-1] not in (CR, LF, NUL, DOT):
                self.tail = b""
            return octet
        if self.policy.end_of_data == "reset" or not defang:
            return self.reset(octet, "end of data")
        self.tail = b""
        return BLANK

    # TLS

    def begin_tls(self, in_clear=True):
        """Only records of a handshake may follow."""
        self.phase = self.handshake
        self.tls = Handshake()
        self.may_decline = in_clear

    def handshake(self, octet):
        """An octet of the client's before the server's hello."""
        if not self.tls.client_may_say(octet):
            return self.reset(octet, "not TLS")
        return octet

    def handshake_answer(self, octet):
        """An octet of the server's. None if it is not one of a handshake."""
        tls = self.tls
        if (self.may_decline and octet in b"2345" and tls.client
                and not set(tls.client) & {CR, LF} and tls.server_is_whole()):
            self.phase = self.command
            self.owe("handshake")
            return self.reply_text(octet)
        if not tls.server_may_say(octet):
            return self.reset(octet, "not TLS")
        if tls.is_answered():
            self.tell("tls")
            self.phase = self.opaque
        return octet
