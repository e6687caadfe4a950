"""Forms of territories."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from hq.network.errors import BadPlace
from hq.network.place import read_division
from hq.network.territories import queries
from hq.network.territories.queries import TerritoryFacts
from hq.network.territories.service import FARTHEST_KM
from shared.regions import divisions
from shared.web.forms import KoiForm, at_most, choices, required, stripped

_MOST = 500


class MoveForm(KoiForm):
    """Whom a territory goes to; `sure`: the doubts that were shown before."""

    seen = HiddenField()
    sure = HiddenField()
    whom = StringField(_l("Dealer or store"), filters=[stripped], validators=[required(), at_most(80)])


class TerritoryForm(MoveForm):
    """A territory."""

    name = StringField(_l("Name of the territory"), filters=[stripped], validators=[required(), at_most(60)])
    mode = RadioField(
        _l("Kind"),
        choices=lambda: choices(
            ("exclusive", _l("Exclusive: leads from here go to these stores only")),
            ("shared", _l("Shared: leads from here go to these stores first, then to others")),
        ),
        default="shared",
    )
    divisions = TextAreaField(_l("Divisions"), filters=[stripped], validators=[at_most(20_000)])
    radius = StringField(_l("Radius around the store, km"), filters=[stripped], validators=[at_most(8)])

    @classmethod
    def of(cls, facts: TerritoryFacts) -> TerritoryForm:
        """The form as the territory is now."""
        territory = facts.territory
        return cls(
            formdata=None,
            seen=territory.changed_at.isoformat(),
            whom=facts.code,
            name=territory.name,
            mode=territory.mode,
            divisions="\n".join(queries.division_names(territory.divisions)),
            radius="" if territory.radius_km is None else f"{territory.radius_km:g}",
        )

    def validate_divisions(self, field: Field) -> None:
        """Every line names a province, a city or a district; something is covered."""
        lines = self._lines()
        if len(lines) > _MOST:
            raise ValidationError(_l("At most 500 lines; a province or a city stands for all that lies in it"))
        unknown = [line for line in lines if _code(line) is None]
        if unknown:
            shown = "、".join(unknown[:5])
            raise ValidationError(_l("No province, city or district is called: %(lines)s", lines=shown))
        if not lines and not self.radius.data:
            raise ValidationError(_l("Name divisions, give a radius, or both"))

    def validate_radius(self, field: Field) -> None:
        """A number of kilometres."""
        if field.data and not (re.fullmatch(r"[0-9]{1,3}(\.[0-9])?", field.data) and 1 <= self.km <= FARTHEST_KM):
            raise ValidationError(_l("A number of kilometres from 1 to 300, or nothing"))

    @property
    def km(self) -> float:
        """The radius; 0 where there is none."""
        return float(self.radius.data or 0)

    @property
    def codes(self) -> Sequence[str]:
        """The divisions, by code."""
        return [code for line in self._lines() if (code := _code(line)) is not None]

    def _lines(self) -> list[str]:
        return [line for line in map(str.strip, re.split(r"[\n;；]+", self.divisions.data or "")) if line]


def _code(line: str) -> str | None:
    """The code in force for a name from the province down, or for a code that may be a former one."""
    if re.fullmatch(r"[0-9]{6}", line):
        code = divisions.current_code(line)
        return code if code is not None and divisions.by_code(code) is not None else None
    try:
        found = read_division(line)
    except BadPlace:
        return None
    return None if found is None or not _is_meant(line, found.name, found.short) else found.code


def _is_meant(line: str, name: str, short: str) -> bool:
    """`resolve` falls back to the level above for a name that it does not know; here that would cover too much."""
    last = line.replace("/", " ").replace("，", " ").split()[-1]
    return name in last or short in last or last in name
