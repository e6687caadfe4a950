"""A scorecard as pages show it: every attribute with its bins in words and what they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from hq.qualification.scoring.attributes import MISSING, OTHER, Attribute, Categories, Side
from hq.qualification.scoring.scorecard import Scorecard, grade_of, probability
from hq.qualification.scoring.words import bin_words, fact_words
from hq.rules.words import setting_words, value_words


@dataclass(frozen=True, slots=True)
class Line:
    """One attribute.

    Attributes:
        bins: words and points of each bin; of a pair empty.
        columns, rows: of a pair: the second fact's bins, and by bin of the first its words and points.
    """

    name: str
    least: int
    most: int
    bins: Sequence[tuple[str, int]]
    columns: Sequence[str] = ()
    rows: Sequence[tuple[str, Sequence[int]]] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A total, the chance of buying at it (0 to 1), and its grade."""

    points: int
    chance: float
    grade: str


@dataclass(frozen=True, slots=True)
class Told:
    """A whole card: its settings (name, value), attributes, and what totals mean."""

    settings: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    steps: Sequence[Step]


def told(card: Scorecard) -> Told:
    """A card in words."""
    paths = [("base_points",), ("base_odds",), ("double_odds",)]
    settings = [
        (setting_words("scorecard", path), value_words("scorecard", path, getattr(card, path[0]))) for path in paths
    ]
    return Told(settings, [_line(each) for each in card.attributes], steps(card))


def steps(card: Scorecard) -> list[Step]:
    """What the card's own totals mean, the highest first: its grades and base points."""
    totals = {least for _grade, least in card.grades} | {card.base_points}
    return [Step(points, probability(points, card), grade_of(points, card)) for points in sorted(totals, reverse=True)]


def side_words(side: Side) -> list[str]:
    """The bins of one fact in words, that of the missing last."""
    if not isinstance(side, Categories):
        return [word_words(side.fact, side.name(place)) for place in range(side.size)]
    groups = [
        separator().join(
            [
                *(word_words(side.fact, word) for word in group),
                *([word_words(side.fact, OTHER)] if side.other == place else []),
            ]
        )
        for place, group in enumerate(side.groups)
    ]
    return [*groups, word_words(side.fact, MISSING)]


def _line(attribute: Attribute) -> Line:
    name, least, most = fact_words(attribute.facts), min(attribute.points), max(attribute.points)
    first, *second = attribute.sides
    if not second:
        return Line(name, least, most, list(zip(side_words(first), attribute.points, strict=True)))
    width = second[0].size
    rows = [
        (word, attribute.points[place * width : (place + 1) * width]) for place, word in enumerate(side_words(first))
    ]
    return Line(name, least, most, (), side_words(second[0]), rows)


def word_words(fact: str, name: str) -> str:
    """A word of a fact, or the name of its bin, as people read it."""
    return bin_words({"fact": fact, "bin": name})


def separator() -> str:
    """What stands between the words of a list."""
    return str(_(", "))
