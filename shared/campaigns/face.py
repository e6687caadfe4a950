"""What a campaign shows and promises, and what may still be changed once it has begun. Pure.

What is published is what SAMR Order 32 (规范促销行为暂行规定) asks for before the start, art. 13: kinds, names, values
and numbers of prizes, draw time and method, redemption, organiser and contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

MOST_PRIZES: Final = 8
TOP_VALUE: Final = Decimal(50_000)  # yuan; Order 32, art. 17: no prize is worth more
PHONE_CHECKS: Final = ("optional", "required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prize:
    """A kind of prize: `value` in yuan at market price, for one of them; `count`: how many there are."""

    tier: str
    name: str
    value: Decimal
    count: int

    @property
    def price(self) -> str:
        """The value as people write it: `4,999` or `19.90`."""
        return f"{self.value:,.0f}" if self.value == self.value.to_integral_value() else f"{self.value:,.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One version of what a campaign shows.

    Attributes:
        headline: the promise in a few words; empty: the campaign's name.
        organiser, contact: who answers for it, and how they are reached.
        draw_at: when prizes are drawn; draw_method: how, so that a stranger can check it.
        redemption: when, where and how a prize is handed over, and when it lapses.
        rules: everything else, in the organiser's words.
        picture: storage key, empty for none.
    """

    headline: str = ""
    organiser: str = ""
    contact: str = ""
    draw_at: datetime | None = None
    draw_method: str = ""
    redemption: str = ""
    rules: str = ""
    prizes: tuple[Prize, ...] = ()
    picture: str = ""

    def as_body(self) -> dict[str, Any]:
        """The stored form."""
        prizes = [{**asdict(prize), "value": str(prize.value)} for prize in self.prizes]
        return {**asdict(self), "draw_at": self.draw_at.isoformat() if self.draw_at else None, "prizes": prizes}

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Face:
        """A face from its stored form."""
        prizes = tuple(Prize(**{**prize, "value": Decimal(prize["value"])}) for prize in body["prizes"])
        draw_at = datetime.fromisoformat(body["draw_at"]) if body["draw_at"] else None
        return cls(**{**body, "draw_at": draw_at, "prizes": prizes})

    @property
    def missing(self) -> tuple[str, ...]:
        """What the law asks to be published and is not there yet, as field names."""
        asked = ("organiser", "contact", "draw_at", "draw_method", "redemption", "rules", "prizes")
        return tuple(name for name in asked if not getattr(self, name))


def worsened(before: Face, after: Face) -> dict[str, str]:
    """What must not change any more once people sign up, by field, with a code for why; empty: all of it may.

    Order 32, art. 13: nothing is changed or added afterwards except in the consumer's favour. What was left empty may
    be filled in; more prizes, more of them or worthier ones are in favour; to the rules something may be added at the
    end. Picture and contact are no promise.
    """
    found = {
        name: "face_fixed"
        for name in ("headline", "organiser", "draw_at", "draw_method", "redemption")
        if getattr(before, name) and getattr(before, name) != getattr(after, name)
    }
    if not after.rules.startswith(before.rules):
        found["rules"] = "face_rules_only_longer"
    if before.contact and not after.contact:
        found["contact"] = "face_fixed"
    if len(after.prizes) < len(before.prizes) or any(map(_less, before.prizes, after.prizes)):
        found["prizes"] = "face_prizes_only_more"
    return found


def _less(before: Prize, after: Prize) -> bool:
    same = (before.tier, before.name) == (after.tier, after.name)
    return not same or after.value < before.value or after.count < before.count
