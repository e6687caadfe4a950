"""One lead as headquarters reads it: the person, the consent, and every store that was given it; two statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from hq.leads.lead_list import of_states
from shared.campaigns.models import Campaign, ConsentText, Scope
from shared.contacts.models import Consent, Contact, ContactPhone
from shared.dealers.models import Dealer, Store
from shared.identity.models import Staff
from shared.leads.models import Assignment, Hold, Lead, LeadEvent
from shared.notifications.models import Notification
from shared.platform.errors import Missing
from shared.signups.models import Signup


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine:
    """One giving of the lead to one store; `read_at`: when the store first saw it.

    `assignee`: who of the store works on it; None: nobody in particular.
    """

    assignment_id: UUID
    dealer: str
    store_id: UUID
    store: str
    stage: str
    hop: int
    offered_at: datetime
    deadline_at: datetime
    read_at: datetime | None
    ended_at: datetime | None
    assignee: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A consent that stands; `dealers`: how many its words name."""

    given_at: datetime
    version: int
    dealers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPage:
    """One lead as its page shows it.

    Attributes:
        phones: masked number, how it was verified.
        dealers: those that the lead's consent names.
        changed_at: when anything last happened to it; see `freshness`.
    """

    lead: Lead
    name: str | None
    phones: Sequence[tuple[str, str]]
    campaign: str
    held_by: GivenLine | None
    agreed: Sequence[Agreed]
    dealers: frozenset[UUID]
    changed_at: datetime
    given: Sequence[GivenLine] = field(default_factory=tuple)

    @property
    def consented(self) -> bool:
        """Whether the person lets some dealer have the number."""
        return bool(self.agreed)


_PHONES = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(ContactPhone.masked, ContactPhone.verified), ContactPhone.created_at
            )
        )
    )
    .where(ContactPhone.contact_id == Lead.contact_id)
    .correlate(Lead)
    .scalar_subquery()
)
_NAMED = select(func.count()).where(Scope.scope_id == Consent.scope_id).correlate(Consent).scalar_subquery()
_AGREED = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(Consent.given_at, ConsentText.version, _NAMED), Consent.given_at.desc()
            )
        )
    )
    .join(ConsentText, ConsentText.text_id == Consent.text_id)
    .where(Consent.contact_id == Lead.contact_id)
    .correlate(Lead)
    .scalar_subquery()
)
_DEALERS = (
    select(func.array_agg(Scope.dealer_id)).where(Scope.scope_id == Lead.scope_id).correlate(Lead).scalar_subquery()
)
_HOLDER = select(Hold.assignment_id).where(Hold.lead_id == Lead.lead_id).correlate(Lead).scalar_subquery()


def latest() -> Any:
    """When anything last happened to a lead: its state, its story, or what a store did with it; of a row of `leads`."""

    def last(column: Any, of: Any) -> ScalarSelect[Any]:
        return select(func.max(column)).where(of.lead_id == Lead.lead_id).correlate(Lead).scalar_subquery()

    return func.greatest(Lead.changed_at, last(LeadEvent.at, LeadEvent), last(Assignment.moved_at, Assignment))


def one(session: Session, lead_id: UUID) -> LeadPage:
    """A lead with the stores it was given to.

    Raises:
        Missing: no such lead.
    """
    row = session.execute(
        select(Lead, Contact.name, Campaign.name, _PHONES, _AGREED, _DEALERS, _HOLDER, latest())
        .join(Contact, Contact.contact_id == Lead.contact_id)
        .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
        .where(Lead.lead_id == lead_id)
    ).first()
    if row is None:
        raise Missing(lead=str(lead_id))
    lead, name, campaign, phones, agreed, dealers, holder, changed_at = row
    given = _given(session, lead_id)
    return LeadPage(
        lead=lead,
        name=name,
        phones=[(masked, verified) for masked, verified in phones or ()],
        campaign=campaign,
        given=given,
        agreed=[
            Agreed(given_at=datetime.fromisoformat(at), version=version, dealers=count)
            for at, version, count in agreed or ()
        ],
        dealers=frozenset(dealers or ()),
        changed_at=changed_at,
        held_by=next((line for line in given if line.assignment_id == holder), None),
    )


def _given(session: Session, lead_id: UUID) -> list[GivenLine]:
    notice_key = "offered:" + cast(Assignment.assignment_id, Text)
    rows = session.execute(
        select(Assignment, Dealer.name, Store.name, Notification.read_at, Staff.name)
        .join(Dealer, Dealer.dealer_id == Assignment.dealer_id)
        .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
        .outerjoin(Staff, (Staff.dealer_id == Assignment.dealer_id) & (Staff.user_id == Assignment.assignee))
        .outerjoin(
            Notification,
            and_(Notification.dealer_id == Assignment.dealer_id, Notification.idempotency_key == notice_key),
        )
        .where(Assignment.lead_id == lead_id)
        .order_by(Assignment.offered_at, Assignment.assignment_id)
    ).all()
    return [
        GivenLine(
            assignment_id=given.assignment_id,
            dealer=dealer,
            store_id=given.store_id,
            store=store,
            stage=given.stage,
            hop=given.hop,
            offered_at=given.offered_at,
            deadline_at=given.deadline_at,
            read_at=read_at,
            ended_at=given.ended_at,
            assignee=assignee,
        )
        for given, dealer, store, read_at, assignee in rows
    ]


def queues(session: Session) -> dict[str, int]:
    """How many leads wait for room, need a person and lie in the pool, as their lists have them (one statement)."""
    asks = of_states(["desk"])
    row = session.execute(
        select(
            func.count().filter(Lead.state == "waiting", Lead.aside_at.is_(None)).label("waiting"),
            func.count().filter(asks).label("desk"),
            func.count().filter(Lead.state == "pooled").label("pooled"),
        ).where(or_(Lead.state.in_(("waiting", "pooled")), asks))
    ).one()
    return {**row._mapping}


def in_quarantine(session: Session, contact_id: UUID) -> UUID | None:
    """The person's latest sign-up that stands in quarantine; its ring is found by it."""
    return session.scalar(
        select(Signup.signup_id)
        .where(Signup.contact_id == contact_id, Signup.outcome == "quarantined", Signup.aside_at.is_(None))
        .order_by(Signup.accepted_at.desc(), Signup.signup_id.desc())
        .limit(1)
    )
