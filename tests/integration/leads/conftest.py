"""A store that acts: each act in a transaction of its own, as the dealer's role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.db.session import unit_of_work
from shared.identity.actor import Actor
from tests import factories as make


@pytest.fixture
def act(dealer_engine: Engine) -> Callable[..., Any]:
    """`act(service, actor, **arguments)`: call the service as `koi_dealer` and commit."""

    def run(service: Callable[..., Any], actor: Actor, **arguments: Any) -> Any:
        with unit_of_work(dealer_engine, dealer_id=actor.dealer_id) as session:
            return service(session, actor=actor, **{"now": make.NOW, **arguments})

    return run


@pytest.fixture
def manager(rows: Session) -> Callable[..., Actor]:
    """`manager(store, …)`: the actor of a new manager of these stores; commits the rows."""

    def of(*stores: Any) -> Actor:
        actor = make.actor_of(rows, make.staff(rows, stores))
        rows.commit()
        return actor

    return of
