"""Turns as rows: whoever gets a lead has had one, by whatever hand, and what is undone was none.

The store's row of `store_giving` guards its turns; it is locked last, after everything that a claim locks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.leads.models import Assignment
from shared.leads.sellers import queries
from shared.leads.sellers.models import How, LeadGiving, SellerTurn, StoreGiving, Way
from shared.leads.sellers.queries import Desk
from shared.leads.sellers.turns import NEVER, Given, Member, used


class Turn(NamedTuple):
    """A turn that a giving used: when, and when its receiver had had the last one."""

    at: datetime
    before: datetime | None


def lock_store(session: Session, actor: Actor, store_id: UUID, now: datetime) -> StoreGiving:
    """The store's row, locked; made when it has none yet."""
    key = {"dealer_id": actor.dealer_id, "store_id": store_id}
    new = insert(StoreGiving).values(**key, way=Way.CLAIM.value, round=0, changed_at=now)
    chosen = (
        select(StoreGiving)
        .filter_by(**key)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)  # what was read before the lock may be stale
    )
    found = session.scalars(chosen).one_or_none()
    if found is None:
        session.execute(new.on_conflict_do_nothing())
        found = session.scalars(chosen).one()
    return found


def use(
    session: Session, at: Desk, people: Sequence[Member], now: datetime, *, besides: UUID | None = None
) -> list[Turn]:
    """Somebody gets a lead, then the next, …: each has had a turn; the store's row is locked.

    Args:
        besides: not among those whose turn it was.
    """
    standing, floor = {each.user_id: each for each in at.sellers}, at.floor
    uses: list[Given] = []
    turns = []
    for number, who in enumerate(people):
        moment = now + timedelta(microseconds=number)  # else who is first would change from round to round
        among = [each for each in standing.values() if each.user_id != besides]
        before = standing[who.user_id]
        uses.append(used(before, among, floor, moment))
        standing[who.user_id], floor = uses[-1]
        turns.append(Turn(moment, before.given_at))
    _keep(session, at, uses)
    return turns


def follow_hand(
    session: Session, leads: Collection[Assignment], *, to: UUID | None, how: How, actor: Actor, now: datetime
) -> Mapping[UUID, Turn]:
    """What follows from leads that change hands, before they do; gives which of them count as turns of who gets them.

    A lead that goes back to where it was untouched, or by the way back, takes away the turn that it was.
    """
    undone = _undone(session, leads, to, how)
    stores: dict[UUID, list[Assignment]] = defaultdict(list)
    for lead in leads:
        stores[lead.store_id].append(lead)
    counted: dict[UUID, Turn] = {}
    for store_id, some in sorted(stores.items()):
        fresh = [lead for lead in some if lead.assignment_id not in undone]
        take_back(session, actor, store_id, [undone[x.assignment_id] for x in some if x.assignment_id in undone], now)
        if to is not None and how is How.HAND and fresh:
            turns = _by_hand(session, store_id, to, len(fresh), actor, now)
            counted |= {lead.assignment_id: turn for lead, turn in zip(fresh, turns, strict=False)}
    return counted


def take_back(session: Session, actor: Actor, store_id: UUID, givings: Iterable[LeadGiving], now: datetime) -> None:
    """Take away the turns that givings were, the last first: who had them stands where they stood before."""
    turns = [(each.turn_at, each) for each in givings if each.turn_at is not None]
    if not turns:
        return
    lock_store(session, actor, store_id, now)
    for at, each in sorted(turns, key=itemgetter(0), reverse=True):
        was_last = SellerTurn.given_at == at
        session.execute(
            update(SellerTurn)
            .filter_by(dealer_id=actor.dealer_id, store_id=store_id, user_id=each.to_user)
            .values(
                turn=SellerTurn.turn - 1,
                given_at=case((was_last, each.turn_before or NEVER), else_=SellerTurn.given_at),
            )
            .execution_options(synchronize_session=False)
        )


def _by_hand(session: Session, store_id: UUID, to: UUID, count: int, actor: Actor, now: datetime) -> Sequence[Turn]:
    """The turns of a seller who is given leads by hand, at a store that gives leads out in turn; else none."""
    if queries.way_of(session, dealer_id=actor.dealer_id, store_id=store_id) is not Way.TURN:
        return ()
    if Way(lock_store(session, actor, store_id, now).way) is not Way.TURN:
        return ()
    at = queries.desk(session, actor=actor, store_id=store_id, now=now)
    receiver = next((each for each in at.sellers if each.user_id == to), None)
    return () if receiver is None else use(session, at, [receiver] * count, now)


def _undone(session: Session, leads: Collection[Assignment], to: UUID | None, how: How) -> Mapping[UUID, LeadGiving]:
    """Of leads, locked, those whose last giving was a turn and is undone by giving them to `to`, with that giving."""
    ids = sorted(lead.assignment_id for lead in leads)
    theirs = select(LeadGiving).where(
        LeadGiving.dealer_id == session.info["dealer_id"], LeadGiving.assignment_id.in_(ids)
    )
    of = {each.assignment_id: each for each in session.scalars(theirs.order_by(LeadGiving.at, LeadGiving.giving_id))}
    return {lead.assignment_id: of[lead.assignment_id] for lead in leads if _goes_back(lead, of, to, how)}


def _goes_back(lead: Assignment, of: Mapping[UUID, LeadGiving], to: UUID | None, how: How) -> bool:
    last = of.get(lead.assignment_id)
    if last is None or last.turn_at is None or last.to_user != lead.assignee or last.from_user != to:
        return False
    return how is How.BACK or lead.moved_at <= last.at


def _keep(session: Session, at: Desk, uses: Sequence[Given]) -> None:
    """Write turns that were used, and the round after the last one; the store's row is locked."""
    dealer_id = session.info["dealer_id"]
    last = {each.member.user_id: each.member for each in uses}
    rows: list[dict[str, Any]] = [
        {
            "dealer_id": dealer_id,
            "store_id": at.store_id,
            "user_id": user_id,
            "turn": member.turn,
            "given_at": member.given_at,
        }
        for user_id, member in sorted(last.items())
    ]
    new = insert(SellerTurn)
    changed = {"turn": new.excluded.turn, "given_at": new.excluded.given_at}
    key = ["dealer_id", "store_id", "user_id"]
    session.execute(new.values(rows).on_conflict_do_update(index_elements=key, set_=changed))
    session.execute(
        update(StoreGiving)
        .filter_by(dealer_id=dealer_id, store_id=at.store_id)
        .values(round=max(each.round for each in uses))
        .execution_options(synchronize_session=False)
    )
