"""The points of very many people at once: the same card, the same answers as `scorecard.score`, with numpy.

Facts come as one column each: a float array for numbers (NaN: not told), or `Told` for anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hq.qualification.scoring.attributes import Attribute, Numbers, Side, Value
from hq.qualification.scoring.scorecard import Scorecard, grade_of, probability

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """One fact of many people, each different value once.

    Attributes:
        values: the different values; None: not told.
        codes: by person, the place of the value in `values`.
    """

    values: tuple[Value, ...]
    codes: npt.NDArray[np.int64]

    @classmethod
    def of(cls, values: Sequence[Value]) -> Self:
        """A fact, value by value."""
        places: dict[tuple[type, Value], int] = {}  # 1 and True are the same key, and not the same answer
        codes = np.fromiter(
            (places.setdefault((type(value), value), len(places)) for value in values), np.int64, len(values)
        )
        return cls(tuple(value for _, value in places), codes)


Column = Floats | Told


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """By person the points, the probability (0 to 1), the grade, and per attribute the bin."""

    points: npt.NDArray[np.int64]
    probability: Floats
    grade: npt.NDArray[np.str_]
    places: tuple[Places, ...]


def score_many(facts: Mapping[str, Column], card: Scorecard, people: int) -> Scores:
    """Score people, each as `scorecard.score` would.

    Args:
        facts: by name, columns of `people` values; a fact that is not there is missing for everybody.
    """
    points = np.full(people, card.base_points, dtype=np.int64)
    places = tuple(_places(attribute, facts, people) for attribute in card.attributes)
    for attribute, place in zip(card.attributes, places, strict=True):
        points += np.array(attribute.points, dtype=np.int64)[place]
    totals, which = np.unique(points, return_inverse=True)
    chances = np.array([probability(int(total), card) for total in totals], dtype=np.float64)
    grades = np.array([grade_of(int(total), card) for total in totals], dtype=np.str_)
    if not people:
        return Scores(points, np.empty(0), np.empty(0, dtype="U1"), places)
    return Scores(points, chances[which], grades[which], places)


def reasons_many(facts: Mapping[str, Column], card: Scorecard, people: int) -> Iterator[str]:
    """Everybody's reasons as JSON texts, as `score` gives them (`leads.reasons`), in order."""
    parts = [_reason_texts(attribute, facts, people) for attribute in card.attributes]
    for told in zip(*parts, strict=True):
        yield f"[{', '.join(told)}]"


def _places(attribute: Attribute, facts: Mapping[str, Column], people: int) -> Places:
    place = _side_places(attribute.sides[0], facts, people)
    for side in attribute.sides[1:]:
        place = place * side.size + _side_places(side, facts, people)
    return place


def _side_places(side: Side, facts: Mapping[str, Column], people: int) -> Places:
    column = facts.get(side.fact)
    if column is None:
        return np.full(people, side.place(None), dtype=np.int64)
    if isinstance(column, Told):
        return np.array([side.place(value) for value in column.values], dtype=np.int64)[column.codes]
    if isinstance(side, Numbers):
        found = np.searchsorted(np.array(side.cuts, dtype=np.float64), column, side="right")
        return np.where(np.isnan(column), side.place(None), found).astype(np.int64)
    values, codes = np.unique(column, return_inverse=True)
    return np.array([side.place(float(value)) for value in values], dtype=np.int64)[codes]


def _reason_texts(attribute: Attribute, facts: Mapping[str, Column], people: int) -> list[str]:
    """By person the reason of one attribute; each different one is written once."""
    examples, which = _examples(attribute.sides[0], facts, people)
    told: list[dict[str, Any]] = [{attribute.sides[0].fact: value} for value in examples]
    for side in attribute.sides[1:]:
        more, other = _examples(side, facts, people)
        told = [{**each, side.fact: value} for each in told for value in more]
        which = which * len(more) + other
    texts = np.array([json.dumps(attribute.reason(each)) for each in told], dtype=object)
    written: list[str] = texts[which].tolist()
    return written


def _examples(side: Side, facts: Mapping[str, Column], people: int) -> tuple[list[Value], Places]:
    """Values that between them give every reason there is, and by person which."""
    column = facts.get(side.fact)
    if column is None:
        return [None], np.zeros(people, dtype=np.int64)
    if isinstance(side, Numbers):
        inside: list[Value] = [*([side.cuts[0] - 1] if side.cuts else [0.0]), *side.cuts, None]
        return inside, _side_places(side, facts, people)
    if isinstance(column, Told):
        return list(column.values), column.codes
    values, codes = np.unique(column, return_inverse=True)
    return [float(value) for value in values], codes.astype(np.int64)
