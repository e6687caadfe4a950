"""How many leads a store takes on a Beijing day and in a week: counted by claims (`shared.db.take_lead`), guarded
by the rows themselves.

The row of the day is locked before that of the week, here and wherever something is given back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.dealers.models import StoreDay, StoreWeek
from shared.platform.clock import week_of
from shared.platform.errors import Conflict, DomainError

_OPEN_DAYS = text(
    """
    INSERT INTO store_days (dealer_id, store_id, day, cap, taken)
    SELECT s.dealer_id, s.store_id, d.day, s.daily_capacity, 0
    FROM stores s
    CROSS JOIN (SELECT generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day')::date AS day) d
    WHERE s.status <> 'closed' AND (CAST(:store_ids AS uuid[]) IS NULL OR s.store_id = ANY(CAST(:store_ids AS uuid[])))
      AND NOT EXISTS (SELECT 1 FROM store_days o
                      WHERE o.dealer_id = s.dealer_id AND o.store_id = s.store_id AND o.day = d.day)
    ORDER BY s.dealer_id, s.store_id, d.day
    ON CONFLICT DO NOTHING
    """
)
_OPEN_WEEKS = text(
    """
    INSERT INTO store_weeks (dealer_id, store_id, week, cap, taken)
    SELECT s.dealer_id, s.store_id, w.week, s.weekly_capacity, 0
    FROM stores s
    CROSS JOIN (SELECT generate_series(CAST(:first AS date), CAST(:last AS date), interval '7 days')::date AS week) w
    WHERE s.status <> 'closed' AND (CAST(:store_ids AS uuid[]) IS NULL OR s.store_id = ANY(CAST(:store_ids AS uuid[])))
      AND NOT EXISTS (SELECT 1 FROM store_weeks o
                      WHERE o.dealer_id = s.dealer_id AND o.store_id = s.store_id AND o.week = w.week)
    ORDER BY s.dealer_id, s.store_id, w.week
    ON CONFLICT DO NOTHING
    """
)


class Full(StrEnum):
    """Which of a store's limits is reached."""

    DAY = "day"
    WEEK = "week"


class QuotaReached(Conflict):
    """The store has claimed its leads; `params["period"]`: of the day or the week, `params["retry_at"]` (ISO): when it
    may claim again."""

    code = "quota_reached"


class DayNotOpen(DomainError):
    """The worker has not opened the store's day or week yet; it does so within seconds."""

    code = "day_not_open"
    status = 503


def open_days(session: Session, *, first: date, last: date, store_ids: Collection[UUID] | None = None) -> None:
    """Make sure that stores (all that are not closed, or these) have a row for each day and for each of their weeks.

    Not for the dealer's role.
    """
    listed = None if store_ids is None else sorted(map(str, store_ids))
    session.execute(_OPEN_DAYS, {"first": first, "last": last, "store_ids": listed})
    session.execute(_OPEN_WEEKS, {"first": week_of(first), "last": week_of(last), "store_ids": listed})


def refuse_unopened(session: Session, limit: Full, *, dealer_id: UUID, store_id: UUID, day: date) -> None:
    """Whether a store has a row to count on for the day, or for its week: without one it has not reached a limit.

    Raises:
        DayNotOpen: there is none yet.
    """
    rows = select(StoreDay.cap).where(StoreDay.day == day)
    if limit is Full.WEEK:
        rows = select(StoreWeek.cap).where(StoreWeek.week == week_of(day))
    if session.execute(rows.filter_by(dealer_id=dealer_id, store_id=store_id)).first() is None:
        raise DayNotOpen(limit=limit.value)


def left_today(session: Session, *, dealer_id: UUID, store_ids: Collection[UUID] | None, day: date) -> int | None:
    """How many leads these stores (or all of the dealer) may still claim on the day; None without a limit."""
    of_week = (StoreWeek.dealer_id == StoreDay.dealer_id) & (StoreWeek.store_id == StoreDay.store_id)
    left = func.least(StoreDay.cap - StoreDay.taken, StoreWeek.cap - StoreWeek.taken)  # of NULL and a number the number
    chosen = (
        select(func.coalesce(func.sum(left), 0), func.bool_or(left.is_(None)))
        .outerjoin(StoreWeek, of_week & (StoreWeek.week == week_of(day)))
        .where(StoreDay.dealer_id == dealer_id, StoreDay.day == day)
    )
    if store_ids is not None:
        chosen = chosen.where(StoreDay.store_id.in_(store_ids))
    found, unlimited = session.execute(chosen).one()
    return None if unlimited else int(found)
