"""Taking back what somebody at headquarters has just done with a lead, as far as it can be taken back.

An act is named by the moment of its transaction: every line it wrote into the story bears it. The lines also say where
the lead stood before. What a store did meanwhile is never undone: then the act stands, and the reader is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import placing, service
from hq.routing.errors import UndoTooLate
from hq.routing.facts import WaitingLead
from hq.routing.placing import LeadMoved
from hq.routing.pool import by_hand as pool
from hq.routing.settling import LeadSettled
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads import ending
from shared.leads.ending import Live
from shared.leads.events import Event, tell
from shared.leads.lifecycle import OPEN, LeadMove, LeadState, Stage, lead_after, lead_sources
from shared.leads.models import Assignment, Lead, LeadEvent
from shared.leads.pool.models import PoolEntry
from shared.platform.keys import Keyring

UNDO_WITHIN = timedelta(minutes=10)
"""After this an act stands; what a person may do then is another act."""

# What an act's own line in the story is called.
LINES: Mapping[str, str] = {
    "offer": "offered",
    "recall": "desk",
    "close": "closed",
    "return": "returned",
    "keep": "kept",
    "reopen": "reopened",
    "pool": "pooled",
}
ACTS = frozenset(LINES)
ACT_OF_LINE: Mapping[str, str] = {line: act for act, line in LINES.items()}
"""The act that a line of the story belongs to, if somebody at headquarters wrote it."""


@dataclass(frozen=True, slots=True)
class _Undoing:
    session: Session
    act: str
    at: datetime
    lead: WaitingLead
    changed_at: datetime
    before: Mapping[str, Any]
    lives: list[Live]
    keys: Keyring
    actor: Actor
    now: datetime

    def refuse(self) -> UndoTooLate:
        return UndoTooLate(act=self.act)


def undo(
    session: Session, *, lead_id: UUID, act: str, at: datetime, keys: Keyring, actor: Actor, now: datetime
) -> None:
    """Take an act back.

    - An offer is withdrawn, and `return` too, while no store has claimed.
    - A recalled or closed lead is offered again to the stores that lost it, where they have room; it stays theirs
      only once they claim again.
    - What was kept, reopened or closed from the desk goes back to where it stood; what was taken out of the pool lies
      there again with the times that it had.
    - What was put into the pool comes out again while no store has claimed it.

    Args:
        act: one of `ACTS`.
        at: the moment of the act, as its lines in the story say.

    Raises:
        Missing: no such lead.
        UndoTooLate: it was too long ago, or something happened since.
        NotFree, StoreCannot: as `service.offer`, for a store that cannot have it back.
    """
    lead = service.lock_any(session, lead_id)
    changed_at = session.execute(select(Lead.changed_at).where(Lead.lead_id == lead_id)).scalar_one()
    lines = session.scalars(
        select(LeadEvent).where(LeadEvent.lead_id == lead_id, LeadEvent.at == at, LeadEvent.kind == LINES[act])
    ).all()
    before = next((line.details["before"] for line in lines if "before" in line.details), None)
    if before is None or now - at > UNDO_WITHIN or acted_since(session, [lead_id], at):
        raise UndoTooLate(act=act)
    lives = ending.lock_live(session, [lead_id])
    doing = _Undoing(session, act, at, lead, changed_at, before, lives, keys, actor, now)
    _UNDOS[act](doing)
    tell(session, [Event(lead_id, "undone", {"act": act, "role": service.role(actor)})], now=now, actor=actor.name)
    audit.record(session, actor, "lead:undo", lead_id, at=now, act=act)


def acted_since(session: Session, lead_ids: Sequence[UUID], at: datetime) -> set[UUID]:
    """Leads that somebody at headquarters has done something else with: that is theirs to take back."""
    later = select(LeadEvent.lead_id).where(
        LeadEvent.lead_id.in_(lead_ids),
        LeadEvent.at > at,
        LeadEvent.kind.in_(ACT_OF_LINE),
        LeadEvent.details.has_key("before"),
    )
    return set(session.scalars(later))


def untouched(act: str, at: datetime, state: LeadState, lives: Sequence[Live]) -> bool:
    """Whether nothing came after an `offer` or a `return` but what it let happen, and no store has claimed."""
    # What the rules offered since is taken back only with the act that let them choose.
    own = all(live.offered_at == at if act == "offer" else live.offered_at >= at for live in lives)
    still = state is LeadState.PLACED if act == "offer" else state in (LeadState.PLACED, LeadState.WAITING)
    return still and own and all(live.stage is Stage.OFFERED for live in lives)


def _withdraw_offers(doing: _Undoing) -> None:
    """End the offers that nobody has claimed, and put the lead back to where it stood."""
    state, lives = LeadState(doing.lead.state), doing.lives
    if not untouched(doing.act, doing.at, state, lives):
        raise doing.refuse()
    ending.recall(doing.session, lives, {"code": "offer_withdrawn"}, now=doing.now, actor=doing.actor.name)
    _put_back(doing, state)


def _offer_again(doing: _Undoing) -> None:
    """Give the lead back to the stores that lost it by the act, as new offers; else put it back."""
    if doing.changed_at != doing.at:
        raise doing.refuse()
    lost = doing.session.scalars(
        select(Assignment.store_id)
        .where(
            Assignment.lead_id == doing.lead.lead_id, Assignment.ended_at == doing.at, Assignment.stage == "recalled"
        )
        .order_by(Assignment.store_id)
    ).all()
    state = LeadState(doing.lead.state)
    if doing.act == "close":
        service.reopen(doing.session, lead_id=doing.lead.lead_id, actor=doing.actor, now=doing.now)
        state = LeadState.DESK
    if lost:
        service.offer(
            doing.session,
            lead_id=doing.lead.lead_id,
            store_ids=lost,
            keys=doing.keys,
            actor=doing.actor,
            now=doing.now,
        )
    else:
        _put_back(doing, state)


def _close_again(doing: _Undoing) -> None:
    if doing.changed_at != doing.at:
        raise doing.refuse()
    move = LeadMove.LOSE if doing.before["state"] == LeadState.LOST else LeadMove.CLOSE
    _settle(doing, lead_after(LeadState(doing.lead.state), move))


def _suspect_again(doing: _Undoing) -> None:
    if doing.changed_at != doing.at:
        raise doing.refuse()
    moved = LeadMoved(doing.lead.lead_id, LeadState.PLACED, doing.before["reason"], doing.now)
    placing.move_leads(doing.session, [moved], now=doing.now)


def _take_out(doing: _Undoing) -> None:
    """Out of the pool, while nobody has claimed it."""
    state = LeadState(doing.lead.state)
    entered_at = doing.session.scalar(select(PoolEntry.entered_at).where(PoolEntry.lead_id == doing.lead.lead_id))
    if state is not LeadState.POOLED or entered_at != doing.at:
        raise doing.refuse()
    _put_back(doing, state)


def _put_back(doing: _Undoing, state: LeadState) -> None:
    """To the pool, the desk or to waiting; what stood with a store comes to the desk."""
    if doing.before["state"] == LeadState.POOLED:
        lead = doing.lead._replace(hops=doing.before["hops"])
        free = state if state in lead_sources(LeadMove.POOL) else lead_after(state, LeadMove.RETURN)
        pool.put_back(doing.session, lead, free, doing.before["reason"], doing.now)
        return
    settled = settled_back(doing.lead.lead_id, state, doing.before)
    service.write_leads(doing.session, [settled], now=doing.now)


def settled_back(lead_id: UUID, state: LeadState, before: Mapping[str, Any]) -> LeadSettled:
    """A lead where it stood before an act, waiting or on the desk, with the reason and the count of stores it had."""
    wanted = LeadState.WAITING if before["state"] == LeadState.WAITING else LeadState.DESK
    move = LeadMove.RETURN if wanted is LeadState.WAITING else LeadMove.ASK
    again = state if state is wanted else lead_after(state, move)
    return LeadSettled(lead_id, again, before["reason"], before["hops"], closed=False)


def _settle(doing: _Undoing, state: LeadState) -> None:
    """With the reason and the count of stores that the lead had before."""
    before = doing.before
    closed = state not in OPEN
    settled = LeadSettled(doing.lead.lead_id, state, before["reason"], before["hops"], closed=closed)
    service.write_leads(doing.session, [settled], now=doing.now)


_UNDOS = {
    "offer": _withdraw_offers,
    "return": _withdraw_offers,
    "recall": _offer_again,
    "close": _offer_again,
    "reopen": _close_again,
    "keep": _suspect_again,
    "pool": _take_out,
}
