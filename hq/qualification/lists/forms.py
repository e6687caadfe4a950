"""Forms of the lists of screening."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField

from hq.qualification.lists.models import PURPOSES, WHATS
from hq.qualification.lists.reading import AUTO
from hq.qualification.lists.service import MOST_WORDS
from shared.web.forms import KoiForm, at_most, choices, required, stripped
from shared.web.words import later

_MOST_TEXT = 8_000_000
FOREVER = "0"


class AddForm(KoiForm):
    """What is put on which list, why and for how long."""

    purpose = SelectField(
        _l("List"), choices=choices(*((name, later(f"listed.{name}")) for name in PURPOSES)), default="blocked"
    )
    what = SelectField(
        _l("What the lines are"),
        choices=choices(
            (AUTO, _l("Phone numbers and network addresses")), *((name, later(f"listed_what.{name}")) for name in WHATS)
        ),
        default=AUTO,
    )
    lines = TextAreaField(_l("One a line"), validators=[at_most(_MOST_TEXT)])
    file = FileField(_l("Or a file"))
    why = StringField(_l("Why"), filters=[stripped], validators=[required(), at_most(MOST_WORDS)])
    days = SelectField(
        _l("Stands for"),
        choices=choices(
            ("30", _l("30 days")),
            ("90", _l("90 days")),
            ("365", _l("one year")),
            (FOREVER, _l("until somebody takes it off")),
        ),
        default="90",
    )
