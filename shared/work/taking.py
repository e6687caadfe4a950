"""Taking rows: the row lock is the lease, and a row that somebody else has is left to them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.work.drains import Batch, Drain


def take(
    session: Session,
    drain: Drain,
    *,
    now: datetime,
    limit: int,
    only: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> Batch:
    """Up to `limit` due rows, locked for this transaction.

    Args:
        only: of these alone, when they are still due.
        without: leave these for another time.
    """
    rows = drain.due(now)
    if only is not None:
        rows = rows.where(drain.key.in_(only))
    if without:
        rows = rows.where(drain.key.not_in(without))
    # FOR NO KEY UPDATE: others may still insert rows that refer to ours.
    locked = rows.limit(limit).with_for_update(key_share=True, skip_locked=True, of=drain.table)
    return session.execute(locked).all()


def still_due(session: Session, drain: Drain, *, now: datetime, only: Collection[UUID]) -> bool:
    """Whether any of these rows is due, whoever has it."""
    rows = drain.due(now).where(drain.key.in_(only)).order_by(None).limit(1)
    return session.execute(rows).first() is not None


def alone(session: Session, drain: Drain) -> bool:
    """Whether this transaction may run a single-flight drain: true for one at a time, until it ends."""
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"drain:{drain.name}", 0))
    return bool(session.execute(select(lock)).scalar_one())
