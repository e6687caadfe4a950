"""A scorecard's stored form, read strictly: every refusal says where and why.

```
{"base_points": 100, "base_odds": 0.03, "double_odds": 20,
 "grades": [["A", 150], ["B", 120], ["C", 95]],
 "attributes": [
   {"fact": "store_km", "neutral": -1.4,
    "bins": [{"below": 10, "points": 5}, {"from": 10, "points": -8}, {"missing": true, "points": -5}]},
   {"fact": "budget",
    "bins": [{"values": ["<2000"], "points": -15}, {"values": ["2000-3500", "3500-5000"], "other": true, "points": 7},
             {"missing": true, "points": -3}]},
   {"facts": ["budget", "store_km"], "bins": [[…without points…], […]], "points": [[0, 3, 0], [1, -2, 0], [0, 0, 0]]}]}
```

Cards of an earlier form also have a `threshold`; what becomes of people is the thresholds' matter now.

Bins of numbers follow each other without gap or overlap, from below to above; each word is in one bin; one bin, and
nothing else in it, is for what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hq.qualification.scoring.attributes import MISSING, OTHER, Attribute, Categories, Numbers, Side, number_text
from hq.qualification.scoring.refusals import CardRefused

_HEAD = ("base_points", "base_odds", "double_odds", "grades", "attributes")
_FORMER = ("threshold",)  # of cards that said themselves who goes to a store: read, and no longer asked
_GRADES = ("A", "B", "C")
_MOST_POINTS = 100_000  # of one bin; totals then fit everywhere
_MOST_BINS = 2_000  # of one attribute
_MOST_ATTRIBUTES = 200


@dataclass(frozen=True, slots=True)
class Head:
    """What a card says besides its attributes (see `Scorecard`)."""

    base_points: int
    base_odds: float
    double_odds: int
    grades: tuple[tuple[str, int], ...]


def head_of(body: Mapping[str, Any]) -> Head:
    """Read everything but the attributes.

    Raises:
        CardRefused: `missing_part`, `unknown_part`, `not_whole`, `odds`, `not_positive`, `grades`.
    """
    for name in _HEAD:
        if name not in body:
            raise CardRefused(name, "missing_part", part=name)
    for name in body:
        if name not in (*_HEAD, *_FORMER):
            raise CardRefused(str(name), "unknown_part", part=str(name))
    odds, double = body["base_odds"], whole(body["double_odds"], "double_odds")
    if not _is_number(odds) or not 1e-9 <= odds <= 1e9:
        raise CardRefused("base_odds", "odds")
    if double < 1:
        raise CardRefused("double_odds", "not_positive")
    return Head(whole(body["base_points"], "base_points"), float(odds), double, _grades(body["grades"]))


def attributes_of(body: Mapping[str, Any]) -> tuple[Attribute, ...]:
    """Read the attributes.

    Raises:
        CardRefused: at the first thing that makes no sense.
    """
    parts = _list(body["attributes"], "attributes")
    if not 0 < len(parts) <= _MOST_ATTRIBUTES:
        raise CardRefused("attributes", "how_many", most=_MOST_ATTRIBUTES)
    attributes: list[Attribute] = []
    seen: set[frozenset[str]] = set()
    for i, part in enumerate(parts):
        place = f"attributes.{i}"
        attribute = _attribute(_mapping(part, place), place)
        if frozenset(attribute.facts) in seen:
            raise CardRefused(place, "duplicate", fact=" + ".join(attribute.facts))
        seen.add(frozenset(attribute.facts))
        attributes.append(attribute)
    return tuple(attributes)


def whole(value: object, place: str, **params: object) -> int:
    """A whole number of points.

    Raises:
        CardRefused: `not_whole`.
    """
    if type(value) is not int or abs(value) > _MOST_POINTS:
        raise CardRefused(place, "not_whole", value=str(value), **params)
    return value


def upgraded(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The present form of a card; the first form named its attributes `factors` and knew choices and steps."""
    if not isinstance(body, Mapping):
        raise CardRefused("scorecard", "not_a_card")
    if "factors" not in body:
        return body
    parts = _list(body["factors"], "factors")
    attributes = [_of_factor(_mapping(part, f"factors.{i}"), f"factors.{i}") for i, part in enumerate(parts)]
    return {**{name: value for name, value in body.items() if name != "factors"}, "attributes": attributes}


def _of_factor(factor: Mapping[str, Any], place: str) -> dict[str, Any]:
    choices, steps = factor.get("choices"), factor.get("steps")
    if "fact" not in factor or MISSING not in factor or (choices is None) == (not steps):
        raise CardRefused(place, "bins_missing", fact=str(factor.get("fact", "")))
    missing = {MISSING: True, "points": factor[MISSING]}
    if choices is not None:
        words = [{"values": [str(word)], "points": points} for word, points in _mapping(choices, place).items()]
        return {"fact": factor["fact"], "bins": [*words, missing]}
    pairs = [tuple(_list(step, place)) for step in _list(steps, place)]
    if any(len(pair) != 2 or not _is_number(pair[0]) for pair in pairs) or [*map(_low, pairs)] != sorted(
        {*map(_low, pairs)}
    ):
        raise CardRefused(place, "overlap", fact=str(factor["fact"]))
    bounds = [None, *(low for low, _ in pairs[1:]), None]  # below the first step counted as the first
    bins = [
        {name: bound for name, bound in (("from", low), ("below", high)) if bound is not None} | {"points": points}
        for (low, high), (_, points) in zip(pairwise(bounds), pairs, strict=True)
    ]
    return {"fact": factor["fact"], "bins": [*bins, missing]}


def _low(pair: tuple[Any, ...]) -> float:
    return float(pair[0])


def _grades(value: object) -> tuple[tuple[str, int], ...]:
    grades = []
    for pair in _list(value, "grades"):
        name, least = (*_list(pair, "grades"), None, None)[:2]
        grades.append((str(name), whole(least, "grades", grade=str(name))))
    cuts = [least for _, least in grades]
    if tuple(name for name, _ in grades) != _GRADES or any(high <= low for high, low in pairwise(cuts)):
        raise CardRefused("grades", "grades")
    return tuple(grades)


def _attribute(part: Mapping[str, Any], place: str) -> Attribute:
    names = {"fact", "bins", "neutral"} if "fact" in part else {"facts", "bins", "points", "neutral"}
    for name in part:
        if name not in names:
            raise CardRefused(f"{place}.{name}", "unknown_part", part=str(name))
    neutral = part.get("neutral", 0)
    if not _is_number(neutral):
        raise CardRefused(f"{place}.neutral", "not_a_number", value=str(neutral))
    if "fact" in part:
        return _single(part, place, float(neutral))
    return _pair(part, place, float(neutral))


def _single(part: Mapping[str, Any], place: str, neutral: float) -> Attribute:
    fact = _fact(part["fact"], f"{place}.fact")
    bins = _bins(part, place, fact)
    side, order = _side(fact, bins, f"{place}.bins", extra="points")
    points = []
    for i in order:
        if "points" not in bins[i]:
            raise CardRefused(f"{place}.bins.{i}", "points_missing", fact=fact)
        points.append(whole(bins[i]["points"], f"{place}.bins.{i}.points", fact=fact))
    return Attribute((side,), tuple(points), neutral)


def _pair(part: Mapping[str, Any], place: str, neutral: float) -> Attribute:
    facts = [_fact(name, f"{place}.facts") for name in _list(part.get("facts"), f"{place}.facts")]
    if len(facts) != 2 or facts[0] == facts[1]:
        raise CardRefused(f"{place}.facts", "pair")
    bins = _list(part.get("bins"), f"{place}.bins")
    rows = _list(part.get("points"), f"{place}.points")
    if len(bins) != 2:
        raise CardRefused(f"{place}.bins", "pair")
    read = [
        _side(fact, _maps(each, f"{place}.bins.{i}"), f"{place}.bins.{i}")
        for i, (fact, each) in enumerate(zip(facts, bins, strict=True))
    ]
    (first, down), (second, across) = read
    name = " + ".join(facts)
    if len(rows) != first.size or any(len(_list(row, f"{place}.points")) != second.size for row in rows):
        raise CardRefused(f"{place}.points", "points_missing", fact=name)
    if first.size * second.size > _MOST_BINS:
        raise CardRefused(f"{place}.bins", "too_many_bins", fact=name, most=_MOST_BINS)
    points = tuple(whole(rows[i][j], f"{place}.points.{i}.{j}", fact=name) for i in down for j in across)
    return Attribute((first, second), points, neutral)


def _bins(part: Mapping[str, Any], place: str, fact: str) -> list[Mapping[str, Any]]:
    if not part.get("bins"):
        raise CardRefused(f"{place}.bins", "bins_missing", fact=fact)
    return _maps(part["bins"], f"{place}.bins")


def _side(fact: str, bins: Sequence[Mapping[str, Any]], place: str, extra: str | None = None) -> tuple[Side, list[int]]:
    """The bins of one fact, and where in the stored list each of them stands."""
    for i, each in enumerate(bins):
        for name in each:
            if name not in ("from", "below", "values", OTHER, MISSING, extra):
                raise CardRefused(f"{place}.{i}.{name}", "unknown_part", part=str(name))
    if len(bins) > _MOST_BINS:
        raise CardRefused(place, "too_many_bins", fact=fact, most=_MOST_BINS)
    missing = [i for i, each in enumerate(bins) if each.get(MISSING) is True]
    if len(missing) != 1:
        raise CardRefused(place, "missing_bin", fact=fact)
    if set(bins[missing[0]]) - {MISSING, extra}:
        raise CardRefused(f"{place}.{missing[0]}", "missing_bin", fact=fact)
    told = [i for i in range(len(bins)) if i != missing[0]]
    if not told:
        raise CardRefused(place, "bins_missing", fact=fact)
    words = ["values" in bins[i] or OTHER in bins[i] for i in told]
    if any(words) != all(words):
        raise CardRefused(place, "mixed_bins", fact=fact)
    if all(words):
        return _categories(fact, bins, told, place), [*told, missing[0]]
    return _numbers(fact, bins, told, missing[0], place)


def _numbers(
    fact: str, bins: Sequence[Mapping[str, Any]], told: Sequence[int], missing: int, place: str
) -> tuple[Numbers, list[int]]:
    for i in told:
        for name in ("from", "below"):
            if name in bins[i] and not _is_number(bins[i][name]):
                raise CardRefused(f"{place}.{i}.{name}", "not_a_number", value=str(bins[i][name]), fact=fact)
    ordered = sorted(told, key=lambda i: float(bins[i].get("from", -math.inf)))
    low: float | None = None  # where the next bin has to begin; None: without a beginning
    for step, i in enumerate(ordered):
        start, end = bins[i].get("from"), bins[i].get("below")
        _check_joint(low, start, f"{place}.{i}", fact, first=step == 0)
        last = i == ordered[-1]
        if (end is None) != last:
            raise CardRefused(
                f"{place}.{i}", "gap" if last else "overlap", fact=fact, number=number_text(end or start or 0)
            )
        if end is not None and start is not None and end <= start:
            raise CardRefused(f"{place}.{i}", "empty_bin", fact=fact)
        low = end
    cuts = tuple(float(bins[i]["from"]) for i in ordered[1:])
    return Numbers(fact, cuts), [*ordered, missing]


def _check_joint(low: float | None, start: float | None, place: str, fact: str, *, first: bool) -> None:
    """Bins follow each other: this one begins where the last ended."""
    if first and start is not None:
        raise CardRefused(place, "gap", fact=fact, number=number_text(start))
    if first:
        return
    if start is None or low is None or start < low:
        raise CardRefused(place, "overlap", fact=fact, number=number_text(start if start is not None else low or 0))
    if start > low:
        raise CardRefused(place, "gap", fact=fact, number=number_text(low))


def _categories(fact: str, bins: Sequence[Mapping[str, Any]], told: Sequence[int], place: str) -> Categories:
    groups: list[tuple[str, ...]] = []
    other = None
    seen: set[str] = set()
    for i in told:
        if "from" in bins[i] or "below" in bins[i]:
            raise CardRefused(f"{place}.{i}", "mixed_bins", fact=fact)
        words = [str(word) for word in _list(bins[i].get("values", []), f"{place}.{i}.values")]
        for word in words:
            if word in seen:
                raise CardRefused(f"{place}.{i}.values", "word_twice", fact=fact, word=word)
            seen.add(word)
        if bins[i].get(OTHER) is True:
            if other is not None:
                raise CardRefused(f"{place}.{i}", "other_twice", fact=fact)
            other = len(groups)
        elif not words:
            raise CardRefused(f"{place}.{i}", "empty_bin", fact=fact)
        groups.append(tuple(words))
    return Categories(fact, tuple(groups), other)


def _fact(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise CardRefused(place, "no_fact")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _list(value: object, place: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise CardRefused(place, "not_a_list")
    return list(value)


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CardRefused(place, "not_a_list")
    return value


def _maps(value: object, place: str) -> list[Mapping[str, Any]]:
    return [_mapping(each, f"{place}.{i}") for i, each in enumerate(_list(value, place))]
