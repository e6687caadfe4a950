"""Words for what the thresholds said of somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.web import words
from shared.web.words import tell

BECAUSE = ("grade", "campaign", "bar")
"""See `fates.Fated`."""

for _code, _text in {
    "grade.stores": _l("Grade %(grade)s goes to stores"),
    "grade.nurture": _l("Grade %(grade)s is nurtured: content, no store"),
    "grade.close": _l("Grade %(grade)s is closed: no store, nothing more"),
    "campaign.stores": _l("Grade %(grade)s goes to stores in this campaign"),
    "campaign.nurture": _l("Grade %(grade)s is nurtured in this campaign: content, no store"),
    "campaign.close": _l("Grade %(grade)s is closed in this campaign: no store, nothing more"),
}.items():
    tell(f"fated.{_code}", _text)


def fated_words(told: Mapping[str, Any], grade: str) -> str:
    """A sentence of `fates.told`, for somebody of a grade."""
    if told["because"] != "bar":
        return words.say(f"fated.{told['because']}.{told['fate']}", {"grade": grade})
    least = chance_words(told["least"])
    if told.get("reckoning"):
        return str(_("Stores have room from a chance of %(least)s on this week: nurtured", least=least))
    return str(_("Stores get people from a chance of %(least)s on: nurtured", least=least))


def chance_words(chance: float) -> str:
    """A chance with as many digits as tell it from its neighbours."""
    return f"{chance * 100:.3g}%"
