"""The claim itself: whoever inserts the hold has the lead."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.db.take_lead import ARGUMENTS
from shared.dealers import capacity
from shared.dealers.capacity import Full, QuotaReached
from shared.identity.actor import Actor
from shared.identity.permissions import Role
from shared.leads import story
from shared.leads.errors import AlreadyTaken
from shared.leads.lifecycle import Move
from shared.leads.models import Assignment
from shared.platform.clock import beijing_day, next_day_start, next_week_start, week_of
from shared.platform.ids import new_id

_PLACES = ", ".join(f"CAST(:{name} AS {kind})" for name, kind in ARGUMENTS.items())
_TAKE: Final = text(f"SELECT koi_take_lead({_PLACES})")
_CLAIM: Final = "claim"


def take(session: Session, assignment: Assignment, actor: Actor, *, now: datetime) -> None:
    """Hold the lead of a locked assignment, count it for the store's day and week, move it and write it down.

    A claim of the same lead that has not committed yet is waited for. The hold's foreign key refuses an assignment
    that has ended, so nobody holds what is not offered.

    Raises:
        AlreadyTaken, QuotaReached, DayNotOpen: as `shared.leads.service.claim`; the transaction must end.
    """
    stage = assignment.after(Move.CLAIM)
    assignee = actor.user_id if actor.role is Role.SALESPERSON else assignment.assignee
    line = story.line(assignment, actor, now, _CLAIM)
    entry = audit.entry(actor, f"assignment:{_CLAIM}", assignment.assignment_id, at=now, details={"stage": stage})
    day = beijing_day(now)
    obstacle = session.scalar(
        _TAKE,
        {
            "lead": assignment.lead_id,
            "dealer": assignment.dealer_id,
            "assignment": assignment.assignment_id,
            "store": assignment.store_id,
            "day": day,
            "week": week_of(day),
            "stage": stage,
            "assignee": assignee,
            "entry": new_id(now),
            "at": now,
            "follow_up": json.dumps(line, default=str),
            "audit": json.dumps(entry, default=str),
        },
    )
    if obstacle is not None:
        _refuse(session, assignment, obstacle, now)
    assignment.was_moved(stage=stage, moved_at=now, assignee=assignee)


def _refuse(session: Session, assignment: Assignment, obstacle: str, now: datetime) -> None:
    if obstacle == "hold":
        raise AlreadyTaken(by="store", stores=assignment.offer.get("stores", 1))
    full = Full(obstacle)
    capacity.refuse_unopened(
        session, full, dealer_id=assignment.dealer_id, store_id=assignment.store_id, day=beijing_day(now)
    )
    retry_at = next_week_start(now) if full is Full.WEEK else next_day_start(now)
    raise QuotaReached(period=full.value, retry_at=retry_at.isoformat(), deadline=assignment.deadline_at.isoformat())
