"""The stores of the demo at work: they claim, send back, call and sell through the services that the pages use.

`now` is given, and what a store does follows from a seed, so that a demo can be repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from shared.contacts.crypto import Vault
from shared.db.session import unit_of_work
from shared.identity import realms, sessions
from shared.identity.actor import Actor
from shared.identity.models import Staff
from shared.leads import queries, service
from shared.leads.lifecycle import Stage
from shared.leads.queries import Held, Offered
from shared.leads.story import Done
from shared.leads.words import DeclineReason, Kind, LostReason, Outcome
from shared.platform.errors import DomainError
from shared.platform.ids import new_id

Item = TypeVar("Item")

_CLAIMS = 0.75  # of the offers; the rest goes back or is left to expire
_DECLINES = 0.1
_ENDS = 0.15  # of the leads that were contacted
_WINS = 0.5  # of those that end
_OUTCOMES = (Outcome.INTERESTED, Outcome.NO_ANSWER, Outcome.APPOINTMENT, Outcome.WECOM_ADDED)
_WEIGHTS = (4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Shop:
    """One dealer's stores: where they act, as whom, and with which key."""

    engine: Engine
    dealer_id: UUID
    vault: Vault


def work(shop: Shop, *, now: datetime, seed: int) -> Counter[str]:
    """Let every manager of a dealer decide on the offers and follow up once on each lead.

    Returns:
        what was done how often: claimed, declined, left, call, won, lost, or the code of a refusal.
    """
    rnd = Random(f"{seed}-{shop.dealer_id}")  # noqa: S311  a demo, not a secret
    done: Counter[str] = Counter()
    for actor in _managers(shop):
        for offer in _read(shop, partial(queries.offers, actor=actor, now=now)):
            done[_try(shop, partial(_decide, offer=offer, actor=actor, rnd=rnd, now=now))] += 1
        for lead in _read(shop, partial(queries.leads, actor=actor, vault=shop.vault)):
            done[_try(shop, partial(_follow_up, lead=lead, actor=actor, rnd=rnd, now=now))] += 1
    return done


def _managers(shop: Shop) -> list[Actor]:
    def read(session: Session) -> list[Actor]:
        chosen = select(Staff).filter_by(dealer_id=shop.dealer_id, role="store_manager", status="active")
        people = session.scalars(chosen.order_by(Staff.user_id)).all()
        return [sessions.actor_of(session, realms.DEALER, person, address="") for person in people]

    return _read(shop, read)


def _decide(session: Session, *, offer: Offered, actor: Actor, rnd: Random, now: datetime) -> str:
    dice, key = rnd.random(), offer.assignment_id
    if dice < _CLAIMS:
        service.claim(session, assignment_id=key, actor=actor, now=now)
        return "claimed"
    if dice < _CLAIMS + _DECLINES:
        reason = rnd.choice(list(DeclineReason))
        service.decline(session, assignment_id=key, actor=actor, reason=reason, now=now)
        return "declined"
    return "left"


def _follow_up(session: Session, *, lead: Held, actor: Actor, rnd: Random, now: datetime) -> str:
    key = lead.assignment_id
    if lead.stage is not Stage.CLAIMED and rnd.random() < _ENDS:
        if rnd.random() < _WINS:
            service.win(session, assignment_id=key, actor=actor, now=now)
            return "won"
        service.lose(session, assignment_id=key, actor=actor, reason=rnd.choice(list(LostReason)), now=now)
        return "lost"
    (outcome,) = rnd.choices(_OUTCOMES, _WEIGHTS)
    next_at = now + timedelta(hours=rnd.randrange(2, 72))
    done = Done(follow_up_id=new_id(now), kind=Kind.CALL, outcome=outcome, next_at=next_at)
    service.follow_up(session, assignment_id=key, actor=actor, done=done, now=now)
    return str(done.kind)


def _read(shop: Shop, query: Callable[[Session], list[Item]]) -> list[Item]:
    with unit_of_work(shop.engine, dealer_id=shop.dealer_id) as session:
        return query(session)


def _try(shop: Shop, act: Callable[[Session], str]) -> str:
    """One act in a transaction of its own; a refusal is an answer like any other."""
    try:
        with unit_of_work(shop.engine, dealer_id=shop.dealer_id) as session:
            return act(session)
    except DomainError as refused:
        return refused.code
