# SPDX-License-Identifier: GPL-2.0
"""A server that keeps what it is sent, and clients that send messages until
they are told to stop, each until the server says that it has it."""

import asyncio
import hashlib
import random

# Nobody waits for an answer that never comes: a lost segment, and the module
# away for a while, delay one by less than this.
PATIENCE = 120
GREETING = b"220 mail.example.org ESMTP\r\n"
REPLIES = {b"EHLO": b"250-mail.example.org\r\n250-SIZE\r\n250-XEXCH50\r\n"
                    b"250 PIPELINING\r\n",
           b"QUIT": b"221 Bye\r\n"}


class Server:
    """Keeps the digest of every message, by the number in its first line."""

    def __init__(self):
        self.messages = {}
        self._server = None
        self._writers = set()

    async def start(self, sock):
        """Listen."""
        self._server = await asyncio.start_server(self._serve, sock=sock)

    def stop(self):
        """Take no more sessions, and end those that clients have left without
        a word."""
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        try:
            writer.write(GREETING)
            while await self._command(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _command(self, reader, writer):
        line = await reader.readuntil(b"\n")
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 Go on\r\n")
            await self._message(reader)
        writer.write(REPLIES.get(verb, b"250 Ok\r\n"))
        await writer.drain()
        return verb != b"QUIT"

    async def _message(self, reader):
        lines = []
        while True:
            line = await reader.readuntil(b"\n")
            if line == b".\r\n" and (not lines or lines[-1][-2:] == b"\r\n"):
                break
            lines.append(line)
        number = int(lines[0])
        self.messages.setdefault(number, []).append(digest(b"".join(lines)))


def digest(message):
    """What a message must still have when it has arrived."""
    return hashlib.sha256(message).hexdigest()


class Senders:
    """Clients, and what the server has said to have of theirs."""

    patience = PATIENCE
    # What breaks a session off.
    breaks = (ConnectionError, asyncio.IncompleteReadError)

    def __init__(self, connect, seed):
        self.sent = {}
        self.accepted = set()
        self.sessions = 0
        self.broken = 0
        self.problem = None
        self._connect = connect
        self._random = random.Random(seed)
        self._numbers = 0
        self._stopped = False

    def stop(self):
        """Each ends with the message that it has in hand."""
        self._stopped = True

    async def run(self):
        """One client: many sessions, each with some messages."""
        try:
            message = None
            while not self._stopped or message:
                message = await self._session(message)
        except Exception as problem:  # told by who waits for the end
            self.problem = self.problem or problem
            raise

    def _message(self):
        """Lines of a message of up to 200 kB."""
        self._numbers += 1
        size = int(200000 ** self._random.random())
        lines = [b"%d\r\n" % self._numbers]
        while size > 0:
            length = min(size, self._random.randrange(1, 200))
            lines.append(b"x" * length + b"\r\n")
            size -= length
        return self._numbers, b"".join(lines)

    async def _session(self, message):
        """What was not accepted when the session broke off, or None."""
        self.sessions += 1
        try:
            reader, writer = await self._wait(self._connect())
        except (OSError, asyncio.TimeoutError):
            return await self._no_session(message)
        try:
            await self._expect(reader, b"220")
        except (*self.breaks, asyncio.TimeoutError):
            # a server gives a handshake up whose last packet never came
            writer.close()
            return await self._no_session(message)
        try:
            await self._say(reader, writer, b"EHLO a\r\n", b"250")
            for _ in range(self._random.randrange(1, 5)):
                if not message and self._stopped:
                    break
                message = message or self._message()
                await self._send(reader, writer, *message)
                message = None
            await self._say(reader, writer, b"QUIT\r\n", b"221")
        except self.breaks:
            self.broken += 1
        finally:
            writer.close()
        return message

    async def _no_session(self, message):
        """The message is for the next one."""
        self.broken += 1
        await asyncio.sleep(0.1)
        return message

    async def _send(self, reader, writer, number, text):
        self.sent[number] = digest(text)
        await self._say(reader, writer,
                        b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n", b"250")
        await self._expect(reader, b"250")
        await self._say(reader, writer, b"DATA\r\n", b"354")
        place = 0
        while place < len(text):
            step = int(20000 ** self._random.random())
            writer.write(text[place:place + step])
            place += step
            await self._wait(writer.drain())
        cut = self._random.randrange(4)
        end = b".\r\n"
        writer.write(end[:cut])
        await asyncio.sleep(0)
        await self._say(reader, writer, end[cut:], b"250")
        self.accepted.add(number)

    async def _say(self, reader, writer, octets, code):
        """Send something; the next reply must have this code."""
        writer.write(octets)
        await self._wait(writer.drain())
        await self._expect(reader, code)

    async def _expect(self, reader, code):
        """The next reply must have this code."""
        while True:
            line = await self._wait(reader.readuntil(b"\n"))
            if line[3:4] != b"-":
                break
        if not line.startswith(code):
            raise AssertionError(f"{line!r}, not {code!r}")

    async def _wait(self, what):
        return await asyncio.wait_for(what, self.patience)


class Impatient(Senders):
    """Clients by a way that does not last. Whose address the router has no
    more hears nothing from the server: he sends again what may have arrived."""

    patience = 3
    breaks = (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError)
