"""Weekly opening hours of a store, and the working time between two moments. Beijing time throughout.

China has kept one time zone without summer time since 1991, so wall-clock arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.platform.clock import BEIJING
from shared.platform.errors import DomainError, Invalid

#: An opening: minutes after midnight, the end not included; 1440 is the next midnight.
Span = tuple[int, int]

DAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_LONGEST_CLOSURE = 400  # days; a store that is shut for longer is taken for one that never opens


class BadHours(Invalid):
    """Opening hours that cannot be understood; `params["text"]` is the part that cannot."""

    code = "hours_unreadable"


class NeverOpen(DomainError):
    """The store has no opening to count towards a deadline."""

    code = "store_never_open"
    status = 409


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """When a store is open: for Monday to Sunday the spans of that day, in order and apart.

    `closed` are Beijing days on which it is shut all the same.
    """

    week: tuple[tuple[Span, ...], ...]
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != len(DAY_KEYS):
            raise BadHours(text=f"{len(self.week)} days")
        for spans in self.week:
            edges = [0, *(edge for span in spans for edge in span), _DAY_MINUTES]
            if edges != sorted(edges) or any(opens >= closes for opens, closes in spans):
                raise BadHours(text=", ".join(map(_span_text, spans)))

    @classmethod
    def of(cls, openings: Sequence[Sequence[Span]]) -> WeeklyHours:
        """Hours from the openings of each day, Monday first.

        Overlaps are joined; an opening that ends at or before its start runs past midnight.

        Raises:
            BadHours: not seven days, or a time outside 0 to 1440.
        """
        days: list[list[Span]] = [[] for _ in DAY_KEYS]
        if len(openings) != len(days):
            raise BadHours(text=f"{len(openings)} days")
        for number, spans in enumerate(openings):
            for opens, closes in spans:
                if opens < closes:
                    days[number].append((opens, closes))
                else:
                    days[number].append((opens, _DAY_MINUTES))
                    days[(number + 1) % 7].append((0, closes))
        return cls(tuple(_joined(spans) for spans in days))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], closed_days: Collection[str] = ()) -> WeeklyHours:
        """Read `{"mon": ["09:00-18:00"], …}`; a day that is left out is closed. `closed_days`: ISO dates.

        Raises:
            BadHours: an unknown day or an unreadable opening.
        """
        for key, spans in stored.items():
            if key not in DAY_KEYS or not isinstance(spans, list):
                raise BadHours(text=str(key))
        week = cls.of([[_stored_span(span) for span in stored.get(key, ())] for key in DAY_KEYS])
        return week.shut_on(map(date.fromisoformat, closed_days)) if closed_days else week

    def shut_on(self, days: Iterable[date]) -> WeeklyHours:
        """The same week with these days shut."""
        return WeeklyHours(self.week, frozenset(days))

    def to_json(self) -> dict[str, list[str]]:
        """The form that `from_json` reads; closed days are left out."""
        days = zip(DAY_KEYS, self.week, strict=True)
        return {key: [_span_text(span) for span in spans] for key, spans in days if spans}

    @property
    def never_open(self) -> bool:
        """Whether no day has an opening."""
        return not any(self.week)


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for opens, closes in sorted(span for span in spans if span[0] < span[1]):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def _span_text(span: Span) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)


def _stored_span(text: object) -> Span:
    try:
        opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in str(text).split("-"))
    except ValueError:
        raise BadHours(text=str(text)) from None
    return opens, closes


ALL_DAY = WeeklyHours((((0, _DAY_MINUTES),),) * 7)
#: What a store that names no hours is taken to keep.
DEFAULT_HOURS = WeeklyHours((((9 * 60, 18 * 60),),) * 7)


def is_open(moment: datetime, hours: WeeklyHours, closed_days: Collection[date] = ()) -> bool:
    """Whether the store is open at an aware moment. `closed_days` are Beijing days, whole."""
    local = moment.astimezone(BEIJING)
    if local.date() in closed_days or local.date() in hours.closed:
        return False
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in hours.week[local.weekday()])


def next_opening(moment: datetime, hours: WeeklyHours, closed_days: Collection[date] = ()) -> datetime:
    """The moment itself while the store is open, else the next time it opens.

    Raises:
        NeverOpen: it does not open within 400 days.
    """
    return deadline(moment, 0, hours, closed_days)


def deadline(
    start: datetime, working_minutes: float, hours: WeeklyHours, closed_days: Collection[date] = ()
) -> datetime:
    """The aware Beijing time at which so many working minutes have passed since `start`.

    Time outside the store's hours and on closed days does not count. A deadline that falls on the
    minute of closing is that minute, not the next opening.

    Raises:
        NeverOpen: 400 days pass without an opening.
    """
    left = timedelta(minutes=working_minutes)
    for opens, closes in _openings(start, hours, closed_days):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise NeverOpen


def working_seconds(start: datetime, end: datetime, hours: WeeklyHours, closed_days: Collection[date] = ()) -> float:
    """Seconds between two aware moments in which the store is open; 0 when `end` is not after `start`."""
    total = timedelta()
    for opens, closes in _openings(start, hours, closed_days, until=end):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total.total_seconds()


def _openings(
    start: datetime, hours: WeeklyHours, closed_days: Collection[date], *, until: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Openings after `start`, the first one cut to it; ends after `until` or a closure of 400 days."""
    local = start.astimezone(BEIJING)
    day, closed_for = local.date(), 0
    last = until.astimezone(BEIJING).date() if until else date.max
    while day <= last and closed_for < _LONGEST_CLOSURE:
        spans = () if day in closed_days or day in hours.closed else hours.week[day.weekday()]
        closed_for = 0 if spans else closed_for + 1
        midnight = datetime.combine(day, time.min, BEIJING)
        for opens, closes in spans:
            end = midnight + timedelta(minutes=closes)
            if end > local:
                yield max(local, midnight + timedelta(minutes=opens)), end
        day += timedelta(days=1)
