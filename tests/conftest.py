"""Servers and databases for the tests; what a test is about comes from `tests.factories` and its own folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from shared.platform.settings import Settings
from tests.engines import (  # noqa: F401  fixtures for everybody
    _superuser_engine,
    dealer_engine,
    engines,
    hq_engine,
    kept_engines,
    public_engine,
    race,
    rows,
    worker_engine,
)
from tests.servers import Emptier, Host, Shared, worker_settings
from tests.suite import ALONE_IN
from tests.timing import pytest_runtest_logreport, pytest_terminal_summary

__all__ = ["pytest_runtest_logreport", "pytest_terminal_summary"]

# a machine with other work to do is no fault of the code
hypothesis.register_profile("koi", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("koi")

_HOST = pytest.StashKey[Host]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the fault, race and mutant suites at full size")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_HOST] = Host()


def pytest_unconfigure(config: pytest.Config) -> None:
    host = config.stash.get(_HOST, None)
    if host is not None:
        host.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `long`, unless asked for; refuse what `./koi test` would not find."""
    alone = [item for item in items if any(map(item.get_closest_marker, ("alone", "browser")))]
    rooms = [config.rootpath / room for room in ALONE_IN]
    if lost := [item.nodeid for item in alone if not any(room in item.path.parents for room in rooms)]:
        raise pytest.UsageError(f"tests that run alone belong into {', '.join(ALONE_IN)}: {lost[0]}")
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist's controller starts the servers for all its workers."""
    node.workerinput["koi_servers"] = asdict(node.config.stash[_HOST].shared())


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """pytest-flask's fixture of this name shares `flask.g` between all requests of a test: not here."""


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether suites run at full size."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def _worker_database(request: pytest.FixtureRequest) -> tuple[Settings, str]:
    told = getattr(request.config, "workerinput", None)
    if told is not None:
        return worker_settings(Shared(**told["koi_servers"]), told["workerid"])
    return worker_settings(request.config.stash[_HOST].shared(), "master")


@pytest.fixture(scope="session")
def superuser_url(_worker_database: tuple[Settings, str]) -> str:
    """The worker's database as superuser: for catalogue tests and for looking at everything."""
    return _worker_database[1]


@pytest.fixture(scope="session")
def _emptier(superuser_url: str) -> Iterator[Emptier]:
    emptier = Emptier(superuser_url)
    yield emptier
    emptier.close()


@pytest.fixture(scope="session")
def kept_settings(_worker_database: tuple[Settings, str]) -> Settings:
    """Settings for session-wide objects such as apps and engines. A test asks for `settings` instead."""
    return _worker_database[0]


@pytest.fixture
def settings(kept_settings: Settings, _emptier: Emptier) -> Iterator[Settings]:
    """The migrated database and the Redis of this worker; what the test wrote is gone afterwards."""
    import redis

    yield kept_settings
    _emptier.empty()
    with redis.Redis.from_url(kept_settings.redis_url) as client:
        client.flushdb()
