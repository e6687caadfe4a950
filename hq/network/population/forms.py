"""Forms of the population table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice

from hq.network.population.columns import FIELDS, UNITS
from shared.web.forms import KoiForm, at_most, choices, stripped

_EARLIEST = 1949


class UploadForm(KoiForm):
    """A file."""

    file = FileField(_l("Population table (.xlsx, .csv)"), validators=[FileRequired(_l("Choose a file"))])


class LookForm(KoiForm):
    """How a file is read, and whose figures they are. `seen`: the table in force as the page knew it."""

    seen = HiddenField()
    code = SelectField(_l("Division code"))
    province = SelectField(_l("Province"))
    city = SelectField(_l("City"))
    county = SelectField(_l("District, or name of any division"))
    people = SelectField(_l("Population"))
    unit = SelectField(
        _l("Counted in"),
        choices=lambda: choices(
            ("1", _l("people")), ("1000", _l("thousands")), ("10000", _l("ten thousands")), ("1000000", _l("millions"))
        ),
    )
    source = StringField(_l("Source"), filters=[stripped], validators=[at_most(80)])
    as_of = StringField(_l("Year of the figures"), filters=[stripped], validators=[at_most(10)])

    def offer(self, headings: Sequence[str]) -> None:
        """Let the columns of the file be chosen."""
        offered = [
            SelectChoice(str(i), heading or _("Column %(number)s", number=i + 1)) for i, heading in enumerate(headings)
        ]
        for name in FIELDS:
            self._fields[name].choices = [SelectChoice("", _("– not in the file –")), *offered]

    @property
    def columns(self) -> Mapping[str, int]:
        """Which column each field is in."""
        return {name: int(chosen) for name in FIELDS if (chosen := self._fields[name].data)}

    def read_well(self) -> bool:
        """Whether the columns can be read; what is wrong is said beside them."""
        chosen = list(self.columns.values())
        for name in FIELDS:
            given = self._fields[name].data
            if given and chosen.count(int(given)) > 1:
                self._fields[name].errors = [_("One column cannot be two things")]
                return False
        if not self.people.data:
            self.people.errors = [_("Say which column has the people")]
        elif len(chosen) == 1:
            self.code.errors = [_("A code or a name must say which district it is")]
        return not (self.people.errors or self.code.errors)

    def whole(self, now: datetime) -> bool:
        """Whether it says whose figures they are and of when, which a table in force must."""
        if not self.source.data:
            self.source.errors = [_("Say where the figures are from")]
        if self.year is None or not _EARLIEST <= self.year <= now.year:
            self.as_of.errors = [_("A year from %(first)s to %(last)s", first=_EARLIEST, last=now.year)]
        return not (self.source.errors or self.as_of.errors)

    @property
    def year(self) -> int | None:
        """The year, None for what is none."""
        text = (self.as_of.data or "").removesuffix("年").strip()
        return int(text) if re.fullmatch(r"[0-9]{4}", text) else None

    @property
    def counted_in(self) -> int:
        """People that one stands for."""
        return int(self.unit.data) if self.unit.data in map(str, UNITS) else 1
