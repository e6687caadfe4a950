"""Headquarters and stores that act on content, each act in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from content_library.files import files
from shared.db.session import unit_of_work
from shared.identity.actor import Actor
from shared.platform.settings import Settings
from shared.platform.storage import Storage
from tests import factories as make


@pytest.fixture
def editor(rows: Session) -> Actor:
    actor = make.actor_of(rows, make.hq_user(rows))
    rows.commit()
    return actor


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return files(settings.var)


@pytest.fixture
def at_hq(hq_engine: Engine, editor: Actor) -> Callable[..., Any]:
    """`at_hq(service, *more, **arguments)`: call the service as `koi_hq` and commit."""

    def run(service: Callable[..., Any], *more: Any, **arguments: Any) -> Any:
        with unit_of_work(hq_engine) as session:
            return service(session, *more, **{"actor": editor, "now": make.NOW, **arguments})

    return run


@pytest.fixture
def at_store(dealer_engine: Engine) -> Callable[..., Any]:
    """`at_store(store, query, **arguments)`: ask as `koi_dealer` of the store's dealer."""

    def run(store: Any, query: Callable[..., Any], **arguments: Any) -> Any:
        with unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session:
            return query(session, **arguments)

    return run
