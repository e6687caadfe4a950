"""What a store decides about itself: when it is open, on which days not, and whether it takes new leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.dealers.hours import WeeklyHours
from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.platform.clock import beijing_day
from shared.platform.errors import Invalid, Missing

LONGEST_PAUSE = timedelta(days=60)


class PauseTooLong(Invalid):
    """A pause ends after today, and within `params["days"]` days."""

    code = "pause_too_long"


class NeverOpens(Invalid):
    """A store that never opens would have no deadlines; it can be paused instead."""

    code = "hours_never_open"


def pause(session: Session, *, store_id: UUID, until: date, actor: Actor, now: datetime) -> None:
    """Take no new leads before the Beijing day `until`; what the store has stays with it.

    Raises:
        Missing: not one of the actor's stores.
        PauseTooLong: the day is not after today, or more than 60 days ahead.
    """
    today = beijing_day(now)
    if not today < until <= today + LONGEST_PAUSE:
        raise PauseTooLong(field="until", days=LONGEST_PAUSE.days)
    store = _lock(session, actor, store_id)
    if store.paused_until == until:
        return
    _change(session, store, actor, now, "store:own_pause", until=until.isoformat())
    store.paused_until = until


def resume(session: Session, *, store_id: UUID, actor: Actor, now: datetime) -> date | None:
    """Take new leads again; gives the day until which the pause would have lasted.

    Raises:
        Missing: not one of the actor's stores.
    """
    store = _lock(session, actor, store_id)
    before = store.paused_until
    if before is not None and before > beijing_day(now):
        _change(session, store, actor, now, "store:own_resume", until=before.isoformat())
        store.paused_until = None
    return before


def set_hours(
    session: Session,
    *,
    store_id: UUID,
    hours: WeeklyHours,
    closed_days: Iterable[date],
    actor: Actor,
    now: datetime,
) -> bool:
    """Set the weekly hours and the days on which the store is shut in spite of them; whether anything changed.

    Deadlines of leads that are given from now on follow them; those that run keep theirs.

    Raises:
        Missing: not one of the actor's stores.
        NeverOpens: no day has an opening.
    """
    if hours.never_open:
        raise NeverOpens(field="hours")
    store = _lock(session, actor, store_id)
    days = sorted({day.isoformat() for day in closed_days if day >= beijing_day(now)})
    if store.hours == hours.to_json() and sorted(store.closed_days or ()) == days:
        return False
    _change(session, store, actor, now, "store:hours", before=store.hours, after=hours.to_json(), closed_days=days)
    store.hours, store.closed_days = hours.to_json(), days or None
    return True


def _lock(session: Session, actor: Actor, store_id: UUID) -> Store:
    found = session.scalars(
        select(Store)
        .where(Store.dealer_id == actor.dealer_id, Store.store_id == store_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)  # what was read before the lock may be stale
    ).one_or_none()
    if found is None or not actor.sees_store(store_id):
        raise Missing(what="store")
    return found


def _change(session: Session, store: Store, actor: Actor, now: datetime, action: str, **details: object) -> None:
    audit.record(session, actor, action, f"store:{store.store_id}", at=now, details=details)
    store.changed_at = now
