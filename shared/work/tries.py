"""How often a row failed, and putting it aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.work.aside import Aside, Reason
from shared.work.drains import Drain
from shared.work.models import WorkTry

MOST: Final = 3


def failed(session: Session, drain: Drain, row_id: UUID, reason: Reason, *, now: datetime) -> bool:
    """Write down that the row failed by itself; the third time it is put aside.

    Returns:
        whether it was put aside.
    """
    new = insert(WorkTry).values(drain=drain.name, row_id=row_id, tries=1, reason=reason, last_at=now, aside_at=None)
    counted = new.on_conflict_do_update(
        index_elements=["drain", "row_id"], set_={"tries": WorkTry.tries + 1, "reason": reason, "last_at": now}
    )
    count: int = session.execute(counted.returning(WorkTry.tries)).scalar_one()
    if count < MOST or drain.aside is None:
        return False
    put_aside(session, drain, {row_id: reason}, now=now)
    return True


def put_aside(session: Session, drain: Drain, aside: Aside, *, now: datetime) -> None:
    """Take rows out of what is due, each with its reason, until somebody has them tried again."""
    if not aside or drain.aside is None:
        return
    session.execute(
        update(drain.table).where(drain.key.in_(aside)).values({drain.aside.key: now}),
    )
    rows = [
        {"drain": drain.name, "row_id": key, "tries": 1, "reason": reason, "last_at": now, "aside_at": now}
        for key, reason in sorted(aside.items())
    ]
    new = insert(WorkTry).values(rows)
    session.execute(
        new.on_conflict_do_update(
            index_elements=["drain", "row_id"],
            set_={"reason": new.excluded.reason, "last_at": new.excluded.last_at, "aside_at": new.excluded.aside_at},
        )
    )


def forgive(session: Session, drain: Drain, ids: Sequence[UUID]) -> None:
    """Forget earlier failures of rows that have been done now; what was put aside stays so."""
    session.execute(
        delete(WorkTry).where(WorkTry.drain == drain.name, WorkTry.row_id.in_(ids), WorkTry.aside_at.is_(None))
    )
