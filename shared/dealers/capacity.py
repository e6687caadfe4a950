"""How many leads a store takes on a Beijing day: counted by claims, guarded by the row itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from shared.dealers.models import QuotaEntry, StoreDay
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


class QuotaReached(Conflict):
    """The store has claimed its leads of the day; `params["retry_at"]` (ISO) says when it may claim again."""

    code = "quota_reached"


class DayNotOpen(DomainError):
    """The worker has not opened the store's day yet; it does so within seconds."""

    code = "day_not_open"
    status = 503


def open_days(session: Session, *, first: date, last: date, store_ids: Collection[UUID] | None = None) -> None:
    """Make sure that stores (all that are not closed, or these) have a row for each day. Not for the dealer's role."""
    listed = None if store_ids is None else sorted(map(str, store_ids))
    session.execute(_OPEN_DAYS, {"first": first, "last": last, "store_ids": listed})


def take(
    session: Session, *, dealer_id: UUID, store_id: UUID, assignment_id: UUID, day: date, reason: str, now: datetime
) -> bool:
    """Take one of the store's leads of the day; False when all are taken.

    Raises:
        DayNotOpen: there is no row to count on yet.
    """
    of_day = (StoreDay.dealer_id == dealer_id, StoreDay.store_id == store_id, StoreDay.day == day)
    room = or_(StoreDay.cap.is_(None), StoreDay.taken < StoreDay.cap)
    taken = session.execute(
        update(StoreDay)
        .where(*of_day, room)
        .values(taken=StoreDay.taken + 1)
        .returning(StoreDay.taken)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if taken is None:
        if session.scalar(select(func.count()).select_from(StoreDay).where(*of_day)) == 0:
            raise DayNotOpen(store_id=str(store_id))
        return False
    _note(session, dealer_id, store_id, assignment_id, day, 1, reason, now)
    return True


def give_back(
    session: Session, *, dealer_id: UUID, store_id: UUID, assignment_id: UUID, day: date, reason: str, now: datetime
) -> None:
    """Undo a `take` of that day. Not for the dealer's role."""
    session.execute(
        update(StoreDay)
        .where(StoreDay.dealer_id == dealer_id, StoreDay.store_id == store_id, StoreDay.day == day)
        .values(taken=func.greatest(StoreDay.taken - 1, 0))
        .execution_options(synchronize_session=False)
    )
    _note(session, dealer_id, store_id, assignment_id, day, -1, reason, now)


def left_today(session: Session, *, dealer_id: UUID, store_ids: Collection[UUID] | None, day: date) -> int | None:
    """How many leads these stores (or all of the dealer) may still claim on the day; None without a limit."""
    chosen = select(
        func.coalesce(func.sum(StoreDay.cap - StoreDay.taken), 0), func.bool_or(StoreDay.cap.is_(None))
    ).where(StoreDay.dealer_id == dealer_id, StoreDay.day == day)
    if store_ids is not None:
        chosen = chosen.where(StoreDay.store_id.in_(store_ids))
    left, unlimited = session.execute(chosen).one()
    return None if unlimited else int(left)


def _note(
    session: Session,
    dealer_id: UUID,
    store_id: UUID,
    assignment_id: UUID,
    day: date,
    delta: int,
    reason: str,
    now: datetime,
) -> None:
    session.execute(
        insert(QuotaEntry).values(
            dealer_id=dealer_id,
            entry_id=new_id(now),
            store_id=store_id,
            day=day,
            assignment_id=assignment_id,
            delta=delta,
            reason=reason,
            at=now,
        )
    )
