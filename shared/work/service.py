"""Having work tried again that was put aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Missing
from shared.work.doorbell import ring_after_commit
from shared.work.drains import UnknownDrain, find
from shared.work.models import WorkTry


def again(session: Session, *, drain: str, row_ids: Sequence[UUID] | None = None, actor: Actor, now: datetime) -> int:
    """Put rows back to work; None: all that this drain put aside.

    Returns:
        how many rows were put back; those that are not aside are left alone.

    Raises:
        Missing: there is no such drain, or it never puts rows aside.
    """
    try:
        work = find(drain)
    except UnknownDrain:
        raise Missing(drain=drain) from None
    if work.aside is None:
        raise Missing(drain=drain)
    aside = select(WorkTry.row_id).where(WorkTry.drain == drain, WorkTry.aside_at.is_not(None))
    if row_ids is not None:
        aside = aside.where(WorkTry.row_id.in_(row_ids))
    ids = session.execute(aside.order_by(WorkTry.row_id)).scalars().all()
    if not ids:
        return 0
    # Their lock order: the row of the work before the row of its tries, as the drains have it.
    session.execute(update(work.table).where(work.key.in_(ids)).values({work.aside.key: None}))
    session.execute(delete(WorkTry).where(WorkTry.drain == drain, WorkTry.row_id.in_(ids)))
    subject = f"{drain}:{ids[0]}" if len(ids) == 1 else drain
    audit.record(session, actor, "work:retry", subject, at=now, details={"rows": len(ids)})
    ring_after_commit(session, drain)
    return len(ids)
