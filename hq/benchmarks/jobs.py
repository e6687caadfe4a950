"""The drain `hq.benchmarks`: what stores see of themselves beside their region, anew every ten minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, select, text
from sqlalchemy.orm import Session

from hq.benchmarks.medians import Figure, Median, medians
from shared.db.batch import Rows
from shared.dealers.models import Store, StoreFigure
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain

EVERY = timedelta(minutes=10)
WINDOW = timedelta(days=30)

# What a store let go counts against it; what another store was faster with, and what was recalled, does not. People
# whom the store entered itself were never offered; nor was what it claimed from the open pool, which fills it all the
# same and is counted by itself.
_FIGURES = text(
    """
    WITH worked AS (
        SELECT a.dealer_id, a.store_id, a.stage, f.claimed_at, f.called_at, f.won,
               a.offer -> 'why' ->> 'code' IS NOT DISTINCT FROM 'pool' AS pooled
        FROM assignments a
        LEFT JOIN LATERAL (
            SELECT min(at) FILTER (WHERE kind = 'claim') AS claimed_at,
                   min(at) FILTER (WHERE kind IN ('call', 'message', 'visit', 'appointment')) AS called_at,
                   coalesce(bool_or(kind = 'won'), false) AS won
            FROM follow_ups f WHERE f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id
        ) f ON true
        WHERE a.offered_at >= :since AND a.offer -> 'why' ->> 'code' IS DISTINCT FROM 'store'
    )
    SELECT s.dealer_id, s.store_id, s.province_code,
           count(claimed_at) AS claimed, count(called_at) FILTER (WHERE called_at >= claimed_at) AS called,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM called_at - claimed_at) / 60)
               FILTER (WHERE called_at >= claimed_at) AS minutes,
           count(*) FILTER (WHERE NOT pooled AND (claimed_at IS NOT NULL OR stage IN ('expired', 'declined')))
               AS decided,
           count(claimed_at) FILTER (WHERE NOT pooled) AS in_time,
           count(*) FILTER (WHERE claimed_at IS NOT NULL AND won) AS won,
           count(*) FILTER (WHERE NOT pooled) AS offered, count(w.stage) AS given,
           count(*) FILTER (WHERE pooled) AS pooled, count(*) FILTER (WHERE pooled AND won) AS pooled_won,
           s.daily_capacity * greatest(1, extract(epoch FROM CAST(:now AS timestamptz)
                                                  - greatest(s.created_at, :since)) / 86400)::float8 AS most
    FROM stores s LEFT JOIN worked w USING (dealer_id, store_id)
    WHERE s.status <> 'closed'
    GROUP BY s.dealer_id, s.store_id, s.province_code, s.daily_capacity, s.created_at
    """
)
_ROWS = Rows(
    {
        "dealer_id": "uuid",
        "store_id": "uuid",
        "measure": "text",
        "whole": "int",
        "part": "int",
        "value": "float8",
        "median": "float8",
        "province_code": "text",
        "reckoned_at": "timestamptz",
    }
)
_WRITE = text(
    f"INSERT INTO store_figures ({_ROWS.names}) SELECT {_ROWS.names} FROM {_ROWS.source}"  # noqa: S608 (names)
    " ORDER BY dealer_id, store_id, measure"
    " ON CONFLICT (dealer_id, store_id, measure) DO UPDATE SET whole = excluded.whole, part = excluded.part,"
    " value = excluded.value, median = excluded.median, province_code = excluded.province_code,"
    " reckoned_at = excluded.reckoned_at"
)
_DIGITS: Mapping[str, int] = {"response": 0, "in_time": 2, "won": 2, "load": 2, "pool": 2}


def stale_stores(now: datetime) -> Select[Any]:
    """Stores whose figures are missing or ten minutes old."""
    fresh = exists().where(
        StoreFigure.store_id == Store.store_id,
        StoreFigure.measure == "won",
        StoreFigure.reckoned_at > now - EVERY,
    )
    return select(Store.store_id).where(Store.status != "closed", ~fresh).order_by(Store.store_id)


@drain("hq.benchmarks", due=stale_stores, key=Store.store_id, batch=20_000, single_flight=True)
def reckon(session: Session, batch: Batch, now: datetime) -> Aside:
    """Reckon the figures of the batch's stores; the medians come from all stores."""
    wanted = {row.store_id for row in batch}
    stores = session.execute(_FIGURES, {"since": now - WINDOW, "now": now}).all()
    written: list[tuple[Any, ...]] = []
    for measure, figures in _by_measure(stores).items():
        beside = medians(figures, digits=_DIGITS[measure])
        written += [_row(measure, each, beside, now) for each in figures if each.store_id in wanted]
    if written:
        session.execute(_WRITE, _ROWS.parameters(written))
    return NOTHING


def _by_measure(stores: Sequence[Row[Any]]) -> Mapping[str, list[Figure]]:
    return {
        "response": [_figure(row, row.claimed, row.called, row.minutes) for row in stores],
        "in_time": [_figure(row, row.decided, row.in_time, _share(row.in_time, row.decided)) for row in stores],
        "won": [_figure(row, row.claimed, row.won, _share(row.won, row.claimed)) for row in stores],
        "load": [
            _figure(row, row.offered, row.in_time, row.given / float(row.most) if row.most else None) for row in stores
        ],
        "pool": [_figure(row, row.pooled, row.pooled_won, None) for row in stores],
    }


def _figure(row: Row[Any], whole: int, part: int, value: float | None) -> Figure:
    return Figure(row.dealer_id, row.store_id, row.province_code, whole, part, None if value is None else float(value))


def _share(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def _row(measure: str, of: Figure, beside: Mapping[str | None, Median], now: datetime) -> tuple[Any, ...]:
    found = beside.get(of.province_code) or beside.get(None)
    value, code = (found.value, found.province_code) if found else (None, None)
    return (of.dealer_id, of.store_id, measure, of.whole, of.part, of.value, value, code, now)
