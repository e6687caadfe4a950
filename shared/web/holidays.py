"""Words for public holidays: what a store does on them, which come next, and how far the calendar reaches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shared.dealers.holidays import CHINA, Calendar
from shared.dealers.hours import OnHolidays, WeeklyHours, span_text
from shared.platform.clock import beijing_day
from shared.web.formats import day as day_words
from shared.web.locale import language, today_and_now
from shared.web.words import listing, say, tell

_CHOICES: Final = {
    OnHolidays.SUNDAY: _l("As on Sundays"),
    OnHolidays.CLOSED: _l("Shut all day"),
    OnHolidays.OPEN: _l("Open as on any other day"),
    OnHolidays.HOURS: _l("Hours of their own"),
}
_NAMES: Final = {
    "New Year's Day": _l("New Year"),
    "Spring Festival": _l("Spring Festival"),
    "Tomb-sweeping Day": _l("Tomb-sweeping Day"),
    "Labour Day": _l("Labour Day"),
    "Dragon Boat Festival": _l("Dragon Boat Festival"),
    "Mid-autumn Festival": _l("Mid-autumn Festival"),
    "National Day": _l("National Day"),
}
for _on, _text in _CHOICES.items():
    tell(f"on_holidays.{_on}", _text)
for _name, _text in _NAMES.items():
    tell(f"holiday.{_name}", _text)


def holiday_choices() -> list[tuple[str, Any]]:
    """What a store may do on public holidays, as (code, words)."""
    return [(on.value, say(f"on_holidays.{on}")) for on in OnHolidays]


def holidays_words(hours: WeeklyHours) -> str:
    """What a store does on public holidays and make-up workdays."""
    rule = hours.holidays
    said = listing(map(span_text, rule.spans)) if rule.on is OnHolidays.HOURS else say(f"on_holidays.{rule.on}")
    return said if rule.make_up else str(_("%(said)s; closed on make-up workdays", said=said))


def next_holidays(calendar: Calendar = CHINA) -> str:
    """The next public holidays that are known; empty when none is."""
    now = today_and_now()
    spans = calendar.ahead(beijing_day(now))
    return listing(f"{say(f'holiday.{name}')} {_days(first, last, now)}" for first, last, name in spans)


def calendar_warning(calendar: Calendar = CHINA) -> str:
    """What to know when the calendar ends: this year, or before; empty while next year's holidays are known."""
    if not calendar.ends_soon(beijing_day(today_and_now())):
        return ""
    known = calendar.ends
    return str(
        _(
            "Public holidays are known up to the end of %(known)s. From %(next)s on, working time counts every week as "
            "a plain one, until an update of Koi brings the days that the State Council has announced. Days on which a "
            "store is shut can be entered by hand meanwhile.",
            known=known,
            next=known + 1,
        )
    )


def _days(first: date, last: date, now: datetime) -> str:
    words = [day_words(each, now, language()) for each in dict.fromkeys((first, last))]
    return "–".join(words)
