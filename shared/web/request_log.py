"""One log line and one measurement per request: route, status, time; no addresses, no personal data, no queries."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request

from shared.web import metrics, request_ids

_QUIET = frozenset({"static", "health.healthz", "health.readyz", "health.metrics"})
_log = structlog.get_logger("koi.web")


def start() -> None:
    """Begin to measure."""
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_ids.request_id())


def finish(face: str, response: Response) -> Response:
    """Log and count the answer."""
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    route = request.url_rule.rule if request.url_rule is not None else "-"
    metrics.request_done(face, request.method, route, response.status_code, seconds)
    if request.endpoint in _QUIET and response.status_code < 400:
        return response
    actor = g.get("actor")
    _log.info(
        "request",
        face=face,
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        user_id=str(actor.user_id) if actor is not None else None,
        dealer_id=str(actor.dealer_id) if actor is not None and actor.dealer_id else None,
    )
    return response


def register(app: Flask, face: str) -> None:
    """Log and measure every request of a face."""
    app.before_request(start)
    app.after_request(lambda response: finish(face, response))
