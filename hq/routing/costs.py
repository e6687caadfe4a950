"""What giving a lead to a store costs besides distance, in kilometres: pure, all stores at once.

Every part is one of the rules' weights times something from 0 up, so that what weighs how much is headquarters' to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hq.routing.field import Floats
from hq.routing.rules import RoutingRules


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of each store besides its place; arrays by position, shaped (stores,).

    Attributes:
        price: kilometres that customers elsewhere would save with a place of this store (`prices`).
        wait: hours until it opens.
        record: from 0 to 1, how well it did with earlier leads: claimed in time, and sold; .5 is usual.
        full: from 0 to 1, how much of today's room is used.
    """

    price: Floats
    wait: Floats
    record: Floats
    full: Floats


class Costs:
    """The parts of each store's cost, and their sum."""

    def __init__(self, standing: Standing, rules: RoutingRules) -> None:
        self._parts: Mapping[str, Floats] = {
            "price": standing.price * rules.price_percent / 100,
            "wait": standing.wait * rules.km_per_hour,
            "record": (1 - standing.record) * rules.km_for_record,
            "full": standing.full * rules.km_when_full,
        }
        self.total: Floats = np.sum(list(self._parts.values()), axis=0)

    def parts(self, position: int) -> Mapping[str, float]:
        """Kilometres by name, those that are at least a tenth."""
        if self.total[position] < 0.05:
            return {}
        told = ((name, round(float(values[position]), 1)) for name, values in self._parts.items())
        return {name: value for name, value in told if value}
