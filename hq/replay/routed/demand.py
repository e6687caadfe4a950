"""On which leads routing rules are tried: those that came, or demand that never was. Pure.

What is generated are copies of leads that came: they have the times, wishes, consents and grades of real ones.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from hq.replay.errors import BadFactor
from hq.routing.facts import WaitingLead
from hq.routing.prices.queries import Place
from shared.regions.divisions import Division, by_code

LEAST, MOST = 0.1, 10.0
_GOLDEN = (math.sqrt(5) - 1) / 2
_GROUPS = 5_000
_OFF_KM = 10.0  # how far somebody may be from the seat of a county


class Demand(StrEnum):
    """What a trial is asked on."""

    PAST = "past"
    SCALED = "scaled"
    """The leads of the period, from each county so many times as many."""
    STORES = "stores"
    """As many, from the counties where the stores stand, by how many stand there."""
    PEOPLE = "people"
    """As many, from all counties by how many people live there."""


_ELSEWHERE = frozenset({Demand.STORES, Demand.PEOPLE})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a trial is asked on.

    Attributes:
        factor: so many times as many leads, of what is generated.
        weights: by the code of the county, how much of what is generated comes from there; fixed when a trial begins.
    """

    demand: Demand = Demand.PAST
    factor: float = 1.0
    weights: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, demand: str, factor: str) -> Asked:
        """From what somebody typed; what is no demand is the past, and the past comes once.

        Raises:
            BadFactor: no number, or outside `LEAST` and `MOST`.
        """
        known = Demand(demand) if demand in set(Demand) else Demand.PAST
        if known is Demand.PAST:
            return cls()
        try:
            times = float(factor)
        except ValueError:
            times = math.nan
        if not LEAST <= times <= MOST:
            raise BadFactor(field="factor", least=LEAST, most=MOST)
        return cls(known, times)

    @property
    def elsewhere(self) -> bool:
        """Whether leads come from other counties than they came from."""
        return self.demand in _ELSEWHERE

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Asked:
        """From what was kept."""
        return cls(Demand(body["demand"]), float(body["factor"]), body.get("weights", {}))

    def as_body(self) -> dict[str, Any]:
        """To be kept."""
        return {"demand": self.demand.value, "factor": self.factor, "weights": dict(self.weights)}

    def spread(self) -> Spread | None:
        """The counties that leads come from instead; None: from where they came."""
        known = ((county, weight) for code, weight in sorted(self.weights.items()) if (county := by_code(code)))
        return Spread(known) if self.elsewhere else None


class Spread:
    """Counties one after the other, each as often as its weight says, evenly through the whole sequence."""

    def __init__(self, weights: Iterable[tuple[Division, float]]) -> None:
        """
        Raises:
            ValueError: no county has a weight.
        """
        kept = [(county, weight) for county, weight in weights if weight > 0]
        if not kept:
            raise ValueError("no county to spread over")
        self._counties = [county for county, _ in kept]
        self._upto = list(accumulate(weight for _, weight in kept))

    def at(self, number: int) -> Division:
        """The county of a number (Kronecker's sequence of the golden ratio)."""
        return self._counties[bisect_right(self._upto, (number * _GOLDEN) % 1.0 * self._upto[-1])]


class Made(NamedTuple):
    """A lead of a trial; `source`, `copy`, `number` say how to make it again (see `Demands.again`)."""

    lead: WaitingLead
    source: UUID
    copy: int = 0
    number: int = 0


@dataclass(slots=True)
class Demands:
    """Makes the leads of one day after the other; always the same ones.

    Attributes:
        counted: leads of each county so far.
        number: leads made so far.
    """

    asked: Asked
    counted: dict[str, int] = field(default_factory=dict)
    number: int = 0
    spread: Spread | None = field(init=False)

    def __post_init__(self) -> None:
        self.spread = self.asked.spread()

    def made(self, leads: Sequence[WaitingLead]) -> list[Made]:
        """What becomes of leads that came, by the moment they are opened. Each county (or, of what comes from
        elsewhere, the whole) has so many times as many, to less than one lead, and of many counties no more are rounded
        up than down."""
        if self.asked.demand is Demand.PAST:
            self.number += len(leads)
            return [Made(lead, lead.lead_id) for lead in leads]
        return sorted(self._made(leads), key=lambda made: (made.lead.opened_at, made.lead.lead_id))

    def _made(self, leads: Sequence[WaitingLead]) -> Iterator[Made]:
        for lead in leads:
            group = "" if self.asked.elsewhere else str(lead.place.get("code"))
            before = self.counted.get(group, 0)
            self.counted[group] = before + 1
            for copy in range(self._upto(group, before + 1) - self._upto(group, before)):
                yield self.again(lead, copy, self.number)
                self.number += 1

    def _upto(self, group: str, count: int) -> int:
        return int(count * self.asked.factor + phase(group))

    def again(self, lead: WaitingLead, copy: int, number: int) -> Made:
        """A copy of a lead, as it was made before."""
        made = lead
        if copy:
            key = uuid5(lead.lead_id, str(copy))
            made = made._replace(lead_id=key, opened_at=lead.opened_at + timedelta(microseconds=copy))
        if self.spread is not None:
            made = made._replace(place=place_in(self.spread.at(number)), store_code=None)
        return Made(made, lead.lead_id, copy, number)


def phase(group: str) -> float:
    """Where the count of a county begins, from 0 to 1; `replay.queries` reckons the same."""
    return int(hashlib.md5(group.encode(), usedforsecurity=False).hexdigest()[:8], 16) / 2**32


def spread_places(places: Sequence[tuple[str, Place]], spread: Spread) -> list[tuple[str, Place]]:
    """Counted people in other counties: some thousands of small groups one after the other, each of its kind."""
    share = max(1, sum(place.came + place.waits for _, place in places) // _GROUPS)
    moved: list[tuple[str, Place]] = []
    for _code, place in places:
        for first in range(0, place.came + place.waits, share):
            county = spread.at(len(moved))
            many = min(share, place.came + place.waits - first)
            came, waits = (many, 0) if place.came else (0, many)
            moved.append((county.code, Place(county.lng, county.lat, _OFF_KM, came, waits, place.kind)))
    return moved


def place_in(county: Division) -> dict[str, Any]:
    """Somewhere in a county, as a lead's place says it."""
    return {"lng": county.lng, "lat": county.lat, "code": county.code, "source": "county", "uncertainty_km": _OFF_KM}
