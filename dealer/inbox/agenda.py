"""What is to be done today, out of the leads that a person works on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.leads.queries import Held
from shared.platform.clock import beijing_day


@dataclass(frozen=True, slots=True)
class Agenda:
    """Calls and visits of today, late ones first; `ahead` is the next thing after today, if any."""

    calls: Sequence[Held]
    visits: Sequence[Held]
    ahead: Held | None


class Due(StrEnum):
    """When the next step of a lead is due."""

    LATE = "late"
    TODAY = "today"
    TOMORROW = "tomorrow"
    LATER = "later"
    OPEN = "open"


def due(lead: Held, now: datetime) -> Due:
    """When the next step is due, by Beijing days. A lead that nobody has called yet is due today."""
    if lead.step is None and (lead.next_at is None or lead.next_at > now):
        return Due.TODAY
    if lead.next_at is None:
        return Due.OPEN
    if lead.next_at < now:
        return Due.LATE
    days = (beijing_day(lead.next_at) - beijing_day(now)) // timedelta(days=1)
    return {0: Due.TODAY, 1: Due.TOMORROW}.get(days, Due.LATER)


def agenda(leads: Iterable[Held], now: datetime) -> Agenda:
    """Sort leads (in the order of their next step) into today's calls and visits."""
    known = list(leads)
    today = [lead for lead in known if due(lead, now) in (Due.LATE, Due.TODAY)]
    ahead = [lead for lead in known if due(lead, now) in (Due.TOMORROW, Due.LATER)]
    return Agenda(
        calls=[lead for lead in today if not lead.is_visit],
        visits=[lead for lead in today if lead.is_visit],
        ahead=ahead[0] if ahead else None,
    )


def by_due(leads: Iterable[Held], now: datetime) -> dict[Due, list[Held]]:
    """Leads in groups, the most urgent group first; empty groups are left out."""
    groups: dict[Due, list[Held]] = {group: [] for group in Due}
    for lead in leads:
        groups[due(lead, now)].append(lead)
    return {group: held for group, held in groups.items() if held}
