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


for _code, _text in {
    "fits": _l("All of them have room: there is no bar."),
    "room": _l("With a lower bar more would pass than stores have room for."),
    "step": _l("The room asks for %(wanted)s; the bar goes there night by night."),
    "nobody": _l("Nobody has signed up lately: the bar stays as it was."),
    "no_limit": _l("No store has a limit: there is no bar."),
}.items():
    tell(f"reckoned.{_code}", _text)


def reckoned_words(because: str, wanted: float) -> str:
    """Why a bar is where it is (see `models.BECAUSE`)."""
    return words.say(f"reckoned.{because}", {"wanted": chance_words(wanted) if wanted else str(_("no bar"))})


def bar_words(bar: float) -> str:
    """A reckoned bar."""
    return chance_words(bar) if bar else str(_("no bar"))


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
