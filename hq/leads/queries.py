"""Leads as headquarters reads them: the list, and one lead with its whole story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from shared.campaigns.models import Campaign
from shared.contacts.models import Consent, Contact, ContactPhone
from shared.dealers.models import Dealer, Store
from shared.leads.models import Assignment, Hold, Lead
from shared.platform.errors import Missing
from shared.web import paging


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """What the address of the list asks for; None and empty mean everything.

    Attributes:
        state: waiting, offered (placed and not held), held, desk, won, lost, closed.
        phone_indexes: blind indexes of the number, whole or last four, that was searched for.
    """

    state: str | None = None
    grade: str | None = None
    campaign_id: UUID | None = None
    store_id: UUID | None = None
    name: str | None = None
    phone_indexes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadLine:
    """A lead in the list."""

    lead_id: UUID
    name: str | None
    phone: str | None  # masked
    campaign: str
    grade: str
    probability: float
    state: str
    held: bool
    reason: dict[str, Any]
    store: str | None  # the store that holds it, or one it is offered to
    stage: str | None
    deadline_at: datetime | None
    opened_at: datetime


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


_SHOWN_PHONE = (
    select(ContactPhone.masked)
    .where(ContactPhone.contact_id == Lead.contact_id)
    .order_by(ContactPhone.created_at)
    .limit(1)
    .correlate(Lead)
    .scalar_subquery()
)
# A store works on it, and a ring showed since: only a person may end that.
_IS_SUSPECTED = and_(Lead.state == "placed", Lead.state_reason["code"].astext == "suspected")
_IS_HELD = exists(select(1).where(Hold.lead_id == Lead.lead_id).correlate(Lead))


def page(session: Session, wanted: LeadFilter, *, after: str | None) -> paging.Page[LeadLine]:
    """A page of leads, the newest first."""
    query = (
        select(Lead, Contact.name, _SHOWN_PHONE, Campaign.name, _IS_HELD)
        .join(Contact, Contact.contact_id == Lead.contact_id)
        .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
    )
    query = _filtered(query, wanted)
    if after:
        query = query.where(paging.beyond((Lead.opened_at, Lead.lead_id), after))
    rows = session.execute(query.order_by(Lead.opened_at.desc(), Lead.lead_id.desc()).limit(paging.PAGE + 1)).all()
    live = _live(session, [row[0].lead_id for row in rows])
    lines = [
        _line(lead, name, phone, campaign, held, live.get(lead.lead_id)) for lead, name, phone, campaign, held in rows
    ]
    return paging.page_of(lines, lambda line: (line.opened_at, line.lead_id), after=after)


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


def counts(session: Session) -> dict[str, int]:
    """Leads per state, held ones apart from those that are only offered."""
    rows = session.execute(select(Lead.state, _IS_HELD, func.count()).group_by(Lead.state, _IS_HELD)).all()
    found: dict[str, int] = {}
    for state, held, count in rows:
        name = ("held" if held else "offered") if state == "placed" else state
        found[name] = found.get(name, 0) + count
    return found


def _filtered(query: Select[Any, Any, Any, Any, Any], wanted: LeadFilter) -> Select[Any, Any, Any, Any, Any]:
    if wanted.state in ("offered", "held"):
        query = query.where(Lead.state == "placed", _IS_HELD if wanted.state == "held" else ~_IS_HELD)
    elif wanted.state == "desk":
        query = query.where(or_(Lead.state == "desk", _IS_SUSPECTED))
    elif wanted.state:
        query = query.where(Lead.state == wanted.state)
    if wanted.grade:
        query = query.where(Lead.grade == wanted.grade)
    if wanted.campaign_id:
        query = query.where(Lead.campaign_id == wanted.campaign_id)
    if wanted.name:
        query = query.where(Contact.name.contains(wanted.name, autoescape=True))
    if wanted.store_id:
        query = query.where(
            exists(
                select(1).where(
                    Assignment.lead_id == Lead.lead_id,
                    Assignment.store_id == wanted.store_id,
                )
            )
        )
    if wanted.phone_indexes:
        query = query.where(
            exists(
                select(1).where(
                    ContactPhone.contact_id == Lead.contact_id,
                    ContactPhone.phone_bidx.in_(wanted.phone_indexes)
                    | ContactPhone.last4_bidx.in_(wanted.phone_indexes),
                )
            )
        )
    return query


def _live(session: Session, lead_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str, datetime]]:
    """Per lead: the store that has it now (the one that holds it, else the first it is offered to)."""
    rows = session.execute(
        select(Assignment.lead_id, Store.name, Assignment.stage, Assignment.deadline_at)
        .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
        .where(Assignment.live_lead_id.in_(lead_ids))
        .order_by((Assignment.stage == "offered").desc(), Assignment.offered_at.desc())
    ).all()
    return {lead_id: (store, stage, deadline) for lead_id, store, stage, deadline in rows}


def _line(
    lead: Lead,
    name: str | None,
    phone: str | None,
    campaign: str,
    held: bool,
    live: tuple[str, str, datetime] | None,
) -> LeadLine:
    store, stage, deadline = live or (None, None, None)
    return LeadLine(
        lead_id=lead.lead_id,
        name=name,
        phone=phone,
        campaign=campaign,
        grade=lead.grade,
        probability=lead.probability,
        state=lead.state,
        held=held,
        reason=lead.state_reason,
        store=store,
        stage=stage,
        deadline_at=deadline if stage == "offered" else None,
        opened_at=lead.opened_at,
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
