"""Rules in force, drafts of them, and the past on which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from hq.replay import jobs, service  # noqa: F401  the drain is declared
from hq.replay.models import Replay
from hq.rules import service as rules
from hq.rules.defaults import defaults
from shared.db.session import unit_of_work
from shared.identity.actor import system
from shared.platform.clock import beijing_day
from tests.integration.pipeline.conftest import store, world

__all__ = ["store", "world"]

WHO = system("沈清")


@pytest.fixture
def act(hq_engine: Engine, world, store) -> Callable[..., Any]:
    """Does one act of a service as headquarters; what Koi comes with is in force."""
    world.stores(store())

    def do(what: Callable[..., Any], **said: Any) -> Any:
        with unit_of_work(hq_engine) as session:
            return what(session, **{"actor": WHO, "now": world.now} | said)

    with unit_of_work(hq_engine) as session:
        rules.ensure_defaults(session, defaults(), now=world.now)
    return do


@pytest.fixture
def draft_of(act) -> Callable[..., int]:
    """`draft_of("scorecard", threshold=90)`: a draft of what Koi comes with, with these changes."""

    def make(kind: str, **changes: Any) -> int:
        version = act(rules.draft, kind=kind, source=1)
        body = {**defaults()[kind], **changes}
        act(rules.edit, kind=kind, version=version, seen=1, body=body)
        return version

    return make


@pytest.fixture
def tried(act, world) -> Callable[..., Replay]:
    """Tries a version on the days from the world's on, to the end."""

    def do(kind: str, version: int) -> Replay:
        today = beijing_day(world.now)
        replay_id = act(service.start, kind=kind, version=version, first=today, last=today)
        world.run("hq.replay")
        return world.rows.get(Replay, replay_id, populate_existing=True)

    return do
