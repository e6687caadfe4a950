"""Opening hours day by day and days on which a store is shut, as people type them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from hq.network.errors import BadDay
from shared.dealers.hours import DAY_KEYS, BadHours, HolidayRule, OnHolidays, Span, WeeklyHours, span_text
from shared.dealers.hours_text import parse_hours

_DAY = re.compile(r"(?:(\d{4})\s*[-/.年])?\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TO = re.compile(r"\s*(?:至|到|~|–|—|\.\.)\s*")
_SHUT = frozenset({"", "休", "休息", "不营业", "closed", "-", "–"})
_MOST = 366


def read_week(texts: Mapping[str, str]) -> WeeklyHours:
    """Hours by day key (`mon` …), each as `9:00-12:00, 13:30-18:00`; nothing or 休息 for a day off.

    Raises:
        BadDay: one cannot be read; `field` names its day.
    """
    return WeeklyHours.of([_spans(key, texts.get(key, "")) for key in DAY_KEYS])


def _spans(key: str, text: str) -> Sequence[Span]:
    if text.strip().lower() in _SHUT:
        return ()
    try:
        hours = parse_hours(text)
    except BadHours:
        raise BadDay(field=key, text=text) from None
    if any(day != hours.week[0] for day in hours.week):
        raise BadDay(field=key, text=text)  # it names days, or runs past midnight into the next one
    return hours.week[0]


def write_week(hours: WeeklyHours) -> dict[str, str]:
    """The texts that `read_week` reads."""
    stored = hours.to_json()
    return {key: ", ".join(stored.get(key, ())) for key in DAY_KEYS}


def read_holidays(on: str, text: str, *, make_up: bool) -> HolidayRule:
    """What a store does on public holidays (`OnHolidays`); `text` are its hours then, for `hours`.

    Raises:
        BadDay: the hours cannot be read, or there are none.
    """
    if on != OnHolidays.HOURS:
        return HolidayRule(OnHolidays(on), make_up=make_up)
    try:
        return HolidayRule.with_hours(_spans("holiday_hours", text), make_up=make_up)
    except BadHours:
        raise BadDay(field="holiday_hours", text=text or "–") from None


def write_holidays(hours: WeeklyHours) -> dict[str, str]:
    """The fields that `read_holidays` reads."""
    rule = hours.holidays
    spans = ", ".join(map(span_text, rule.spans))
    return {"holidays": rule.on.value, "holiday_hours": spans, "make_up": "yes" if rule.make_up else "no"}


def read_closed_days(text: str, *, today: date) -> tuple[date, ...]:
    """Days on lines or behind commas: `2027-01-28`, `1月28日`, `2027-01-28 至 2027-02-04`; past ones are dropped.

    A day without a year is the next one to come.

    Raises:
        BadDay: a part cannot be read.
    """
    days: set[date] = set()
    for part in re.split(r"[\n,，;；、]+", text):
        if part.strip():
            days.update(_span(part.strip(), today))
    if len(days) > _MOST:
        raise BadDay(field="closed_days", text=text[:20])
    return tuple(sorted(day for day in days if day >= today))


def _span(part: str, today: date) -> list[date]:
    ends = _TO.split(part)
    if len(ends) > 2:
        raise BadDay(field="closed_days", text=part)
    first, last = _one(ends[0], today), _one(ends[-1], today)
    if not timedelta(0) <= last - first <= timedelta(days=_MOST):
        raise BadDay(field="closed_days", text=part)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _one(text: str, today: date) -> date:
    found = _DAY.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        if found[1]:
            return date(int(found[1]), int(found[2]), int(found[3]))
        this_year = date(today.year, int(found[2]), int(found[3]))
        return this_year if this_year >= today else this_year.replace(year=today.year + 1)
    except ValueError:
        raise BadDay(field="closed_days", text=text.strip()) from None


def write_closed_days(days: Sequence[date]) -> str:
    """The text that `read_closed_days` reads, runs of days as one line."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "\n".join(f"{run[0]}" if len(run) == 1 else f"{run[0]} 至 {run[-1]}" for run in runs)
