"""The customers still expected today, and the prices that follow: pure.

What came in the last weeks stands for what will come: the same places, as many as are still to come today by the hours
at which people come, and everybody who waits already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hq.routing.field import Field, Floats, Ints, Mask, vectors
from hq.routing.prices.solver import Solution, Transport

WAYS = 40
"""Stores around a place that the plan may use: with forty, the plan of a month's real demand is .1 % from the best."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Where customers are. Arrays shaped (n,), the points in WGS-84 degrees shaped (n, 2).

    Attributes:
        off_km: how far off they may be.
        kinds: which of the plan's masks each may go to.
    """

    degrees: Floats
    off_km: Floats
    kinds: Ints


class Plan:
    """One problem, solved again and again as room and demand change."""

    def __init__(self, field: Field, masks: Sequence[Mask], demand: Demand, *, most_km: float) -> None:
        """
        Args:
            masks: the stores that may be used, by each kind of customers.
            most_km: how far a customer is sent at most; no price is above it.
        """
        self.size = len(demand.off_km)
        points = vectors(demand.degrees)
        costs = np.full((self.size, WAYS), np.inf)
        stores = np.zeros((self.size, WAYS), dtype=np.int64)
        for kind, mask in enumerate(masks):
            here = np.flatnonzero(demand.kinds == kind)
            if not len(here) or not mask.any():
                continue
            k = min(WAYS, int(mask.sum()))
            kms, found = field.over(mask).nearest(points[here], k)
            costs[here, :k] = np.where(kms <= most_km, np.hypot(kms, demand.off_km[here, None]), np.inf)
            stores[here, :k] = found
        self._transport = Transport(costs, stores, len(field.stores), unserved=2 * most_km)

    def prices(self, expected: Floats, room: Floats) -> Solution:
        """Prices by position for so many customers by point and so much room by store.

        Raises:
            Unsolved: it took too long.
        """
        return self._transport.solve(expected, room)


def share_left(hours: Sequence[float], hour: float) -> float:
    """The part of a day's customers that comes after an hour (0 to 24).

    Args:
        hours: customers by hour of the day, 24 numbers; nothing known: spread evenly.
    """
    total = sum(hours)
    if not total:
        return max(0.0, 1 - hour / 24)
    whole = min(23, int(hour))
    return (sum(hours[whole + 1 :]) + hours[whole] * (whole + 1 - hour)) / total
