"""One row of a dealer's list: a store with its dealer and manager, or the reason why it is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hq.intake.imports.cells import RowCells, as_text
from hq.intake.imports.columns import Columns
from hq.intake.imports.grid import Row
from hq.intake.imports.signup_rows import RejectedRow, reject
from hq.intake.imports.store_places import DEFAULT_SYSTEM, StorePlace, read_place
from hq.intake.imports.store_room import Room
from shared.contacts.hiding import HIDDEN, without_phones
from shared.contacts.phones import PhoneProblem, parse_phone
from shared.dealers.hours import DEFAULT_HOURS, BadHours, WeeklyHours
from shared.dealers.hours_text import parse_holidays, parse_hours
from shared.dealers.series import NO_SERIES, SeriesBook, UnknownSeries

_CODE, _NAME, _ADDRESS = 60, 120, 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRow:
    """A usable row.

    Attributes:
        row: number as the person sees it.
        hours: weekly opening hours as `WeeklyHours.to_json` writes them.
        daily_capacity, weekly_capacity: leads a day and a week; None: no limit.
        weight: its share among stores that are equal otherwise.
        series: codes of what it may sell; None: all.
        unstated: columns of a store that the row says nothing about: a store that is there keeps what it has.
        manager_phone: E.164; None where the list has none that can be called.
        cells: as they came.
        repairs, remarks: as in a sign-up row.
    """

    row: int
    dealer_code: str
    dealer_name: str
    code: str
    name: str
    address: str
    place: StorePlace
    hours: Mapping[str, Any]
    daily_capacity: int | None
    weekly_capacity: int | None = None
    weight: int = 1
    series: Sequence[str] | None = None
    unstated: frozenset[str] = frozenset()
    manager_name: str
    manager_phone: str | None
    cells: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class StoreReader:
    """Reads the rows of one list in order; a code that was used before is refused.

    Args:
        series: the brand's; a row that names another one is refused.
        system: what coordinates are of where a row does not say it.
    """

    def __init__(self, columns: Columns, series: SeriesBook = NO_SERIES, system: str = DEFAULT_SYSTEM) -> None:
        self._columns = columns
        self._series = series
        self._system = system
        self._at: dict[tuple[float, float], int] = {}
        self._first: dict[str, int] = {}

    def read(self, row: Row) -> StoreRow | RejectedRow:
        """A store, or the row with its reason."""
        return self.read_cells(RowCells(row, self._columns))

    def read_cells(self, cells: RowCells) -> StoreRow | RejectedRow:
        """The same for cells that the caller keeps: they remember what was put right where."""
        row = cells.row
        if "truncated_row" in row.damage:
            return reject(row, "truncated_row", have=len(row.cells), width=self._columns.width)
        dealer_code, code = cells.code("dealer_code", _CODE), cells.code("code", _CODE)
        for field, text in (("dealer_code", dealer_code), ("store_code", code)):
            if not text:
                return reject(row, f"{field}_missing")
            if "\ufffd" in text:
                return reject(row, "undecodable_bytes")
        first = self._first.setdefault(code.upper(), row.number)
        if first != row.number:
            return reject(row, "store_code_twice", code=code, first=first)
        try:
            room = Room.read(cells, self._series)
        except UnknownSeries as unknown:
            return reject(row, "series_unknown", word=unknown.args[0][:_CODE])
        place = self._alone(read_place(cells, self._system), cells)
        return _store(cells, dealer_code, code, room, place)

    def _alone(self, place: StorePlace, cells: RowCells) -> StorePlace:
        """The place with the doubt that another store of the list stands on the very same point (to a metre)."""
        if place.point_source != "as_given" or place.lng is None or place.lat is None:
            return place
        number = cells.row.number
        first = self._at.setdefault((round(place.lng, 5), round(place.lat, 5)), number)
        if first == number:
            return place
        cells.remark("point_twice", "lng")
        return replace(place, doubts=(*place.doubts, ("point_twice", {"first": first})))


def _store(cells: RowCells, dealer_code: str, code: str, room: Room, place: StorePlace) -> StoreRow:
    dealer_name, name = cells.text("dealer_name", _NAME), cells.text("name", _NAME)
    return StoreRow(
        row=cells.row.number,
        dealer_code=dealer_code,
        dealer_name=dealer_name or dealer_code,
        code=code,
        name=name or code,
        address=cells.text("address", _ADDRESS),
        place=place,
        hours=_hours(cells).to_json(),
        daily_capacity=room.daily,
        weekly_capacity=room.weekly,
        weight=room.weight,
        series=room.series,
        unstated=room.unstated if cells.text("holidays", 100) else room.unstated | {"holidays"},
        manager_name=without_phones(cells.text("manager_name", _CODE)).replace(HIDDEN, "").strip(),
        manager_phone=_manager_phone(cells),
        cells=tuple(as_text(cell) for cell in cells.row.cells),
        repairs=tuple(cells.repairs),
        remarks=tuple(cells.remarks),
    )


def _hours(cells: RowCells) -> WeeklyHours:
    try:
        hours = parse_hours(cells.text("hours", 200))
    except BadHours:
        cells.remark("hours_unreadable", "hours")
        hours = DEFAULT_HOURS
    said = cells.text("holidays", 100)
    try:
        return hours.with_holidays(parse_holidays(said)) if said else hours
    except BadHours:
        cells.remark("holidays_unreadable", "holidays")
        return hours


def _manager_phone(cells: RowCells) -> str | None:
    cell = cells.raw("manager_phone")
    if cell == "":
        return None
    found = parse_phone(cell if isinstance(cell, str | int | float) else str(cell))
    if isinstance(found, PhoneProblem):
        cells.remark("manager_phone_unusable", "manager_phone")
        return None
    return found.e164
