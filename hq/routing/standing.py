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
# The figures are reckoned by a drain: until it has run again they are the same.
_MARKS = text(
    """
    SELECT (SELECT run_id FROM price_runs WHERE prices IS NOT NULL) AS run_id,
           (SELECT last_at FROM work_runs WHERE drain = 'hq.benchmarks') AS reckoned_at
    """
)
_RECORDS = text(
    """
    SELECT store_id, measure, part, whole FROM store_figures WHERE measure IN ('in_time', 'won') AND whole > 0
    """
)


class _Keeper:
    """Keeps the prices and the stores' records, so that a batch reads them only after they were reckoned anew."""

    def __init__(self) -> None:
        self._of: tuple[Network, Any] | None = None
        self._prices, self._records = np.empty(0), np.empty(0)

    def read(self, session: Session, network: Network) -> tuple[UUID, Floats, Floats]:
        """The run that prices are of, prices and records by position (one statement, three after a change)."""
        marks = session.execute(_MARKS).one()
        if self._of is None or self._of[0] is not network or self._of[1] != marks:
            _, prices = newest(session)
            by_store = ((UUID(store_id), value) for store_id, value in prices.items())
            self._prices, self._records = _by_position(network, by_store, 0.0), known_records(session, network)
            self._of = network, marks
        return marks.run_id, self._prices, self._records


_KEEPER = _Keeper()


def costs_of(
    session: Session, network: Network, room: Room, rules: RoutingRules, *, now: datetime
) -> tuple[Costs, UUID | None]:
    """The costs and the run that the prices are of (none or one statement, by what the rules weigh; three after prices
    or records were reckoned)."""
    count = len(network.stores)
    run_id, price, record = None, np.zeros(count), np.full(count, 0.5)
    if rules.price_percent or rules.km_for_record:
        run_id, price, record = _KEEPER.read(session, network)
    wait = network.field.wait_hours(now) if rules.km_per_hour else np.zeros(count)
    full = _full(network, room) if rules.km_when_full else np.zeros(count)
    costs = Costs(Standing(price, wait, record, full), rules)
    return costs, run_id if rules.price_percent else None


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
