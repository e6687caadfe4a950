"""A scorecard that is being changed: its stored form, in which texts may stand that are no numbers yet.

The form carries the whole card along; fields are shown for one part at a time: the head, or one attribute. Bins are
in the order of `Scorecard.as_body`, that of the missing last. Nothing here judges: `catalogue.usable` does.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from werkzeug.exceptions import BadRequest

HEAD = "head"
_NUMBERS = ("base_points", "double_odds")
_GRADES = ("A", "B", "C")
_WHOLE = re.compile(r"-?\d{1,9}")
_LONGEST = 400_000  # characters of a card on its way


@dataclass(slots=True)
class Sheet:
    """A card on its way through the form.

    Attributes:
        body: its stored form, not checked.
        shown: the attribute whose fields are shown, by its place; None: the head.
    """

    body: dict[str, Any]
    shown: int | None = None

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Self:
        """What a form sent: the card that it carried, with what stands in the fields.

        Raises:
            BadRequest: no page of ours sent this.
        """
        sheet = cls(_carried(form.get("card", "")))
        shown = form.get("shown", HEAD)
        if shown == HEAD:
            _read_head(sheet.body, form)
        else:
            sheet.show(shown)
            _read_attribute(sheet.attribute, form)
        return sheet

    def show(self, part: str) -> None:
        """Show another part."""
        place = int(part) if part.isascii() and part.isdigit() and len(part) < 6 else -1
        self.shown = place if place in range(len(self.attributes)) else None

    @property
    def attributes(self) -> list[dict[str, Any]]:
        """Its attributes."""
        found: list[dict[str, Any]] = self.body["attributes"]
        return found

    @property
    def attribute(self) -> dict[str, Any]:
        """The one that is shown.

        Raises:
            BadRequest: none is.
        """
        if self.shown is None:
            raise BadRequest
        return self.attributes[self.shown]

    def as_text(self) -> str:
        """The card as the form carries it."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))


def facts_of(attribute: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts of an attribute."""
    return (attribute["fact"],) if "fact" in attribute else tuple(attribute["facts"])


def whole(text: str) -> int | str:
    """Whole points, or the text as it stands."""
    tidy = text.strip().replace("\N{MINUS SIGN}", "-").removeprefix("+")
    return int(tidy) if _WHOLE.fullmatch(tidy) else text.strip()[:40]


def number(text: str) -> float | str:
    """A number, or the text as it stands."""
    tidy = text.strip().replace("\N{MINUS SIGN}", "-")
    try:
        value = float(tidy)
    except ValueError:
        return text.strip()[:40]
    if not math.isfinite(value):
        return text.strip()[:40]
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _carried(text: str) -> dict[str, Any]:
    if len(text) > _LONGEST:
        raise BadRequest
    try:
        body = json.loads(text)
    except ValueError:
        raise BadRequest from None
    if not _is_card(body):
        raise BadRequest
    card: dict[str, Any] = body
    return card


def _is_card(body: Any) -> bool:
    """Whether something is built like a card; what its numbers are worth is not asked."""
    if not isinstance(body, dict) or not isinstance(body.get("attributes"), list):
        return False
    grades = body.get("grades")
    good = isinstance(grades, list) and all(isinstance(each, list) and len(each) == 2 for each in grades)
    return good and all(_is_attribute(each) for each in body["attributes"])


def _is_attribute(part: Any) -> bool:
    if not isinstance(part, dict) or not isinstance(part.get("bins"), list):
        return False
    if isinstance(part.get("fact"), str):
        return _are_bins(part["bins"])
    facts, rows = part.get("facts"), part.get("points")
    pair = isinstance(facts, list) and [type(name) for name in facts] == [str, str] and len(part["bins"]) == 2
    if not pair or not isinstance(rows, list) or not all(map(_are_bins, part["bins"])):
        return False
    first, second = map(len, part["bins"])
    return len(rows) == first and all(isinstance(row, list) and len(row) == second for row in rows)


def _are_bins(bins: Any) -> bool:
    if not isinstance(bins, list) or len(bins) < 2 or not all(isinstance(each, dict) for each in bins):
        return False
    told = all("missing" not in each and _are_words(each.get("values", [])) for each in bins[:-1])
    return told and bins[-1].get("missing") is True


def _are_words(words: Any) -> bool:
    return isinstance(words, list) and all(isinstance(word, str) for word in words)


def _read_head(body: dict[str, Any], form: Mapping[str, str]) -> None:
    for name in _NUMBERS:
        body[name] = whole(form.get(name, str(body.get(name, ""))))
    body["base_odds"] = number(form.get("base_odds", str(body.get("base_odds", ""))))
    before = {grade: least for grade, least in body["grades"] if isinstance(grade, str)}
    body["grades"] = [[grade, whole(form.get(f"grade_{grade}", str(before.get(grade, ""))))] for grade in _GRADES]


def _read_attribute(attribute: dict[str, Any], form: Mapping[str, str]) -> None:
    if "facts" in attribute:
        for i, row in enumerate(attribute["points"]):
            row[:] = [whole(form.get(f"p.{i}.{j}", str(value))) for j, value in enumerate(row)]
        return
    bins = attribute["bins"]
    for i, each in enumerate(bins):
        each["points"] = whole(form.get(f"b.{i}.points", str(each.get("points", ""))))
        if f"b.{i}.below" in form and "below" in each:
            each["below"] = bins[i + 1]["from"] = number(form[f"b.{i}.below"])
    if "other" in form:
        _mark_other(bins, form["other"])


def _mark_other(bins: list[dict[str, Any]], chosen: str) -> None:
    for i, each in enumerate(bins[:-1]):
        each.pop("other", None)
        if str(i) == chosen:
            each["other"] = True
