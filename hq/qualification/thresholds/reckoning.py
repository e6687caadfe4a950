"""The bar of chance at which as many people pass as stores can take. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

DAYS = 7
"""Days ahead for which a bar is reckoned."""
_CERTAIN = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Demand:
    """People with one chance of buying whose grade goes to stores.

    Attributes:
        chance: 0 to 1.
        coming: expected in the next `DAYS` days.
        waiting: in nurture, who would come back at once.
    """

    chance: float
    coming: float
    waiting: int = 0

    @property
    def people(self) -> float:
        """All of them."""
        return self.coming + self.waiting


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A bar and what it rests on.

    Attributes:
        bar: the least chance for a store; 0: everybody passes whose grade goes to stores.
        wanted: the bar that the room asks for, before the step was limited.
        room: people that stores can take in the next `DAYS` days; None: no store has a limit.
        passing: people who are expected to pass at `bar`.
        because: `fits` (no bar is needed), `room`, `step` (it moved as far as it may), `nobody` (nobody signed up
            lately: it stays as it was), `no_limit` (no store has one).
    """

    bar: float
    wanted: float
    room: int | None
    passing: float
    because: str


def reckon(demand: Sequence[Demand], *, room: int | None, before: float | None, step: int) -> Reckoned:
    """The bar for the next `DAYS` days.

    Args:
        demand: in whatever order; several of one chance are taken together.
        room: people that stores can take then, 0 or more; None: as many as come.
        before: the bar of the reckoning before; None: this is the first, and it may be anywhere.
        step: percent by which the odds at the bar may change.
    """
    if not demand:
        return Reckoned(before or 0.0, before or 0.0, room, 0.0, "nobody")
    wanted = 0.0 if room is None else least_for(demand, room)
    lowest = min(each.chance for each in demand)
    bar = wanted if before is None else _toward(wanted, before, step, lowest)
    fits = "no_limit" if room is None else "fits"
    because = "step" if bar != wanted else "room" if wanted else fits
    return Reckoned(bar, wanted, room, passing(demand, bar), because)


def least_for(demand: Sequence[Demand], room: int) -> float:
    """The smallest chance from which on no more people pass than there is room for; 0 when all have room.

    Those with the best chance of all pass in any case: a full week is no reason to send stores nobody.
    """
    people, least = 0.0, 0.0
    best_first = sorted(demand, key=attrgetter("chance"), reverse=True)
    for chance, alike in groupby(best_first, key=attrgetter("chance")):
        people += sum(each.people for each in alike)
        if people > room:
            return least or chance
        least = chance
    return 0.0


def passing(demand: Sequence[Demand], bar: float) -> float:
    """People who are expected to pass at a bar."""
    return sum(each.people for each in demand if each.chance >= bar)


def _toward(wanted: float, before: float, step: int, lowest: float) -> float:
    """As far as one step goes from the bar before to the one that is wanted. No bar at all stands where everybody
    just passes, so that the way from it and to it has a length too."""
    here, there = (_odds(max(each, lowest)) for each in (before, wanted))
    most = 1 + step / 100
    if here / most <= there <= here * most:
        return wanted
    odds = min(max(there, here / most), here * most)
    return odds / (1 + odds)


def _odds(chance: float) -> float:
    bounded = min(chance, _CERTAIN)
    return bounded / (1 - bounded)
