"""Why a lead is sent back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField

from shared.leads.service import NOTE_LIMIT
from shared.leads.words import DeclineReason, GiveBackReason
from shared.web.forms import KoiForm, at_most, stripped
from shared.web.words import say


class DeclineForm(KoiForm):
    """A reason and, if one likes, a sentence. The service says which reasons fit."""

    reason = RadioField(_l("Reason"), validate_choice=False)
    note = TextAreaField(_l("Note"), filters=[stripped], validators=[at_most(NOTE_LIMIT)])

    @classmethod
    def of(cls, reasons: type[DeclineReason] | type[GiveBackReason]) -> DeclineForm:
        """The form with these reasons to choose from."""
        form = cls()
        form.reason.choices = [(str(reason), say(f"decline.{reason}")) for reason in reasons]
        return form
