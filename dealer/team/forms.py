"""Forms of the store's page: who gets leads and why, when the store is open, until when it rests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField
from wtforms.validators import Optional

from shared.dealers.hours import DAY_KEYS, BadHours, HolidayRule, OnHolidays, Span, WeeklyHours
from shared.leads.giving import GiveReason
from shared.platform.clock import beijing_day
from shared.platform.errors import Invalid
from shared.web.forms import KoiForm
from shared.web.words import say

NOBODY = "nobody"
PICK = "pick"


class GiveForm(KoiForm):
    """To whom, and why. The leads themselves are boxes named `lead`."""

    to = RadioField(_l("To whom?"), validate_choice=False)
    reason = RadioField(_l("Why?"), validate_choice=False)

    @classmethod
    def among(cls, people: list[tuple[UUID, str]], *, whole: bool) -> GiveForm:
        """The form with these colleagues; `whole` also offers everybody at the store."""
        form = cls()
        everybody = [(NOBODY, say("give.nobody"))] if whole else []
        form.to.choices = [*((str(user_id), name) for user_id, name in people), *everybody]
        form.reason.choices = [(str(reason), say(f"give.{reason}")) for reason in GiveReason]
        return form

    def receiver(self) -> UUID | None:
        """Who gets the leads; None for everybody at the store.

        Raises:
            Invalid: nobody was chosen, or somebody who is not offered.
        """
        chosen = self.to.data
        if chosen not in {value for value, _ in self.to.choices}:
            raise Invalid(field="to", reason="missing")
        return None if chosen == NOBODY else UUID(chosen)

    def why(self) -> GiveReason:
        """The reason; without one it is `other`."""
        return GiveReason(self.reason.data) if self.reason.data in set(GiveReason) else GiveReason.OTHER


class PauseForm(KoiForm):
    """Until when the store takes no new leads."""

    until = RadioField(_l("Until when?"), validate_choice=False)
    day = DateField(_l("Day"), validators=[Optional()])

    @classmethod
    def at(cls, now: datetime) -> PauseForm:
        """The form as it is offered at a moment."""
        form = cls()
        today = beijing_day(now)
        ahead = {"pause.today": 1, "pause.three_days": 3, "pause.week": 7}
        form.until.choices = [((today + timedelta(days=days)).isoformat(), say(code)) for code, days in ahead.items()]
        return form

    def ends(self) -> date:
        """The first day on which the store takes leads again.

        Raises:
            Invalid: no day, or none that can be read.
        """
        chosen = self.until.data or PICK
        try:
            ends = self.day.data if chosen == PICK else date.fromisoformat(chosen)
        except ValueError:
            ends = None
        if not isinstance(ends, date):
            raise Invalid(field="until", reason="missing")
        return ends


class HoursForm(KoiForm):
    """Opening hours: fields `mon-0-opens`, `mon-0-closes`, …; days on which the store is shut: `closed`."""

    added = DateField(_l("Another day"), validators=[Optional()])
    holidays = RadioField(_l("On public holidays"), validate_choice=False, default=OnHolidays.SUNDAY.value)

    def hours(self) -> WeeklyHours:
        """What was typed; a day without times is closed.

        Raises:
            BadHours: a time without its other half, or that cannot be read.
        """
        return WeeklyHours.of([list(_openings(key)) for key in DAY_KEYS]).with_holidays(self._holidays())

    def _holidays(self) -> HolidayRule:
        make_up = request.form.get("make_up", "yes") == "yes"
        if self.holidays.data == OnHolidays.HOURS:
            return HolidayRule.with_hours(list(_openings("holiday")), make_up=make_up)
        return HolidayRule(_choice(self.holidays.data), make_up=make_up)

    def closed_days(self) -> list[date]:
        """The days that stay, and the one that was added.

        Raises:
            Invalid: a day that cannot be read.
        """
        try:
            days = [date.fromisoformat(text) for text in request.form.getlist("closed")]
        except ValueError:
            raise Invalid(field="added") from None
        return [*days, *([self.added.data] if self.added.data else [])]


def _choice(text: str) -> OnHolidays:
    if text not in set(OnHolidays):
        raise BadHours(text=text)
    return OnHolidays(text)


def _openings(key: str) -> Iterator[Span]:
    for number in range(4):
        opens, closes = (request.form.get(f"{key}-{number}-{edge}", "").strip() for edge in ("opens", "closes"))
        if opens or closes:
            yield _minute(opens), _minute(closes) or 24 * 60


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes[:2].isdecimal() and int(hours) <= 24 and int(minutes[:2]) < 60):
        raise BadHours(text=text or "–")
    return int(hours) * 60 + int(minutes[:2])
