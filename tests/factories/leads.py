"""Leads, and what stores got of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.contacts.crypto import Vault
from shared.contacts.models import Contact
from shared.contacts.phones import mask
from shared.dealers.models import Dealer, Store
from shared.leads.cards import Card, seal_card
from shared.leads.lifecycle import HOLDING, LIVE, Stage
from shared.leads.models import Assignment, CustomerCard, FollowUp, Hold, Lead
from shared.leads.offers import Offer
from shared.leads.pool.models import PoolEntry
from shared.platform.ids import new_id
from tests.factories.counting import CARDS, NOW, add, phone_number
from tests.factories.people import campaign, consent, contact, share_text

WISH = {"model": "S1", "purchase_horizon": "1m", "budget": "3500-5000"}


def lead(
    session: Session,
    *,
    dealers: Sequence[Dealer | Store] = (),
    person: Contact | None = None,
    state: str = "waiting",
    **values: Any,
) -> Lead:
    """A lead of a (new) person who agreed that these dealers get the phone."""
    person = person or contact(session)
    event = campaign(session)
    text = share_text(session, event, dealers)
    consent(session, person, text)
    given = {
        "lead_id": new_id(NOW),
        "contact_id": person.contact_id,
        "campaign_id": event.campaign_id,
        "scope_id": text.scope_id,
        "state": state,
        "state_reason": {},
        "grade": "A",
        "points": 160,
        "probability": 0.21,
        "reasons": [{"fact": "purchase_horizon", "bin": "1m", "points": 30}],
        "wish": WISH,
        "place": {"lng": 120.12, "lat": 30.25, "source": "county", "uncertainty_km": 8, "code": "330106"},
        "store_code": None,
        "hops": 0,
        "due_at": NOW,
        "opened_at": NOW,
        "changed_at": NOW,
        "closed_at": None if state in ("waiting", "placed", "desk", "pooled") else NOW,
        "aside_at": None,
    }
    return add(session, Lead(**{**given, **values}))


def offered(
    session: Session,
    *stores: Store,
    of: Lead | None = None,
    minutes: float = 30,
    phone: str | None = None,
    name: str = "陈小明",
    now: datetime = NOW,
    vault: Vault = CARDS,
    **values: Any,
) -> list[Assignment]:
    """One lead offered to each of the stores for so many minutes, with its sealed customer cards.

    `phone`, E.164, and `name` go on the cards, sealed by `vault`; `values` are columns of the assignments.
    """
    of = of or lead(session, dealers=stores, state="placed")
    given = {
        "lead_id": of.lead_id,
        "contact_id": of.contact_id,
        "scope_id": of.scope_id,
        "stage": "offered",
        "grade": of.grade,
        "offer": Offer(
            phone=mask(phone or "+8613800000000"),
            name=name[:1] + "**",
            district="西湖区",
            km=2.3,
            wish=of.wish,
            stores=len(stores),
        ).as_json(),
        "hop": 1,
        "assignee": None,
        "offered_at": now,
        "deadline_at": now + timedelta(minutes=minutes),
        "moved_at": now,
        "settled_at": now,
        "recycle_at": None,
        "ended_at": None,
        "end_reason": {},
        "aside_at": None,
    }
    made = []
    for store in stores:
        place = {"dealer_id": store.dealer_id, "store_id": store.store_id, "assignment_id": new_id(now)}
        assignment = add(session, Assignment(**{**given, **place, **values}))
        card(session, assignment, name=name, phone=phone or phone_number(), vault=vault)
        made.append(assignment)
    return made


def pooled(
    session: Session,
    *stores: Store,
    of: Lead | None = None,
    now: datetime = NOW,
    name: str = "陈小明",
    phone: str = "+8613800000000",
    km: float | None = None,
    **values: Any,
) -> PoolEntry:
    """A lead in the open pool, for these stores, and for others within `km` of where the customer lives."""
    of = of or lead(session, dealers=stores, state="pooled", state_reason={"code": "pool"})
    offer = Offer(phone=mask(phone), name=name[:1] + "**", district="西湖区", wish=of.wish, reasons=tuple(of.reasons))
    given = {
        "lead_id": of.lead_id,
        "scope_id": of.scope_id,
        "grade": of.grade,
        "series": None,
        "offer": offer.as_json(),
        "lng": of.place["lng"],
        "lat": of.place["lat"],
        "reach_km": km,
        "store_ids": [store.store_id for store in stores],
        "former_days": 0,
        "entered_at": now,
        "open_from": now,
        "until": now + timedelta(days=7),
        "due_at": now + timedelta(days=7),
    }
    return add(session, PoolEntry(**{**given, **values}))


def claimed(
    session: Session, store: Store, *, stage: Stage = Stage.CLAIMED, now: datetime = NOW, **values: Any
) -> Assignment:
    """A lead that the store holds (or, for a stage that has ended, once held)."""
    ended = {} if stage in LIVE else {"ended_at": now}
    (assignment,) = offered(session, store, now=now, stage=str(stage), **{**ended, **values})
    if stage in HOLDING:
        hold(session, assignment, now=now)
    return assignment


def card(
    session: Session, of: Assignment, *, name: str = "陈小明", phone: str = "+8613800000000", vault: Vault = CARDS
) -> CustomerCard:
    """The sealed customer card of an assignment."""
    place = {"dealer_id": of.dealer_id, "assignment_id": of.assignment_id}
    sealed = seal_card(vault, Card(name, (phone,)), **place)
    return add(session, CustomerCard(**place, sealed=sealed))


def hold(session: Session, of: Assignment, *, now: datetime = NOW) -> Hold:
    """The store has the lead."""
    made = Hold(lead_id=of.lead_id, dealer_id=of.dealer_id, assignment_id=of.assignment_id, held_at=now)
    return add(session, made)


def follow_up(session: Session, of: Assignment, *, by: UUID, kind: str = "call", **values: Any) -> FollowUp:
    """What somebody (`by`, a user id) did with the lead."""
    given = {
        "dealer_id": of.dealer_id,
        "follow_up_id": new_id(NOW),
        "assignment_id": of.assignment_id,
        "kind": kind,
        "result": None,
        "note": "",
        "next_at": None,
        "user_id": by,
        "at": NOW,
    }
    return add(session, FollowUp(**{**given, **values}))
