"""What headquarters does with many leads at once: a handful of statements, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import placing
from hq.routing.placing import LeadMoved
from hq.routing.service import write_leads
from hq.routing.settling import LeadSettled
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads import ending
from shared.leads.events import Event, tell
from shared.leads.lifecycle import OPEN, LeadMove, LeadState, lead_after
from shared.leads.models import Lead
from shared.work.doorbell import ring_after_commit


def recall(
    session: Session, lead_ids: Sequence[UUID], *, reason: str, close: bool = False, actor: Actor, now: datetime
) -> int:
    """Take open leads back from every store; they go to the desk, or are closed. Returns how many.

    Leads that are closed already are left alone.
    """
    locked = _lock(session, lead_ids, OPEN)
    ending.recall(session, ending.lock_live(session, list(locked)), {"code": reason}, now=now, actor=actor.name)
    if close:
        write_leads(
            session,
            [
                LeadSettled(lead_id, lead_after(state, LeadMove.CLOSE), {"code": reason}, hops, closed=True)
                for lead_id, (state, hops) in locked.items()
            ],
            now=now,
        )
    else:
        placing.move_leads(
            session,
            [
                LeadMoved(lead_id, lead_after(state, LeadMove.ASK), {"code": reason}, now)
                for lead_id, (state, _hops) in locked.items()
                if state is not LeadState.DESK
            ],
            now=now,
        )
    told = "closed" if close else "desk"
    moved = [lead_id for lead_id, (state, _hops) in locked.items() if close or state is not LeadState.DESK]
    tell(session, [Event(lead_id, told, {"code": reason}) for lead_id in moved], now=now, actor=actor.name)
    for lead_id in moved:
        audit.record(session, actor, "lead:recall", lead_id, at=now, reason=reason, many=len(moved))
    return len(moved)


def send_to_routing(session: Session, lead_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> int:
    """Let the rules choose again for those of the leads that are on the desk. Returns how many."""
    locked = _lock(session, lead_ids, frozenset({LeadState.DESK}))
    write_leads(
        session,
        [
            LeadSettled(lead_id, lead_after(state, LeadMove.RETURN), {"code": "desk_returned"}, 0, closed=False)
            for lead_id, (state, _hops) in locked.items()
        ],
        now=now,
    )
    tell(session, [Event(lead_id, "returned", {}) for lead_id in locked], now=now, actor=actor.name)
    for lead_id in locked:
        audit.record(session, actor, "lead:return", lead_id, at=now, many=len(locked))
    ring_after_commit(session, "hq.route")
    return len(locked)


def _lock(
    session: Session, lead_ids: Sequence[UUID], states: frozenset[LeadState]
) -> dict[UUID, tuple[LeadState, int]]:
    """Those of the leads that are in these states, locked in order, with their state and their stores so far."""
    ids = list(lead_ids)
    session.execute(
        select(Lead.lead_id).where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id).with_for_update(key_share=True)
    )
    # a statement of its own: what the lock waited for must be seen by the one that reads
    rows = session.execute(
        select(Lead.lead_id, Lead.state, Lead.hops).where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id)
    )
    return {row.lead_id: (LeadState(row.state), row.hops) for row in rows if LeadState(row.state) in states}
