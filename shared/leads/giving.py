"""Who works on a lead inside a store: handing leads over, with a reason, and taking that back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.identity.models import Staff, StaffStore
from shared.leads.assignments import visible_to
from shared.leads.lifecycle import HOLDING
from shared.leads.models import Assignment
from shared.leads.sellers.counting import follow_hand
from shared.leads.sellers.models import How
from shared.leads.sellers.recording import record
from shared.platform.errors import Conflict, Invalid

MOST = 60  # leads at once: their ids travel in the way back


class GiveReason(StrEnum):
    """Why a lead changes hands."""

    OFF = "off"
    BUSY = "busy"
    KNOWS = "knows"
    TAKES_OVER = "takes_over"
    LEFT = "left"
    OTHER = "other"


class NothingToGive(Conflict):
    """None of the leads is the store's (any more), or all have changed hands meanwhile."""

    code = "nothing_to_give"


def give(
    session: Session,
    *,
    assignment_ids: Collection[UUID],
    to: UUID | None,
    reason: GiveReason,
    actor: Actor,
    now: datetime,
    only_from: UUID | bool | None = False,
    how: How = How.HAND,
) -> Mapping[UUID, UUID | None]:
    """Hand leads to a colleague, or to nobody in particular; those that the store does not hold are passed over.

    At a store that gives leads out in turn each is a turn of the colleague.

    Args:
        how: in the story of the leads.
        only_from: pass over what this person (None: nobody) does not work on now; False: whoever does.

    Returns:
        the leads that changed hands, with who had each before.

    Raises:
        NothingToGive: not one did.
        Invalid: the colleague does not work at every store of the leads.
    """
    chosen = (
        select(Assignment)
        .where(
            visible_to(actor),
            Assignment.assignment_id.in_(sorted(set(assignment_ids))[:MOST]),
            Assignment.stage.in_(sorted(HOLDING)),
            Assignment.ended_at.is_(None),
            Assignment.assignee.is_distinct_from(to),
        )
        .order_by(Assignment.assignment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)  # what was read before the lock may be stale
    )
    if only_from is not False:
        chosen = chosen.where(Assignment.assignee.is_not_distinct_from(only_from))
    leads = session.scalars(chosen).all()
    if not leads:
        raise NothingToGive
    if to is not None and not _works_at_all(session, {lead.store_id for lead in leads}, actor, to):
        raise Invalid(field="to")
    before = {lead.assignment_id: lead.assignee for lead in leads}
    turns = follow_hand(session, leads, to=to, how=how, actor=actor, now=now)
    for lead in leads:
        turn = turns.get(lead.assignment_id)
        record(session, lead, actor, to=to, before=lead.assignee, how=how, turn=turn, now=now)
    session.execute(
        update(Assignment)
        .where(Assignment.dealer_id == actor.dealer_id, Assignment.assignment_id.in_(sorted(before)))
        .values(assignee=to)
        .execution_options(synchronize_session="fetch")
    )
    for lead_id, had in before.items():
        audit.record(session, actor, "assignment:give", lead_id, at=now, to=to, by=had, reason=str(reason))
    return before


def _works_at_all(session: Session, stores: Collection[UUID], actor: Actor, user_id: UUID) -> bool:
    works = session.scalar(
        select(func.count())
        .select_from(StaffStore)
        .join(Staff, (Staff.dealer_id == StaffStore.dealer_id) & (Staff.user_id == StaffStore.user_id))
        .where(
            StaffStore.dealer_id == actor.dealer_id,
            StaffStore.user_id == user_id,
            StaffStore.store_id.in_(sorted(stores)),
            Staff.status == "active",
        )
    )
    return works == len(stores)
