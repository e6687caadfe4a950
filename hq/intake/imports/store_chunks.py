"""A chunk of a dealer list becomes dealers, stores and drafted managers, all by statements over the whole chunk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from content_library import shelf
from hq.intake.imports import managers, rejects
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.store_rows import StoreRow
from hq.intake.imports.store_values import NOW_VALUES
from hq.intake.imports.tally import Tally
from shared.db.batch import Rows
from shared.platform.ids import new_id

_DEALERS = text(
    """
    INSERT INTO dealers (dealer_id, code, name, status, created_at)
    SELECT dealer_id, code, name, 'active', :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:names AS text[])) AS t (dealer_id, code, name)
    ORDER BY code
    ON CONFLICT (code) DO UPDATE SET name = excluded.name
    RETURNING code, dealer_id
    """
)
_KNOWN_STORES = text(
    "SELECT upper(code) AS code, dealer_id FROM stores WHERE upper(code) = ANY(CAST(:codes AS text[]))"
)
_COLUMNS = {
    "dealer_id": "uuid",
    "store_id": "uuid",
    "code": "text",
    "name": "text",
    "province_code": "text",
    "city_code": "text",
    "county_code": "text",
    "address": "text",
    "lng": "double precision",
    "lat": "double precision",
    "point_source": "text",
    "hours": "text",
    "daily_capacity": "integer",
    "weekly_capacity": "integer",
    "weight": "integer",
    "series": "text",
}
_CHANGED = [name for name in _COLUMNS if name not in ("dealer_id", "store_id", "code")]
_LIST = ", ".join(_COLUMNS)
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())
_VALUES = ", ".join(f"{name}::jsonb" if name in ("hours", "series") else name for name in _COLUMNS)
_STORES = text(
    f"""
    INSERT INTO stores ({_LIST}, status, created_at, changed_at)
    SELECT {_VALUES}, 'active', :now, :now FROM unnest({_ARRAYS}) AS t ({_LIST})
    ORDER BY code
    ON CONFLICT (code) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _CHANGED)}, changed_at = :now,
        status = CASE WHEN stores.status = 'closed' AND EXISTS (
            SELECT 1 FROM import_changes c WHERE c.store_id = stores.store_id AND c.closed_at = stores.changed_at
        ) THEN 'active' ELSE stores.status END
    WHERE stores.dealer_id = excluded.dealer_id
    RETURNING code, store_id
    """  # noqa: S608 (column names from this module)
)


_FOUND = text(
    f"""
    SELECT s.code, {NOW_VALUES} AS said FROM stores s JOIN dealers d USING (dealer_id)
    WHERE s.code = ANY(CAST(:codes AS text[])) ORDER BY s.code FOR NO KEY UPDATE OF s
    """  # noqa: S608 (column names of this package)
)
_BEFORE = Rows({"store_id": "uuid", "before": "jsonb"})
_NOTE = text(
    f"""
    INSERT INTO import_changes (import_id, store_id, before, after)
    SELECT :import_id, s.store_id, t.before, {NOW_VALUES}
    FROM {_BEFORE.source} JOIN stores s USING (store_id) JOIN dealers d USING (dealer_id)
    ON CONFLICT (import_id, store_id) DO UPDATE SET after = excluded.after
    """  # noqa: S608 (column names of this package)
)


def store_stores(
    session: Session,
    outcomes: Iterable[StoreRow | RejectedRow],
    *,
    import_id: UUID,
    blind_key: bytes,
    files: ImportFiles,
    now: datetime,
) -> Tally:
    """Write one chunk. A store that is there already takes the list's words; one of another dealer is refused."""
    rows, rejected = parted(outcomes)
    before = {row.code: row.said for row in session.execute(_FOUND, {"codes": [row.code for row in rows]})}
    dealers = _write_dealers(session, rows, now)
    rows, others = _without_foreign(session, rows, dealers)
    rejected += others
    stores = _write_stores(session, rows, dealers, before, now)
    _note(session, import_id, stores, before)
    shelf.stock(session, now=now)  # what runs now reaches new stores too
    taken = managers.draft(session, rows, dealers, stores, blind_key=blind_key, now=now)
    rejects.keep(session, import_id, rejected, files)
    tally = Tally()
    for row in rows:
        tally.accept(row.repairs, (*row.remarks, "manager_elsewhere") if row.row in taken else row.remarks)
    for gone in rejected:
        tally.reject(gone.reason)
    return tally


def parted(outcomes: Iterable[StoreRow | RejectedRow]) -> tuple[list[StoreRow], list[RejectedRow]]:
    """A chunk's stores, and its rows that are none."""
    rows: list[StoreRow] = []
    rejected: list[RejectedRow] = []
    for outcome in outcomes:
        if isinstance(outcome, StoreRow):
            rows.append(outcome)
        else:
            rejected.append(outcome)
    return rows, rejected


def _write_dealers(session: Session, rows: Sequence[StoreRow], now: datetime) -> dict[str, UUID]:
    """Dealer ids by code; a dealer that is there already takes the name that the list gives it first."""
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row.dealer_code, row.dealer_name)
    if not names:
        return {}
    values = {"ids": [new_id(now) for _ in names], "codes": list(names), "names": list(names.values()), "now": now}
    return {row.code: row.dealer_id for row in session.execute(_DEALERS, values)}


def _without_foreign(
    session: Session, rows: Sequence[StoreRow], dealers: dict[str, UUID]
) -> tuple[list[StoreRow], list[RejectedRow]]:
    codes = [row.code.upper() for row in rows]
    owner = {row.code: row.dealer_id for row in session.execute(_KNOWN_STORES, {"codes": codes})}
    kept: list[StoreRow] = []
    others: list[RejectedRow] = []
    for row in rows:
        if owner.get(row.code.upper(), dealers[row.dealer_code]) == dealers[row.dealer_code]:
            kept.append(row)
        else:
            others.append(foreign(row))
    return kept, others


def foreign(row: StoreRow) -> RejectedRow:
    """The row of a store that is another dealer's."""
    return RejectedRow(row.row, "store_of_other_dealer", row.cells, {"code": row.code})


def _note(session: Session, import_id: UUID, stores: dict[str, UUID], before: dict[str, Any]) -> None:
    """Keep what the stores said before, so that it can be undone; nothing for those that the list brings."""
    if stores:
        rows = ((store_id, before.get(code)) for code, store_id in stores.items())
        session.execute(_NOTE, {**_BEFORE.parameters(rows), "import_id": import_id})


def _kept(row: StoreRow, name: str, before: Mapping[str, Any]) -> Any:
    """What a row says, or what the store has where the row says nothing."""
    there = before.get(row.code)
    return there[name] if there is not None and name in row.unstated else getattr(row, name)


def _kept_hours(row: StoreRow, before: Mapping[str, Any]) -> dict[str, Any]:
    """The hours of a row; what the store does on public holidays where the row says nothing of them."""
    there, hours = before.get(row.code), dict(row.hours)
    if there is None or "holidays" not in row.unstated:
        return hours
    return hours | {name: value for name, value in (there["hours"] or {}).items() if name in ("holidays", "make_up")}


def _write_stores(
    session: Session, rows: Sequence[StoreRow], dealers: dict[str, UUID], before: Mapping[str, Any], now: datetime
) -> dict[str, UUID]:
    """Store ids by code. `before`: what the stores that are there say now."""
    if not rows:
        return {}
    places = [row.place for row in rows]
    values: dict[str, Any] = {
        "dealer_id": [dealers[row.dealer_code] for row in rows],
        "store_id": [new_id(now) for _ in rows],
        "hours": [json.dumps(_kept_hours(row, before)) for row in rows],
        "now": now,
    }
    values |= {name: [getattr(row, name) for row in rows] for name in ("code", "name", "address")}
    for name in ("daily_capacity", "weekly_capacity", "weight", "series"):
        values[name] = [_kept(row, name, before) for row in rows]
    values["series"] = [None if codes is None else json.dumps(codes) for codes in values["series"]]
    for name in ("province_code", "city_code", "county_code", "lng", "lat", "point_source"):
        values[name] = [getattr(place, name) for place in places]
    return {row.code: row.store_id for row in session.execute(_STORES, values)}
