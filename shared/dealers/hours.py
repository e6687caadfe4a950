"""Opening hours of a store, with holidays, and the working time between two moments. Beijing time throughout.

China has kept one time zone without summer time since 1991, so wall-clock arithmetic is exact.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from shared.dealers.holidays import CHINA, Calendar
from shared.platform.clock import BEIJING
from shared.platform.errors import DomainError, Invalid

#: An opening: minutes after midnight, the end not included; 1440 is the next midnight.
Span = tuple[int, int]

DAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RULE_KEYS = ("holidays", "make_up")
_SUNDAY = 6
_MADE_UP_AS = {5: 4, 6: 0}  # a Saturday as on Fridays, a Sunday as on Mondays
_DAY_MINUTES = 24 * 60
_LONGEST_CLOSURE = 400  # days; a store that is shut for longer is taken for one that never opens


class BadHours(Invalid):
    """Opening hours that cannot be understood; `params["text"]` is the part that cannot."""

    code = "hours_unreadable"


class NeverOpen(DomainError):
    """The store has no opening to count towards a deadline."""

    code = "store_never_open"
    status = 409


class OnHolidays(StrEnum):
    """What a store does on a public holiday."""

    SUNDAY = "sunday"  # as on Sundays: offices stay shut, shops that open at weekends open
    CLOSED = "closed"
    OPEN = "open"  # as on that weekday
    HOURS = "hours"  # hours of their own


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """How public holidays and make-up workdays change a store's week.

    Attributes:
        spans: the openings of a holiday, for `HOURS`.
        make_up: on a make-up workday a store that is shut on that day of the week opens: on a Saturday as on
            Fridays, on a Sunday as on Mondays.
    """

    on: OnHolidays = OnHolidays.SUNDAY
    spans: tuple[Span, ...] = ()
    make_up: bool = True

    @classmethod
    def with_hours(cls, spans: Sequence[Span], *, make_up: bool = True) -> HolidayRule:
        """Hours of their own on holidays; they end at midnight at the latest.

        Raises:
            BadHours: an opening that ends before it begins, or none at all.
        """
        if not spans or any(not 0 <= opens < closes <= _DAY_MINUTES for opens, closes in spans):
            raise BadHours(text=", ".join(map(span_text, spans)))
        return cls(OnHolidays.HOURS, _joined(spans), make_up)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """When a store is open: for Monday to Sunday the spans of that day, in order and apart.

    A Beijing day is shut, a holiday or made up for as a whole: what a night before runs past midnight belongs to the
    weekday that it ends on.

    Attributes:
        closed: days on which it is shut all the same, before everything else.
        holidays: what it does on public holidays and make-up workdays.
        calendar: which days those are.
    """

    week: tuple[tuple[Span, ...], ...]
    closed: frozenset[date] = frozenset()
    holidays: HolidayRule = HolidayRule()
    calendar: Calendar = field(default=CHINA, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.week) != len(DAY_KEYS):
            raise BadHours(text=f"{len(self.week)} days")
        for spans in self.week:
            edges = [0, *(edge for span in spans for edge in span), _DAY_MINUTES]
            if edges != sorted(edges) or any(opens >= closes for opens, closes in spans):
                raise BadHours(text=", ".join(map(span_text, spans)))

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

        `"holidays"` is `closed`, `open` or the openings of a holiday; left out, holidays are as Sundays.
        `"make_up": false`: make-up workdays are plain weekends.

        Raises:
            BadHours: an unknown day or an unreadable opening.
        """
        for key, spans in stored.items():
            if key not in _RULE_KEYS and (key not in DAY_KEYS or not isinstance(spans, list)):
                raise BadHours(text=str(key))
        week = cls.of([[_stored_span(span) for span in stored.get(key, ())] for key in DAY_KEYS])
        closed = frozenset(map(date.fromisoformat, closed_days))
        return replace(week, closed=closed, holidays=_stored_rule(stored))

    def shut_on(self, days: Iterable[date]) -> WeeklyHours:
        """The same week with these days shut."""
        return replace(self, closed=frozenset(days))

    def with_holidays(self, rule: HolidayRule) -> WeeklyHours:
        """The same week with other holidays."""
        return replace(self, holidays=rule)

    def to_json(self) -> dict[str, Any]:
        """The form that `from_json` reads; closed days are left out."""
        days = zip(DAY_KEYS, self.week, strict=True)
        stored: dict[str, Any] = {key: [span_text(span) for span in spans] for key, spans in days if spans}
        rule = self.holidays
        if rule.on is OnHolidays.HOURS:
            stored["holidays"] = [span_text(span) for span in rule.spans]
        elif rule.on is not OnHolidays.SUNDAY:
            stored["holidays"] = rule.on.value
        return stored if rule.make_up else stored | {"make_up": False}

    def on(self, day: date) -> tuple[Span, ...]:
        """The openings of a Beijing day."""
        if day in self.closed:
            return ()
        weekday = day.weekday()
        if day in self.calendar.off:
            return self._on_holiday(weekday)
        spans = self.week[weekday]
        if not spans and self.holidays.make_up and day in self.calendar.make_up:
            return self.week[_MADE_UP_AS.get(weekday, weekday)]
        return spans

    def _on_holiday(self, weekday: int) -> tuple[Span, ...]:
        rule = self.holidays
        if rule.on is OnHolidays.HOURS:
            return rule.spans
        if rule.on is OnHolidays.CLOSED:
            return ()
        return self.week[_SUNDAY if rule.on is OnHolidays.SUNDAY else weekday]

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


def span_text(span: Span) -> str:
    """An opening as `09:00-18:00`."""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)


def _stored_span(text: object) -> Span:
    try:
        opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in str(text).split("-"))
    except ValueError:
        raise BadHours(text=str(text)) from None
    return opens, closes


def _stored_rule(stored: Mapping[str, Any]) -> HolidayRule:
    said, make_up = stored.get("holidays", OnHolidays.SUNDAY.value), stored.get("make_up", True)
    if isinstance(said, list) and isinstance(make_up, bool):
        return HolidayRule.with_hours([_stored_span(span) for span in said], make_up=make_up)
    if said not in (OnHolidays.SUNDAY, OnHolidays.CLOSED, OnHolidays.OPEN) or not isinstance(make_up, bool):
        raise BadHours(text=str(said))
    return HolidayRule(OnHolidays(said), make_up=make_up)


ALL_DAY = WeeklyHours((((0, _DAY_MINUTES),),) * 7)
#: What a store that names no hours is taken to keep.
DEFAULT_HOURS = WeeklyHours((((9 * 60, 18 * 60),),) * 7)


def is_open(moment: datetime, hours: WeeklyHours, closed_days: Collection[date] = ()) -> bool:
    """Whether the store is open at an aware moment. `closed_days` are Beijing days, whole."""
    local = moment.astimezone(BEIJING)
    if local.date() in closed_days:
        return False
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in hours.on(local.date()))


def next_opening(moment: datetime, hours: WeeklyHours, closed_days: Collection[date] = ()) -> datetime:
    """The moment itself while the store is open, else the next time it opens.

    Raises:
        NeverOpen: it does not open within 400 days.
    """
    return deadline(moment, 0, hours, closed_days)


def opens_in(moment: datetime, hours: WeeklyHours) -> float:
    """Minutes from a moment until the store is open: 0 while it is, infinity for one that does not open."""
    try:
        return (next_opening(moment, hours) - moment).total_seconds() / 60
    except NeverOpen:
        return math.inf


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
        spans = () if day in closed_days else hours.on(day)
        closed_for = 0 if spans else closed_for + 1
        midnight = datetime.combine(day, time.min, BEIJING)
        for opens, closes in spans:
            end = midnight + timedelta(minutes=closes)
            if end > local:
                yield max(local, midnight + timedelta(minutes=opens)), end
        day += timedelta(days=1)
