"""Sign-ups as they came in. Fact columns are never updated; only state, contact and outcome move."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

SOURCES = ("api", "page", "import", "hand", "store")
#: How a consent was obtained that somebody else wrote down: said, on paper, in a message.
CONSENT_WAYS = ("spoken", "paper", "message")
STATES = ("received", "decided")
OUTCOMES = (
    "rejected",
    "quarantined",
    "no_consent",
    "loyalty",  # owns one already: for customer care, not for sales
    "nurture",  # content yes, dealer no: comes back when it is enough
    "below_threshold",  # closed: the grade is too low
    "duplicate",
    "withdrawn",
    "undone",  # its import was undone
    "in_lead",
)


class ApiClient(Base):
    """A mini-program or partner that may post sign-ups; its token is kept as SHA-256."""

    __tablename__ = "api_clients"

    client_id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaigns.campaign_id"))  # NULL: all campaigns
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Receipt(Base):
    """Proof that a sign-up was acknowledged; the left side of the books, and the idempotency key.

    The public page writes its own with the nil client and the form's nonce as key. When a key expires,
    `key` becomes NULL and the row stays.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index("uq_receipts_key", "client_id", "key", unique=True),
        Index("ix_receipts_expires_at", "expires_at", postgresql_where=text("key IS NOT NULL")),
    )

    signup_id: Mapped[Key]
    client_id: Mapped[UUID]
    key: Mapped[str | None]
    body_hmac: Mapped[bytes]
    accepted_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignupPayload(Base):
    """What the person sent, sealed (JSON: phone, openid, unionid, device, …), until its purge date."""

    __tablename__ = "signup_payloads"
    __table_args__ = (Index("ix_signup_payloads_purge_at", "purge_at"),)

    signup_id: Mapped[Key]
    sealed: Mapped[bytes]
    purge_at: Mapped[datetime]


class Signup(Base):
    """One person's one submission."""

    __tablename__ = "signups"
    __table_args__ = (
        one_of("source", SOURCES),
        one_of("state", STATES),
        one_of("outcome", OUTCOMES),
        one_of("consent_how", CONSENT_WAYS),
        Index(
            "ix_signups_due",
            "accepted_at",
            "signup_id",
            postgresql_where=text("state = 'received' AND aside_at IS NULL"),
        ),
        Index("ix_signups_campaign", "campaign_id", "accepted_at"),
        Index(
            "ix_signups_quarantined",
            "accepted_at",
            "signup_id",
            postgresql_where=text("outcome = 'quarantined' AND aside_at IS NULL"),
        ),
        Index("ix_signups_accepted", "accepted_at", "signup_id"),
        Index("ix_signups_contact", "contact_id", "campaign_id"),
        Index("ix_signups_lead", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        Index("ix_signups_phone", "phone_bidx", postgresql_where=text("phone_bidx IS NOT NULL")),
        Index("ix_signups_device", "device_bidx", "occurred_at", postgresql_where=text("device_bidx IS NOT NULL")),
        Index("ix_signups_inviter", "inviter_bidx", "occurred_at", postgresql_where=text("inviter_bidx IS NOT NULL")),
        Index("ix_signups_ip", "ip", "occurred_at", postgresql_where=text("ip IS NOT NULL")),
        Index(
            "ix_signups_outcome",
            "outcome",
            "accepted_at",
            "signup_id",
            postgresql_where=text("outcome IS NOT NULL AND aside_at IS NULL"),
        ),
        Index("ix_signups_aside", "accepted_at", "signup_id", postgresql_where=text("aside_at IS NOT NULL")),
        Index("ix_signups_import", "import_id", "signup_id", postgresql_where=text("import_id IS NOT NULL")),
    )

    signup_id: Mapped[Key]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.campaign_id"))
    source: Mapped[str]
    client_id: Mapped[UUID | None]  # API client
    import_id: Mapped[UUID | None]
    import_row: Mapped[int | None]  # the row as the person sees it in the file
    external_id: Mapped[str | None]  # 报名编号 of the file
    occurred_at: Mapped[datetime]
    accepted_at: Mapped[datetime]
    touchpoint: Mapped[str | None]  # store_qr, official_account, channels_live, community, moments, mini_program
    store_code: Mapped[str | None]  # the store whose code was scanned, as sent
    name: Mapped[str | None]
    phone_bidx: Mapped[bytes | None]  # NULL: no usable number
    phone_problem: Mapped[str | None]  # why not: phone_missing, phone_length, …
    phone_verified: Mapped[str]  # wechat, sms, none
    phone_virtual: Mapped[bool]  # a virtual operator's prefix
    openid_bidx: Mapped[bytes | None]
    unionid_bidx: Mapped[bytes | None]
    device_bidx: Mapped[bytes | None]
    inviter_bidx: Mapped[bytes | None]  # openid index of who invited
    ip: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    region: Mapped[dict[str, Any]]  # as sent: county_code | province, city, county | lng, lat, coord_sys; + phone_city
    interest: Mapped[dict[str, Any]]  # model, purchase_horizon, current_vehicle, budget
    actions: Mapped[dict[str, Any]]  # draws, booked_test_ride, visited_store, seconds_to_act, risk_rank
    marketing_text_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_texts.text_id"))
    share_text_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_texts.text_id"))
    consent_how: Mapped[str | None]  # NULL: the person ticked it; else one of CONSENT_WAYS, by whom the audit log says

    state: Mapped[str]
    outcome: Mapped[str | None]
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contacts.contact_id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.lead_id"))
    runs: Mapped[int]  # how often it was decided
    decided_at: Mapped[datetime | None]
    aside_at: Mapped[datetime | None]


# The columns that a decision moves; every other column of `signups` is a fact without an UPDATE grant.
MOVING = ("state", "outcome", "contact_id", "lead_id", "runs", "decided_at", "aside_at")
