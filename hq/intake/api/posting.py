"""Sending a file of sign-up events through the API, as a mini-program's server would: for moves, checks and loads.

A line is one JSON object: the API's body with `idempotency_key` and `campaign_code` beside it; consents without
versions get the campaign's present ones. Lines with the same key go over the same connection, so they arrive in
their order; the others only nearly.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import random
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

_TIMEOUT_S = 30.0
_TRIES = 12
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_AHEAD = 64  # lines read ahead per connection
_VERSIONS = {"marketing": "marketing_version", "share_with_dealer": "share_with_dealer_version"}


class CannotPost(Exception):
    """Nothing can be sent: the address, the token or a campaign is wrong; the message says which."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the API."""

    status: int
    body: dict[str, Any]
    replayed: bool = False
    retry_after_s: float = 0.0


@dataclass(slots=True)
class Report:
    """What became of the lines.

    Attributes:
        conflicts: lines whose key had come with another body before.
        refused: lines by `status code`; the first of them by number in `refused_lines`.
        unsent: lines that got no answer after all tries.
    """

    lines: int = 0
    accepted: int = 0
    replayed: int = 0
    retries: int = 0
    conflicts: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    refused_lines: list[int] = field(default_factory=list)
    unsent: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, line: int, reply: Reply | None) -> None:
        """Count one line."""
        if reply is None:
            self.unsent.append(line)
        elif reply.status == 202:
            self.accepted += not reply.replayed
            self.replayed += reply.replayed
        elif reply.body.get("code") == "key_reused":
            self.conflicts.append(line)
        else:
            self.refused[f"{reply.status} {reply.body.get('code', '')}".strip()] += 1
            self.refused_lines.append(line)

    def as_json(self) -> dict[str, Any]:
        """Everything, in the order of the lines."""
        return {
            "lines": self.lines,
            "accepted": self.accepted,
            "replayed": self.replayed,
            "conflicts": sorted(self.conflicts),
            "refused": dict(sorted(self.refused.items())),
            "refused_lines": sorted(self.refused_lines),
            "unsent": sorted(self.unsent),
            "retries": self.retries,
            "seconds": round(self.seconds, 2),
            "per_s": round(self.lines / self.seconds, 1) if self.seconds else None,
        }


class Api:
    """One keep-alive connection to the API."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CannotPost(f"{url!r} is no address; it should look like http://127.0.0.1:8000")
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=_TIMEOUT_S)
        self._base = f"{parts.path.rstrip('/')}/api/v1/campaigns"
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def campaign(self, code: str) -> Reply:
        """What the API says of a campaign."""
        return self._ask("GET", f"/{quote(code, safe='')}", None, {})

    def post(self, code: str, key: str, body: bytes) -> Reply:
        """Send one sign-up."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._ask("POST", f"/{quote(code, safe='')}/signups", body, headers)

    def close(self) -> None:
        """Hang up; the next call dials again."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        self._connection.request(method, self._base + path, body, {**self._headers, **headers})
        answer = self._connection.getresponse()
        text = answer.read()
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        after = answer.headers.get("Retry-After", "")
        return Reply(answer.status, _object(text), replayed, float(after) if after.isdigit() else 0.0)


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Poster:
    """Sends lines over several connections."""

    def __init__(self, url: str, token: str, *, connections: int, pause: Callable[[float], None] = time.sleep) -> None:
        """`pause`: waits so many seconds before a line is tried again."""
        self._url, self._token, self._pause = url, token, pause
        self._queues: list[queue.Queue[tuple[int, bytes] | None]] = [queue.Queue(_AHEAD) for _ in range(connections)]
        self._versions: dict[str, dict[str, int]] = {}
        self._lock = threading.Lock()
        self._report = Report()

    def send(self, lines: Iterable[bytes]) -> Report:
        """Send every line and wait for the last answer.

        Raises:
            CannotPost: a line is no event, or the API does not know the token or a campaign.
        """
        began = time.monotonic()
        workers = [threading.Thread(target=self._work, args=(own,), daemon=True) for own in self._queues]
        for worker in workers:
            worker.start()
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    self._hand_out(number, line)
        finally:
            for own in self._queues:
                own.put(None)
            for worker in workers:
                worker.join()
        self._report.seconds = time.monotonic() - began
        return self._report

    def _hand_out(self, number: int, line: bytes) -> None:
        event = _object(line)
        code, key = event.get("campaign_code"), event.get("idempotency_key")
        if not isinstance(code, str) or not isinstance(key, str):
            raise CannotPost(f"Line {number} has no campaign_code or no idempotency_key.")
        if code not in self._versions:
            self._versions[code] = self._ask_versions(code)
        self._report.lines += 1
        self._queues[zlib.crc32(key.encode()) % len(self._queues)].put((number, line))

    def _ask_versions(self, code: str) -> dict[str, int]:
        with contextlib.closing(Api(self._url, self._token)) as asking:
            reply = self._patiently(asking, lambda api: api.campaign(code))
        if reply is None:
            raise CannotPost(f"{self._url} does not answer.")
        if reply.status != 200:
            raise CannotPost(f"Campaign {code}: {reply.status} {reply.body.get('title', '')}".strip())
        texts = reply.body.get("consents", {})
        return {kind: text["version"] for kind, text in texts.items() if text is not None}

    def _work(self, own: queue.Queue[tuple[int, bytes] | None]) -> None:
        api = Api(self._url, self._token)
        while (task := own.get()) is not None:
            number, line = task
            reply = self._patiently(api, self._posting(_object(line)))
            with self._lock:
                self._report.note(number, reply)
        api.close()

    def _posting(self, event: dict[str, Any]) -> Callable[[Api], Reply]:
        code, key = event.pop("campaign_code"), event.pop("idempotency_key")
        consents = event.get("consents")
        if isinstance(consents, dict):
            for kind, version in self._versions[code].items():
                if consents.get(kind) is True:
                    consents.setdefault(_VERSIONS[kind], version)
        body = json.dumps(event, ensure_ascii=False).encode()
        return lambda api: api.post(code, key, body)

    def _patiently(self, api: Api, call: Callable[[Api], Reply]) -> Reply | None:
        """The answer, after as many tries as it takes; None when there was none."""
        pause = _FIRST_PAUSE_S
        reply: Reply | None = None
        for _try in range(_TRIES):
            try:
                reply = call(api)
                if reply.status < 500 and reply.status != 429:
                    return reply
            except (OSError, http.client.HTTPException):
                reply = None
                api.close()
            with self._lock:
                self._report.retries += 1
            wait = max(pause, reply.retry_after_s if reply else 0.0)
            self._pause(wait * random.uniform(0.5, 1.0))  # noqa: S311 (spreads retries, protects nothing)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
        return reply
