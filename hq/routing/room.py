"""Days and weeks of stores whose number of leads was changed after they had been opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, exists, func, or_, select, text
from sqlalchemy.orm import Session

from shared.dealers.models import Store, StoreDay, StoreWeek
from shared.platform.clock import beijing_day, week_of


def _wanted(stated: Any, taken: Any) -> Any:
    """What was taken stays taken, also when the store now takes fewer."""
    return case((stated.is_(None), None), else_=func.greatest(stated, taken))


_ALIGN_DAYS = text(
    """
    UPDATE store_days d
    SET cap = CASE WHEN s.daily_capacity IS NULL THEN NULL
                   ELSE greatest(s.daily_capacity + d.raised, d.taken) END
    FROM (
        SELECT o.dealer_id, o.store_id, o.day, s.daily_capacity
        FROM store_days o JOIN stores s USING (dealer_id, store_id)
        WHERE o.store_id = ANY(:stores) AND o.day >= :today
        ORDER BY o.dealer_id, o.store_id, o.day
        FOR NO KEY UPDATE OF o
    ) AS s
    WHERE d.dealer_id = s.dealer_id AND d.store_id = s.store_id AND d.day = s.day
    """
)
_ALIGN_WEEKS = text(
    """
    UPDATE store_weeks w
    SET cap = CASE WHEN s.weekly_capacity IS NULL THEN NULL ELSE greatest(s.weekly_capacity, w.taken) END
    FROM (
        SELECT o.dealer_id, o.store_id, o.week, s.weekly_capacity
        FROM store_weeks o JOIN stores s USING (dealer_id, store_id)
        WHERE o.store_id = ANY(:stores) AND o.week >= :week
        ORDER BY o.dealer_id, o.store_id, o.week
        FOR NO KEY UPDATE OF o
    ) AS s
    WHERE w.dealer_id = s.dealer_id AND w.store_id = s.store_id AND w.week = s.week
    """
)


def misaligned(now: datetime) -> Select[Any]:
    """Stores with a day, today or later, or a week, this one or a later one, that has another limit than the store."""
    today = beijing_day(now)
    day = exists().where(
        StoreDay.dealer_id == Store.dealer_id,
        StoreDay.store_id == Store.store_id,
        StoreDay.day >= today,
        StoreDay.cap.is_distinct_from(_wanted(Store.daily_capacity + StoreDay.raised, StoreDay.taken)),
    )
    week = exists().where(
        StoreWeek.dealer_id == Store.dealer_id,
        StoreWeek.store_id == Store.store_id,
        StoreWeek.week >= week_of(today),
        StoreWeek.cap.is_distinct_from(_wanted(Store.weekly_capacity, StoreWeek.taken)),
    )
    columns: tuple[Any, ...] = (Store.store_id, Store.lng, Store.lat)
    return select(*columns).where(or_(day, week)).order_by(Store.store_id)


def align(session: Session, store_ids: Sequence[UUID], *, now: datetime) -> None:
    """Give the open days and weeks of these stores the limits that the stores have now."""
    today, stores = beijing_day(now), sorted(store_ids)
    session.execute(_ALIGN_DAYS, {"stores": stores, "today": today})
    session.execute(_ALIGN_WEEKS, {"stores": stores, "week": week_of(today)})
