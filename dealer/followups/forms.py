"""What was done, when the next step is, and how it ended."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, TextAreaField, TimeField
from wtforms.validators import Optional

from dealer.followups.steps import CHOICES, KIND_OF, PICK, next_times
from shared.leads.service import NOTE_LIMIT
from shared.leads.story import Done
from shared.leads.words import LostReason, Outcome
from shared.platform.clock import BEIJING
from shared.platform.errors import Invalid
from shared.platform.ids import new_id
from shared.web.forms import KoiForm, at_most, stripped
from shared.web.words import say

NONE = ""
_TEN = time(10)
_A_WHILE = timedelta(minutes=1)


class OutcomeMissing(Invalid):
    """Nothing was chosen."""

    code = "outcome_missing"


class NextStepUnreadable(Invalid):
    """The date or the time cannot be read."""

    code = "bad_next_step"


class FollowUpForm(KoiForm):
    """One report. The id comes with the form, so that sending it twice stores it once.

    `written_at` is filled in by a phone that had to wait for a network.
    """

    follow_up_id = HiddenField()
    written_at = HiddenField()
    outcome = RadioField(_l("Result"), validate_choice=False)
    reason = RadioField(_l("Reason"), validate_choice=False)
    next_step = RadioField(_l("When next?"), validate_choice=False)
    day = DateField(_l("Day"), validators=[Optional()])
    clock = TimeField(_l("Time"), validators=[Optional()])
    note = TextAreaField(_l("Note"), filters=[stripped], validators=[at_most(NOTE_LIMIT)])

    @classmethod
    def at(cls, now: datetime) -> FollowUpForm:
        """The form as it is offered at a moment."""
        form = cls()
        form.outcome.choices = [(str(outcome), say(f"chip.{outcome}")) for outcome in CHOICES]
        form.reason.choices = [(str(reason), say(f"lost.{reason}")) for reason in LostReason]
        form.next_step.choices = [(choice.when.isoformat(), choice.code) for choice in next_times(now)]
        form.follow_up_id.data = form.follow_up_id.data or str(new_id(now))
        return form

    def waited(self, now: datetime) -> bool:
        """Whether the report lay on a phone for a while: then nobody looks at a page that could answer."""
        written = _moment(self.written_at.data)
        return written is not None and written < now - _A_WHILE

    def done(self) -> Done:
        """What the form says, where it does not end the lead.

        Raises:
            OutcomeMissing, NextStepUnreadable: it does not say enough.
        """
        if self.outcome.data not in set(Outcome):
            raise OutcomeMissing(field="outcome")
        outcome = Outcome(self.outcome.data)
        return Done(
            follow_up_id=_uuid(self.follow_up_id.data),
            kind=KIND_OF[outcome],
            outcome=outcome,
            note=self.note.data or "",
            next_at=self._next_at(),
            written_at=_moment(self.written_at.data),
        )

    def _next_at(self) -> datetime | None:
        chosen = self.next_step.data or NONE
        if chosen == PICK or (chosen == NONE and self.day.data):
            if self.day.data is None:
                raise NextStepUnreadable(field="day")
            return datetime.combine(self.day.data, self.clock.data or _TEN, BEIJING)
        if chosen == NONE:
            return None
        when = _moment(chosen)
        if when is None:
            raise NextStepUnreadable(field="next_step")
        return when


class EndForm(KoiForm):
    """How it ended; a loss needs a reason."""

    reason = RadioField(_l("Reason"), validate_choice=False)
    note = TextAreaField(_l("Note"), filters=[stripped], validators=[at_most(NOTE_LIMIT)])

    @classmethod
    def lost(cls) -> EndForm:
        """The form with the reasons of a loss."""
        form = cls()
        form.reason.choices = [(str(reason), say(f"lost.{reason}")) for reason in LostReason]
        return form


def _moment(text: str | None) -> datetime | None:
    try:
        when = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=BEIJING)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Invalid(field="follow_up_id") from None
