"""Taking back offers, and what was put into the pool, of many leads at once: a dozen statements for all of them.

The same as `undoing.undo` for each of them, where it is alike for all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import queries, service, undoing
from hq.routing.facts import WaitingLead
from hq.routing.settling import LeadSettled
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads import ending
from shared.leads.ending import Live
from shared.leads.events import Event, tell
from shared.leads.lifecycle import LeadState
from shared.leads.models import Lead, LeadEvent
from shared.leads.pool.models import PoolEntry

ACTS = frozenset({"offer", "return", "pool"})


@dataclass(frozen=True, slots=True)
class Sorted:
    """Leads that go back to where they stood, the offers that end with that, those that stand by the code of why, and
    those that need a way of their own."""

    settled: list[LeadSettled] = field(default_factory=list)
    ending: list[Live] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    alone: list[UUID] = field(default_factory=list)


def undo(session: Session, lead_ids: Sequence[UUID], *, act: str, at: datetime, actor: Actor, now: datetime) -> Sorted:
    """Take an act of `ACTS` back, of those leads that nobody has gone on with.

    Args:
        lead_ids: in order of locking.
        at: the moment of the act, as its lines in the story say.
    """
    leads = _lock(session, lead_ids)
    found = _sorted(session, leads, act, at, now)
    found.refused["missing"] += len(lead_ids) - len(leads)
    ending.recall(session, found.ending, {"code": "offer_withdrawn"}, now=now, actor=actor.name)
    service.write_leads(session, found.settled, now=now)
    told = {"act": act, "role": service.role(actor)}
    tell(session, [Event(each.lead_id, "undone", told) for each in found.settled], now=now, actor=actor.name)
    for each in found.settled:
        audit.record(session, actor, "lead:undo", each.lead_id, at=now, act=act)
    return found


def _sorted(session: Session, leads: Sequence[WaitingLead], act: str, at: datetime, now: datetime) -> Sorted:
    ids = [lead.lead_id for lead in leads]
    before = _before(session, ids, act, at)
    since = undoing.acted_since(session, ids, at)
    lives: dict[UUID, list[Live]] = defaultdict(list)
    for live in ending.lock_live(session, ids):
        lives[live.lead_id].append(live)
    entries = select(PoolEntry.lead_id, PoolEntry.entered_at).where(PoolEntry.lead_id.in_(ids))
    entered = {row.lead_id: row.entered_at for row in session.execute(entries)}
    found = Sorted()
    for lead in leads:
        stood, own = before.get(lead.lead_id), lives[lead.lead_id]
        state = LeadState(lead.state)
        if act == "pool":
            free = state is LeadState.POOLED and entered.get(lead.lead_id) == at
        else:
            free = undoing.untouched(act, at, state, own)
        if stood is None or not free or lead.lead_id in since or now - at > undoing.UNDO_WITHIN:
            found.refused["undo_too_late"] += 1
        elif stood["state"] == LeadState.POOLED:
            found.alone.append(lead.lead_id)
        else:
            found.ending.extend(own)
            found.settled.append(undoing.settled_back(lead.lead_id, state, stood))
    return found


def _before(session: Session, lead_ids: Sequence[UUID], act: str, at: datetime) -> dict[UUID, Mapping[str, Any]]:
    """Where each lead stood before the act."""
    lines = session.execute(
        select(LeadEvent.lead_id, LeadEvent.details["before"]).where(
            LeadEvent.lead_id.in_(lead_ids),
            LeadEvent.at == at,
            LeadEvent.kind == undoing.LINES[act],
            LeadEvent.details.has_key("before"),
        )
    )
    return {row[0]: row[1] for row in lines}


def _lock(session: Session, lead_ids: Sequence[UUID]) -> list[WaitingLead]:
    session.execute(
        select(Lead.lead_id).where(Lead.lead_id.in_(lead_ids)).order_by(Lead.lead_id).with_for_update(key_share=True)
    )
    # a statement of its own: what the lock waited for must be seen by the one that reads
    rows = session.execute(queries.lead_rows().where(Lead.lead_id.in_(lead_ids)).order_by(Lead.lead_id))
    return [queries.as_lead(row) for row in rows]
