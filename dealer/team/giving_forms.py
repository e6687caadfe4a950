"""Forms of who gets a store's new leads, and of being on duty."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField
from wtforms.validators import Optional

from shared.leads.sellers.models import Way
from shared.platform.clock import beijing_day
from shared.platform.errors import Invalid
from shared.web.forms import KoiForm
from shared.web.words import say

ON, TODAY, PICK, OPEN = "on", "today", "pick", "open"


class WayForm(KoiForm):
    """Who gets a new lead."""

    way = RadioField(_l("Who gets a new lead?"), validate_choice=False)

    @classmethod
    def of(cls, way: Way) -> WayForm:
        """The form with the way in force chosen."""
        form = cls(way=way.value)
        form.way.choices = [(each.value, say(f"way.{each.value}")) for each in Way]
        return form

    def chosen(self) -> Way:
        """The way.

        Raises:
            Invalid: none was chosen, or one that there is not.
        """
        if self.way.data not in set(Way):
            raise Invalid(field="way", reason="missing")
        return Way(self.way.data)


class DutyForm(KoiForm):
    """Whether somebody is on duty, and when they are again."""

    until = RadioField(_l("Until when?"), validate_choice=False)
    day = DateField(_l("Day"), validators=[Optional()])

    @classmethod
    def at(cls, now: datetime) -> DutyForm:
        """The form as it is offered at a moment."""
        form = cls()
        form.until.choices = [(each, say(f"duty.{each}")) for each in (TODAY, OPEN, PICK)]
        form.tomorrow = beijing_day(now) + timedelta(days=1)
        return form

    tomorrow: date

    def off(self) -> bool:
        """Whether it is for being off duty."""
        return bool(self.until.data != ON)

    def back_on(self) -> date | None:
        """The first day on duty again; None until they say so.

        Raises:
            Invalid: nothing was chosen, or no day, or none that can be read.
        """
        chosen = self.until.data
        if chosen in (ON, OPEN):
            return None
        if chosen == TODAY:
            return self.tomorrow
        if chosen != PICK or not isinstance(self.day.data, date):
            raise Invalid(field="until", reason="missing")
        return self.day.data
