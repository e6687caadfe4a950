"""Sign-ups as headquarters reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hq.qualification.models import SignupDecision
from shared.campaigns.models import Campaign
from shared.contacts.models import ContactPhone
from shared.platform.errors import Missing
from shared.signups.models import Signup
from shared.web import paging


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupFilter:
    """What the address of the list asks for. `became`: an outcome, pending or aside."""

    became: str | None = None
    campaign_id: UUID | None = None
    source: str | None = None
    import_id: UUID | None = None
    name: str | None = None
    phone_index: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupLine:
    """A sign-up in the list."""

    signup_id: UUID
    accepted_at: datetime
    occurred_at: datetime
    campaign: str
    source: str
    touchpoint: str | None
    name: str | None
    phone: str | None  # masked; None when it could not be used
    phone_problem: str | None
    became: str
    lead_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupPage:
    """One sign-up with every decision about it, the latest first."""

    signup: Signup
    campaign: str
    phone: str | None
    became: str
    decisions: list[SignupDecision]


def became_of(signup: Signup) -> str:
    """Where a sign-up is: its outcome, pending or aside."""
    if signup.aside_at is not None:
        return "aside"
    return "pending" if signup.state == "received" else signup.outcome or "pending"


def page(session: Session, wanted: SignupFilter, *, after: str | None) -> paging.Page[SignupLine]:
    """A page of sign-ups, the one accepted last first."""
    query = _filtered(
        select(Signup, Campaign.name, ContactPhone.masked)
        .join(Campaign, Campaign.campaign_id == Signup.campaign_id)
        .outerjoin(ContactPhone, ContactPhone.phone_bidx == Signup.phone_bidx),
        wanted,
    )
    if after:
        query = query.where(paging.beyond((Signup.accepted_at, Signup.signup_id), after))
    rows = session.execute(
        query.order_by(Signup.accepted_at.desc(), Signup.signup_id.desc()).limit(paging.PAGE + 1)
    ).all()
    lines = [_line(signup, campaign, phone) for signup, campaign, phone in rows]
    return paging.page_of(lines, lambda line: (line.accepted_at, line.signup_id), after=after)


def one(session: Session, signup_id: UUID) -> SignupPage:
    """A sign-up.

    Raises:
        Missing: no such sign-up.
    """
    row = session.execute(
        select(Signup, Campaign.name, ContactPhone.masked)
        .join(Campaign, Campaign.campaign_id == Signup.campaign_id)
        .outerjoin(ContactPhone, ContactPhone.phone_bidx == Signup.phone_bidx)
        .where(Signup.signup_id == signup_id)
    ).first()
    if row is None:
        raise Missing(signup=str(signup_id))
    signup, campaign, phone = row
    decisions = session.scalars(
        select(SignupDecision).where(SignupDecision.signup_id == signup_id).order_by(SignupDecision.run.desc())
    ).all()
    return SignupPage(
        signup=signup, campaign=campaign, phone=phone, became=became_of(signup), decisions=list(decisions)
    )


def _filtered(query: Select[Any, Any, Any], wanted: SignupFilter) -> Select[Any, Any, Any]:
    if wanted.became == "aside":
        query = query.where(Signup.aside_at.is_not(None))
    elif wanted.became == "pending":
        query = query.where(Signup.state == "received", Signup.aside_at.is_(None))
    elif wanted.became:
        query = query.where(Signup.outcome == wanted.became, Signup.aside_at.is_(None))
    if wanted.campaign_id:
        query = query.where(Signup.campaign_id == wanted.campaign_id)
    if wanted.source:
        query = query.where(Signup.source == wanted.source)
    if wanted.import_id:
        query = query.where(Signup.import_id == wanted.import_id)
    if wanted.name:
        query = query.where(Signup.name.contains(wanted.name, autoescape=True))
    if wanted.phone_index:
        query = query.where(Signup.phone_bidx == wanted.phone_index)
    return query


def _line(signup: Signup, campaign: str, phone: str | None) -> SignupLine:
    return SignupLine(
        signup_id=signup.signup_id,
        accepted_at=signup.accepted_at,
        occurred_at=signup.occurred_at,
        campaign=campaign,
        source=signup.source,
        touchpoint=signup.touchpoint,
        name=signup.name,
        phone=phone,
        phone_problem=signup.phone_problem,
        became=became_of(signup),
        lead_id=signup.lead_id,
    )
