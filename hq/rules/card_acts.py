"""What a person may do to a card that is being changed: add and take away attributes, cut, join and regroup bins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from hq.qualification.scoring.catalogue import CATALOGUE, Fact
from hq.qualification.scoring.refusals import CardRefused
from hq.rules import card_pairs
from hq.rules.card_form import Sheet, facts_of, number

Form = MultiDict[str, str]
_NEW = "new"


def do(sheet: Sheet, act: str, form: Form) -> None:
    """Do what a button says, `name` or `name:place`.

    Raises:
        CardRefused: it cannot be done like this; nothing was.
        BadRequest: there is no such button.
    """
    name, _colon, place = act.partition(":")
    if name not in _ACTS:
        raise BadRequest
    _ACTS[name](sheet, place, form)


def _show(sheet: Sheet, place: str, _form: Form) -> None:
    sheet.show(place)


def _add(sheet: Sheet, _place: str, form: Form) -> None:
    fact = card_pairs.chosen(form.get("fact", ""), "fact")
    if any(facts_of(each) == (fact.name,) for each in sheet.attributes):
        raise CardRefused("fact", "duplicate", fact=fact.name)
    sheet.attributes.append({"fact": fact.name, "bins": [*card_pairs.bins_of(fact), {"missing": True, "points": 0}]})
    sheet.shown = len(sheet.attributes) - 1


def _drop(sheet: Sheet, _place: str, _form: Form) -> None:
    sheet.attributes.remove(sheet.attribute)
    sheet.shown = None if sheet.shown in (None, 0) else sheet.shown - 1


def _merge(sheet: Sheet, place: str, _form: Form) -> None:
    """Join a bin with the one below; the points of the upper one stay."""
    bins = _single(sheet)["bins"]
    i = _index(place, len(bins) - 2)
    card_pairs.merged(bins, i)


def _cut(sheet: Sheet, _place: str, form: Form) -> None:
    """Cut the bin that a number is in, at that number."""
    attribute = _single(sheet)
    card_pairs.parted(attribute["bins"], number(form.get("cut", "")), fact=attribute["fact"], field="cut")


def _move(sheet: Sheet, _place: str, form: Form) -> None:
    """Put the ticked words into another bin, or into one of their own."""
    attribute = _single(sheet)
    bins, ticked = attribute["bins"], set(form.getlist("tick"))
    moved = [word for each in bins[:-1] for word in each.get("values", []) if word in ticked]
    if not moved:
        raise CardRefused("tick", "nothing_ticked", fact=attribute["fact"])
    to = form.get("to", _NEW)
    target = bins[_index(to, len(bins) - 1)] if to != _NEW else _own_bin(bins, moved[0])
    for each in bins[:-1]:
        each["values"] = [word for word in each.get("values", []) if word not in moved]
    target["values"] = [*target.get("values", []), *moved]
    attribute["bins"] = [each for each in bins if each.get("missing") or each.get("other") or each.get("values")]


def _own_bin(bins: list[dict[str, Any]], word: str) -> dict[str, Any]:
    """A new bin behind the one that a word is in, with the same points."""
    place = next(i for i, each in enumerate(bins) if word in each.get("values", []))
    made: dict[str, Any] = {"values": [], "points": bins[place]["points"]}
    bins.insert(place + 1, made)
    return made


def _word(sheet: Sheet, _place: str, form: Form) -> None:
    """Name a word of its own that so far counted among all others."""
    attribute = _single(sheet)
    word = form.get("word", "").strip()
    if not word or len(word) > 60:
        raise CardRefused("word", "word_length", fact=attribute["fact"])
    if any(word in each.get("values", []) for each in attribute["bins"]):
        raise CardRefused("word", "word_twice", fact=attribute["fact"], word=word)
    points = next((each["points"] for each in attribute["bins"] if each.get("other")), 0)
    attribute["bins"].insert(len(attribute["bins"]) - 1, {"values": [word], "points": points})


def _look(_sheet: Sheet, _place: str, _form: Form) -> None:
    """Only show what the fields come to."""


_ACTS: Mapping[str, Callable[[Sheet, str, Form], None]] = {
    "look": _look,
    "show": _show,
    "add": _add,
    "drop": _drop,
    "merge": _merge,
    "cut": _cut,
    "move": _move,
    "word": _word,
    **card_pairs.ACTS,
}


def _single(sheet: Sheet) -> dict[str, Any]:
    if "fact" not in sheet.attribute:
        raise BadRequest
    return sheet.attribute


def _index(text: str, many: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < many):
        raise BadRequest
    return int(text)


def addable(sheet: Sheet) -> Sequence[Fact]:
    """The facts of the catalogue that no attribute looks at alone, those that may not be chosen as well."""
    there = {facts_of(each)[0] for each in sheet.attributes if "fact" in each}
    return [fact for fact in CATALOGUE.values() if fact.name not in there]
