"""The forms of imports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired

from shared.web.forms import KoiForm


class UploadForm(KoiForm):
    """A file, what it is, and where its rows go."""

    file = FileField(_l("Spreadsheet (.xlsx, .csv)"), validators=[FileRequired(_l("Choose a file"))])
    kind = HiddenField()
    campaign = SelectField(_l("Campaign"), choices=[])


class AgainForm(KoiForm):
    """The corrected file of an import's rejected rows."""

    file = FileField(_l("Corrected file"), validators=[FileRequired(_l("Choose a file"))])


class SeenForm(KoiForm):
    """Which version of the mapping the person saw."""

    version = IntegerField(validators=[InputRequired()])
