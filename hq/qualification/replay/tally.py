"""What two cards say of the same people, counted: who goes to a store, which grades, what became of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hq.qualification.scoring.scorecard import Value

#: What became of somebody, the farthest first; `none`: never a lead.
BECAME = ("won", "visited", "contacted", "lost", "unreached", "none")
FIGURES = ("stores", "reached", "visited", "won")
STEP = 10
"""Points of a bar of the distribution."""
Tally = dict[str, Any]
"""`before` and `after` (cards): people who go to a store, of these won, visited and reached; `grades`, `became`,
`points` and the ways to divide people (`touchpoint`, `province`, `store`), each word → numbers (see `add`)."""
_WAYS = ("touchpoint", "province", "store")


@dataclass(frozen=True, slots=True)
class PastPerson:
    """Somebody at the moment of a decision.

    Attributes:
        facts: what was known then.
        campaign_id: of the sign-up that was decided, by whose thresholds the person is judged.
        brought: a store or headquarters wanted the person; no threshold decided.
        became: one of `BECAME`.
        touchpoint, province, store: where the person came in, lives and was sent; empty when nobody knows.
    """

    contact_id: UUID
    lead_id: UUID | None
    at: datetime
    facts: Mapping[str, Value]
    campaign_id: UUID
    brought: bool
    became: str
    touchpoint: str = ""
    province: str = ""
    store: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A person with both scores, and whether each is enough for a store."""

    person: PastPerson
    points_before: int
    points: int
    grade_before: str
    grade: str
    went: bool
    goes: bool


def empty() -> Tally:
    """Of nobody."""
    return {name: {} for name in ("cards", "grades", "became", "points", *_WAYS)}


def add(tally: Tally, people: Sequence[Compared]) -> None:
    """Count people into a tally.

    `cards`: figure → [before, after]; `grades`: grade → [people before, after, won before, after];
    `became`: → [people, went, goes, enter, leave]; `points`: lower bound → [before, after];
    ways: word → [people, went, goes, won and went, won and goes].
    """
    for each in people:
        person, won = each.person, each.person.became == "won"
        _plus(tally["cards"], "stores", each.went, each.goes)
        for figure, reached in _figures(person.became):
            _plus(tally["cards"], figure, reached and each.went, reached and each.goes)
        _plus(tally["grades"], each.grade_before, 1, 0, won, 0)
        _plus(tally["grades"], each.grade, 0, 1, 0, won)
        enters, leaves = each.goes and not each.went, each.went and not each.goes
        _plus(tally["became"], person.became, 1, each.went, each.goes, enters, leaves)
        _plus(tally["points"], str(each.points_before // STEP * STEP), 1, 0)
        _plus(tally["points"], str(each.points // STEP * STEP), 0, 1)
        for way in _WAYS:
            counts = (1, each.went, each.goes, won and each.went, won and each.goes)
            _plus(tally[way], getattr(person, way), *counts)


def _figures(became: str) -> tuple[tuple[str, bool], ...]:
    return (
        ("won", became == "won"),
        ("visited", became in ("won", "visited")),
        ("reached", became in ("won", "visited", "contacted", "lost")),
    )


def _plus(counts: dict[str, list[int]], word: str, *numbers: int) -> None:
    have = counts.setdefault(word, [0] * len(numbers))
    for place, number in enumerate(numbers):
        have[place] += int(number)


def as_text(tally: Tally) -> str:
    """As JSON."""
    return json.dumps(tally, ensure_ascii=False)
