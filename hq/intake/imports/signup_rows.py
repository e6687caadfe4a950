"""One row of a sign-up list: a sign-up, or the reason why it is none. Nothing here raises."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hq.intake.imports.cells import RowCells, as_text
from hq.intake.imports.columns import Columns
from hq.intake.imports.grid import Cell, Row
from hq.intake.imports.moments import Unreadable, read_moment
from hq.intake.imports.region_cells import read_region
from hq.intake.imports.words import BUDGETS, HORIZONS, TOUCHPOINTS, VEHICLES
from shared.contacts.hiding import without_phones
from shared.contacts.phones import Phone, PhoneProblem, parse_phone

_CODE, _NAME, _PLACE, _NOTE = 100, 80, 120, 2000  # characters
_MOST_DRAWS = 10_000
_LOST = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupRow:
    """A usable row; empty text and None mean that the file does not say.

    Attributes:
        row: number as the person sees it.
        campaign: code or name of the campaign, where the row names one.
        phone: E.164.
        occurred_at: UTC; None: the time of import is the best that is known.
        region: county_code, province, city, county (texts), lng, lat (degrees) and coord_sys, each where given.
        interest: model, purchase_horizon, current_vehicle, budget.
        actions: draws (count), booked_test_ride, visited_store.
        marketing: True only where the row says yes. share: the same for giving the phone to dealers.
        repairs: codes of what was put right. remarks: codes of what could not be used.
    """

    row: int
    external_id: str = ""
    campaign: str = ""
    touchpoint: str | None = None
    store_code: str = ""
    name: str = ""
    phone: str
    occurred_at: datetime | None = None
    region: Mapping[str, str | float] = field(default_factory=dict)
    interest: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, int | bool] = field(default_factory=dict)
    openid: str = ""
    unionid: str = ""
    device_id: str = ""
    ip: str | None = None
    user_agent: str = ""
    invited_by: str = ""
    marketing: bool = False
    share: bool = False
    note: str = ""
    repairs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be used: its cells, and why."""

    row: int
    reason: str
    cells: tuple[str, ...]
    params: Mapping[str, str | int] = field(default_factory=dict)


def read_row(row: Row, columns: Columns, *, now: datetime) -> SignupRow | RejectedRow:
    """Read a row below the heading of a sign-up list.

    Args:
        row: not blank.
        columns: which column is which.
        now: aware; times more than a day later are not believed.
    """
    return read_cells(RowCells(row, columns), now=now)


def read_cells(cells: RowCells, *, now: datetime) -> SignupRow | RejectedRow:
    """`read_row` for cells that the caller keeps: they remember what was put right where."""
    row, columns = cells.row, cells.columns
    if "truncated_row" in row.damage:
        return reject(row, "truncated_row", have=len(row.cells), width=columns.width)
    if any(as_text(cell).strip() for cell in row.cells[columns.width :]):
        return reject(row, "row_shifted", have=len(row.cells), width=columns.width)
    phone = _phone(cells)
    if isinstance(phone, str):
        return _accepted(cells, phone, now)
    return reject(row, phone.code)


def reject(row: Row, reason: str, **params: str | int) -> RejectedRow:
    """The row with a reason; the parameters stand in plain where the cells are sealed, so no number is in them."""
    told = {name: without_phones(value) if isinstance(value, str) else value for name, value in params.items()}
    return RejectedRow(row.number, reason, tuple(as_text(cell) for cell in row.cells), told)


def _accepted(cells: RowCells, phone: str, now: datetime) -> SignupRow:
    return SignupRow(
        row=cells.row.number,
        external_id=cells.code("external_id", _CODE),
        campaign=cells.code("campaign", _PLACE),
        touchpoint=cells.word("touchpoint", TOUCHPOINTS),
        store_code=cells.code("store_code", _CODE),
        name=cells.text("name", _NAME),
        phone=phone,
        occurred_at=_moment(cells, now),
        region=read_region(cells),
        interest=_interest(cells),
        actions=_actions(cells),
        openid=cells.code("openid", _CODE),
        unionid=cells.code("unionid", _CODE),
        device_id=cells.code("device_id", _CODE),
        ip=_ip(cells),
        user_agent=cells.text("user_agent", 500),
        invited_by=cells.code("invited_by", _CODE),
        marketing=cells.tick("marketing") is True,
        share=cells.tick("share") is True,
        note=cells.text("note", _NOTE),
        repairs=tuple(cells.repairs),
        remarks=tuple(cells.remarks),
    )


def _phone(cells: RowCells) -> str | PhoneProblem:
    """E.164, from the second column of the name where the first is empty."""
    cell = cells.raw("phone")
    if not as_text(cell).strip():
        cell = cells.columns.spare_cell(cells.row.cells, "phone")
        if as_text(cell).strip():
            cells.repaired("phone_from_second_column", "phone")
    if isinstance(cell, str) and _LOST in cell:
        return PhoneProblem("undecodable_bytes")
    found = parse_phone(cell if isinstance(cell, str | int | float) else as_text(cell))
    if isinstance(found, PhoneProblem):
        return found
    for code in _phone_repairs(found, cell, cells):
        cells.repaired(code, "phone")
    return found.e164


def _phone_repairs(found: Phone, cell: Cell, cells: RowCells) -> tuple[str, ...]:
    if cells.columns.index["phone"] in cells.row.scientific:
        return (*found.repairs, "number_form")
    # a whole E.164 number needs no repair from a program; in a list that people keep it is one
    return found.repairs or (("country_code",) if isinstance(cell, str) and cell.startswith("+") else ())


def _moment(cells: RowCells, now: datetime) -> datetime | None:
    try:
        return read_moment(cells.raw("occurred_at"), now=now)
    except Unreadable:
        cells.repaired("time_unreadable", "occurred_at")
        return None


def _interest(cells: RowCells) -> dict[str, str]:
    said = {
        "model": cells.text("model", _PLACE),
        "purchase_horizon": cells.word("horizon", HORIZONS),
        "current_vehicle": cells.word("vehicle", VEHICLES),
        "budget": cells.word("budget", BUDGETS),
    }
    return {key: value for key, value in said.items() if value}


def _actions(cells: RowCells) -> dict[str, int | bool]:
    did = {
        "draws": cells.count("draws", _MOST_DRAWS),
        "booked_test_ride": cells.tick("test_ride"),
        "visited_store": cells.tick("visited"),
    }
    return {key: value for key, value in did.items() if value is not None}


def _ip(cells: RowCells) -> str | None:
    text = cells.text("ip", 100)
    if not text:
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        cells.remark("ip_unknown", "ip")
        return None
