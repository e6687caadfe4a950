"""What a person at headquarters does with the pool: put leads in, and put back what was taken out by mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import queries
from hq.routing.errors import PoolCannot
from hq.routing.facts import WaitingLead
from hq.routing.pool import service
from hq.routing.pool.reach import Pooling, Stay, stay
from hq.routing.service import by_hand, write_leads
from hq.routing.settling import LeadSettled
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads.events import Event, tell
from shared.leads.lifecycle import LeadMove, LeadState, lead_after, lead_sources
from shared.leads.models import Lead, LeadEvent

BY_HAND = "pool_hand"


@dataclass(frozen=True, slots=True)
class Put:
    """How many leads came into the pool, and those that stay where they are, by the code of why."""

    done: int
    refused: Mapping[str, int]


def put(session: Session, lead_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> Put:
    """Put leads that wait or are on the desk into the pool, each with the times that the rules give it (about twelve
    statements, however many there are). Stores let none of them go yet, as the count begins anew."""
    locked = _lock(session, lead_ids)
    leads = [lead for lead in locked if LeadState(lead.state) in lead_sources(LeadMove.POOL)]
    rules, _version = queries.rules_in_force(session)
    facts = queries.facts_of(session, leads)
    found = service.poolings(session, leads, facts, rules)
    entering = [each for each in found.values() if isinstance(each, Pooling)]
    refused = Counter(each for each in found.values() if isinstance(each, str))
    if gone := len(set(lead_ids)) - len(leads):
        refused["not_free"] += gone
    write_leads(session, [_settled(each.lead) for each in entering], now=now)
    service.enter(session, entering, facts, rules, now=now)
    lines = [
        Event(
            each.lead.lead_id,
            "pooled",
            {"code": BY_HAND, **stay(rules, each.lead.campaign_code, now).told(), **by_hand(each.lead, actor)},
        )
        for each in entering
    ]
    tell(session, lines, now=now, actor=actor.name)
    for each in entering:
        audit.record(session, actor, "lead:pool", each.lead.lead_id, at=now, many=len(entering))
    return Put(len(entering), dict(refused))


def put_one(session: Session, *, lead_id: UUID, actor: Actor, now: datetime) -> None:
    """The same with one.

    Raises:
        PoolCannot: it stays where it is; `why` says why.
    """
    found = put(session, [lead_id], actor=actor, now=now)
    if not found.done:
        raise PoolCannot(why=next(iter(found.refused)))


def put_back(
    session: Session, lead: WaitingLead, state: LeadState, reason: Mapping[str, object], now: datetime
) -> None:
    """Let a lead that was taken out lie in the pool again as before, with the times that it had; it is locked.

    Raises:
        PoolCannot: no store could claim it any more, or nobody knows when it came in.
    """
    rules, _version = queries.rules_in_force(session)
    facts = queries.facts_of(session, [lead])
    found = service.poolings(session, [lead], facts, rules)[lead.lead_id]
    if isinstance(found, str):
        raise PoolCannot(why=found)
    line = session.scalars(
        select(LeadEvent)
        .where(LeadEvent.lead_id == lead.lead_id, LeadEvent.kind == "pooled")
        .order_by(LeadEvent.at.desc())
        .limit(1)
    ).one_or_none()
    if line is None:
        raise PoolCannot(why="not_free")
    again = lead_after(state, LeadMove.POOL)
    write_leads(session, [LeadSettled(lead.lead_id, again, reason, lead.hops, closed=False)], now=now)
    stays = {lead.lead_id: Stay.again(line.at, line.details)}
    service.enter(session, [found], facts, rules, now=now, stays=stays)


def _settled(lead: WaitingLead) -> LeadSettled:
    return LeadSettled(
        lead.lead_id, lead_after(LeadState(lead.state), LeadMove.POOL), {"code": BY_HAND}, 0, closed=False
    )


def _lock(session: Session, lead_ids: Sequence[UUID]) -> list[WaitingLead]:
    ids = list(lead_ids)
    session.execute(
        select(Lead.lead_id).where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id).with_for_update(key_share=True)
    )
    # a statement of its own: what the lock waited for must be seen by the one that reads
    rows = session.execute(queries.lead_rows().where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id))
    return [queries.as_lead(row) for row in rows]
