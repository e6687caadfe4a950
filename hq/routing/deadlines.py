"""The deadlines of a lead at a store: pure, in the store's own working time.

A store claims an offer before its deadline. From the claim on the first contact is due, and after each report the next
follow-up. A reminder goes before. A deadline that passes is a breach: after a while the dealer's owner is told, then
headquarters, and then the lead is taken back, unless a follow-up came first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from hq.routing.rules import RoutingRules
from shared.dealers.hours import DEFAULT_HOURS, NeverOpen, WeeklyHours, deadline

CLAIM, CONTACT, FOLLOW_UP = "claim", "contact", "follow_up"
SOON: Mapping[str, str] = {CLAIM: "claim_soon", CONTACT: "contact_soon", FOLLOW_UP: "follow_up_soon"}
LATE: Mapping[str, str] = {CLAIM: "claim_late", CONTACT: "contact_late", FOLLOW_UP: "follow_up_late"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTimes:
    """Until when an offer may be claimed, and when its store is reminded (None: not)."""

    deadline_at: datetime
    remind_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is due for a lead that a store holds, and what happens when nobody follows up; None: does not happen.

    Attributes:
        due_kind: `contact` or `follow_up`.
        owner_at, hq_at: when the dealer's owner and headquarters are told.
        recycle_at: when the lead is taken back.
    """

    due_kind: str
    due_at: datetime
    remind_at: datetime | None = None
    owner_at: datetime | None = None
    hq_at: datetime | None = None
    recycle_at: datetime | None = None


class Planned(NamedTuple):
    """The latest that a store has planned for a lead: a call or the like, and a visit that is booked."""

    step_at: datetime | None = None
    visit_at: datetime | None = None


def claim_deadline(start: datetime, minutes: float, hours: WeeklyHours) -> datetime:
    """So many working minutes later; a store that never opens is taken to keep usual hours."""
    try:
        return deadline(start, minutes, hours)
    except NeverOpen:
        return deadline(start, minutes, DEFAULT_HOURS)


def claim_times(rules: RoutingRules, *, start: datetime, minutes: float, hours: WeeklyHours) -> ClaimTimes:
    """The times of an offer that is made at `start` and may be claimed for so many working minutes."""
    return ClaimTimes(
        deadline_at=claim_deadline(start, minutes, hours), remind_at=_reminder(rules, start, minutes, hours)
    )


def schedule(
    rules: RoutingRules,
    *,
    kind: str,
    start: datetime,
    grade: str,
    campaign: str | None,
    hours: WeeklyHours,
    protected: bool = False,
) -> Schedule:
    """What is due from `start` on.

    Args:
        start: the claim, the last report, or what the store has planned after it.
        protected: the customer is bound to the store otherwise, so the lead is not taken back by the clock.
    """
    of_kind = rules.contact_minutes if kind == CONTACT else rules.follow_up_minutes
    minutes = of_kind(grade, campaign)
    due_at = claim_deadline(start, minutes, hours)
    recycle_at = None if protected else _after(due_at, rules.recycle_minutes, hours) or due_at
    owner_at = _before(_after(due_at, rules.owner_minutes, hours), recycle_at)
    hq_at = _before(_after(owner_at or due_at, rules.hq_minutes, hours), recycle_at)
    return Schedule(
        due_kind=kind,
        due_at=due_at,
        remind_at=_reminder(rules, start, minutes, hours),
        owner_at=owner_at,
        hq_at=hq_at,
        recycle_at=recycle_at,
    )


def counts_from(rules: RoutingRules, reported: datetime, planned: Planned) -> datetime:
    """From when the next follow-up is reckoned: the last report, or what is planned after it, as far as that counts."""
    ahead = ((planned.step_at, rules.plan_days), (planned.visit_at, rules.visit_days))
    return max([reported, *(_at_most(at, reported, days) for at, days in ahead if at is not None)])


def _at_most(moment: datetime, start: datetime, days: int | None) -> datetime:
    return moment if days is None else min(moment, start + timedelta(days=days))


def _reminder(rules: RoutingRules, start: datetime, minutes: float, hours: WeeklyHours) -> datetime | None:
    """When to remind of a deadline that is `minutes` after `start`; None where there would be no time in between."""
    if rules.remind_minutes is not None:
        passed = minutes - rules.remind_minutes
    elif rules.remind_percent is not None:
        passed = minutes * rules.remind_percent / 100
    else:
        return None
    return claim_deadline(start, passed, hours) if 0 < passed < minutes else None


def _after(moment: datetime, minutes: float | None, hours: WeeklyHours) -> datetime | None:
    return None if minutes is None else claim_deadline(moment, minutes, hours)


def _before(moment: datetime | None, end: datetime | None) -> datetime | None:
    """A moment, unless everything is over by then."""
    return None if moment is None or (end is not None and moment >= end) else moment
