"""The page on which a scorecard is changed: what stands in its fields, what it comes to, and what is wrong where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import lazy_gettext as _l

from hq.qualification.lately.counting import BinCount, Lately, bins_of, grades_of, information_value
from hq.qualification.scoring import catalogue
from hq.qualification.scoring.attributes import Attribute
from hq.qualification.scoring.catalogue import CATALOGUE, Fact, Moment
from hq.qualification.scoring.refusals import CardRefused
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.scoring.words import fact_words, refusal_words
from hq.rules import card_words, difference, words
from hq.rules.card_acts import addable
from hq.rules.card_form import Sheet, facts_of
from hq.rules.verdicts import strength_of
from shared.web.words import tell

_BIN = re.compile(r"attributes\.(?P<place>\d+)(?:\.(?P<part>bins|points)\.(?P<i>\d+)(?:\.(?P<j>\d+))?)?.*")
_MOST_BESIDE = 3

tell("card_refused.nothing_ticked", _l("Tick the words that belong elsewhere first"))
tell("unit.km", _l("km"))
tell("unit.days", _l("days"))
tell("unit.hour", _l("o'clock"))
tell("card_refused.word_length", _l("Write the word, with at most 60 characters"))


@dataclass(frozen=True, slots=True)
class Item:
    """One attribute in the list on the left; `share` of the widest span of points, 0 to 1."""

    place: int
    name: str
    span: str
    share: float


@dataclass(frozen=True, slots=True)
class Row:
    """One bin. `words` (word, how it is said) of a choice; `low` and `below` of a number, empty where it has no end.

    Attributes:
        before: what the version in force gives to those in it; `hand`: that is something else.
        count: who was in it lately; None when nobody was counted, or the card makes no sense.
    """

    points: Any
    before: str
    hand: bool = False
    label: str = ""
    words: Sequence[tuple[str, str]] = ()
    low: str = ""
    below: str = ""
    other: bool = False
    count: BinCount | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """Two bins together: points, those in force, whether they differ, and who was in both lately."""

    points: Any
    before: str
    hand: bool
    count: BinCount | None


@dataclass(frozen=True, slots=True)
class Head:
    """A bin of one fact of a pair: its words, whether it can be joined with the next, and parted into its words."""

    label: str
    joins: bool
    parts: bool


@dataclass(frozen=True, slots=True)
class PairSide:
    """One fact of a pair: its name, whether its bins are cut at numbers, and the heads of its bins."""

    name: str
    number: bool
    heads: Sequence[Head]


@dataclass(frozen=True, slots=True)
class GradeLine:
    """A grade: who has it with the version in force and with this one, of the people of lately."""

    grade: str
    before: BinCount | None
    after: BinCount


@dataclass(frozen=True, slots=True)
class Part:
    """The attribute that is shown. `kind` is number, words, free (words that nobody lists) or pair.

    `rows` are its bins; of a pair `rows` are the first fact's bins, each with its `cells`.

    Attributes:
        iv, strength: how well it told buyers apart lately, and the word for it; None and "" when too few have ended.
        sides: of a pair, its two facts.
    """

    name: str
    kind: str
    unit: str
    rows: Sequence[Row]
    columns: Sequence[Head] = ()
    cells: Sequence[Sequence[Cell]] = ()
    sides: Sequence[PairSide] = ()
    iv: float | None = None
    strength: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template shows. `errors` by the field's name; `refused` as a sentence of its own."""

    sheet: Sheet
    items: Sequence[Item]
    part: Part | None
    steps: Sequence[card_words.Step]
    changes: Sequence[str]
    facts: Mapping[str, Sequence[Fact]]
    pairable: Sequence[Fact]
    lately: Lately | None = None
    grades: Sequence[GradeLine] = ()
    refused: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def page_of(
    sheet: Sheet, active: Mapping[str, Any] | None, lately: Lately | None, refusal: CardRefused | None = None
) -> Page:
    """A page.

    Args:
        lately: people to count in its bins.
        active: the body in force, to compare with.
        refusal: why what was asked cannot be done; without one, the card itself is looked at.
    """
    card, wrong = _usable(sheet.body)
    shown = refusal or wrong
    before = Scorecard.parse(active) if active is not None else None
    return Page(
        sheet,
        _items(sheet),
        _part(sheet, card, before, lately) if sheet.shown is not None else None,
        card_words.steps(card) if card else (),
        words.changes_words("scorecard", difference.of_cards(before, card)) if card and before else (),
        _grouped(addable(sheet)),
        catalogue.choosable(),
        lately,
        _grades(card, before, lately) if card and lately and lately.people else (),
        refusal_words(shown) if shown else "",
        _errors(sheet, shown) if shown else {},
    )


def part_of(refusal: CardRefused) -> str | None:
    """The part of the card where something is wrong, as `Sheet.show` names it; None: not in one part."""
    found = _BIN.fullmatch(refusal.field)
    if found:
        return found["place"]
    return None if refusal.field in ("attributes", "scorecard") else "head"


def _usable(body: Mapping[str, Any]) -> tuple[Scorecard | None, CardRefused | None]:
    try:
        return catalogue.usable(body), None
    except CardRefused as refusal:
        return None, refusal


def _errors(sheet: Sheet, refusal: CardRefused) -> dict[str, str]:
    said, found = refusal_words(refusal), _BIN.fullmatch(refusal.field)
    if found is None:
        return {refusal.field: said}
    if sheet.shown != int(found["place"]):
        return {}
    if found["part"] == "points" and found["j"]:
        return {f"p.{found['i']}.{found['j']}": said}
    return {f"b.{found['i']}" if found["i"] else "attribute": said}


def _items(sheet: Sheet) -> list[Item]:
    spans = [_span(attribute) for attribute in sheet.attributes]
    widest = max((high - low for low, high in spans), default=0) or 1
    return [
        Item(place, fact_words(facts_of(each)), f"{words.signed(low)} … {words.signed(high)}", (high - low) / widest)
        for place, (each, (low, high)) in enumerate(zip(sheet.attributes, spans, strict=True))
    ]


def _span(attribute: Mapping[str, Any]) -> tuple[int, int]:
    rows = attribute["points"] if "facts" in attribute else [[each.get("points") for each in attribute["bins"]]]
    points = [value for row in rows for value in row if isinstance(value, int)]
    return min(points, default=0), max(points, default=0)


def _grades(card: Scorecard, before: Scorecard | None, lately: Lately) -> list[GradeLine]:
    olds = grades_of(before, lately) if before else {}
    return [GradeLine(grade, olds.get(grade), count) for grade, count in grades_of(card, lately).items()]


def _part(sheet: Sheet, card: Scorecard | None, before: Scorecard | None, lately: Lately | None) -> Part:
    attribute = sheet.attribute
    counts = bins_of(card.attributes[sheet.shown or 0], lately) if card and lately else []
    iv = information_value(counts) if counts else None
    part = _plain_part(attribute, card.attributes[sheet.shown or 0] if card else None, before, counts)
    return replace(part, iv=iv, strength=strength_of(iv) if iv is not None else "")


def _plain_part(
    attribute: Mapping[str, Any], read: Attribute | None, before: Scorecard | None, counts: Sequence[BinCount]
) -> Part:
    facts = facts_of(attribute)
    beside = _beside(read, before)
    if len(facts) == 2:
        return _pair(facts, attribute, beside, counts)
    known = CATALOGUE.get(facts[0])
    if any("values" in each for each in attribute["bins"]):
        kind = "words" if known is None or known.choices else "free"
    else:
        kind = "number"
    rows = [
        replace(_row(facts[0], each, beside.get(place, "")), count=counts[place] if counts else None)
        for place, each in enumerate(attribute["bins"])
    ]
    return Part(fact_words(facts), kind, known.unit if known else "", rows)


def _row(fact: str, each: Mapping[str, Any], before: str) -> Row:
    points = each.get("points", "")
    hand = _differs(points, before)
    if each.get("missing"):
        return Row(points, before, hand, card_words.word_words(fact, "missing"))
    said = [(word, card_words.word_words(fact, word)) for word in each.get("values", [])]
    low, below = _bound(each.get("from")), _bound(each.get("below"))
    return Row(points, before, hand, "", said, low, below, bool(each.get("other")))


def _differs(points: Any, before: str) -> bool:
    return bool(before) and before != (words.signed(points) if isinstance(points, int) else points)


def _pair(
    facts: Sequence[str], attribute: Mapping[str, Any], beside: Mapping[int, str], counts: Sequence[BinCount]
) -> Part:
    sides = [_pair_side(fact, bins) for fact, bins in zip(facts, attribute["bins"], strict=True)]
    width = len(sides[1].heads)

    def cell(value: Any, place: int) -> Cell:
        old = beside.get(place, "")
        return Cell(value, old, _differs(value, old), counts[place] if counts else None)

    cells = [[cell(value, i * width + j) for j, value in enumerate(row)] for i, row in enumerate(attribute["points"])]
    rows = [Row("", "", label=head.label) for head in sides[0].heads]
    return Part(fact_words(facts), "pair", "", rows, sides[1].heads, cells, sides)


def _pair_side(fact: str, bins: Sequence[Mapping[str, Any]]) -> PairSide:
    words = any("values" in each for each in bins)
    heads = [
        Head(
            _bin_words(fact, each),
            i < len(bins) - 2,
            len(each.get("values", [])) + bool(each.get("other")) > 1,
        )
        for i, each in enumerate(bins)
    ]
    return PairSide(fact_words([fact]), not words, heads)


def _bin_words(fact: str, each: Mapping[str, Any]) -> str:
    if each.get("missing"):
        return card_words.word_words(fact, "missing")
    if "values" in each or each.get("other"):
        named = [*each.get("values", []), *(["other"] if each.get("other") else [])]
        return card_words.separator().join(card_words.word_words(fact, word) for word in named)
    low, below = _bound(each.get("from")), _bound(each.get("below"))
    name = f"{low}..{below}" if low and below else f"<{below}" if below else f"{low}+" if low else "any"
    return card_words.word_words(fact, name)


def _beside(attribute: Attribute | None, before: Scorecard | None) -> dict[int, str]:
    """By bin, the points that the version in force gives to those in it."""
    if attribute is None or before is None:
        return {}
    old = next((each for each in before.attributes if set(each.facts) == set(attribute.facts)), None)
    if old is None or any(
        type(side) is not type(next(each for each in old.sides if each.fact == side.fact)) for side in attribute.sides
    ):
        return {}
    return {
        place: " / ".join(map(words.signed, points)) if len(points) <= _MOST_BESIDE else "…"
        for place, points in enumerate(difference.beside(old, attribute))
    }


def _bound(value: Any) -> str:
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def _grouped(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    groups: dict[str, list[Fact]] = {moment.value: [] for moment in Moment}
    for fact in facts:
        groups[fact.moment.value].append(fact)
    return {moment: members for moment, members in groups.items() if members}
