"""Beijing days and hours. The time itself always comes in as an argument."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def beijing_day(moment: datetime) -> date:
    """The calendar day of an aware moment in Beijing."""
    return moment.astimezone(BEIJING).date()


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def day_start(day: date) -> datetime:
    """The first moment of a Beijing day, aware."""
    return datetime.combine(day, time.min, BEIJING)


def next_day_start(moment: datetime) -> datetime:
    """The next Beijing midnight after an aware moment."""
    return day_start(beijing_day(moment) + timedelta(days=1))


def next_week_start(moment: datetime) -> datetime:
    """The next Beijing midnight of a Monday after an aware moment."""
    return day_start(week_of(beijing_day(moment)) + timedelta(days=7))
