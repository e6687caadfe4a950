"""The drain `hq.outlook`: the outlook of the leads that wait, anew every minute, or more rarely where it takes long."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from hq.desk import outlook
from hq.desk.models import DeskOutlook
from shared.leads.models import Lead
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain

AT_ONCE = 1_500
"""With so many waiting leads or fewer, who looks waits for the outlook of that moment."""
EVERY = timedelta(minutes=1)
_PART = 10  # at most one part in so many of the time goes into it


def due(now: datetime) -> Select[Any]:
    """The outlook when it is time for another and too many leads wait to reckon it for whoever looks."""
    some = select(Lead.lead_id).where(Lead.state == "waiting", Lead.aside_at.is_(None)).limit(AT_ONCE + 1).subquery()
    many = select(func.count()).select_from(some).scalar_subquery() > AT_ONCE
    return select(DeskOutlook.outlook_id).where(DeskOutlook.aside_at.is_(None), DeskOutlook.next_at <= now, many)


@drain("hq.outlook", due=due, key=DeskOutlook.outlook_id, since=DeskOutlook.next_at, batch=1, single_flight=True)
def look_ahead(session: Session, batch: Batch, now: datetime) -> Aside:
    """Foresee tomorrow for all leads that wait."""
    started = time.monotonic()
    found = outlook.reckon(session, now=now)
    seconds = time.monotonic() - started
    session.execute(
        update(DeskOutlook).values(
            reckoned_at=now,
            next_at=now + max(EVERY, timedelta(seconds=_PART * seconds)),
            waiting=sum(cell.waiting for cell in found.cells),
            seconds=seconds,
            told=found.as_json(),
        )
    )
    return NOTHING
