"""What a follow-up form offers: outcomes, times for the next step, and which of them an outcome suggests. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from shared.leads.words import Kind, Outcome
from shared.platform.clock import BEIJING

#: Chosen as an outcome, these end the lead.
WON, LOST = "won", "lost"
#: The next step's day is picked by hand.
PICK = "pick"
CHOICES = (
    Outcome.INTERESTED,
    Outcome.APPOINTMENT,
    Outcome.NO_ANSWER,
    Outcome.WECOM_ADDED,
    Outcome.VISITED,
    Outcome.NOTED,
    WON,
    LOST,
)
_MORNING = time(10)
_AFTERNOON = time(15)
_SOON = timedelta(minutes=30)

KIND_OF: Mapping[Outcome, Kind] = MappingProxyType(
    {
        Outcome.INTERESTED: Kind.CALL,
        Outcome.NO_ANSWER: Kind.CALL,
        Outcome.APPOINTMENT: Kind.CALL,
        Outcome.WECOM_ADDED: Kind.MESSAGE,
        Outcome.VISITED: Kind.VISIT,
        Outcome.NOTED: Kind.NOTE,
    }
)
#: Codes of times that an outcome suggests, the first that is offered counts.
SUGGESTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Outcome.INTERESTED: ("tomorrow",),
        Outcome.APPOINTMENT: (PICK,),
        Outcome.NO_ANSWER: ("afternoon", "tomorrow"),
        Outcome.WECOM_ADDED: ("in_two_days",),
        Outcome.VISITED: ("tomorrow",),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A time that the form proposes. `code` names its words: afternoon, tomorrow, in_two_days, monday, in_a_week."""

    code: str
    when: datetime


def next_times(now: datetime) -> list[Choice]:
    """Times for the next step, the earliest first; this afternoon only while it lies ahead, no moment twice."""
    today = now.astimezone(BEIJING).date()
    wanted = [
        ("afternoon", datetime.combine(today, _AFTERNOON, BEIJING)),
        ("tomorrow", _morning(today + timedelta(days=1))),
        ("in_two_days", _morning(today + timedelta(days=2))),
        ("monday", _morning(today + timedelta(days=7 - today.weekday()))),
        ("in_a_week", _morning(today + timedelta(days=7))),
    ]
    seen: dict[datetime, str] = {}
    for code, when in wanted:
        if when >= now + _SOON:
            seen.setdefault(when, code)
    return [Choice(code, when) for when, code in sorted(seen.items())]


def _morning(day: date) -> datetime:
    return datetime.combine(day, _MORNING, BEIJING)
