"""The way out: an HTTP gateway, or a file where none is named. Nothing here logs a number or a message's words."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from shared.contacts.phones import mask
from shared.platform.settings import SMS_LOG, WorkerSettings
from shared.sms.send import Message

_TIMEOUT_S = 5.0
_AGAIN = frozenset({408, 425, 429})
_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said. `again`: it may take the message another time; `said` holds no personal data."""

    sent: bool
    again: bool = False
    said: dict[str, Any] = field(default_factory=dict)


class Port(Protocol):
    """Hands over one message. Never raises: what goes wrong is an answer."""

    def send(self, message: Message, *, key: str, now: datetime) -> Answer:
        """`key`: the gateway may know by it that it has the message already."""


class HttpGateway:
    """Posts JSON `{to, template, params, text, language, key}` with a bearer and an Idempotency-Key.

    2xx: it has the message, `id` in the answer is kept. 408, 425, 429, 5xx and no answer: another time. Other 4xx: no.
    """

    def __init__(self, url: str, key: str, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._url = url
        self._key = key
        self._timeout_s = timeout_s

    def send(self, message: Message, *, key: str, now: datetime) -> Answer:
        try:
            with urllib.request.urlopen(self._request(message, key), timeout=self._timeout_s) as answer:  # noqa: S310 (the scheme was checked with the settings)
                return Answer(sent=True, said={"status": answer.status, "id": _id(answer.read(_ANSWER_BYTES))})
        except urllib.error.HTTPError as error:
            with error:
                return Answer(sent=False, again=error.code in _AGAIN or error.code >= 500, said={"status": error.code})
        except (OSError, http.client.HTTPException) as error:
            return Answer(sent=False, again=True, said={"error": type(error).__name__})

    def _request(self, message: Message, key: str) -> urllib.request.Request:
        body = {
            "to": message.phone,
            "template": message.template,
            "params": dict(message.params),
            "text": message.words,
            "language": message.language,
            "key": key,
        }
        return urllib.request.Request(  # noqa: S310
            self._url,
            data=json.dumps(body, ensure_ascii=False).encode(),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Authorization": f"Bearer {self._key}",
                "Idempotency-Key": key,
            },
        )


class LogFile:
    """Writes messages to a file for whoever tries Koi out, with the number masked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message, *, key: str, now: datetime) -> Answer:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = f"{now.astimezone():%m-%d %H:%M:%S}  {mask(message.phone)}  {message.words}\n"
        with self._path.open("a", encoding="utf-8") as log:
            log.write(line)
        return Answer(sent=True, said={"id": SMS_LOG})


class Nowhere:
    """No gateway is named: every message fails, and headquarters' work page says so."""

    def send(self, message: Message, *, key: str, now: datetime) -> Answer:
        return Answer(sent=False, said={"error": "no_gateway"})


def log_of(var: Path) -> Path:
    """Where messages are written that go to no gateway."""
    return var / "log" / "sms.log"


def port_of(settings: WorkerSettings) -> Port:
    """The way out that the settings name."""
    if settings.sms_url == SMS_LOG:
        return LogFile(log_of(settings.var))
    return HttpGateway(settings.sms_url, settings.sms_key) if settings.sms_url else Nowhere()


def _id(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    found = answer.get("id") if isinstance(answer, dict) else None
    return str(found)[:64] if found is not None else ""
