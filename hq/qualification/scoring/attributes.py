"""What a scorecard looks at: a fact cut into bins, or two facts together, and whole points for every bin."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = str | int | float | bool | None
MISSING, OTHER = "missing", "other"


def as_text(value: Value) -> str:
    """A value as categories name it: a truth value as yes or no, a whole number without a point."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number_text(value: float) -> str:
    """A bound as bins are named by: the shortest digits that read back as the same number."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number cut at bounds.

    Attributes:
        fact: its name in the facts.
        cuts: ascending; bin `i` is from `cuts[i - 1]` to below `cuts[i]`, the first and last have no end, and the
            one after the last is for what is missing.
    """

    fact: str
    cuts: tuple[float, ...]
    _names: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # frozen: worked out once, for every lead to come
        object.__setattr__(self, "_names", tuple(map(self._name, range(len(self.cuts) + 2))))

    @property
    def size(self) -> int:
        """Bins, that of the missing included."""
        return len(self.cuts) + 2

    def place(self, value: Value) -> int:
        """The bin of a value. Not told, not a number, or a text: missing."""
        if value is None or isinstance(value, str) or math.isnan(value):
            return len(self.cuts) + 1
        return bisect_right(self.cuts, value)

    def name(self, place: int, value: Value = None) -> str:
        """The bin as reasons name it: `<10`, `10..30`, `100+` or `missing`."""
        del value
        return self._names[place]

    def _name(self, place: int) -> str:
        if place == len(self.cuts) + 1:
            return MISSING
        bounds = [number_text(cut) for cut in self.cuts[max(place - 1, 0) : place + 1]]
        if not bounds:
            return "any"
        if place == 0:
            return f"<{bounds[0]}"
        return f"{bounds[0]}+" if place == len(self.cuts) else f"{bounds[0]}..{bounds[1]}"

    def as_bins(self) -> list[dict[str, Any]]:
        """The bins in their stored form, without points."""
        ends = [None, *self.cuts], [*self.cuts, None]
        bins = [
            {name: cut for name, cut in (("from", low), ("below", high)) if cut is not None}
            for low, high in zip(*ends, strict=True)
        ]
        return [*bins, {MISSING: True}]


@dataclass(frozen=True, slots=True)
class Categories:
    """A word out of several.

    Attributes:
        fact: its name in the facts.
        groups: the words of each bin; the bin after the last is for what is missing.
        other: the bin of words that no group names; None: they count as missing.
    """

    fact: str
    groups: tuple[tuple[str, ...], ...]
    other: int | None = None
    _places: Mapping[str, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        places = {word: place for place, words in enumerate(self.groups) for word in words}
        object.__setattr__(self, "_places", places)  # frozen: worked out once, for every lead to come

    @property
    def size(self) -> int:
        """Bins, that of the missing included."""
        return len(self.groups) + 1

    def place(self, value: Value) -> int:
        """The bin of a value."""
        if value is None or value != value:  # a NaN tells nothing
            return len(self.groups)
        return self._places.get(as_text(value), len(self.groups) if self.other is None else self.other)

    def name(self, place: int, value: Value = None) -> str:
        """The bin as reasons name it: the word itself, `other` or `missing`."""
        if place == len(self.groups):
            return MISSING
        word = as_text(value)
        return word if word in self._places else OTHER

    def as_bins(self) -> list[dict[str, Any]]:
        """The bins in their stored form, without points."""
        bins: list[dict[str, Any]] = [
            {"values": list(words), **({OTHER: True} if place == self.other else {})}
            for place, words in enumerate(self.groups)
        ]
        return [*bins, {MISSING: True}]


Side = Numbers | Categories


@dataclass(frozen=True, slots=True)
class Attribute:
    """One line of the card: a fact, or two facts together.

    Attributes:
        sides: one, or two for a pair.
        points: by bin; of a pair row by row, the second fact's bins fastest.
        neutral: the points that people have on average: a reason raises or lowers a score against these.
    """

    sides: tuple[Side, ...]
    points: tuple[int, ...]
    neutral: float = 0.0

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of its facts."""
        return tuple(side.fact for side in self.sides)

    def place(self, facts: Mapping[str, Value]) -> int:
        """The bin that a person falls into."""
        place = 0
        for side in self.sides:
            place = place * side.size + side.place(facts.get(side.fact))
        return place

    def reason(self, facts: Mapping[str, Value]) -> dict[str, Any]:
        """What this attribute says of a person.

        Returns:
            `fact`, `bin` (see `name`), `points`; of a pair `with`: `fact` and `bin` of the second; and where people
            have other points than 0 on average, `effect`: the points against these, one decimal.
        """
        place, told = 0, []
        for side in self.sides:
            value = facts.get(side.fact)
            own = side.place(value)
            place = place * side.size + own
            told.append({"fact": side.fact, "bin": side.name(own, value)})
        points = self.points[place]
        more: dict[str, Any] = {"with": told[1]} if len(told) > 1 else {}
        if self.neutral:
            more["effect"] = round(points - self.neutral, 1)
        return {**told[0], "points": points, **more}

    def places(self, place: int) -> tuple[int, ...]:
        """The bin of each side within the bin of the attribute."""
        if len(self.sides) == 1:
            return (place,)
        return divmod(place, self.sides[1].size)
