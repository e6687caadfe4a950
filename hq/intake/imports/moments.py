"""Points in time as spreadsheets write them, all in Beijing time."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta

from hq.intake.imports.grid import Cell
from shared.platform.clock import BEIJING

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # day 0 of a spreadsheet's serial numbers; the zone is added at the end
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_051  # 2000-01-01 and 2100-01-01
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # clocks and exports may run ahead by so much before a time is absurd

_CLOCK = r"(?:[\sT]+(上午|下午|am|pm)?\s*(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2})(?:\.\d+)?)?秒?分?\s*(am|pm)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _CLOCK, re.IGNORECASE)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _CLOCK, re.IGNORECASE)
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})(?:\s*(\d{2})(\d{2})(\d{2})?)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


class Unreadable(ValueError):
    """The cell says no time that could be meant."""


def read_moment(cell: Cell, *, now: datetime) -> datetime | None:
    """The moment in UTC; None for an empty cell.

    A year that comes last has the day first after dashes and dots (01-02-2018 is 1 February) and the month first
    after slashes, as spreadsheets write it, unless that is no month.

    Args:
        cell: a date cell, a serial number (days since 1899-12-30), or text.
        now: aware; what lies more than a day after it cannot be meant.

    Raises:
        Unreadable: no form that is known, no such day, before 2000, or in the future.
    """
    try:
        moment = _read(cell)
    except (ValueError, OverflowError) as error:
        raise Unreadable(str(error)) from None
    if moment is None:
        return None
    if not _EARLIEST <= moment <= now + _AHEAD:
        raise Unreadable("out of range")
    return moment


def _read(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return _beijing(cell)
    if isinstance(cell, date):
        return _beijing(datetime.combine(cell, time.min))
    if isinstance(cell, time | bool):
        raise Unreadable("no day")
    if isinstance(cell, int | float):
        return _of_serial(float(cell))
    text = unicodedata.normalize("NFKC", cell).strip()
    return _of_text(text) if text else None


def _beijing(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
    return aware.astimezone(UTC)


def _of_serial(days: float) -> datetime:
    if not _FIRST_SERIAL <= days < _LAST_SERIAL:
        raise Unreadable("no serial number of a day")
    return _beijing(_EPOCH + timedelta(seconds=round(days * 86_400)))


def _of_text(text: str) -> datetime:
    if _SERIAL.fullmatch(text):
        return _of_serial(float(text))
    if match := _YEAR_FIRST.fullmatch(text):
        return _assemble(match[1], match[2], match[3], match.groups()[3:])
    if match := _YEAR_LAST.fullmatch(text):
        first, mark, second, year = match.group(1, 2, 3, 4)
        month_first = mark == "/" and int(first) <= 12
        month, day = (first, second) if month_first else (second, first)
        return _assemble(year, month, day, match.groups()[4:])
    if match := _COMPACT.fullmatch(text):
        return _assemble(match[1], match[2], match[3], (None, match[4], match[5], match[6], None))
    return _beijing(datetime.fromisoformat(text))


def _assemble(year: str, month: str, day: str, clock: tuple[str | None, ...]) -> datetime:
    before, hour_text, minute, second, after = clock
    hour, half = int(hour_text or 0), (before or after or "").lower()
    if half in ("下午", "pm") and hour < 12:
        hour += 12
    elif half in ("上午", "am") and hour == 12:
        hour = 0
    return _beijing(datetime(int(year), int(month), int(day), hour, int(minute or 0), int(second or 0)))  # noqa: DTZ001
