"""The drains `hq.days` (claims are counted on a row that must be there before the first claim) and `hq.reopen`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from hq.network import service
from shared.dealers.capacity import open_days
from shared.dealers.models import Store, StoreDay, StoreWeek
from shared.platform.clock import beijing_day, week_of
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain

_AHEAD = timedelta(days=1)


def stores_without_tomorrow(now: datetime) -> Select[Any]:
    """Stores whose next Beijing day, or its week, has not been opened; new stores among them."""
    there = exists().where(
        StoreDay.dealer_id == Store.dealer_id,
        StoreDay.store_id == Store.store_id,
        StoreDay.day == beijing_day(now) + _AHEAD,
    )
    week = exists().where(
        StoreWeek.dealer_id == Store.dealer_id,
        StoreWeek.store_id == Store.store_id,
        StoreWeek.week == week_of(beijing_day(now) + _AHEAD),
    )
    return select(Store.store_id).where(Store.status != "closed", ~(there & week)).order_by(Store.store_id)


@drain("hq.days", due=stores_without_tomorrow, key=Store.store_id)
def open_store_days(session: Session, batch: Batch, now: datetime) -> Aside:
    """Open today and tomorrow for stores that have no tomorrow yet."""
    today = beijing_day(now)
    open_days(session, first=today, last=today + _AHEAD, store_ids=[row.store_id for row in batch])
    return NOTHING


def pauses_over(now: datetime) -> Select[Any]:
    """Stores that headquarters paused until now."""
    over = (Store.status == "paused", Store.opens_again_at <= now)
    columns: tuple[Any, ...] = (Store.store_id, Store.opens_again_at)
    return select(*columns).where(*over).order_by(Store.store_id)


@drain("hq.reopen", due=pauses_over, key=Store.store_id, since=Store.opens_again_at)
def reopen_stores(session: Session, batch: Batch, now: datetime) -> Aside:
    """Open stores whose pause is over."""
    service.reopen_in_time(session, store_ids=[row.store_id for row in batch], now=now)
    return NOTHING
