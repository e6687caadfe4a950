"""What a person may do to two facts that are one attribute of a card: put them on it, join, cut and part their bins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from hq.qualification.scoring.catalogue import CATALOGUE, Fact, Kind
from hq.qualification.scoring.refusals import CardRefused
from hq.rules.card_form import Sheet, facts_of, number

Form = MultiDict[str, str]
_MOST = 400  # cells of a pair that are still read by people


def bins_of(fact: Fact) -> list[dict[str, Any]]:
    """Bins that a fact begins with, without that of the missing: one for a number, one for each answer."""
    if fact.kind is Kind.NUMBER:
        return [{"points": 0}]
    if fact.choices:
        return [{"values": [word], "points": 0} for word in fact.choices]
    return [{"values": [], "other": True, "points": 0}]


def chosen(name: str, field: str) -> Fact:
    """A fact that a card may look at.

    Raises:
        CardRefused: there is none of that name, or it is known only after the first contact.
    """
    fact = CATALOGUE.get(name)
    if fact is None:
        raise CardRefused(field, "no_fact")
    if not fact.choosable:
        raise CardRefused(field, "known_too_late", fact=fact.name)
    return fact


def add(sheet: Sheet, _place: str, form: Form) -> None:
    """Put two facts on the card as one attribute, in the bins that each has on it alone, with 0 points."""
    facts = [chosen(form.get(field, ""), field) for field in ("first", "second")]
    names = [fact.name for fact in facts]
    if names[0] == names[1]:
        raise CardRefused("second", "pair")
    if any(set(facts_of(each)) == set(names) for each in sheet.attributes):
        raise CardRefused("second", "duplicate", fact=" + ".join(names))
    bins = [_as_alone(sheet, fact) for fact in facts]
    if len(bins[0]) * len(bins[1]) > _MOST:
        raise CardRefused("second", "too_many_bins", fact=" + ".join(names), most=_MOST)
    sheet.attributes.append({"facts": names, "bins": bins, "points": [[0] * len(bins[1]) for _ in bins[0]]})
    sheet.shown = len(sheet.attributes) - 1


def join(sheet: Sheet, place: str, _form: Form) -> None:
    """Join a bin of one fact with the next; the points of the earlier one stay."""
    side, i = _cell(place)
    bins = _bins(sheet, side)
    if i >= len(bins) - 2:
        raise BadRequest
    merged(bins, i)
    _along(sheet, side, lambda line: [*line[: i + 1], *line[i + 2 :]])


def cut(sheet: Sheet, place: str, form: Form) -> None:
    """Cut a bin of a number, at the number that stands in the field of its side."""
    side, _i = _cell(f"{place}:0")
    bins, name = _bins(sheet, side), facts_of(sheet.attribute)[side]
    value = number(form.get(f"cut-{side}", ""))
    at = parted(bins, value, fact=name, field=f"cut-{side}")
    _along(sheet, side, lambda line: [*line[: at + 1], *line[at:]])


def part(sheet: Sheet, place: str, _form: Form) -> None:
    """Give each word of a bin a bin of its own, with the points that it had."""
    side, i = _cell(place)
    bins = _bins(sheet, side)
    if i >= len(bins) - 1 or len(bins[i].get("values", [])) + bool(bins[i].get("other")) < 2:
        raise BadRequest
    words, other = bins[i]["values"], bool(bins[i].get("other"))
    alone: list[dict[str, Any]] = [{"values": [word]} for word in words]
    bins[i : i + 1] = [*alone, *([{"values": [], "other": True}] if other else [])]
    _along(sheet, side, lambda line: [*line[:i], *[line[i]] * (len(words) + other), *line[i + 1 :]])


def merged(bins: list[dict[str, Any]], i: int) -> None:
    """Join bin `i` with the one below."""
    upper, lower = bins[i], bins.pop(i + 1)
    if "values" in upper or "values" in lower:
        upper["values"] = [*upper.get("values", []), *lower.get("values", [])]
        if lower.get("other"):
            upper["other"] = True
    elif "below" in lower:
        upper["below"] = lower["below"]
    else:
        upper.pop("below", None)


def parted(bins: list[dict[str, Any]], value: Any, *, fact: str, field: str) -> int:
    """Cut the bin that a number is in; returns its place.

    Raises:
        CardRefused: it is no number, or a bin begins there already.
    """
    if isinstance(value, str):
        raise CardRefused(field, "not_a_number", value=value, fact=fact)
    place = sum(1 for each in bins[:-2] if _known(each.get("below")) <= value)
    if _known(bins[place].get("from")) == value:
        raise CardRefused(field, "empty_bin", fact=fact)
    lower = bins[place]
    upper = {**lower, "from": value}
    lower["below"] = value
    bins.insert(place + 1, upper)
    return place


def _known(bound: Any) -> float:
    return float(bound) if isinstance(bound, int | float) else float("-inf")


def _as_alone(sheet: Sheet, fact: Fact) -> list[dict[str, Any]]:
    """The bins of a fact without points: those that it has on the card alone, else those that it begins with."""
    own = next((each["bins"] for each in sheet.attributes if facts_of(each) == (fact.name,)), None)
    bins = deepcopy(own) if own is not None else [*bins_of(fact), {"missing": True}]
    for each in bins:
        each.pop("points", None)
    return bins


def _cell(place: str) -> tuple[int, int]:
    side, _colon, i = place.partition(":")
    if side not in ("0", "1") or not (i.isascii() and i.isdigit() and len(i) < 6):
        raise BadRequest
    return int(side), int(i)


def _bins(sheet: Sheet, side: int) -> list[dict[str, Any]]:
    if "facts" not in sheet.attribute:
        raise BadRequest
    bins: list[dict[str, Any]] = sheet.attribute["bins"][side]
    return bins


def _along(sheet: Sheet, side: int, changed: Callable[[list[Any]], list[Any]]) -> None:
    """Change every line of points along one fact's bins."""
    rows: list[list[Any]] = sheet.attribute["points"]
    if side == 0:
        columns = [changed(list(column)) for column in zip(*rows, strict=True)]
        sheet.attribute["points"] = [list(row) for row in zip(*columns, strict=True)]
    else:
        sheet.attribute["points"] = [changed(row) for row in rows]


ACTS: Mapping[str, Callable[[Sheet, str, Form], None]] = {"pair": add, "join": join, "slice": cut, "part": part}
