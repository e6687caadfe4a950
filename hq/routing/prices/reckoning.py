"""Prices for the rest of the day, from what came lately: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from hq.routing.field import Field, Ints, Mask
from hq.routing.network import Network
from hq.routing.policy import UNLIMITED, Kind, Room
from hq.routing.prices.demand import Demand, Plan, share_left
from hq.routing.prices.queries import Lately
from hq.routing.prices.service import Reckoned
from hq.routing.rules import RoutingRules
from shared.platform.clock import BEIJING

_FARTHEST_KM = 2_000.0
_LEAST_KM = 0.05  # a lower price changes nothing


def reckoned(lately: Lately, network: Network, room: Room, rules: RoutingRules, *, now: datetime) -> Reckoned:
    """What a place at each store is worth until the end of the Beijing day.

    Raises:
        Unsolved: it took too long.
    """
    field = network.field
    left = np.where(np.array(room.left) >= UNLIMITED // 2, np.inf, np.array(room.left, dtype=float))
    usable = left[field.usable]
    total = None if np.isinf(usable).any() else int(np.maximum(usable, 0).sum())
    if not lately.places or not field.usable.any():
        return Reckoned({}, 0.0, total, None, 0.0)
    table = np.array([place[:5] for place in lately.places], dtype=float)
    masks, kinds = _masks(field, [place.kind for place in lately.places])
    local = now.astimezone(BEIJING)
    share = share_left(lately.hours, local.hour + local.minute / 60) / lately.days
    expected = table[:, 3] * share + table[:, 4]
    demand = Demand(table[:, :2], np.nan_to_num(table[:, 2]), kinds)
    plan = Plan(field, masks, demand, most_km=min(rules.max_km or _FARTHEST_KM, _FARTHEST_KM))
    solution = plan.prices(expected, left)
    ids = list(network.stores)
    worth = np.flatnonzero(solution.prices > _LEAST_KM)
    prices = {str(ids[position]): round(float(solution.prices[position]), 1) for position in worth}
    return Reckoned(prices, float(expected.sum()), total, solution.mean, solution.unserved)


def _masks(field: Field, kinds: Sequence[Kind | None]) -> tuple[list[Mask], Ints]:
    """The stores that each kind of people may go to, equal ones once, and the number of each kind's."""
    masks: list[Mask] = []
    known: dict[bytes, int] = {}
    numbers: dict[Kind | None, int] = {}
    for kind in dict.fromkeys(kinds):
        mask = field.usable if kind is None else field.usable & field.may(kind)
        number = known.setdefault(mask.tobytes(), len(masks))
        if number == len(masks):
            masks.append(mask)
        numbers[kind] = number
    return masks, np.array([numbers[kind] for kind in kinds], dtype=np.int64)
