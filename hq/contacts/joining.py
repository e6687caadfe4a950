"""Before somebody joins two customers: finding the other one, and what the joining will change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select, text
from sqlalchemy.orm import Session

from hq.contacts.finding import name_contains
from hq.qualification import joinings
from hq.qualification.matching.apart import kept_apart
from shared.contacts.crypto import BlindIndex
from shared.contacts.models import Contact, ContactPhone
from shared.contacts.phones import Phone, parse_phone
from shared.platform.errors import Missing

_MOST = 12
_LONGEST = 60
# What a person can compare two customers by, and what moves.
_SIDES = text(
    """
    SELECT c.contact_id, c.name, c.created_at,
           ARRAY(SELECT p.masked FROM contact_phones p WHERE p.contact_id = c.contact_id
                 ORDER BY p.created_at, p.phone_bidx) AS phones,
           (SELECT count(*) FROM signups s WHERE s.contact_id = c.contact_id) AS signups,
           (SELECT count(*) FROM consents o WHERE o.contact_id = c.contact_id) AS consents,
           l.lead_id, l.state, l.grade,
           ARRAY(SELECT s.name FROM assignments a JOIN stores s USING (dealer_id, store_id)
                 WHERE a.lead_id = l.lead_id AND a.ended_at IS NULL ORDER BY s.name) AS stores
    FROM contacts c LEFT JOIN leads l ON l.contact_id = c.contact_id AND l.closed_at IS NULL
    WHERE c.contact_id = ANY(:contacts) AND c.merged_into IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `phones` masked; `state` and `stores` of the open lead, None and empty without one."""

    contact_id: UUID
    name: str | None
    created_at: datetime
    phones: Sequence[str]
    signups: int
    consents: int
    lead_id: UUID | None
    state: str | None
    grade: str | None
    stores: Sequence[str]


@dataclass(frozen=True, slots=True)
class Effects:
    """What joining two customers will do.

    Attributes:
        stays: whose record goes on; `goes`: the other one.
        apart: somebody has said that they are not the same person.
    """

    stays: Side
    goes: Side
    apart: bool

    @property
    def closes(self) -> bool:
        """Whether the lead of the one that goes ends."""
        return self.goes.lead_id is not None and self.stays.lead_id is not None


def sides(session: Session, contacts: Sequence[UUID]) -> Mapping[UUID, Side]:
    """Customers by id; those that were joined to others are left out."""
    rows = session.execute(_SIDES, {"contacts": list(contacts)})
    return {row.contact_id: Side(**row._mapping) for row in rows}


def side(session: Session, contact_id: UUID) -> Side:
    """One customer.

    Raises:
        Missing: no such customer, or it was joined to another one.
    """
    found = sides(session, [contact_id])
    if not found:
        raise Missing(contact=str(contact_id))
    return found[contact_id]


def effects(session: Session, one: UUID, other: UUID) -> Effects:
    """What will change.

    Raises:
        Missing: one of them is unknown or was joined to another customer, or both are the same.
    """
    found = sides(session, [one, other])
    if len(found) < 2:
        raise Missing(contact=str(other))
    merge = joinings.between(joinings.facts_of(session, one, other))
    return Effects(found[merge.survivor], found[merge.loser], bool(kept_apart(session, [one, other])))


def candidates(session: Session, contact_id: UUID, words: str, *, index: BlindIndex) -> list[Side]:
    """Customers with this name, number or last four digits, the latest first; at most twelve."""
    found = list(session.scalars(_found(words.strip()[:_LONGEST], index).where(Contact.contact_id != contact_id)))
    by_id = sides(session, found)
    return [by_id[each] for each in found if each in by_id]


def _found(words: str, index: BlindIndex) -> Select[Any]:
    wanted = select(Contact.contact_id).where(Contact.merged_into.is_(None))
    return wanted.where(_condition(words, index)).order_by(Contact.created_at.desc(), Contact.contact_id).limit(_MOST)


def _condition(words: str, index: BlindIndex) -> ColumnElement[bool]:
    if not words or not words.isprintable():
        return false()
    phones = select(ContactPhone.contact_id)
    if words.isascii() and words.isdigit() and len(words) == 4:
        return Contact.contact_id.in_(phones.where(ContactPhone.last4_bidx == index.last4(words)))
    number = parse_phone(words)
    if isinstance(number, Phone):
        return Contact.contact_id.in_(phones.where(ContactPhone.phone_bidx == index.phone(number.e164)))
    return name_contains(words)
