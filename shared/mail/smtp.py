"""The way out: a mail server, or a file where none is named. Nothing here logs an address or a message's words."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import unquote, urlsplit

from shared.mail.addresses import mask
from shared.mail.send import Mail
from shared.platform.settings import MAIL_LOG, WorkerSettings

_TIMEOUT_S = 10.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
State = Literal["sent", "again", "failed", "uncertain"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try. `again`: the server does not have it and may take it another time."""

    state: State
    said: dict[str, Any] = field(default_factory=dict)


class Line(Protocol):
    """An open way out. Never raises: what goes wrong is an answer."""

    def send(self, mail: Mail, *, key: str, now: datetime) -> Answer:
        """Hand one e-mail over; `key` makes its Message-ID."""


class Server:
    """A mail server by `smtp://user:password@host:587` (STARTTLS where it is offered) or `smtps://host:465`."""

    def __init__(self, url: str, sender: str, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._timeout_s = timeout_s

    @contextmanager
    def line(self) -> Iterator[Line]:
        """One connection for a batch; where none can be made every message has to wait."""
        try:
            link = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            yield _NoLine(Answer("again", _said(error)))
            return
        try:
            yield _SmtpLine(link, self._sender)
        finally:
            link.close()

    def _connect(self) -> smtplib.SMTP:
        host, secure = self._url.hostname or "", self._url.scheme == "smtps"
        port = self._url.port or (465 if secure else 587)
        if secure:
            context = ssl.create_default_context()
            link: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self._timeout_s, context=context)
        else:
            link = smtplib.SMTP(host, port, timeout=self._timeout_s)
            link.ehlo()
            if link.has_extn("starttls"):
                link.starttls(context=ssl.create_default_context())
                link.ehlo()
            elif self._url.username and host not in _LOOPBACK:
                link.close()
                raise smtplib.SMTPNotSupportedError("a password is not sent in plain")
        if self._url.username:
            link.login(unquote(self._url.username), unquote(self._url.password or ""))
        return link


class LogFile:
    """Writes e-mails to a file for whoever tries Koi out, with the address masked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Itself."""
        yield self

    def send(self, mail: Mail, *, key: str, now: datetime) -> Answer:
        """Write it down."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = mail.text.replace("\n", "\n    ")
        with self._path.open("a", encoding="utf-8") as log:
            log.write(f"{now.astimezone():%m-%d %H:%M:%S}  {mask(mail.to)}  {mail.subject}\n    {text}\n")
        return Answer("sent", {"id": MAIL_LOG})


class Nowhere:
    """No server is named: every message fails, and headquarters' page says so."""

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A way that leads nowhere."""
        yield _NoLine(Answer("failed", {"error": "no_server"}))


@dataclass(frozen=True, slots=True)
class _NoLine:
    answer: Answer

    def send(self, mail: Mail, *, key: str, now: datetime) -> Answer:
        return self.answer


class _SmtpLine:
    def __init__(self, link: smtplib.SMTP, sender: str) -> None:
        self._link = link
        self._sender = sender

    def send(self, mail: Mail, *, key: str, now: datetime) -> Answer:
        message = _message(mail, self._sender, key, now)
        try:
            self._link.rset()
            _expect(self._link.mail(parseaddr(self._sender)[1]))
            _expect(self._link.rcpt(mail.to))
        except (OSError, smtplib.SMTPException) as error:
            return Answer(_before_data(error), _said(error))
        try:
            _expect(self._link.data(message.as_bytes()))
        except smtplib.SMTPResponseException as error:
            return Answer("again" if 400 <= error.smtp_code < 500 else "failed", _said(error))
        except (OSError, smtplib.SMTPException) as error:
            return Answer("uncertain", _said(error))  # cut off while it was handed over: the server may have it
        return Answer("sent", {"code": 250})


def log_of(var: Path) -> Path:
    """Where e-mails are written that go to no server."""
    return var / "log" / "mail.log"


def way_of(settings: WorkerSettings) -> Server | LogFile | Nowhere:
    """The way out that the settings name."""
    if settings.mail_url == MAIL_LOG:
        return LogFile(log_of(settings.var))
    return Server(settings.mail_url, settings.mail_from) if settings.mail_url else Nowhere()


def _message(mail: Mail, sender: str, key: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{key}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _expect(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, words)


def _before_data(error: Exception) -> State:
    refused = isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500
    return "failed" if refused else "again"


def _said(error: Exception) -> dict[str, Any]:
    """The server's code or the kind of mistake; its words may quote an address."""
    if isinstance(error, smtplib.SMTPResponseException):
        return {"code": error.smtp_code}
    return {"error": type(error).__name__}
