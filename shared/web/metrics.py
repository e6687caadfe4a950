"""Figures for Prometheus. Other rooms add their own gauges with `observe`."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_REGISTRY = CollectorRegistry()
_EXTRA: list[Collector] = []

_REQUESTS = Counter(
    "koi_requests_total", "Answered requests", ("face", "method", "route", "status"), registry=_REGISTRY
)
_SECONDS = Histogram(
    "koi_request_seconds",
    "Time to answer, seconds",
    ("face", "route"),
    registry=_REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SIGN_INS = Counter("koi_sign_ins_total", "Sign-in attempts", ("face", "outcome"), registry=_REGISTRY)


def request_done(face: str, method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request; `route` is the rule, not the address. A made-up method is `other`: each word that
    is counted by itself stays in memory, and callers can make up as many as they like."""
    _REQUESTS.labels(face, method if method in _METHODS else "other", route, str(status)).inc()
    _SECONDS.labels(face, route).observe(seconds)


def sign_in_tried(face: str, outcome: str) -> None:
    """Count a sign-in: done, refused or limited."""
    _SIGN_INS.labels(face, outcome).inc()


def observe(collector: Collector) -> None:
    """Add gauges that are read when Prometheus asks, such as what waits in the work queue."""
    _EXTRA.append(collector)


def exposition() -> bytes:
    """All figures in Prometheus' text form; of every process when PROMETHEUS_MULTIPROC_DIR is set."""
    registry = _REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    parts = [generate_latest(registry)]
    for collector in _EXTRA:
        own = CollectorRegistry()
        own.register(collector)
        parts.append(generate_latest(own))
    return b"".join(parts)
