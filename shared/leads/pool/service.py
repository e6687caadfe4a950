"""What a store does in the open pool: look at a lead, and claim it.

Runs as `koi_dealer`, which is granted nothing there: functions of the database ask for it (`shared.db.pool`), under the
lead's lock. Locks are taken in the order lead, assignment, hold, store-day, store-week.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.dealers.capacity import DayNotOpen
from shared.identity.actor import Actor
from shared.leads import holds, story
from shared.leads.errors import AlreadyTaken, LeftPool, PoolRefused
from shared.leads.models import Assignment
from shared.platform.clock import next_day_start
from shared.platform.errors import Missing
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

CARDS = "hq.cards"
_CLAIM = text("SELECT * FROM koi_pool_claim(:store, :lead, :assignment, :now)")
_LOOK = text("SELECT outcome FROM koi_pool_look(:store, :lead, :person, :look, :now)")


def claim(session: Session, *, lead_id: UUID, store_id: UUID, actor: Actor, now: datetime) -> Assignment:
    """Give a lead of the pool to one of the actor's stores; claiming what the store has already changes nothing.

    The customer's card follows within moments: a worker seals it, and only for the store that won.

    Raises:
        Missing: no such lead or store, or the store may not have it: another dealer's, too far, another territory,
            not named in the consent, a series that it may not sell.
        AlreadyTaken: another store was faster.
        PoolRefused: not now, or not this store; nothing was changed.
        QuotaReached: the store has its leads of the day or the week; `retry_at` says when there are new ones.
        DayNotOpen: the worker has not opened the store's day yet.
    """
    _refuse_strangers(actor, store_id)
    given = {"store": store_id, "lead": lead_id, "assignment": new_id(now), "now": now}
    outcome, assignment_id, retry_at = session.execute(_CLAIM, given).one()
    if outcome == "missing":
        raise Missing(what="lead")
    if outcome == "taken":
        raise AlreadyTaken(by="store", pool=True)
    if outcome == "day_not_open":
        raise DayNotOpen(limit="day")
    if outcome not in ("claimed", "own"):
        raise PoolRefused(why=outcome, retry_at=retry_at.isoformat() if retry_at else None)
    assignment = session.scalars(
        select(Assignment).where(Assignment.dealer_id == actor.dealer_id, Assignment.assignment_id == assignment_id)
    ).one()
    if outcome == "claimed":
        holds.take(session, assignment, actor, now=now)
        story.ring(session)
        ring_after_commit(session, CARDS)
    return assignment


def look(session: Session, *, lead_id: UUID, store_id: UUID, actor: Actor, now: datetime) -> None:
    """Write down that somebody looks at a lead of the pool; looking at the same one again costs the store nothing.

    Raises:
        Missing: not one of the actor's stores.
        LeftPool: it has left the pool, or the store may not have it.
        PoolRefused: the store has looked at as many today as it may.
        DayNotOpen: the worker has not opened the store's day yet.
    """
    _refuse_strangers(actor, store_id)
    given = {"store": store_id, "lead": lead_id, "person": actor.user_id, "look": new_id(now), "now": now}
    outcome = session.execute(_LOOK, given).scalar_one_or_none()
    if outcome is None:
        raise LeftPool(what="lead")
    if outcome == "views":
        raise PoolRefused(why=outcome, retry_at=next_day_start(now).isoformat())
    if outcome == "day_not_open":
        raise DayNotOpen(limit="day")
    audit.record(session, actor, "pool:look", f"lead:{lead_id}", at=now, store=str(store_id))


def _refuse_strangers(actor: Actor, store_id: UUID) -> None:
    """The database knows the actor's dealer; which of its stores are the actor's is known here."""
    if not actor.sees_store(store_id):
        raise Missing(what="store")
