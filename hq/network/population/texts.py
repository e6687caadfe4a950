"""Words for what a population table says in codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from hq.network.population.understanding import Line
from shared.contacts.hiding import without_phones
from shared.regions import divisions
from shared.regions.divisions import Division
from shared.web.words import tell

_UNIT = _l("Perhaps the figures are in ten thousands: look at “Counted in”.")
_NOTHING_TO_DO = _l("Nothing to do.")
_ROWS: Mapping[str, tuple[Any, Any]] = {
    "unknown_code": (_l("No division has this code"), _l("Put the code right: six digits, today's or a former one.")),
    "unknown_name": (
        _l("No division is called so"),
        _l("Write province, city and district in full, or give the code."),
    ),
    "several": (_l("Several divisions are called so"), _l("Add province and city, or the code.")),
    "differs": (_l("The code is %(by_code)s, the name is %(by_name)s"), _l("Put right what is wrong.")),
    "zone": (
        _l("A development zone, no district"),
        _l("Add its people to the district that it lies in, if you know which."),
    ),
    "town": (_l("A town or a street"), _l("Only districts count; add its people up to the district.")),
    "subtotal": (_l("A sum of several districts"), _NOTHING_TO_DO),
    "total": (_l("A total without a figure"), _NOTHING_TO_DO),
    "remark": (_l("No division and no figure, probably a remark"), _NOTHING_TO_DO),
    "nothing": (_l("Names no division"), _l("Give a code or a name.")),
    "torn": (_l("The row is damaged"), _l("Put it right in the file.")),
    "empty": (_l("No figure"), _l("Fill it in where you know it.")),
    "number": (_l("The figure is no number"), _l("Write digits only, such as 1,112,992 or 111.3万.")),
    "negative": (_l("The figure is negative"), _l("Put it right.")),
    "nobody": (_l("The figure is 0"), _l("Leave it empty where nobody knows it.")),
    "fraction": (_l("Part of a person"), _UNIT),
    "few": (_l("Fewer than 100 people"), _UNIT),
    "many": (_l("More people than any such division has"), _l("Check the figure, and what it is counted in.")),
    "twice": (_l("Stands in row %(first)s already, with the same figure"), _NOTHING_TO_DO),
    "twice_differs": (
        _l("Stands in row %(first)s already, which says %(people)s"),
        _l("That row counts. Delete the wrong one."),
    ),
}
#: Where rows are counted by reason and no single one is named.
_SHORT: Mapping[str, Any] = {
    "differs": _l("Code and name are of two divisions"),
    "twice": _l("Stands in the file already, with the same figure"),
    "twice_differs": _l("Stands in the file already, with another figure"),
}
_ABOVE: Mapping[str, Any] = {
    "agrees": _l("agrees with its districts"),
    "contradicts": _l("contradicts its districts"),
    "part": _l("some of its districts have no figure"),
    "none": _l("none of its districts has a figure: left out"),
    "fills": _l("fills its only district without a figure"),
}

for _code, (_text, _advice) in _ROWS.items():
    tell(f"population_row.{_code}", _text, _advice)
    tell(f"population_reason.{_code}", _SHORT.get(_code, _text), _advice)
for _code, _text in _ABOVE.items():
    tell(f"population_above.{_code}", _text)
tell("population_unit.1", _l("people"))
tell("population_unit.1000", _l("thousands"))
tell("population_unit.10000", _l("ten thousands"))
tell("population_unit.1000000", _l("millions"))
tell(
    "population_replaced",
    _l("Another table came into force meanwhile, or it was taken away"),
    _l("Nothing was changed. Look at what there is now and decide again."),
)
tell("population_nothing", _l("No row names a district and a figure"), _l("Nothing was changed."))


def by_province(found: Iterable[Division]) -> Mapping[str, list[str]]:
    """Names of districts under those of their provinces."""
    names: dict[str, list[str]] = defaultdict(list)
    for each in found:
        province = divisions.by_code(each.province_code)
        names[province.name if province else ""].append(each.name)
    return names


def by_reason(left: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """Rows that were left out, by reason: those to do something about first, and of these the rarest."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in left:
        lines[line.code].append(line)
    return sorted(lines.items(), key=lambda group: (_ROWS[group[0]][1] is _NOTHING_TO_DO, len(group[1]), group[0]))


def full_name(code: str) -> str:
    """A division from the province down."""
    division = divisions.by_code(code)
    if division is None:
        return code
    above = filter(None, (division.province_code, division.city_code, division.code))
    return " ".join(dict.fromkeys(divisions.names_of(above).values()))


def register(bp: Blueprint) -> None:
    """Give the templates a filter for what a row says: in the wrong file it may be somebody's phone."""
    bp.add_app_template_filter(without_phones, "without_phones")
