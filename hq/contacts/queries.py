"""One customer with everything that is known, and where each fact came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from hq.contacts import relations
from hq.contacts.near import Near, near
from hq.contacts.relations import Apart, Joining
from hq.contacts.strengths import KeyKnown, keys_known
from hq.qualification.matching.engine import Key
from hq.qualification.matching.models import CrowdedAccount
from shared.campaigns.models import Campaign, ConsentText
from shared.contacts.models import Consent, ConsentEvent, Contact, ContactPhone, Identity
from shared.leads.models import Lead
from shared.platform.errors import Missing
from shared.signups.models import Signup

#: What a sign-up tells about a person, in the order shown: the place in the sign-up, the name, the family of its words.
_TOLD = (
    ("interest", "model", None),
    ("interest", "purchase_horizon", "horizon"),
    ("interest", "current_vehicle", "vehicle"),
    ("interest", "budget", None),
    ("region", "county_code", "division"),
    ("region", "province", None),
    ("region", "city", None),
    ("region", "county", None),
    ("region", "phone_city", "division"),
    ("actions", "draws", None),
    ("actions", "booked_test_ride", None),
    ("actions", "visited_store", None),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known: `name`, the latest `value`, the family of its `words`, and the sign-up it came from."""

    name: str
    value: Any
    words: str | None
    signup: Signup
    earlier: int  # other values that were told before


@dataclass(frozen=True, slots=True)
class Said:
    """Consent given or withdrawn: what, to which words, when, and by which sign-up."""

    what: str
    kind: str
    version: int
    campaign: str
    at: datetime
    signup_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer; `joined`: other records that turned out to be the same person, `apart`: those that are not."""

    contact: Contact
    phones: Sequence[ContactPhone]
    keys: Sequence[KeyKnown]
    signups: Sequence[tuple[Signup, str]]  # the latest first, with the campaign's name
    leads: Sequence[tuple[Lead, str]]
    facts: Sequence[Fact]
    consents: int  # scopes in force
    said: Sequence[Said]
    joined: Sequence[Joining]
    apart: Sequence[Apart]
    near: Sequence[Near]


def one(session: Session, contact_id: UUID) -> Person:
    """A customer (twelve statements).

    Raises:
        Missing: no such customer.
    """
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise Missing(contact=str(contact_id))
    signups = [
        (signup, campaign)
        for signup, campaign in session.execute(
            select(Signup, Campaign.name)
            .join(Campaign, Campaign.campaign_id == Signup.campaign_id)
            .where(Signup.contact_id == contact_id)
            .order_by(Signup.accepted_at.desc(), Signup.signup_id.desc())
        )
    ]
    joined = relations.joinings(session, contact_id)
    phones, identities = _of(session, ContactPhone, contact_id), _of(session, Identity, contact_id)
    return Person(
        contact=contact,
        phones=phones,
        keys=keys_known(
            identities,
            [signup for signup, _campaign in signups],
            {bytes(phone.phone_bidx): phone.masked for phone in phones},
            _crowds(session, identities),
        ),
        signups=signups,
        leads=_leads(session, contact_id),
        facts=list(_facts([signup for signup, _campaign in signups])),
        consents=len(session.scalars(select(Consent.scope_id).where(Consent.contact_id == contact_id)).all()),
        said=_said(session, contact_id),
        joined=joined,
        apart=relations.apart(session, contact_id, joined),
        near=near(session, contact_id, contact.name),
    )


def _of(session: Session, model: Any, contact_id: UUID) -> Sequence[Any]:
    return session.scalars(select(model).where(model.contact_id == contact_id).order_by(model.created_at)).all()


def _crowds(session: Session, identities: Sequence[Identity]) -> dict[Key, int]:
    """Accounts of these that name nobody, with the phones seen with them."""
    account = (CrowdedAccount.kind, CrowdedAccount.value_bidx)
    wanted = [(each.kind, each.value_bidx) for each in identities]
    rows = session.execute(select(*account, func.count()).where(tuple_(*account).in_(wanted)).group_by(*account))
    return {Key(kind, bytes(value)): phones for kind, value, phones in rows}


def _leads(session: Session, contact_id: UUID) -> list[tuple[Lead, str]]:
    rows = session.execute(
        select(Lead, Campaign.name)
        .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
        .where(Lead.contact_id == contact_id)
        .order_by(Lead.opened_at.desc())
    )
    return [(lead, campaign) for lead, campaign in rows]


def _said(session: Session, contact_id: UUID) -> list[Said]:
    rows = session.execute(
        select(ConsentEvent, ConsentText.kind, ConsentText.version, Campaign.name)
        .join(ConsentText, ConsentText.text_id == ConsentEvent.text_id)
        .join(Campaign, Campaign.campaign_id == ConsentText.campaign_id)
        .where(ConsentEvent.contact_id == contact_id)
        .order_by(ConsentEvent.at.desc(), ConsentEvent.event_id.desc())
    )
    return [Said(event.what, kind, version, name, event.at, event.signup_id) for event, kind, version, name in rows]


def _facts(signups: Sequence[Signup]) -> Iterator[Fact]:
    """The latest value of each fact; sign-ups come latest first."""
    for place, name, words in _TOLD:
        told = [(signup, value) for signup in signups if (value := getattr(signup, place).get(name)) not in (None, "")]
        if told:
            signup, value = told[0]
            yield Fact(name, value, words, signup, len({str(other) for _signup, other in told}) - 1)
