"""Sends sign-ups when they are due, over keep-alive connections of one epoll loop, and again until each is answered.

Run as a process of its own (`python -m tests.bench.sender`), so that it shares no lock with what it measures. It takes
one JSON object on its standard input and prints one. What is late waits in the order in which it was due, and the time
of its answer counts from when it was due: a server that is slow makes nobody sign up later.
"""

from __future__ import annotations

import heapq
import json
import os
import select
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.load import Link

_PAUSE_S = 0.5  # before the same is sent again; a server that says when (`Retry-After`) says a second or two
_BUSY = frozenset({0, 429, 502, 503, 504})  # 0: it hung up
_VERSIONS = {"marketing": "marketing_version", "share_with_dealer": "share_with_dealer_version"}


@dataclass(frozen=True, slots=True)
class Line:
    """A request: when it is due, in seconds of the loop's clock, its key, and its bytes."""

    due: float
    key: str
    request: bytes


def lines_of(order: dict[str, Any]) -> list[Line]:
    """The events of a file, from `first` to before `last` of their own time (ISO), as requests from `begin_at` on."""
    first, last = (datetime.fromisoformat(order[name]) for name in ("first", "last"))
    begin = datetime.fromtimestamp(order["begin_at"], UTC)
    lines, moment = [], first
    for text in Path(order["file"]).read_text(encoding="utf-8").splitlines():
        event = json.loads(text)
        moment = datetime.fromisoformat(event["occurred_at"]) if "occurred_at" in event else moment
        if first <= moment < last:
            after = moment - first if order["paced"] else timedelta()
            lines.append(Line(after.total_seconds(), event["idempotency_key"], _request(order, event, begin + after)))
    return sorted(lines, key=lambda line: line.due)


def _request(order: dict[str, Any], event: dict[str, Any], moment: datetime) -> bytes:
    key, campaign = event.pop("idempotency_key"), event.pop("campaign_code")
    event["occurred_at"] = moment.isoformat()
    consents = event.get("consents", {})
    consents |= {_VERSIONS[name]: 1 for name in _VERSIONS if consents.get(name)}
    body = json.dumps(event, ensure_ascii=False).encode()
    head = (
        f"POST {order['path'].format(campaign=campaign)} HTTP/1.1\r\nHost: {order['host']}\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {order['token']}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(slots=True)
class Told:
    """What came back: seconds of answers from when they were due, and how often what."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    retried: int = 0
    ended: float = 0.0


class Sender:
    """One loop over all connections; a key is under way once at a time."""

    def __init__(self, order: dict[str, Any], lines: list[Line]) -> None:
        self._address = (order["host"], order["port"])
        self._due = [(line.due, number, line) for number, line in enumerate(lines)]
        self._poll, self._links, self._busy = select.epoll(), dict[int, Link](), dict[int, tuple[int, Line]]()
        self._free = [self._connect() for _ in range(order["connections"])]
        self._keys: set[str] = set()
        self._told = Told()
        self._began = 0.0

    def _connect(self) -> int:
        link = Link(self._address)
        number = link.socket.fileno()
        self._links[number] = link
        self._poll.register(number, select.EPOLLIN)
        return number

    def run(self) -> Told:
        """Send everything."""
        self._began = time.perf_counter()
        while self._due or self._busy:
            now = time.perf_counter() - self._began
            while self._free and self._due and self._due[0][0] <= now:
                self._send(now)
            pause = max(0.0, self._due[0][0] - now) if self._due and self._free else 1.0
            for number, _event in self._poll.poll(pause):
                self._hear(number)
        self._told.ended = time.perf_counter() - self._began
        return self._told

    def _send(self, now: float) -> None:
        _due, place, line = heapq.heappop(self._due)
        if line.key in self._keys:
            heapq.heappush(self._due, (now + 0.01, place, line))
            return
        number = self._free.pop()
        self._keys.add(line.key)
        self._busy[number] = (place, line)
        try:
            self._links[number].send(line.request)
        except OSError:
            self._again(number, 0)

    def _hear(self, number: int) -> None:
        try:
            status = self._links[number].receive()
        except OSError:
            status = 0
        if number not in self._busy:
            self._free.remove(number)  # it hung up on an idle connection
            self._renew(number)
        elif status in _BUSY:
            self._again(number, status or 0)
        elif status is not None:
            self._note(number, status)

    def _note(self, number: int, status: int) -> None:
        _place, line = self._busy.pop(number)
        self._keys.discard(line.key)
        self._free.append(number)
        self._told.times.append(time.perf_counter() - self._began - line.due)
        answer = self._links[number].answer
        replayed = b"\nidempotent-replayed:" in answer.partition(b"\r\n\r\n")[0].lower()
        code = "replayed" if replayed else "" if status == 202 else json.loads(answer.partition(b"\r\n\r\n")[2])["code"]
        self._told.statuses[f"{status} {code}".strip()] += 1
        if status == 202:
            self._told.acknowledged.add(line.key)

    def _again(self, number: int, status: int) -> None:
        place, line = self._busy.pop(number)
        self._keys.discard(line.key)
        self._told.retried += 1
        heapq.heappush(self._due, (time.perf_counter() - self._began + _PAUSE_S, place, line))
        if status:
            self._free.append(number)
        else:
            self._renew(number)

    def _renew(self, number: int) -> None:
        self._poll.unregister(number)
        self._links.pop(number).socket.close()
        self._free.append(self._connect())


def drive(order: dict[str, Any]) -> dict[str, Any]:
    """Send, and say what came back."""
    lines = lines_of(order)
    sender = Sender(order, lines)
    time.sleep(max(0.0, order["begin_at"] - time.time()))
    told = sender.run()
    times = sorted(told.times)
    return {
        "posted": len(lines),
        "keys": len({line.key for line in lines}),
        "acknowledged": len(told.acknowledged),
        "statuses": dict(sorted(told.statuses.items())),
        "retried": told.retried,
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "seconds": round(told.ended, 1),
        "cpu_s": round(sum(os.times()[:2]), 1),
    }


if __name__ == "__main__":
    json.dump(drive(json.load(sys.stdin)), sys.stdout)
