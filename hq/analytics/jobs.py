"""The drain that counts again what somebody looks at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hq.analytics import keeping
from hq.analytics.models import Counted
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain


def watched(now: datetime) -> Select[Any]:
    """Figures that are due, and that somebody looked at lately."""
    return (
        select(Counted.campaign_id)
        .where(Counted.due_at <= now, Counted.wanted_at > keeping.watched_since(now), Counted.as_of < now)
        .order_by(Counted.due_at)
    )


@drain("hq.figures", due=watched, key=Counted.campaign_id, batch=2)
def count_again(session: Session, batch: Batch, now: datetime) -> Aside:
    """Count the campaigns of the batch."""
    lines = keeping.campaigns(session)
    for row in batch:
        keeping.count(session, row.campaign_id, lines, now=now)
    return NOTHING
