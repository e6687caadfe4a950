"""A gateway for text messages on this machine: takes what is posted, forgets twins by key, and fails when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "a key of the tests"


@dataclass
class Gateway:
    """What was sent, by key; `fail_with`: statuses for the next requests, in order (0: hang up)."""

    url: str = ""
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    fail_with: list[int] = field(default_factory=list)
    requests: int = 0

    def code_for(self, phone: str) -> str:
        """The last code that this E.164 number was sent."""
        return [each["params"]["code"] for each in self.sent.values() if each["to"] == phone][-1]


@contextmanager
def running() -> Iterator[Gateway]:
    """The gateway on a free port."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gateway.requests += 1
            status = gateway.fail_with.pop(0) if gateway.fail_with else 200
            if self.headers["Authorization"] != f"Bearer {KEY}":
                status = 401
            if status == 0:
                return
            if status == 200:
                gateway.sent[self.headers["Idempotency-Key"]] = body
            answer = json.dumps({"id": f"m-{len(gateway.sent)}"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
