"""The drains `hq.pool` (what has lain there long enough, or has changed) and `hq.cards` (the cards of claims there)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from hq.routing import placing
from hq.routing import queries as routing
from hq.routing.facts import WaitingLead
from hq.routing.placing import LeadMoved
from hq.routing.pool import queries, service
from hq.routing.pool.reach import Pooling
from shared.leads.events import Event, tell
from shared.leads.lifecycle import LeadMove, LeadState, lead_after
from shared.leads.models import Assignment, Lead
from shared.notifications.notices import Notice, notify
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain
from shared.work.place import settings_of


@drain("hq.pool", due=queries.due, key=Lead.lead_id, batch=500)
def follow_pool(session: Session, batch: Batch, now: datetime) -> Aside:
    """Bring what nobody claimed to headquarters' desk, and what changed in the pool up to date.

    The leads are locked by taking them.
    """
    over = {row.lead_id: "pool_over" for row in batch if row.until <= now}
    leads = [WaitingLead._make(row[:-1]) for row in batch if row.lead_id not in over]
    if leads:
        over |= _refresh(session, leads, now)
    reasons = {lead_id: {"code": code} for lead_id, code in over.items()}
    desk = lead_after(LeadState.POOLED, LeadMove.ASK)
    placing.move_leads(session, [LeadMoved(each, desk, reason, now) for each, reason in reasons.items()], now=now)
    tell(session, (Event(each, "desk", reason) for each, reason in reasons.items()), now=now)
    notify(
        session, (Notice("desk", lead_id=each, to="hq", occasion=f":{now.isoformat()}") for each in reasons), now=now
    )
    return NOTHING


def _refresh(session: Session, leads: list[WaitingLead], now: datetime) -> Mapping[UUID, str]:
    """Write how the leads lie in the pool now; those that no store could claim any more, with the code of why."""
    service.lock(session, [lead.lead_id for lead in leads])
    rules, _version = routing.rules_in_force(session)
    facts = routing.facts_of(session, leads)
    found = service.poolings(session, leads, facts, rules)
    stays = [each for each in found.values() if isinstance(each, Pooling)]
    service.refresh(session, stays, facts, rules, now=now)
    return {lead_id: each for lead_id, each in found.items() if isinstance(each, str)}


@drain("hq.cards", due=queries.unsealed, key=Assignment.assignment_id, since=Assignment.card_due_at, batch=200)
def seal_cards(session: Session, batch: Batch, now: datetime) -> Aside:
    """Seal the customers' cards for stores that claimed from the pool; nobody else gets one."""
    service.seal(session, batch, settings_of(session).keys)
    return NOTHING
