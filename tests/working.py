"""A worker's place in tests: the connections of one are kept for the next, as opening them takes longer than most of
what tests have a worker do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from sqlalchemy import Engine

from shared.db.sending import sends_ahead
from shared.db.session import make_engine
from shared.platform.settings import WorkerSettings
from shared.work.place import Place

_AT_ONCE = 12


@contextmanager
def at_work(settings: WorkerSettings, *, now: datetime | None = None) -> Iterator[Place]:
    """As `shared.work.place.at_work`."""
    place = Place(_engine(settings.database_url), settings, now)
    try:
        yield place
    finally:
        place.leave()


@cache
def _engine(url: str) -> Engine:
    return sends_ahead(make_engine(url, pool_size=_AT_ONCE))
