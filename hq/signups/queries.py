"""Sign-ups as headquarters reads them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.qualification.models import SignupDecision
from shared.campaigns.models import Campaign
from shared.contacts.models import ContactPhone
from shared.platform.errors import Missing
from shared.signups.models import Signup


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
