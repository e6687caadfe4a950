"""The customers still expected today, and the prices that follow: pure.

What came in the last weeks stands for what will come: the same places, as many as are still to come today by the hours
at which people come, and everybody who waits already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hq.routing.field import Field, Floats, Mask, vectors
from hq.routing.prices.solver import Solution, Transport

WAYS = 40
"""Stores around a place that the plan may use: with forty, the plan of a month's real demand is .1 % from the best."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Where customers are. Arrays shaped (n,), the points in WGS-84 degrees shaped (n, 2).

    Attributes:
        off_km: how far off they may be.
    """

    degrees: Floats
    off_km: Floats


class Plan:
    """One problem, solved again and again as room and demand change."""

    def __init__(self, field: Field, mask: Mask, demand: Demand, *, most_km: float) -> None:
        """
        Args:
            mask: the stores that may be used.
            most_km: how far a customer is sent at most; no price is above it.
        """
        self._count = len(mask)
        self.size = len(demand.off_km)
        grove = field.grove("prices", mask)
        k = min(WAYS, len(grove))
        kms, stores = grove.nearest(vectors(demand.degrees), k)
        costs = np.where((kms <= most_km) & mask[stores], np.hypot(kms, demand.off_km[:, None]), np.inf)
        self._transport = Transport(costs, stores, self._count, unserved=2 * most_km)

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
