"""Days of stores whose number of leads was changed after the day had been opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, exists, func, select, text
from sqlalchemy.orm import Session

from shared.dealers.models import Store, StoreDay
from shared.platform.clock import beijing_day

# What was taken stays taken, also when the store now takes fewer.
_WANTED = case((Store.daily_capacity.is_(None), None), else_=func.greatest(Store.daily_capacity, StoreDay.taken))
_ALIGN = text(
    """
    UPDATE store_days d
    SET cap = CASE WHEN s.daily_capacity IS NULL THEN NULL ELSE greatest(s.daily_capacity, d.taken) END
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


def misaligned(now: datetime) -> Select[Any]:
    """Stores with a day, today or later, that has another limit than the store."""
    day = exists().where(
        StoreDay.dealer_id == Store.dealer_id,
        StoreDay.store_id == Store.store_id,
        StoreDay.day >= beijing_day(now),
        StoreDay.cap.is_distinct_from(_WANTED),
    )
    columns: tuple[Any, ...] = (Store.store_id, Store.lng, Store.lat)
    return select(*columns).where(day).order_by(Store.store_id)


def align(session: Session, store_ids: Sequence[UUID], *, now: datetime) -> None:
    """Give the open days of these stores the limit that the stores have now."""
    session.execute(_ALIGN, {"stores": sorted(store_ids), "today": beijing_day(now)})
