"""What each store costs besides distance, as it stands now: prices, hours, its own record, and how full it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.routing.costs import Costs, Standing
from hq.routing.field import Floats
from hq.routing.network import Network
from hq.routing.policy import UNLIMITED, Room
from hq.routing.prices.queries import newest
from hq.routing.rules import RoutingRules

_PRIOR = 10  # leads that a store is taken to have had as the usual store did, so that its first ones prove little
_RECORDS = text(
    """
    SELECT store_id, measure, part, whole FROM store_figures WHERE measure IN ('in_time', 'won') AND whole > 0
    """
)


def costs_of(
    session: Session, network: Network, room: Room, rules: RoutingRules, *, now: datetime
) -> tuple[Costs, UUID | None]:
    """The costs and the run that the prices are of (none to two statements, by what the rules weigh)."""
    count = len(network.stores)
    run_id, price = None, np.zeros(count)
    if rules.price_percent:
        run_id, prices = newest(session)
        price = _by_position(network, ((UUID(store_id), value) for store_id, value in prices.items()), 0.0)
    record = np.full(count, 0.5)
    if rules.km_for_record:
        record = known_records(session, network)
    wait = network.field.wait_hours(now) if rules.km_per_hour else np.zeros(count)
    return Costs(Standing(price, wait, record, _full(network, room)), rules), run_id


def known_records(session: Session, network: Network) -> Floats:
    """How well each store did lately (`records`; one statement)."""
    return records(network, session.execute(_RECORDS))


def records(network: Network, rows: Iterable[Any]) -> Floats:
    """How well each store did, from 0 to 1, shaped (stores,); .5 is usual.

    Half is the share of offers claimed in time, half the share of claims that were sold, held against twice the usual
    share. Both are drawn to the usual share by ten leads (Laplace), so that a store's first leads say little.

    Args:
        rows: store id, measure (in_time, won), part, whole.
    """
    counts: Mapping[str, dict[UUID, tuple[int, int]]] = {"in_time": {}, "won": {}}
    for store_id, measure, part, whole in rows:
        counts[measure][store_id] = (part, whole)
    in_time = _shares(network, counts["in_time"])
    won, usual = _shares(network, counts["won"]), _usual(counts["won"])
    sold = np.minimum(1.0, won / (2 * usual)) if usual else np.full(len(won), 0.5)
    kept = np.clip(0.5 + in_time - _usual(counts["in_time"]), 0, 1)
    return (kept + sold) / 2


def _shares(network: Network, counts: Mapping[UUID, tuple[int, int]]) -> Floats:
    usual = _usual(counts)
    shares = ((store_id, (part + _PRIOR * usual) / (whole + _PRIOR)) for store_id, (part, whole) in counts.items())
    return _by_position(network, shares, usual)


def _usual(counts: Mapping[UUID, tuple[int, int]]) -> float:
    whole = sum(each for _, each in counts.values())
    return sum(part for part, _ in counts.values()) / whole if whole else 0.5


def _by_position(network: Network, values: Iterable[tuple[UUID, float]], usual: float) -> Floats:
    found = np.full(len(network.stores), usual)
    for store_id, value in values:
        if store := network.stores.get(store_id):
            found[store.position] = value
    return found


def _full(network: Network, room: Room) -> Floats:
    left = np.array(room.left, dtype=float)
    most = np.array([network.capacity.get(store_id) or 0 for store_id in network.stores], dtype=float)
    used = 1 - left / np.maximum(most, 1)
    return np.where((left >= UNLIMITED // 2) | (most <= 0), 0.0, np.clip(used, 0, 1))
