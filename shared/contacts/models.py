"""One person after matching: identities, phones, and what the person allowed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

IDENTITY_KINDS = ("phone", "openid", "unionid", "external")


class Contact(Base):
    """A customer. A merged contact points to the one that lives on."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_created", "created_at", "contact_id"),
        Index("ix_contacts_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        # Letter by letter, since Chinese names are too short for trigrams.
        Index("ix_contacts_name_letters", text("string_to_array(name, NULL)"), postgresql_using="gin"),
    )

    contact_id: Mapped[Key]
    name: Mapped[str | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("contacts.contact_id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Identity(Base):
    """A key that is one person's: the blind index of a phone, an openid, …"""

    __tablename__ = "identities"
    __table_args__ = (one_of("kind", IDENTITY_KINDS), Index("ix_identities_contact", "contact_id"))

    kind: Mapped[str] = mapped_column(primary_key=True)
    value_bidx: Mapped[bytes] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.contact_id"))
    signup_id: Mapped[UUID]  # the sign-up that brought it
    created_at: Mapped[datetime]


class ContactPhone(Base):
    """A phone number of a contact, sealed; found by blind index of the whole number or its last four digits."""

    __tablename__ = "contact_phones"
    __table_args__ = (
        Index("ix_contact_phones_contact", "contact_id"),
        Index("ix_contact_phones_last4", "last4_bidx"),
    )

    phone_bidx: Mapped[bytes] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.contact_id"))
    last4_bidx: Mapped[bytes]
    sealed: Mapped[bytes]
    masked: Mapped[str]  # 138****0000
    verified: Mapped[str]  # wechat, sms, none
    created_at: Mapped[datetime]


class Consent(Base):
    """The person allows the dealers of a scope to have the phone. Withdrawn: the row is gone, the event stays."""

    __tablename__ = "consents"

    contact_id: Mapped[Key] = mapped_column(ForeignKey("contacts.contact_id"))
    scope_id: Mapped[Key] = mapped_column(ForeignKey("consent_scopes.scope_id"))
    text_id: Mapped[UUID] = mapped_column(ForeignKey("consent_texts.text_id"))
    signup_id: Mapped[UUID]
    given_at: Mapped[datetime]


class ConsentEvent(Base):
    """Append-only: every giving and withdrawing of a consent, in which words and when."""

    __tablename__ = "consent_events"
    __table_args__ = (
        one_of("what", ("given", "withdrawn")),
        Index("ix_consent_events_contact", "contact_id", "at"),
        Index("uq_consent_events_given", "signup_id", "text_id", unique=True, postgresql_where=text("what = 'given'")),
    )

    event_id: Mapped[Key]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.contact_id"))
    text_id: Mapped[UUID] = mapped_column(ForeignKey("consent_texts.text_id"))
    signup_id: Mapped[UUID | None]
    what: Mapped[str]
    at: Mapped[datetime]
