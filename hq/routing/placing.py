"""Giving leads to stores: assignments with their sealed cards, the store's notice, the lead's story."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.routing.facts import LeadsFacts, Sightings, WaitingLead
from hq.routing.policy import StoreFacts
from shared.contacts.crypto import Vault
from shared.contacts.names import mask_name
from shared.contacts.sealing import open_phone
from shared.db.batch import Rows
from shared.db.sending import send
from shared.leads.cards import Card, seal_card
from shared.leads.events import SYSTEM, Event, tell
from shared.leads.offers import Offer
from shared.leads.sellers.hearers import EVERYBODY, Waiting, givings, hearers
from shared.notifications.notices import Notice, notify
from shared.platform.ids import next_id
from shared.platform.keys import CURRENT_KEY_ID, Keyring
from shared.regions.divisions import by_code

_ASSIGNED = Rows(
    {
        "dealer_id": "uuid",
        "assignment_id": "uuid",
        "store_id": "uuid",
        "lead_id": "uuid",
        "contact_id": "uuid",
        "scope_id": "uuid",
        "grade": "text",
        "offer": "jsonb",
        "hop": "integer",
        "deadline_at": "timestamptz",
        "remind_at": "timestamptz",
    }
)
_SEALED = Rows({**_ASSIGNED.columns, "sealed": "bytea"})
# One statement: foreign keys are checked at its end.
_ASSIGN = text(
    f"""
    WITH sent AS (SELECT * FROM {_SEALED.source}),
    assigned AS (
        INSERT INTO assignments ({_ASSIGNED.names}, stage, offered_at, moved_at, settled_at, end_reason)
        SELECT {_ASSIGNED.names}, 'offered', :now, :now, :now, '{{}}' FROM sent ORDER BY dealer_id, assignment_id
    )
    INSERT INTO customer_cards (dealer_id, assignment_id, sealed) SELECT dealer_id, assignment_id, sealed FROM sent
    """  # noqa: S608 (names of this module)
)
_STATES = Rows({"lead_id": "uuid", "state": "text", "reason": "jsonb", "due_at": "timestamptz"})
_MOVE_LEADS = text(
    f"""
    UPDATE leads l SET state = t.state, state_reason = t.reason, due_at = t.due_at, changed_at = :now
    FROM {_STATES.source} WHERE l.lead_id = t.lead_id
    """  # noqa: S608 (names of this module)
)


_ROUGH = {"city": "city", "phone_city": "city", "province": "province"}  # sources of a place, as `Offer.rough`


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One lead for one store.

    Attributes:
        deadline_at: until when the store may claim.
        remind_at: when it is reminded of that; None: not.
        why: `code` scanned, nearest or desk, and what explains it; the store may see it.
        told: the whole decision, for headquarters' story.
        stores: how many stores get the lead now.
    """

    lead: WaitingLead
    store: StoreFacts
    km: float | None
    deadline_at: datetime
    why: Mapping[str, Any]
    told: Mapping[str, Any] = field(default_factory=dict)
    stores: int = 1
    remind_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadMoved:
    """The state that a lead goes to, why, and when routing looks at it next."""

    lead_id: UUID
    state: str
    reason: Mapping[str, Any]
    due_at: datetime


def place(
    session: Session,
    placements: Sequence[Placement],
    facts: LeadsFacts,
    keys: Keyring,
    *,
    now: datetime,
    actor: str = SYSTEM,
    events: Iterable[Event] = (),
    notices: Iterable[Notice] = (),
) -> None:
    """Write offers: assignment, card, notice and story; the leads are locked and are moved by the caller.

    Args:
        events, notices: what else there is to tell of the leads, in the same statements.
    """
    known = givings(session, {(each.store.dealer_id, each.store.store_id) for each in placements}, now=now)
    pairs = assign(session, placements, facts, keys, now=now)
    offered = (Event(each.lead.lead_id, "offered", _told(each, key)) for each, key in pairs)
    tell(session, chain(offered, events), now=now, actor=actor)
    waiting = (Waiting(key, each.store.dealer_id, each.store.store_id, now, each.deadline_at) for each, key in pairs)
    told = hearers(session, waiting, known=known, now=now)
    offers = (_notice(each, key, person) for each, key in pairs for person in told.get(key, EVERYBODY))
    notify(session, chain(offers, notices), now=now)


def assign(
    session: Session, placements: Sequence[Placement], facts: LeadsFacts, keys: Keyring, *, now: datetime
) -> list[tuple[Placement, UUID]]:
    """Write assignments with their cards, and nothing that tells of them; gives each placement with its id."""
    pairs = [(each, next_id(now)) for each in placements]
    if pairs:
        cards = _cards(pairs, facts, keys)
        rows = ((*_row(each, key, facts), card) for (each, key), card in zip(pairs, cards, strict=True))
        send(session, _ASSIGN, {**_SEALED.parameters(rows), "now": now})
    return pairs


def move_leads(session: Session, moved: Sequence[LeadMoved], *, now: datetime) -> None:
    """Bring leads to their next state; they are locked."""
    if moved:
        rows = _STATES.parameters((each.lead_id, each.state, dict(each.reason), each.due_at) for each in moved)
        send(session, _MOVE_LEADS, {**rows, "now": now})


def _row(placement: Placement, assignment_id: UUID, facts: LeadsFacts) -> tuple[Any, ...]:
    lead, store = placement.lead, placement.store
    return (
        store.dealer_id,
        assignment_id,
        store.store_id,
        lead.lead_id,
        lead.contact_id,
        lead.scope_id,
        lead.grade,
        offer_of(lead, facts, km=placement.km, why=placement.why, stores=placement.stores).as_json(),
        lead.hops + 1,
        placement.deadline_at,
        placement.remind_at,
    )


def offer_of(
    lead: WaitingLead, facts: LeadsFacts, *, km: float | None, why: Mapping[str, Any], stores: int = 1
) -> Offer:
    """What a store may see of a lead before it claims it; `km`: to the store, None when unknown."""
    phones = facts.phones.get(lead.contact_id, ())
    seen = facts.sightings.get(lead.lead_id, Sightings(1, None, None))
    return Offer(
        phone=phones[0].masked if phones else "",
        name=mask_name(lead.name or ""),
        district=district_of(lead.place.get("code")),
        rough=_ROUGH.get(str(lead.place.get("source")), ""),
        km=None if km is None else round(km, 1),
        wish=lead.wish,
        campaign=lead.campaign,
        touchpoint=seen.touchpoint,
        signed_up_at=seen.latest,
        signups=seen.signups,
        reasons=tuple(lead.reasons),
        probability=round(lead.probability, 4),
        why=why,
        stores=stores,
    )


@lru_cache(maxsize=4096)
def district_of(code: str | None) -> str:
    """A division as a store reads it: city and county; empty when unknown."""
    division = by_code(code) if code else None
    if division is None:
        return ""
    city = by_code(division.city_code) if division.city_code and division.level == "county" else None
    return f"{city.name} {division.name}" if city else division.name


def _cards(pairs: Sequence[tuple[Placement, UUID]], facts: LeadsFacts, keys: Keyring) -> list[bytes]:
    contacts, cards = Vault(keys.contacts, CURRENT_KEY_ID), Vault(keys.cards, CURRENT_KEY_ID)
    opened: dict[UUID, Card] = {}
    rows = []
    for placement, assignment_id in pairs:
        lead, dealer_id = placement.lead, placement.store.dealer_id
        if lead.contact_id not in opened:
            numbers = facts.phones.get(lead.contact_id, ())
            phones = (open_phone(each.sealed, phone_bidx=each.phone_bidx, vault=contacts) for each in numbers)
            opened[lead.contact_id] = Card(lead.name or "", tuple(phones))
        rows.append(seal_card(cards, opened[lead.contact_id], dealer_id=dealer_id, assignment_id=assignment_id))
    return rows


def _told(placement: Placement, assignment_id: UUID) -> dict[str, Any]:
    return {
        "assignment_id": str(assignment_id),
        "store_id": str(placement.store.store_id),
        "km": None if placement.km is None else round(placement.km, 1),
        "deadline": placement.deadline_at.isoformat(),
        **placement.why,
        **placement.told,
    }


def _notice(placement: Placement, assignment_id: UUID, person: UUID | None) -> Notice:
    store = placement.store
    details = {"grade": placement.lead.grade, "deadline": placement.deadline_at.isoformat()}
    return Notice("offered", store.dealer_id, store.store_id, assignment_id, details, user_id=person)
