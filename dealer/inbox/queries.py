"""What the first page shows beside the leads: where one works, and the pulse that tells pages of changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store
from shared.identity.actor import Actor
from shared.leads.assignments import visible_to
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment
from shared.leads.queries import WORKED
from shared.notifications.queries import unread_count


@dataclass(frozen=True, slots=True)
class Pulse:
    """How many offers and unread notices wait, and a mark that changes whenever a lead does that the actor can see."""

    offers: int
    unread: int
    mark: str


def pulse(session: Session, *, actor: Actor, now: datetime) -> Pulse:
    """One statement over the actor's live leads and unread notices."""
    waits = and_(Assignment.stage == Stage.OFFERED, Assignment.deadline_at > now)
    seen = func.concat_ws("|", Assignment.assignment_id, Assignment.stage, Assignment.moved_at, Assignment.assignee)
    live = and_(visible_to(actor), Assignment.ended_at.is_(None), Assignment.stage.in_((Stage.OFFERED, *WORKED)))
    offers, mark, unread = session.execute(
        select(
            func.count().filter(waits),
            func.sum(func.hashtextextended(seen, 0)).filter(Assignment.stage.in_(WORKED) | waits),
            unread_count(actor),
        ).where(live)
    ).one()
    return Pulse(offers, unread, str(mark or 0))


def place_name(session: Session, actor: Actor) -> str:
    """The name of the actor's store, or of the dealer where there are several."""
    if actor.store_ids is not None and len(actor.store_ids) == 1:
        (store_id,) = actor.store_ids
        chosen = select(Store.name).where(Store.dealer_id == actor.dealer_id, Store.store_id == store_id)
    else:
        chosen = select(Dealer.name).where(Dealer.dealer_id == actor.dealer_id)
    return session.scalar(chosen) or ""
