"""Times, numbers and phones as people read them. Pure: language and time are arguments.

Chinese wording follows the phone's rules: today only the clock, tomorrow 明天 10:00, this year 11 月 27 日 10:00.
Languages are `zh` and `en`; moments are aware and shown in Beijing time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from shared.platform.clock import BEIJING, beijing_day

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEAR = {"zh": {-1: "昨天", 1: "明天"}, "en": {-1: "yesterday", 1: "tomorrow"}}
_MINUS = "\N{MINUS SIGN}"


def clock(when: datetime) -> str:
    """The clock time in Beijing, 9:05."""
    local = when.astimezone(BEIJING)
    return f"{local.hour}:{local.minute:02}"


def day(when: date, now: datetime, lang: str) -> str:
    """A day: 明天, 11 月 20 日, or with its year when it is another."""
    today = beijing_day(now)
    near = _NEAR[lang].get((when - today).days)
    if near:
        return near
    if lang == "en":
        year = "" if when.year == today.year else f" {when.year}"
        return f"{when.day} {_MONTHS[when.month - 1]}{year}"
    year = "" if when.year == today.year else f"{when.year} 年 "
    return f"{year}{when.month} 月 {when.day} 日"


def moment(when: datetime, now: datetime, lang: str) -> str:
    """A moment: today only the clock, else the day and the clock."""
    that_day = beijing_day(when)
    if that_day == beijing_day(now):
        return clock(when)
    return f"{day(that_day, now, lang)} {clock(when)}"


def table_moment(when: datetime, now: datetime) -> str:
    """A moment in a table: 15:42 today, else 11-20 15:42, else 2025-11-20."""
    local, today = when.astimezone(BEIJING), beijing_day(now)
    if local.date() == today:
        return clock(when)
    return f"{local:%m-%d} {clock(when)}" if local.year == today.year else f"{local:%Y-%m-%d}"


def exact(when: datetime) -> str:
    """A moment with seconds, 2026-11-20 15:42:08, for machine events and titles."""
    return f"{when.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def duration(span: timedelta, lang: str) -> str:
    """A length of time in its largest sensible unit: 5 分钟, 3 小时, 2 天."""
    seconds = int(abs(span.total_seconds()))
    for size, zh, en in ((86_400, "天", "day"), (3_600, "小时", "hour"), (60, "分钟", "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {zh}" if lang == "zh" else f"{count} {en}{'' if count == 1 else 's'}"
    return "不到 1 分钟" if lang == "zh" else "less than a minute"


def relative(when: datetime, now: datetime, lang: str) -> str:
    """How far a moment is from now: 刚刚, 3 分钟前, 21 分钟后; beyond two days the moment itself."""
    span = when - now
    if abs(span) < timedelta(minutes=1):
        return "刚刚" if lang == "zh" else "just now"
    if abs(span) >= timedelta(days=2):
        return moment(when, now, lang)
    words = duration(span, lang)
    if lang == "zh":
        return f"{words}后" if span > timedelta(0) else f"{words}前"
    return f"in {words}" if span > timedelta(0) else f"{words} ago"


def number(value: float | None) -> str:
    """An exact number with thousands commas and a true minus; an en dash for nothing."""
    if value is None:
        return "\N{EN DASH}"
    text = f"{abs(value):,}" if isinstance(value, int) else f"{abs(value):,.1f}"
    return f"{_MINUS}{text}" if value < 0 else text


def short_number(value: float | None, lang: str) -> str:
    """A head figure: from 10,000 three digits and 万 (4.82万; English 48.2k), from 100 million 亿."""
    if value is None or abs(value) < 10_000:
        return number(value)
    scaled, unit = _scale(value, _CHINESE if lang == "zh" else _ENGLISH)
    digits = max(0, 3 - len(str(int(abs(scaled)))))
    text = f"{abs(scaled):.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{_MINUS if value < 0 else ''}{text}{unit}"


_CHINESE = ((100_000_000, "亿"), (10_000, "万"))
_ENGLISH = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))


def _scale(value: float, sizes: Sequence[tuple[int, str]]) -> tuple[float, str]:
    size, unit = next((size, unit) for size, unit in sizes if abs(value) >= size)
    return value / size, unit


def percent(share: float | None) -> str:
    """A share from 0 to 1 as a percentage with one decimal; an en dash for nothing."""
    return "\N{EN DASH}" if share is None else f"{share * 100:.1f}%"


def kilometres(far: float, lang: str) -> str:
    """A way that was estimated, in kilometres: 1 公里内, 3.4 公里, 364 公里."""
    unit = "公里" if lang == "zh" else "km"
    if far < 1:
        return f"1 {unit}内" if lang == "zh" else f"under 1 {unit}"
    return f"{far:,.0f} {unit}" if far >= 100 else f"{far:.1f} {unit}"


def mask_phone(phone: str) -> str:
    """A phone with its middle hidden, 138****2046; what is too short to be one is hidden wholly."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    return f"{digits[-11:-8]}****{digits[-4:]}" if len(digits) >= 11 else "****"
