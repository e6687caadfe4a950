"""A mail server on this machine: takes what is sent to it, keeps it, and fails when told to (RFC 5321)."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

SENDER = "Koi <koi@example.com>"


@dataclass
class MailServer:
    """What came, in order; `answers`: for the next RCPT and for the end of the next DATA (0: hang up after it)."""

    url: str = ""
    came: list[EmailMessage] = field(default_factory=list)
    rcpt_answers: list[int] = field(default_factory=list)
    data_answers: list[int] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            word = line.split(b":")[0].strip().upper()
            if word == b"DATA":
                if not self._take():
                    return
            elif word == b"RCPT TO":
                self._say(f"{_next(self._there.rcpt_answers)} so")
            else:
                self._say("221 bye" if word == b"QUIT" else "250 so")

    @property
    def _there(self) -> MailServer:
        assert isinstance(self.server, _Listener)
        return self.server.there

    def _take(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        answer = _next(self._there.data_answers)
        if answer in (0, 250):
            message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self._there.came.append(message)
        if answer:
            self._say(f"{answer} so")
        return bool(answer)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, there: MailServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.there = there


def _next(answers: list[int]) -> int:
    return answers.pop(0) if answers else 250


@contextmanager
def running() -> Iterator[MailServer]:
    """The server on a free port."""
    there = MailServer()
    listener = _Listener(there)
    there.url = f"smtp://127.0.0.1:{listener.server_address[1]}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
