"""What headquarters does with many leads at once: a handful of statements, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import placing, queries, undoing, withdrawing
from hq.routing.facts import WaitingLead
from hq.routing.placing import LeadMoved
from hq.routing.service import NOT_REAL, by_hand, write_leads
from hq.routing.settling import LeadSettled
from shared.audit import service as audit
from shared.audit.models import AuditEntry
from shared.identity.actor import Actor
from shared.leads import ending
from shared.leads.events import Event, tell
from shared.leads.lifecycle import OPEN, LeadMove, LeadState, lead_after
from shared.leads.models import Lead
from shared.platform.errors import DomainError
from shared.platform.keys import Keyring
from shared.work.doorbell import ring_after_commit

# What the audit log calls the acts that can be done with many.
_AUDITED = {
    "offer": "lead:offer",
    "recall": "lead:recall",
    "close": "lead:recall",
    "return": "lead:return",
    "pool": "lead:pool",
}


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of an undo: leads that are as before, and those that stand, by the code of why."""

    done: int
    refused: Mapping[str, int]


def recall(
    session: Session, lead_ids: Sequence[UUID], *, reason: str, close: bool = False, actor: Actor, now: datetime
) -> int:
    """Take open leads back from every store; they go to the desk, or are closed. Returns how many.

    Leads that are closed already are left alone.
    """
    locked = _lock(session, lead_ids, OPEN)
    lives, unreal = ending.lock_live(session, list(locked)), list(locked) if reason == NOT_REAL else []
    ending.recall(session, lives, {"code": reason}, now=now, actor=actor.name, disqualified=unreal)
    if close:
        write_leads(
            session,
            [
                LeadSettled(lead_id, lead_after(_state(lead), LeadMove.CLOSE), {"code": reason}, lead.hops, closed=True)
                for lead_id, lead in locked.items()
            ],
            now=now,
        )
    else:
        placing.move_leads(
            session,
            [
                LeadMoved(lead_id, lead_after(_state(lead), LeadMove.ASK), {"code": reason}, now)
                for lead_id, lead in locked.items()
                if lead.state != LeadState.DESK
            ],
            now=now,
        )
    told = "closed" if close else "desk"
    moved = [lead_id for lead_id, lead in locked.items() if close or lead.state != LeadState.DESK]
    lines = [Event(lead_id, told, {"code": reason, **by_hand(locked[lead_id], actor)}) for lead_id in moved]
    tell(session, lines, now=now, actor=actor.name)
    for lead_id in moved:
        audit.record(session, actor, "lead:recall", lead_id, at=now, reason=reason, many=len(moved))
    return len(moved)


def send_to_routing(session: Session, lead_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> int:
    """Let the rules choose again for those of the leads that are on the desk or in the pool. Returns how many."""
    locked = _lock(session, lead_ids, frozenset({LeadState.DESK, LeadState.POOLED}))
    write_leads(
        session,
        [
            LeadSettled(lead_id, lead_after(_state(lead), LeadMove.RETURN), {"code": "desk_returned"}, 0, closed=False)
            for lead_id, lead in locked.items()
        ],
        now=now,
    )
    lines = [Event(lead_id, "returned", by_hand(lead, actor)) for lead_id, lead in locked.items()]
    tell(session, lines, now=now, actor=actor.name)
    for lead_id in locked:
        audit.record(session, actor, "lead:return", lead_id, at=now, many=len(locked))
    ring_after_commit(session, "hq.route")
    return len(locked)


def undo(session: Session, *, act: str, at: datetime, keys: Keyring, actor: Actor, now: datetime) -> Undone:
    """Take back what was done with many leads at one moment, each as `undoing.undo` does it; what cannot be taken back
    stands. Offers and what came into the pool go in a dozen statements; else there are about ten for each lead.

    Args:
        act: one of `undoing.ACTS`.
        at: the moment of the act.
    """
    done, refused, ids = 0, Counter[str](), _done_at(session, act, at)
    if act in withdrawing.ACTS:
        found = withdrawing.undo(session, ids, act=act, at=at, actor=actor, now=now)
        done, refused, ids = len(found.settled), +found.refused, found.alone
    for lead_id in ids:
        try:
            with session.begin_nested():
                undoing.undo(session, lead_id=lead_id, act=act, at=at, keys=keys, actor=actor, now=now)
        except DomainError as refusal:
            refused[refusal.code] += 1
        else:
            done += 1
    return Undone(done, refused)


def _done_at(session: Session, act: str, at: datetime) -> list[UUID]:
    """The leads that an act was done with at a moment, in order of locking; by the audit log, which knows moments."""
    rows = session.scalars(
        select(AuditEntry.subject).where(AuditEntry.action == _AUDITED.get(act), AuditEntry.at == at)
    )
    return sorted(UUID(subject.removeprefix("lead:")) for subject in rows)


def _state(lead: WaitingLead) -> LeadState:
    return LeadState(lead.state)


def _lock(session: Session, lead_ids: Sequence[UUID], states: frozenset[LeadState]) -> dict[UUID, WaitingLead]:
    """Those of the leads that are in these states, locked in order."""
    ids = list(lead_ids)
    session.execute(
        select(Lead.lead_id).where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id).with_for_update(key_share=True)
    )
    # a statement of its own: what the lock waited for must be seen by the one that reads
    rows = session.execute(queries.lead_rows().where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id))
    leads = [queries.as_lead(row) for row in rows]
    return {lead.lead_id: lead for lead in leads if LeadState(lead.state) in states}
