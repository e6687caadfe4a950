"""Leads as headquarters reads them: the list, and one lead with its whole story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.campaigns.models import Campaign
from shared.contacts.models import Consent, Contact, ContactPhone
from shared.dealers.models import Dealer, Store
from shared.leads.models import Assignment, Hold, Lead
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine:
    """One giving of the lead to one store."""

    assignment_id: UUID
    dealer: str
    store_id: UUID
    store: str
    stage: str
    hop: int
    km: float | None
    offered_at: datetime
    deadline_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPage:
    """One lead as its page shows it."""

    lead: Lead
    name: str | None
    phones: Sequence[tuple[str, str]]  # masked number, how it was verified
    campaign: str
    held_by: GivenLine | None
    consented: bool  # the person lets some dealer have the number
    given: Sequence[GivenLine] = field(default_factory=tuple)


def one(session: Session, lead_id: UUID) -> LeadPage:
    """A lead with the stores it was given to.

    Raises:
        Missing: no such lead.
    """
    row = session.execute(
        select(Lead, Contact.name, Campaign.name)
        .join(Contact, Contact.contact_id == Lead.contact_id)
        .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
        .where(Lead.lead_id == lead_id)
    ).first()
    if row is None:
        raise Missing(lead=str(lead_id))
    lead, name, campaign = row
    phones = session.execute(
        select(ContactPhone.masked, ContactPhone.verified)
        .where(ContactPhone.contact_id == lead.contact_id)
        .order_by(ContactPhone.created_at)
    ).all()
    given = _given(session, lead_id)
    holder = session.scalar(select(Hold.assignment_id).where(Hold.lead_id == lead_id))
    return LeadPage(
        lead=lead,
        name=name,
        phones=[(masked, verified) for masked, verified in phones],
        campaign=campaign,
        given=given,
        consented=session.scalar(select(exists().where(Consent.contact_id == lead.contact_id))) is True,
        held_by=next((line for line in given if line.assignment_id == holder), None),
    )


def _given(session: Session, lead_id: UUID) -> list[GivenLine]:
    rows = session.execute(
        select(Assignment, Dealer.name, Store.name)
        .join(Dealer, Dealer.dealer_id == Assignment.dealer_id)
        .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
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
            km=given.offer.get("km"),
            offered_at=given.offered_at,
            deadline_at=given.deadline_at,
            ended_at=given.ended_at,
        )
        for given, dealer, store in rows
    ]
