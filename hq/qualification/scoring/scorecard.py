"""A points card: points per fact, a threshold, grades; and the score of one person with its reasons."""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from shared.platform.errors import Invalid

Value = str | int | float | bool | None
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Factor:
    """The points of one fact.

    Attributes:
        fact: its name in the facts.
        choices: points by value (text, or "yes"/"no" of a truth value); an unknown value counts as missing.
        steps: points from a number upwards, ascending; below the first step counts as the first.
        missing: points when the fact is not told: its own bin, not a zero.
    """

    fact: str
    missing: int
    choices: Mapping[str, int] | None = None
    steps: tuple[tuple[float, int], ...] = ()

    def bin(self, value: Value) -> tuple[str, int]:
        """The bin that a value falls into, and its points: a word, a step as `3+`, or `missing`."""
        if value is None:
            return MISSING, self.missing
        if self.choices is not None:
            text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
            return (text, self.choices[text]) if text in self.choices else (MISSING, self.missing)
        place = bisect_right(self.steps, float(value), key=lambda step: step[0])
        low, points = self.steps[max(place - 1, 0)]
        return f"{low:g}+", points


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A whole card.

    Attributes:
        base_points, base_odds: a person with `base_points` buys with these odds (sales to non-sales).
        double_odds: points that double the odds (20, as in facts/leads.md).
        threshold: fewer points are nurtured, not given to a dealer.
        grades: least points of A, B and C; what is below is D.
    """

    base_points: int
    base_odds: float
    double_odds: int
    threshold: int
    grades: tuple[tuple[str, int], ...]
    factors: tuple[Factor, ...]

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """A card from its stored form (see `default.DEFAULT_CARD`).

        Raises:
            Invalid: a part is missing or has the wrong type; `field` names it.
        """
        try:
            card = cls(
                int(body["base_points"]),
                float(body["base_odds"]),
                int(body["double_odds"]),
                int(body["threshold"]),
                tuple((str(grade), int(least)) for grade, least in body["grades"]),
                tuple(_factor(part) for part in body["factors"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid(field="scorecard", problem=str(error)) from error
        if card.base_odds <= 0 or card.double_odds <= 0 or not card.factors:
            raise Invalid(field="scorecard", problem="odds, double_odds and factors")
        return card


@dataclass(frozen=True, slots=True)
class Score:
    """Points, the probability of buying (0 to 1), the grade A to D, the points of every fact, and whether
    it is enough for a dealer."""

    points: int
    probability: float
    grade: str
    reasons: tuple[Mapping[str, Any], ...]
    enough: bool


def score(facts: Mapping[str, Value], card: Scorecard) -> Score:
    """Add up the card's points for one person. A fact that is not given is missing, never an error."""
    reasons = []
    total = card.base_points
    for factor in card.factors:
        name, points = factor.bin(facts.get(factor.fact))
        total += points
        reasons.append({"fact": factor.fact, "bin": name, "points": points})
    grade = next((name for name, least in card.grades if total >= least), "D")
    return Score(total, probability(total, card), grade, tuple(reasons), total >= card.threshold)


def probability(points: int, card: Scorecard) -> float:
    """The chance of buying, 0 to 1: the base odds doubled every `double_odds` points."""
    log_odds = math.log(card.base_odds) + (points - card.base_points) / card.double_odds * math.log(2)
    return 1 / (1 + math.exp(-log_odds))


def _factor(part: Mapping[str, Any]) -> Factor:
    choices, steps = part.get("choices"), part.get("steps", ())
    if (choices is None) == (not steps):
        raise ValueError(f"factor {part['fact']}: either choices or steps")
    ordered = tuple((float(low), int(points)) for low, points in steps)
    if list(ordered) != sorted(ordered, key=lambda step: step[0]):
        raise ValueError(f"factor {part['fact']}: steps must ascend")
    known = None if choices is None else {str(value): int(points) for value, points in choices.items()}
    return Factor(str(part["fact"]), int(part["missing"]), known, ordered)
