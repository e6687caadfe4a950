"""The forms of imports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from hq.intake.imports.undo_texts import REASONS
from shared.web.forms import KoiForm, choices


class UploadForm(KoiForm):
    """A file, what it is, and where its rows go."""

    file = FileField(_l("Spreadsheet (.xlsx, .csv)"), validators=[FileRequired(_l("Choose a file"))])
    kind = HiddenField()
    campaign = SelectField(_l("Campaign"), choices=[])


class AgainForm(KoiForm):
    """The corrected file of an import's rejected rows."""

    file = FileField(_l("Corrected file"), validators=[FileRequired(_l("Choose a file"))])


class UndoForm(KoiForm):
    """Why an import is recalled."""

    reason = SelectField(
        _l("Why"),
        choices=lambda: choices(("", _l("Choose a reason")), *REASONS.items()),
        validate_choice=False,
    )
    note = TextAreaField(_l("Note"))


class SeenForm(KoiForm):
    """Which version of the mapping the person saw."""

    version = IntegerField(validators=[InputRequired()])
