"""The form of thresholds: what it sends, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from flask_babel import gettext as _

from hq.qualification.thresholds.rules import FILL, GRADES, STEP, Bar, By, Thresholds
from shared.platform.errors import Invalid

_PERCENT = re.compile(r"\d{1,2}(\.\d{1,4})?")
_WHOLE = re.compile(r"\d{1,4}")
_USUAL = Bar()


@dataclass(slots=True)
class Sheet:
    """What stands in the form.

    Attributes:
        fates: grade → word.
        campaigns: key as text → the same, of campaigns with fates of their own.
        by: where the bar comes from.
        numbers: name → text, also of what `by` does not ask for.
        errors: place → sentence; a place is a path of the stored form.
    """

    fates: dict[str, str]
    campaigns: dict[str, dict[str, str]]
    by: str
    numbers: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> Self:
        """From the stored form."""
        read = Thresholds.parse(body).as_body()
        bar = read["bar"]
        least = f"{bar['least'] * 100:.6g}" if "least" in bar else ""
        numbers = {"least": least, "fill": str(bar.get("fill", _USUAL.fill)), "step": str(bar.get("step", _USUAL.step))}
        return cls(read["fates"], read["campaigns"], bar["by"], numbers)

    @classmethod
    def of_form(cls, form: Mapping[str, str], campaigns: Sequence[str]) -> Self:
        """From what a browser sent.

        Args:
            campaigns: keys of the campaigns that there are.
        """
        kept = [key for key in campaigns if f"of.{key}.A" in form and f"drop.{key}" not in form]
        others = {key: {grade: form.get(f"of.{key}.{grade}", "") for grade in GRADES} for key in kept}
        added = form.get("add", "")
        if added in campaigns:
            others[added] = {grade: form.get(f"added.{grade}", "") for grade in GRADES}
        fates = {grade: form.get(f"fates.{grade}", "") for grade in GRADES}
        numbers = {name: form.get(name, "").strip() for name in ("least", "fill", "step")}
        return cls(fates, others, form.get("by", ""), numbers)

    def body(self) -> dict[str, Any] | None:
        """The stored form, or None when something is wrong: `errors` says what."""
        body = {"fates": self.fates, "campaigns": self.campaigns, "bar": self._bar()}
        try:
            Thresholds.parse(body)
        except Invalid as refusal:
            self.errors[self._place(str(refusal.params["field"]))] = _why(refusal)
            return None
        return body

    def _bar(self) -> dict[str, Any]:
        if self.by == By.CHANCE:
            typed = self.numbers["least"].replace(",", ".")
            return {"by": self.by, "least": float(typed) / 100 if _PERCENT.fullmatch(typed) else None}
        if self.by == By.CAPACITY:
            return {"by": self.by, **{name: _whole(self.numbers[name]) for name in ("fill", "step")}}
        return {"by": self.by}

    def _place(self, place: str) -> str:
        """Where the form shows what is wrong: of fates at their line."""
        return place.rpartition(".")[0] if place.startswith(("fates.", "campaigns.")) else place


def _whole(typed: str) -> int | None:
    return int(typed) if _WHOLE.fullmatch(typed) else None


def _why(refusal: Invalid) -> str:
    reason = refusal.params.get("reason")
    if reason == "order":
        return str(_("A lower grade cannot fare better than a higher one."))
    if reason == "nobody":
        return str(_("At least grade A has to go to stores; a single campaign may do without."))
    if refusal.params["field"] == "bar.least":
        return str(_("A percentage above 0 and below 100, such as 1.5"))
    if refusal.params["field"] == "campaigns":
        return str(_("At most %(most)s campaigns have fates of their own.", most=refusal.params["most"]))
    if limits := {"bar.fill": FILL, "bar.step": STEP}.get(str(refusal.params["field"])):
        return str(_("A whole number from %(least)s to %(most)s", least=limits[0], most=limits[1]))
    return str(_("Choose one"))
