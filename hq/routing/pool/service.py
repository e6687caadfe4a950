"""Leads come into the pool, are kept there as they change, and leave it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hq.routing import placing
from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.network import ATLAS
from hq.routing.pool.reach import Pooling, Stay, pooling_of, stay
from hq.routing.rules import RoutingRules
from shared.contacts.crypto import Vault
from shared.contacts.sealing import open_phone
from shared.db.batch import Rows
from shared.dealers.series import NO_SERIES, book
from shared.dealers.territory_rows import TERRITORIES
from shared.leads.cards import Card, seal_card
from shared.leads.pool.models import PoolEntry
from shared.platform.keys import CURRENT_KEY_ID, Keyring

_COLUMNS = {
    "lead_id": "uuid",
    "scope_id": "uuid",
    "grade": "text",
    "series": "text",
    "offer": "jsonb",
    "lng": "float8",
    "lat": "float8",
    "reach_km": "float8",
    "stores": "jsonb",
    "former_days": "integer",
    "entered_at": "timestamptz",
    "open_from": "timestamptz",
    "until": "timestamptz",
}
_ENTRIES = Rows(_COLUMNS)
_PLAIN = ", ".join(name for name in _COLUMNS if name != "stores")
_LISTED = "ARRAY(SELECT jsonb_array_elements_text(t.stores)::uuid)"
_ENTER = text(
    f"""
    INSERT INTO pool_entries ({_PLAIN}, store_ids, due_at)
    SELECT {_PLAIN}, {_LISTED}, until FROM {_ENTRIES.source} ORDER BY lead_id
    """  # noqa: S608 (names of this module)
)
# The times stay as they were: what is edited does not begin to wait anew.
_KEPT = ("scope_id", "grade", "series", "offer", "lng", "lat", "reach_km")
_REFRESH = text(
    f"""
    UPDATE pool_entries e
    SET {", ".join(f"{name} = t.{name}" for name in _KEPT)}, store_ids = {_LISTED}, due_at = e.until
    FROM {_ENTRIES.source} WHERE e.lead_id = t.lead_id
    """  # noqa: S608 (names of this module)
)
_CARDS = Rows({"dealer_id": "uuid", "assignment_id": "uuid", "sealed": "bytea"})
_SEAL = text(
    f"""
    WITH sent AS (SELECT * FROM {_CARDS.source}),
    sealed AS (
        INSERT INTO customer_cards ({_CARDS.names}) SELECT {_CARDS.names} FROM sent
        ORDER BY dealer_id, assignment_id ON CONFLICT DO NOTHING
    )
    UPDATE assignments a SET card_due_at = NULL FROM sent
    WHERE a.dealer_id = sent.dealer_id AND a.assignment_id = sent.assignment_id
    """  # noqa: S608 (names of this module)
)
_PEOPLE = text(
    """
    SELECT l.lead_id, c.name, p.phone_bidx, p.sealed
    FROM leads l JOIN contacts c ON c.contact_id = l.contact_id
    LEFT JOIN contact_phones p ON p.contact_id = l.contact_id
    WHERE l.lead_id = ANY(:leads)
    ORDER BY l.lead_id, p.verified = 'none', p.created_at DESC, p.phone_bidx
    """
)


def poolings(
    session: Session, leads: Sequence[WaitingLead], facts: LeadsFacts, rules: RoutingRules
) -> dict[UUID, Pooling | str]:
    """How each of the leads would lie in the pool, or the code of why no store could ever claim it (three statements,
    five after the network has changed)."""
    network, territories = ATLAS.network(session), TERRITORIES.territories(session)
    known = book(session) if network.any_series else NO_SERIES
    found = {}
    for lead in leads:
        place, model = lead.place, lead.wish.get("model")
        series = known.code_of(str(model)) if model and network.any_series else None
        served = territories.for_place(place.get("code"), place.get("lng"), place.get("lat"))
        found[lead.lead_id] = pooling_of(lead, facts, network, rules, series=series, served=served)
    return found


def enter(
    session: Session,
    poolings: Sequence[Pooling],
    facts: LeadsFacts,
    rules: RoutingRules,
    *,
    now: datetime,
    stays: Mapping[UUID, Stay] | None = None,
) -> None:
    """Write what lies in the pool from now on; the leads are locked and are moved by the caller (one statement).

    Args:
        stays: times that were set before, of leads that come back.
    """
    if poolings:
        session.execute(_ENTER, _ENTRIES.parameters(_row(each, facts, rules, now, stays or {}) for each in poolings))


def lock(session: Session, lead_ids: Collection[UUID]) -> None:
    """Lock entries before reading what they follow from: a network that changes afterwards waits, and has them looked
    at again."""
    entries = select(PoolEntry.lead_id).where(PoolEntry.lead_id.in_(lead_ids)).order_by(PoolEntry.lead_id)
    session.execute(entries.with_for_update(key_share=True)).all()


def refresh(
    session: Session, poolings: Sequence[Pooling], facts: LeadsFacts, rules: RoutingRules, *, now: datetime
) -> None:
    """Bring what lies in the pool up to what is known of its leads now (one statement)."""
    if poolings:
        session.execute(_REFRESH, _ENTRIES.parameters(_row(each, facts, rules, now, {}) for each in poolings))


def seal(session: Session, claims: Sequence[Any], keys: Keyring) -> None:
    """Write the customers' cards for stores that claimed from the pool (two statements).

    Args:
        claims: rows with assignment_id, dealer_id and lead_id, locked.
    """
    people: dict[UUID, tuple[str, list[str]]] = {}
    vault, cards = Vault(keys.contacts, CURRENT_KEY_ID), Vault(keys.cards, CURRENT_KEY_ID)
    for lead_id, name, phone_bidx, sealed in session.execute(_PEOPLE, {"leads": sorted(c.lead_id for c in claims)}):
        _, phones = people.setdefault(lead_id, (name or "", []))
        if sealed is not None:
            phones.append(open_phone(sealed, phone_bidx=phone_bidx, vault=vault))
    rows = []
    for claim in claims:
        place = {"dealer_id": claim.dealer_id, "assignment_id": claim.assignment_id}
        name, phones = people[claim.lead_id]
        rows.append((*place.values(), seal_card(cards, Card(name, tuple(phones)), **place)))
    session.execute(_SEAL, _CARDS.parameters(rows))


def _row(
    pooling: Pooling, facts: LeadsFacts, rules: RoutingRules, now: datetime, stays: Mapping[UUID, Stay]
) -> tuple[Any, ...]:
    lead, reach, series = pooling
    times = stays.get(lead.lead_id) or stay(rules, lead.campaign_code, now)
    return (
        lead.lead_id,
        lead.scope_id,
        lead.grade,
        series,
        placing.offer_of(lead, facts, km=None, why={"code": "pool"}).as_json(),
        reach.lng,
        reach.lat,
        reach.km,
        sorted(map(str, reach.stores)),
        rules.pool_former_days,
        *times,
    )
