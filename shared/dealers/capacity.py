"""How many leads a store takes on a Beijing day and in a week: counted by claims, guarded by the rows themselves.

The row of the day is locked before that of the week, here and wherever something is given back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.dealers.models import StoreDay, StoreWeek
from shared.platform.clock import week_of
from shared.platform.errors import Conflict, DomainError
from shared.platform.ids import new_id

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
# One statement, as every round trip of a claim is time in which its rows are locked. The week asks for the day's row,
# so that the day is counted, and locked, before the week.
_TAKE = text(
    """
    WITH of_day AS (
        UPDATE store_days SET taken = taken + 1
        WHERE dealer_id = :dealer_id AND store_id = :store_id AND day = :day AND (cap IS NULL OR taken < cap)
        RETURNING day
    ),
    of_week AS (
        UPDATE store_weeks SET taken = taken + 1
        WHERE dealer_id = :dealer_id AND store_id = :store_id AND week = :week AND (cap IS NULL OR taken < cap)
          AND EXISTS (SELECT FROM of_day)
        RETURNING week
    ),
    noted AS (
        INSERT INTO quota_ledger (dealer_id, entry_id, store_id, day, assignment_id, delta, reason, at)
        SELECT :dealer_id, :entry_id, :store_id, :day, :assignment_id, 1, :reason, :at FROM of_week
    )
    SELECT EXISTS (SELECT FROM of_day), EXISTS (SELECT FROM of_week)
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


def take(
    session: Session, *, dealer_id: UUID, store_id: UUID, assignment_id: UUID, day: date, reason: str, now: datetime
) -> Full | None:
    """Take one of the store's leads of the day and its week; tells the limit that is reached, None when it was taken.

    Whoever is told of a limit ends the transaction: the day may have been counted already.

    Raises:
        DayNotOpen: there is no row to count on yet.
    """
    week = week_of(day)
    keys = {"dealer_id": dealer_id, "store_id": store_id, "day": day, "week": week}
    noted = {"entry_id": new_id(now), "assignment_id": assignment_id, "reason": reason, "at": now}
    of_day, of_week = session.execute(_TAKE, {**keys, **noted}).one()
    if of_week:
        return None
    store = {"dealer_id": dealer_id, "store_id": store_id}
    return _full(session, StoreWeek, **store, week=week) if of_day else _full(session, StoreDay, **store, day=day)


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


def _full(session: Session, table: type[StoreDay | StoreWeek], **key: object) -> Full:
    """The limit that a row of this table has reached, if there is one."""
    limit = Full.DAY if table is StoreDay else Full.WEEK
    if session.scalar(select(func.count()).select_from(table).filter_by(**key)) == 0:
        raise DayNotOpen(limit=limit.value)
    return limit
