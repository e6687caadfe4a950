"""What somebody asks for when a card is to be learnt: small readings that all of its forms share."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from hq.qualification.fits.wishes import Wished
from hq.qualification.scoring.catalogue import Kind, choosable
from shared.platform.errors import Invalid

_SPLITS = ("folds", "time")
TURNS = {"up": 1, "down": -1, "one": 0}
"""How points of a number may go: only up, only down, or whichever one way the outcomes say."""


class WishRefused(Invalid):
    """A field of the form makes no sense; `params["field"]` names it, `said` is what to say there."""

    def __init__(self, field: str, said: Any) -> None:
        super().__init__(field=field)
        self.said = str(said)


def asked_of_own(form: MultiDict[str, str]) -> Wished:
    """What the form about Koi's own leads asks for.

    Raises:
        WishRefused: a day that is none, the end before the beginning, or no fact is left.
    """
    since, until = _day(form, "since"), _day(form, "until")
    if since and until and until <= since:
        raise WishRefused("until", _("The end lies before the beginning"))
    facts = choosable()
    wanted = set(form.getlist("fact")) if "facts" in form else {fact.name for fact in facts}
    if not any(fact.name in wanted for fact in facts):
        raise WishRefused("fact", _("Tick at least one fact"))
    return Wished(
        split=split_of(form),
        since=since,
        until=until,
        exclude=tuple(fact.name for fact in facts if fact.name not in wanted),
        monotone={
            fact.name: direction_of(turn)
            for fact in facts
            if fact.kind is Kind.NUMBER and fact.name in wanted and (turn := form.get(f"turn-{fact.name}", ""))
        },
    )


def direction_of(turn: str) -> int:
    """A choice of `TURNS` as learning takes it; what is none of them as the outcomes say."""
    return TURNS.get(turn, 0)


def listed(text: str) -> tuple[str, ...]:
    """Words with commas between them."""
    return tuple(part.strip() for part in text.replace("，", ",").split(",") if part.strip())[:50]


def split_of(form: MultiDict[str, str]) -> str:
    """How the card is tested."""
    chosen = form.get("split", "folds")
    return chosen if chosen in _SPLITS else "folds"


def _day(form: MultiDict[str, str], name: str) -> str:
    written = form.get(name, "").strip()
    try:
        return date.fromisoformat(written).isoformat() if written else ""
    except ValueError:
        raise WishRefused(name, _("Write a day such as 2026-11-20")) from None
