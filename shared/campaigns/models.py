"""Campaigns, the words people agree to, and which dealers those words name."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.campaigns.face import PHONE_CHECKS
from shared.db.base import Base, Key
from shared.db.columns import one_of

CAMPAIGN_STATES = ("draft", "live", "closed")
#: `store`: what people are told who come to a store or call; each names one dealer.
CONSENT_KINDS = ("marketing", "share", "store")

#: The code of the campaign of people who come by themselves; it stands all the time and stays a draft.
STANDING = "walk-in"


class Campaign(Base):
    """A brand's campaign that people sign up to."""

    __tablename__ = "campaigns"
    __table_args__ = (one_of("status", CAMPAIGN_STATES), one_of("phone_check", PHONE_CHECKS))

    campaign_id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    phone_check: Mapped[str]  # whether the page takes a number only with the code that was sent to it
    created_at: Mapped[datetime]


class CampaignFace(Base):
    """One version of what a campaign shows; the highest is in force, the others stay (SAMR Order 32: two years)."""

    __tablename__ = "campaign_faces"

    campaign_id: Mapped[Key] = mapped_column(ForeignKey("campaigns.campaign_id"))
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]]  # see `shared.campaigns.face.Face`
    created_at: Mapped[datetime]


class ConsentScope(Base):
    """A set of dealers that a consent text names; never changed once a text uses it."""

    __tablename__ = "consent_scopes"

    scope_id: Mapped[Key]
    created_at: Mapped[datetime]


class Scope(Base):
    """One dealer of a consent scope."""

    __tablename__ = "scopes"

    scope_id: Mapped[Key] = mapped_column(ForeignKey("consent_scopes.scope_id"))
    dealer_id: Mapped[Key] = mapped_column(ForeignKey("dealers.dealer_id"))


class ConsentText(Base):
    """One version of one text; the highest version of a kind is what a campaign shows now."""

    __tablename__ = "consent_texts"
    __table_args__ = (
        one_of("kind", CONSENT_KINDS),
        UniqueConstraint("campaign_id", "kind", "version"),
        CheckConstraint("(kind <> 'marketing') = (scope_id IS NOT NULL)", name="share_names_dealers"),
    )

    text_id: Mapped[Key]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.campaign_id"))
    kind: Mapped[str]
    version: Mapped[int]
    body_zh: Mapped[str]
    body_en: Mapped[str]
    scope_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_scopes.scope_id"))
    created_at: Mapped[datetime]
