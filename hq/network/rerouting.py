"""Taking leads from stores that can no longer serve them: open offers go back to the rules, held leads to the desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import placing
from hq.routing.placing import LeadMoved
from shared.identity.actor import Actor
from shared.leads import ending
from shared.leads.ending import Live
from shared.leads.events import Event, tell
from shared.leads.lifecycle import LeadMove, LeadState, Stage, lead_after
from shared.leads.models import Assignment, Lead
from shared.work.doorbell import ring_after_commit


def reroute_offers(session: Session, store_ids: Collection[UUID], *, code: str, actor: Actor, now: datetime) -> int:
    """End the open offers of these stores; leads that nobody else was offered go back to the rules.

    Returns:
        how many offers ended.
    """
    lives = _lock(session, store_ids)
    mine = [live for live in lives if live.store_id in store_ids and live.stage is Stage.OFFERED]
    ending.recall(session, mine, {"code": code}, now=now, actor=actor.name)
    _move(session, _alone(lives, mine), LeadMove.RETURN, code=code, actor=actor, now=now)
    ring_after_commit(session, "hq.route")
    return len(mine)


def take_all(session: Session, store_ids: Collection[UUID], *, code: str, actor: Actor, now: datetime) -> int:
    """End everything that these stores have except sales; leads that they held go to headquarters' desk.

    Returns:
        how many held leads were taken.
    """
    reroute_offers(session, store_ids, code=code, actor=actor, now=now)
    lives = _lock(session, store_ids)
    held = [live for live in lives if live.store_id in store_ids and live.held and live.stage is not Stage.WON]
    ending.recall(session, held, {"code": code}, now=now, actor=actor.name)
    _move(session, {live.lead_id for live in held}, LeadMove.ASK, code=code, actor=actor, now=now)
    return len(held)


def _lock(session: Session, store_ids: Collection[UUID]) -> list[Live]:
    """All live assignments of the leads that these stores have: leads first, then assignments."""
    found = select(Assignment.lead_id).where(Assignment.store_id.in_(store_ids), Assignment.ended_at.is_(None))
    ids = sorted(set(session.scalars(found)))
    session.execute(
        select(Lead.lead_id).where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id).with_for_update(key_share=True)
    )
    return ending.lock_live(session, ids)


def _alone(lives: Iterable[Live], ended: Iterable[Live]) -> set[UUID]:
    gone = {live.assignment_id for live in ended}
    left = {live.lead_id for live in lives if live.assignment_id not in gone}
    return {live.lead_id for live in ended} - left


def _move(
    session: Session, lead_ids: Collection[UUID], move: LeadMove, *, code: str, actor: Actor, now: datetime
) -> None:
    placed = session.scalars(
        select(Lead.lead_id).where(Lead.lead_id.in_(lead_ids), Lead.state == LeadState.PLACED).order_by(Lead.lead_id)
    ).all()
    state = lead_after(LeadState.PLACED, move)
    placing.move_leads(session, [LeadMoved(each, state, {"code": code}, now) for each in placed], now=now)
    if move is LeadMove.ASK:
        tell(session, (Event(each, "desk", {"code": code}) for each in placed), now=now, actor=actor.name)
