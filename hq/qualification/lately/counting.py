"""What a card does with the people of lately: how many are in each bin, how many bought, which grades. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hq.qualification.scoring.attributes import Attribute, Side, Value
from hq.qualification.scoring.scorecard import Scorecard, grade_of

FEWEST = 20
"""Ends of each kind below which nothing is said of how well an attribute tells people apart."""
_SMOOTH = 0.5  # people that each bin has besides those counted, so that an empty one says nothing infinite


@dataclass(frozen=True, slots=True)
class Coded:
    """One fact of many people: each different value once, and by person which."""

    values: tuple[Value, ...]
    codes: Sequence[int]

    @classmethod
    def of(cls, values: Iterable[Value]) -> Coded:
        """A fact, value by value."""
        places: dict[tuple[type, Value], int] = {}  # 1 and True are the same key, and not the same answer
        codes = [places.setdefault((type(value), value), len(places)) for value in values]
        return cls(tuple(value for _, value in places), codes)


@dataclass(frozen=True, slots=True)
class Lately:
    """The people of lately.

    Attributes:
        since: the earliest of the latest people.
        latest: by person 1, or 0 for somebody who is only here because the end is known.
        won: by person 1 won, 0 lost, -1 not known.
    """

    taken_at: datetime
    since: datetime | None
    facts: Mapping[str, Coded]
    latest: Sequence[int]
    won: Sequence[int]

    @property
    def people(self) -> int:
        """The latest people."""
        return sum(self.latest)

    @property
    def ended(self) -> int:
        """People whose end is known."""
        return sum(each >= 0 for each in self.won)


@dataclass(frozen=True, slots=True)
class BinCount:
    """One bin: the latest people in it, and of those whose end is known how many there are and how many bought."""

    people: int
    share: float
    ended: int
    won: int

    @property
    def rate(self) -> float | None:
        """Share who bought; None where nobody's end is known."""
        return self.won / self.ended if self.ended else None


def bins_of(attribute: Attribute, lately: Lately) -> list[BinCount]:
    """Every bin of an attribute, in its order."""
    places = _places(attribute, lately)
    here = Counter(place for place, latest in zip(places, lately.latest, strict=True) if latest)
    ended = Counter((place, won) for place, won in zip(places, lately.won, strict=True) if won >= 0)
    total = sum(here.values()) or 1
    return [
        BinCount(here[place], here[place] / total, ended[place, 1] + ended[place, 0], ended[place, 1])
        for place in range(len(attribute.points))
    ]


def information_value(bins: Sequence[BinCount]) -> float | None:
    """How well the bins tell buyers apart (Siddiqi 2006); None with too few ends."""
    won, lost = sum(each.won for each in bins), sum(each.ended - each.won for each in bins)
    if min(won, lost) < FEWEST:
        return None
    total = 0.0
    filled = [each for each in bins if each.ended]
    for each in filled:
        good = (each.won + _SMOOTH) / (won + _SMOOTH * len(filled))
        bad = (each.ended - each.won + _SMOOTH) / (lost + _SMOOTH * len(filled))
        total += (good - bad) * math.log(good / bad)
    return total


def grades_of(card: Scorecard, lately: Lately) -> dict[str, BinCount]:
    """By grade the people that a card gives it to."""
    totals = [card.base_points] * len(lately.won)
    for attribute in card.attributes:
        points = attribute.points
        totals = [total + points[place] for total, place in zip(totals, _places(attribute, lately), strict=True)]
    named = {total: grade_of(total, card) for total in set(totals)}
    grades = [named[total] for total in totals]
    here = Counter(grade for grade, latest in zip(grades, lately.latest, strict=True) if latest)
    ended = Counter((grade, won) for grade, won in zip(grades, lately.won, strict=True) if won >= 0)
    people = sum(here.values()) or 1
    return {
        grade: BinCount(here[grade], here[grade] / people, ended[grade, 1] + ended[grade, 0], ended[grade, 1])
        for grade in (*(name for name, _least in card.grades), "D")
    }


def as_json(facts: Mapping[str, Coded]) -> dict[str, Any]:
    """The stored form of facts."""
    return {name: {"values": list(each.values), "codes": list(each.codes)} for name, each in facts.items()}


def from_json(stored: Mapping[str, Any]) -> dict[str, Coded]:
    """Read the stored form."""
    return {name: Coded(tuple(each["values"]), each["codes"]) for name, each in stored.items()}


def _places(attribute: Attribute, lately: Lately) -> list[int]:
    """By person the bin."""
    first, *second = (_side(side, lately) for side in attribute.sides)
    if not second:
        return first
    width = attribute.sides[1].size
    return [place * width + other for place, other in zip(first, second[0], strict=True)]


def _side(side: Side, lately: Lately) -> list[int]:
    coded = lately.facts.get(side.fact)
    if coded is None:
        return [side.place(None)] * len(lately.won)
    table = [side.place(value) for value in coded.values]
    return [table[code] for code in coded.codes]
