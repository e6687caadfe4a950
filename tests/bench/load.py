"""A lean load generator: keep-alive connections over one epoll loop, each with one request under way.

Run as a process of its own (`python -m tests.bench.load`), so that it shares no lock with what it measures. It takes
one JSON object on its standard input and prints one.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from collections import Counter
from typing import Any

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Link:
    """One connection and the request that it waits for."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.answer = b""

    def send(self, request: bytes) -> None:
        self.answer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """The status once the whole answer is here; 0 when the server hung up."""
        piece = self.socket.recv(65536)
        if not piece:
            return 0
        self.answer += piece
        head, found, body = self.answer.partition(_END_OF_HEAD)
        if not found:
            return None
        at = head.lower().find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        return int(head[9:12]) if len(body) >= length else None


def requests(order: dict[str, Any]) -> list[bytes]:
    """Different sign-ups, written out before the clock starts."""
    return [request_of(order, number) for number in range(order["requests"])]


def request_of(order: dict[str, Any], number: int) -> bytes:
    """One whole request: everything that people send, and all keys different."""
    body = {
        **order["body"],
        "openid": f"o{os.urandom(10).hex()}{number:07d}",
        "unionid": f"u{os.urandom(10).hex()}{number:07d}",
        "device_id": os.urandom(16).hex(),
        "phone": f"+86138{number % 10**8:08d}",
        "ip": f"36.{number % 250}.{number // 250 % 250}.{number % 199 + 1}",
    }
    payload = json.dumps(body, ensure_ascii=False).encode()
    head = (
        f"POST {order['path']} HTTP/1.1\r\nHost: {order['host']}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {order['token']}\r\nIdempotency-Key: {os.urandom(16).hex()}\r\n"
        f"Content-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload


def drive(order: dict[str, Any]) -> dict[str, Any]:
    """Send everything over `connections` links; figures of what came back after the first `warm_up` answers."""
    waiting = requests(order)
    address = (order["host"], order["port"])
    poll, links = select.epoll(), {}
    for _number in range(order["connections"]):
        link = Link(address)
        links[link.socket.fileno()] = link
        poll.register(link.socket, select.EPOLLIN)
    for link in links.values():
        link.send(waiting.pop())
    return _measure(poll, links, waiting, order["warm_up"])


def _measure(poll: select.epoll, links: dict[int, Link], waiting: list[bytes], warm_up: int) -> dict[str, Any]:
    statuses: Counter[int] = Counter()
    times: list[float] = []
    under_way, began, done = len(links), time.perf_counter(), 0
    while under_way:
        for number, _event in poll.poll():
            link = links[number]
            status = link.receive()
            if status is None:
                continue
            now = time.perf_counter()
            statuses[status] += 1
            done += 1
            if done == warm_up:
                began = now
            elif done > warm_up:
                times.append(now - link.sent_at)
            if waiting and status:
                link.send(waiting.pop())
            else:
                under_way -= 1
                poll.unregister(number)
    return _figures(times, time.perf_counter() - began, statuses)


def _figures(times: list[float], seconds: float, statuses: Counter[int]) -> dict[str, Any]:
    times.sort()
    return {
        "requests_per_s": round(len(times) / seconds, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
    }


if __name__ == "__main__":
    json.dump(drive(json.load(sys.stdin)), sys.stdout)
