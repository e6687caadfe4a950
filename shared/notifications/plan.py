"""When a notice goes out to somebody by a way, if at all. Pure; Beijing time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from shared.dealers.hours import NeverOpen, WeeklyHours, next_opening
from shared.notifications.brand import Brand, Channel, Choices, Pace, Quiet, Span, is_within
from shared.platform.clock import BEIJING

#: Whoever has the portal open sees a new lead there; only who has not looked within this time gets a text message.
PORTAL_FIRST: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A notice as far as it matters here. `hours`: of the store that it is about; None at headquarters."""

    kind: str
    grade: str | None
    at: datetime
    hours: WeeklyHours | None = None


def due_at(what: Occasion, channel: Channel, brand: Brand, choices: Choices, now: datetime) -> datetime | None:
    """When it goes out by that way; None: it does not."""
    if not choices.wants(what.kind, channel, brand):
        return None
    if channel is Channel.SMS and what.kind == "offered" and what.grade not in brand.grades:
        return None
    if brand.kinds[what.kind].urgent:
        return now
    if channel is Channel.MAIL:
        return after_quiet(_next_mail(now, choices.pace or brand.pace, brand), what.hours, brand, choices)
    first = now + PORTAL_FIRST if what.kind in ("offered", "given") else now
    return after_quiet(first, what.hours, brand, choices)


def after_quiet(at: datetime, hours: WeeklyHours | None, brand: Brand, choices: Choices) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in."""
    if choices.quiet is Quiet.NEVER:
        return at
    if choices.quiet is Quiet.STORE and hours is not None:
        try:
            return next_opening(at, hours)
        except NeverOpen:
            return at
    span = choices.quiet_span if choices.quiet is Quiet.OWN else brand.quiet
    return _end_of(span, at) if span is not None else at


def _end_of(span: Span, at: datetime) -> datetime:
    local = at.astimezone(BEIJING)
    if not is_within(local.hour * 60 + local.minute, span):
        return at
    return _next_minute(local, span[1])


def _next_mail(now: datetime, pace: Pace, brand: Brand) -> datetime:
    local = now.astimezone(BEIJING)
    if pace is Pace.HOURLY:
        return local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _next_minute(local, brand.digest_at) if pace is Pace.DAILY else now


def _next_minute(local: datetime, minute: int) -> datetime:
    """The next time that the clock shows that minute of the day."""
    today = datetime.combine(local.date(), time.min, BEIJING) + timedelta(minutes=minute % (24 * 60))
    return today if today > local else today + timedelta(days=1)
