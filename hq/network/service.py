"""What headquarters changes about its network: pause, resume, close, capacity, many stores at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hq.network import rerouting
from hq.network.series import hold
from hq.routing.queries import rules_in_force
from hq.routing.waking import wake
from shared.audit import service as audit
from shared.contacts.hiding import without_phones
from shared.dealers.models import Store
from shared.identity.actor import Actor, system
from shared.platform.errors import Invalid, Missing
from shared.work.doorbell import ring_after_commit

OPEN: Mapping[str, Any] = {"status": "active", "opens_again_at": None, "pause_reason": None}
"""The columns of a store that takes leads."""
_LONGEST = 200
_HEAVIEST = 999


def pause(
    session: Session,
    *,
    store_ids: Collection[UUID],
    reason: str,
    until: datetime | None = None,
    reroute: bool = False,
    actor: Actor,
    now: datetime,
) -> int:
    """Let new leads pass over stores; what they hold stays with them.

    Args:
        reason: in headquarters' words; the store's page shows it.
        until: they open again by themselves then; None: when somebody says so.
        reroute: open offers end now and go to other stores; else the stores may still claim them.

    Returns:
        how many stores were open.

    Raises:
        Invalid: no reason, or a time that has passed.
    """
    if not reason.strip() or len(reason) > _LONGEST:
        raise Invalid(field="reason")
    if until is not None and until <= now:
        raise Invalid(field="until")
    values = {"status": "paused", "opens_again_at": until, "pause_reason": _words(reason), "changed_at": now}
    paused = change(session, store_ids, Store.status == "active", values)
    ended = rerouting.reroute_offers(session, paused, code="store_paused", actor=actor, now=now) if reroute else 0
    details = {"status": ["active", "paused"], "reason": _words(reason), "offers_ended": ended}
    details |= {"until": until.isoformat()} if until else {}
    note(session, paused, "store:pause", details, actor=actor, now=now)
    return len(paused)


def resume(session: Session, *, store_ids: Collection[UUID], actor: Actor, now: datetime) -> int:
    """Open paused stores again; leads that wait near are looked at now. Returns how many were paused."""
    found = session.execute(
        select(Store.store_id, Store.pause_reason, Store.opens_again_at)
        .where(Store.store_id.in_(store_ids), Store.status == "paused")
        .order_by(Store.dealer_id, Store.store_id)
        .with_for_update(key_share=True)
    ).all()
    opened = change(session, [row.store_id for row in found], Store.status == "paused", {**OPEN, "changed_at": now})
    wake_near(session, opened, now=now)
    for row in found:
        until = row.opens_again_at and row.opens_again_at.isoformat()
        details = {"status": ["paused", "active"], "was_reason": row.pause_reason, "was_until": until}
        note(session, [row.store_id], "store:resume", details, actor=actor, now=now)
    return len(opened)


def reopen_in_time(session: Session, *, store_ids: Collection[UUID], now: datetime) -> None:
    """Open the stores whose pause is over."""
    resume(session, store_ids=store_ids, actor=system("hq.reopen"), now=now)


def set_capacity(
    session: Session,
    *,
    store_ids: Collection[UUID],
    capacity: int | None,
    weekly: bool = False,
    actor: Actor,
    now: datetime,
) -> int:
    """Change how many leads stores take a day or a week; None: no limit.

    Days and weeks that are open follow by themselves (`hq.room`).

    Returns:
        how many stores had another number.

    Raises:
        Invalid: a negative number.
    """
    if capacity is not None and not 0 <= capacity <= 100_000:
        raise Invalid(field="capacity")
    column = Store.weekly_capacity if weekly else Store.daily_capacity
    count = _set(session, store_ids, column, capacity, actor=actor, now=now)
    ring_after_commit(session, "hq.room")
    return count


def set_weight(session: Session, *, store_ids: Collection[UUID], weight: int, actor: Actor, now: datetime) -> int:
    """Change the share of stores among those that are equal otherwise. Returns how many had another one.

    Raises:
        Invalid: not a whole number from 1 to 999.
    """
    if not 1 <= weight <= _HEAVIEST:
        raise Invalid(field="weight")
    return _set(session, store_ids, Store.weight, weight, actor=actor, now=now)


def set_series(
    session: Session, *, store_ids: Collection[UUID], series: Sequence[str] | None, actor: Actor, now: datetime
) -> int:
    """Change what stores may sell; None: all. Leads that wait near are looked at now. Returns how many changed.

    Raises:
        Invalid: a series that there is none of.
    """
    codes = sorted(set(series)) if series else None
    hold(session, codes)
    count = _set(session, store_ids, Store.series, codes, actor=actor, now=now)
    wake_near(session, list(store_ids), now=now)
    return count


def _set(session: Session, store_ids: Collection[UUID], column: Any, value: Any, *, actor: Actor, now: datetime) -> int:
    """Give one column of the stores among these that are not closed a value, with a line in the log for each."""
    found = session.execute(
        select(Store.store_id, column.label("before"))
        .where(Store.store_id.in_(store_ids), Store.status != "closed", column.is_distinct_from(value))
        .order_by(Store.dealer_id, Store.store_id)
        .with_for_update(key_share=True)
    ).all()
    change(session, [row.store_id for row in found], Store.status != "closed", {column.key: value, "changed_at": now})
    for row in found:
        note(session, [row.store_id], "store:edit", {column.key: [row.before, value]}, actor=actor, now=now)
    return len(found)


def close(session: Session, *, store_id: UUID, reason: str, actor: Actor, now: datetime) -> int:
    """Close a store for good: its offers go to other stores, the leads that it held to headquarters' desk.

    Returns:
        how many held leads it lost.

    Raises:
        Invalid: no reason.
        Missing: no such store, or it is closed.
    """
    if not reason.strip() or len(reason) > _LONGEST:
        raise Invalid(field="reason")
    values: dict[str, Any] = {"status": "closed", "opens_again_at": None, "pause_reason": _words(reason)}
    closed = change(session, [store_id], Store.status != "closed", {**values, "changed_at": now})
    if not closed:
        raise Missing(store=str(store_id))
    taken = rerouting.take_all(session, closed, code="store_closed", actor=actor, now=now)
    details = {"status": "closed", "reason": _words(reason), "leads_taken": taken}
    note(session, closed, "store:close", details, actor=actor, now=now)
    return taken


def reopen(session: Session, *, store_id: UUID, actor: Actor, now: datetime) -> None:
    """Open a closed store; what was taken from it does not come back by itself.

    Raises:
        Missing: no such store, or it is not closed.
    """
    opened = change(session, [store_id], Store.status == "closed", {**OPEN, "changed_at": now})
    if not opened:
        raise Missing(store=str(store_id))
    wake_near(session, opened, now=now)
    ring_after_commit(session, "hq.days")
    note(session, opened, "store:reopen", {"status": ["closed", "active"]}, actor=actor, now=now)


def _words(reason: str) -> str:
    """A reason as it is kept: it stands in plain, so no number may be in it."""
    return without_phones(reason.strip())


def change(session: Session, store_ids: Collection[UUID], where: Any, values: dict[str, Any]) -> list[UUID]:
    """Change the stores among these for which something holds, in order of key; gives their ids."""
    chosen = select(Store.store_id).where(Store.store_id.in_(store_ids), where)
    ids = session.scalars(chosen.order_by(Store.dealer_id, Store.store_id).with_for_update(key_share=True)).all()
    if ids:
        session.execute(
            update(Store).where(Store.store_id.in_(ids)).values(values).execution_options(synchronize_session=False)
        )
        session.expire_all()  # what the page read before is as old as the form
    return list(ids)


def wake_near(session: Session, store_ids: Sequence[UUID], *, now: datetime) -> None:
    """Look at the leads that wait near stores now."""
    rows = session.execute(
        select(Store.lng, Store.lat).where(Store.store_id.in_(store_ids), Store.lng.is_not(None))
    ).all()
    if rows:
        wake(session, [(row.lng, row.lat) for row in rows], km=rules_in_force(session)[0].max_km, now=now)


def note(
    session: Session, store_ids: Sequence[UUID], action: str, details: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    """A line in the log for each store."""
    for store_id in store_ids:
        audit.record(session, actor, action, f"store:{store_id}", at=now, details=details)
