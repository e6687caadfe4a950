"""Engines of the database roles, rows for a test, and races between real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from shared.db.session import make_engine
from shared.platform.settings import Settings

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@pytest.fixture(scope="session")
def kept_engines(kept_settings: Settings) -> Iterator[Mapping[str, Engine]]:
    """One engine per role (`hq`, `dealer`, `public`, `worker`), for the whole run."""
    engines = {role: make_engine(url, pool_size=4, max_overflow=40) for role, url in kept_settings.role_urls.items()}
    yield engines
    for engine in engines.values():
        engine.dispose()


@pytest.fixture
def engines(kept_engines: Mapping[str, Engine], settings: Settings) -> Mapping[str, Engine]:
    """Engines by role on the migrated database; what the test writes is gone afterwards."""
    return kept_engines


@pytest.fixture
def dealer_engine(engines: Mapping[str, Engine]) -> Engine:
    return engines["dealer"]


@pytest.fixture
def hq_engine(engines: Mapping[str, Engine]) -> Engine:
    return engines["hq"]


@pytest.fixture
def worker_engine(engines: Mapping[str, Engine]) -> Engine:
    return engines["worker"]


@pytest.fixture
def public_engine(engines: Mapping[str, Engine]) -> Engine:
    return engines["public"]


@pytest.fixture(scope="session")
def _superuser_engine(superuser_url: str) -> Iterator[Engine]:
    engine = create_engine(superuser_url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True)
    yield engine
    engine.dispose()


@pytest.fixture
def rows(_superuser_engine: Engine, settings: Settings) -> Iterator[Session]:
    """A superuser's session for making and looking at rows: call `rows.commit()` before others should see them."""
    with Session(_superuser_engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def race() -> Callable[..., list[Any]]:
    """`race(call, items)`: call once per item, all starting together, at most `clients` at a time."""
    return run_race


def run_race(call: Callable[[Item], Answer], items: Sequence[Item], *, clients: int = 32) -> list[Answer | Exception]:
    """Run `call(item)` in threads that start together; answers and exceptions in the order of the items."""
    clients = min(clients, len(items))
    start = threading.Barrier(clients)
    waiting = threading.local()

    def one(item: Item) -> Answer | Exception:
        if not getattr(waiting, "started", False):
            waiting.started = True
            start.wait(timeout=30)
        try:
            return call(item)
        except Exception as error:  # an answer of the race like any other
            return error

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(one, items))
