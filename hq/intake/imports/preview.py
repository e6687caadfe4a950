"""The first rows of a file as they will be read: what each cell becomes, what was put right, and what is rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hq.intake.imports import masking
from hq.intake.imports.cells import RowCells, as_text
from hq.intake.imports.deciding import Deciding
from hq.intake.imports.signup_rows import RejectedRow, SignupRow
from hq.intake.imports.store_rows import StoreReader, StoreRow
from shared.contacts.names import mask_name
from shared.contacts.phones import mask
from shared.regions import divisions

_MOST_COLUMNS = 12  # shown side by side
_UNSHOWN = frozenset(("phone_2", "user_agent", "coordinates"))
_WORDS = {"touchpoint": "touchpoint", "horizon": "horizon", "vehicle": "vehicle"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it will be read.

    Attributes:
        kind: how to show `value`: text, word (a code of the vocabulary), time, tick (True, False) or number.
        was: the cell as it came, masked; only where something was done to it.
        codes: what was done: codes of repairs and remarks.
    """

    kind: str
    value: Any
    was: str = ""
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its cells, or the reason why it is not imported with the cell that is to blame (masked)."""

    row: int
    cells: Sequence[Shown] = ()
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows.

    Attributes:
        fields: meanings of the columns shown, in the order of the file.
        odd: per meaning how many of the rows shown have a value that is not understood.
    """

    fields: Sequence[str]
    lines: Sequence[Line]
    odd: Mapping[str, int]


def of_signups(rows: Sequence[RowCells], fields: Sequence[str], deciding: Deciding) -> Preview:
    """The rows of a sign-up list."""
    lines, odd = [], Counter[str]()
    shown = _shown_fields(fields)
    for cells in rows:
        found = deciding.decide(cells)
        if isinstance(found, RejectedRow):
            lines.append(_rejected("signups", cells, found))
        else:
            lines.append(
                Line(found.said.row, [_cell("signups", cells, name, _said(found.said, name, cells)) for name in shown])
            )
        odd.update(_odd(cells))
    return Preview(shown, lines, odd)


def of_stores(rows: Sequence[RowCells], fields: Sequence[str], reader: StoreReader) -> Preview:
    """The rows of a dealer list."""
    lines, odd = [], Counter[str]()
    shown = _shown_fields(fields)
    for cells in rows:
        found = reader.read_cells(cells)
        if isinstance(found, RejectedRow):
            lines.append(_rejected("stores", cells, found))
        else:
            lines.append(
                Line(found.row, [_cell("stores", cells, name, _of_store(found, name, cells)) for name in shown])
            )
        odd.update(_odd(cells))
    return Preview(shown, lines, odd)


def _shown_fields(fields: Sequence[str]) -> list[str]:
    return [name for name in fields if name not in _UNSHOWN][:_MOST_COLUMNS]


def _odd(cells: RowCells) -> set[str]:
    """Fields whose value could not be used, apart from what is only worth knowing."""
    return {name for name, code in cells.marks if code in cells.remarks and code != "kept_as_text"}


def _rejected(kind: str, cells: RowCells, rejected: RejectedRow) -> Line:
    name = masking.about(rejected.reason)
    because = masking.shown(kind, name, as_text(cells.raw(name))) if name else ""
    return Line(rejected.row, reason=rejected.reason, params=rejected.params, because=because)


def _cell(kind: str, cells: RowCells, name: str, found: tuple[str, Any]) -> Shown:
    codes = [code for marked, code in cells.marks if marked == name]
    was = masking.shown(kind, name, as_text(cells.raw(name))) if codes else ""
    return Shown(*found, was, codes)


def _said(said: SignupRow, name: str, cells: RowCells) -> tuple[str, Any]:
    reads = _SIGNUP.get(name)
    return reads(said) if reads else ("text", masking.shown("signups", name, as_text(cells.raw(name)).strip()))


def _of_store(row: StoreRow, name: str, cells: RowCells) -> tuple[str, Any]:
    reads = _STORE.get(name)
    return reads(row) if reads else ("text", masking.shown("stores", name, as_text(cells.raw(name)).strip()))


Reads = Mapping[str, Callable[[Any], tuple[str, Any]]]


def _part(source: str, key: str, kind: str = "text") -> Callable[[Any], tuple[str, Any]]:
    return lambda row: (kind, getattr(row, source).get(key))


def _division(code: str | None) -> str:
    found = divisions.by_code(code) if code else None
    return found.name if found else ""


_SIGNUP: Reads = {
    "name": lambda said: ("text", mask_name(said.name)),
    "phone": lambda said: ("text", mask(said.phone)),
    "touchpoint": lambda said: ("touchpoint", said.touchpoint),
    "horizon": _part("interest", "purchase_horizon", "horizon"),
    "vehicle": _part("interest", "current_vehicle", "vehicle"),
    "budget": _part("interest", "budget"),
    "model": _part("interest", "model"),
    "province": _part("region", "province"),
    "city": _part("region", "city"),
    "county": _part("region", "county"),
    "county_code": _part("region", "county_code"),
    "lng": _part("region", "lng", "number"),
    "lat": _part("region", "lat", "number"),
    "draws": _part("actions", "draws", "number"),
    "test_ride": _part("actions", "booked_test_ride", "tick"),
    "visited": _part("actions", "visited_store", "tick"),
    "occurred_at": lambda said: ("time", said.occurred_at),
    "marketing": lambda said: ("tick", said.marketing),
    "share": lambda said: ("tick", said.share),
}
_STORE: Reads = {
    "dealer_code": lambda row: ("text", row.dealer_code),
    "dealer_name": lambda row: ("text", row.dealer_name),
    "code": lambda row: ("text", row.code),
    "name": lambda row: ("text", row.name),
    "province": lambda row: ("text", _division(row.place.province_code)),
    "city": lambda row: ("text", _division(row.place.city_code)),
    "county": lambda row: ("text", _division(row.place.county_code)),
    "lng": lambda row: ("number", None if row.place.lng is None else round(row.place.lng, 4)),
    "lat": lambda row: ("number", None if row.place.lat is None else round(row.place.lat, 4)),
    "manager_name": lambda row: ("text", mask_name(row.manager_name)),
    "manager_phone": lambda row: ("text", mask(row.manager_phone) if row.manager_phone else ""),
    "capacity": lambda row: ("capacity", row.daily_capacity),
    "weekly": lambda row: ("capacity", row.weekly_capacity),
    "weight": lambda row: ("number", row.weight),
}
