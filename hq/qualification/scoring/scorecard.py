"""A scorecard: points per fact, grades; and the score of one person with its reasons.

`Scorecard.parse(body)` and `score(facts, card)` are what the rest of Koi stands on. A card is the same object whether
somebody typed it or it was learnt; nothing here needs more than the standard library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from hq.qualification.scoring.attributes import Attribute, Value
from hq.qualification.scoring.stored import attributes_of, head_of, upgraded

__all__ = ["Explanation", "Score", "Scorecard", "Value", "explain", "grade_of", "probability", "score"]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A whole card.

    Attributes:
        base_points, base_odds: a person with `base_points` buys with these odds (sales to non-sales).
        double_odds: points that double the odds (20, as in facts/leads.md).
        grades: least points of A, B and C; what is below is D.
        attributes: what gives points; the total is `base_points` and theirs.
    """

    base_points: int
    base_odds: float
    double_odds: int
    grades: tuple[tuple[str, int], ...]
    attributes: tuple[Attribute, ...]

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """A card from its stored form (see `default.DEFAULT_CARD`); the first form, with `factors`, is read as well.

        Raises:
            CardRefused: a part is missing or makes no sense: `field` says where, `reason` what. Whether a fact exists
                and may be chosen is the catalogue's question (`catalogue.check`).
        """
        body = upgraded(body)
        head = head_of(body)
        attributes = attributes_of(body)
        return cls(head.base_points, head.base_odds, head.double_odds, head.grades, attributes)

    def as_body(self) -> dict[str, Any]:
        """The stored form; `parse` reads the same card back."""
        return {
            "base_points": self.base_points,
            "base_odds": self.base_odds,
            "double_odds": self.double_odds,
            "grades": [[grade, least] for grade, least in self.grades],
            "attributes": [_stored(attribute) for attribute in self.attributes],
        }

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact that the card looks at, once, in its order."""
        return tuple(dict.fromkeys(fact for attribute in self.attributes for fact in attribute.facts))

    @property
    def most_points(self) -> int:
        """More than this nobody can get."""
        return self.base_points + sum(max(attribute.points) for attribute in self.attributes)

    @property
    def least_points(self) -> int:
        """Fewer than this nobody can get."""
        return self.base_points + sum(min(attribute.points) for attribute in self.attributes)


@dataclass(frozen=True, slots=True)
class Score:
    """Points, the probability of buying (0 to 1), the grade A to D, and what each attribute gave
    (`Attribute.reason`). What becomes of the person is for the thresholds to say."""

    points: int
    probability: float
    grade: str
    reasons: tuple[Mapping[str, Any], ...]


def score(facts: Mapping[str, Value], card: Scorecard) -> Score:
    """Add up the card's points for one person. A fact that is not given is missing, never an error."""
    reasons = tuple(attribute.reason(facts) for attribute in card.attributes)
    total = card.base_points + sum(reason["points"] for reason in reasons)
    return Score(total, probability(total, card), grade_of(total, card), reasons)


def grade_of(points: int, card: Scorecard) -> str:
    """A, B, C, or D for what is below."""
    return next((name for name, least in card.grades if points >= least), "D")


def probability(points: int, card: Scorecard) -> float:
    """The chance of buying, 0 to 1: the base odds doubled every `double_odds` points."""
    log_odds = math.log(card.base_odds) + (points - card.base_points) / card.double_odds * math.log(2)
    if log_odds < 0:
        odds = math.exp(max(log_odds, -700.0))
        return odds / (1 + odds)
    return 1 / (1 + math.exp(-log_odds))


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reasons that raised and that lowered a score most, the strongest first."""

    raised: tuple[Mapping[str, Any], ...]
    lowered: tuple[Mapping[str, Any], ...]


def explain(reasons: Sequence[Mapping[str, Any]], most: int = 3) -> Explanation:
    """The strongest reasons against what people have on average (`effect`; without one, the points).

    Args:
        reasons: of a score, as `score` gave them or as they were stored with a lead.
        most: of each direction.
    """

    def effect(reason: Mapping[str, Any]) -> float:
        return float(reason.get("effect", reason["points"]))

    ordered = sorted(reasons, key=effect)
    raised = tuple(reason for reason in reversed(ordered) if effect(reason) > 0)
    lowered = tuple(reason for reason in ordered if effect(reason) < 0)
    return Explanation(raised[:most], lowered[:most])


def _stored(attribute: Attribute) -> dict[str, Any]:
    neutral = {"neutral": attribute.neutral} if attribute.neutral else {}
    if len(attribute.sides) == 1:
        side = attribute.sides[0]
        bins = [{**each, "points": points} for each, points in zip(side.as_bins(), attribute.points, strict=True)]
        return {"fact": side.fact, "bins": bins, **neutral}
    width = attribute.sides[1].size
    rows = [list(attribute.points[start : start + width]) for start in range(0, len(attribute.points), width)]
    bins_of_both = [side.as_bins() for side in attribute.sides]
    return {"facts": list(attribute.facts), "bins": bins_of_both, "points": rows, **neutral}
