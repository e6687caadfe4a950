"""The facts that a scorecard may look at: their kind, their words, and since when they are known.

What is known only after the dealer's first contact may never be on a card: it says how the store worked, and a card
that looks at it promises at the door what nobody can know there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hq.qualification.scoring.attributes import Categories, Numbers, Side
from hq.qualification.scoring.refusals import CardRefused
from hq.qualification.scoring.scorecard import Scorecard
from shared.signups.models import SOURCES
from shared.signups.submission import BUDGETS, BY_HAND, HORIZONS, TOUCHPOINTS, VEHICLES, VERIFICATIONS


class Moment(StrEnum):
    """Since when a fact is known."""

    SIGN_UP = "sign_up"  # stands when the person signs up, and never changes
    LATER = "later"  # comes after it, from the customer or with time, before a dealer has a hand in it
    CONTACTED = "contacted"  # filled in after the dealer's first contact: never on a card


class Kind(StrEnum):
    """What values a fact has."""

    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    Attributes:
        choices: every value of a choice; empty where new ones may come (models, provinces).
        unit: of a number: `km`, `days`, `hour`, or empty for a count. Words: `fact.<name>`.
    """

    name: str
    kind: Kind
    moment: Moment
    choices: tuple[str, ...] = ()
    unit: str = ""

    @property
    def choosable(self) -> bool:
        """Whether a card may look at it."""
        return self.moment is not Moment.CONTACTED


def _choice(name: str, choices: Sequence[str] = (), moment: Moment = Moment.SIGN_UP) -> Fact:
    return Fact(name, Kind.CHOICE, moment, tuple(choices))


def _number(name: str, unit: str = "", moment: Moment = Moment.SIGN_UP) -> Fact:
    return Fact(name, Kind.NUMBER, moment, unit=unit)


def _yes_no(name: str, moment: Moment = Moment.SIGN_UP) -> Fact:
    return Fact(name, Kind.YES_NO, moment, ("yes", "no"))


WEEKDAYS = tuple("1234567")
"""Monday is 1 (ISO 8601)."""

_FACTS = (
    _choice("purchase_horizon", HORIZONS),
    _choice("current_vehicle", VEHICLES),
    _choice("budget", BUDGETS),
    _choice("model"),
    _choice("touchpoint", (*TOUCHPOINTS, *BY_HAND)),
    _choice("source", SOURCES),
    _number("hour", "hour"),
    _choice("weekday", WEEKDAYS),
    _yes_no("scanned_store", Moment.LATER),
    _yes_no("wechat_known", Moment.LATER),
    _choice("phone_verified", VERIFICATIONS),
    _yes_no("booked_test_ride", Moment.LATER),
    _yes_no("visited_store", Moment.LATER),
    _number("signups", moment=Moment.LATER),
    _number("draws", moment=Moment.LATER),
    _number("store_km", "km"),
    _number("wish_age_days", "days", Moment.LATER),
    *(_number(name, moment=Moment.CONTACTED) for name in ("follow_ups", "calls", "visits")),
    *(_number(name, "days", Moment.CONTACTED) for name in ("days_to_contact", "days_held")),
    *(_choice(name, moment=Moment.CONTACTED) for name in ("stage", "last_follow_up", "decline_reason", "lost_reason")),
    *(_yes_no(name, Moment.CONTACTED) for name in ("contacted", "appointment", "test_ride_done", "won")),
)
CATALOGUE: Mapping[str, Fact] = {fact.name: fact for fact in _FACTS}
"""Every fact of Koi by its name."""


def choosable() -> tuple[Fact, ...]:
    """The facts that a card may look at, in the order in which pages list them."""
    return tuple(fact for fact in _FACTS if fact.choosable)


def check(card: Scorecard, catalogue: Mapping[str, Fact] = CATALOGUE) -> None:
    """See that a card looks only at facts that there are, that are known in time, and cuts them as they are.

    Raises:
        CardRefused: `unknown_fact`, `known_too_late`, `wrong_kind`, `unknown_word`, `word_left_out`.
    """
    for i, attribute in enumerate(card.attributes):
        for side in attribute.sides:
            place = f"attributes.{i}"
            fact = catalogue.get(side.fact)
            if fact is None:
                raise CardRefused(place, "unknown_fact", fact=side.fact)
            if not fact.choosable:
                raise CardRefused(place, "known_too_late", fact=side.fact)
            _check_bins(side, fact, f"{place}.bins")


def usable(body: Mapping[str, Any]) -> Scorecard:
    """A card that Koi's own leads can be scored with: parsed, and checked against the catalogue.

    Raises:
        CardRefused: as `Scorecard.parse` and `check`.
    """
    card = Scorecard.parse(body)
    check(card)
    return card


def _check_bins(side: Side, fact: Fact, place: str) -> None:
    if isinstance(side, Numbers) != (fact.kind is Kind.NUMBER):
        raise CardRefused(place, "wrong_kind", fact=fact.name, kind=fact.kind.value)
    if isinstance(side, Categories) and fact.choices:
        words = [word for group in side.groups for word in group]
        for word in words:
            if word not in fact.choices:
                raise CardRefused(place, "unknown_word", fact=fact.name, word=word)
        for word in fact.choices:
            if word not in words and side.other is None:
                raise CardRefused(place, "word_left_out", fact=fact.name, word=word)
