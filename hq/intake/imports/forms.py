"""The upload form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField

from shared.web.forms import KoiForm, choices


class UploadForm(KoiForm):
    """A file, what it is, and where its rows go."""

    file = FileField(_l("Spreadsheet (.xlsx, .csv)"), validators=[FileRequired(_l("Choose a file"))])
    kind = SelectField(
        _l("What it is"),
        choices=lambda: choices(("signups", _l("Sign-up list")), ("stores", _l("Dealers and stores"))),
    )
    campaign = SelectField(_l("Campaign"), choices=[])
    again = BooleanField(_l("Import it again although it was imported before"))
