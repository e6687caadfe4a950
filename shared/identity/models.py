"""Accounts and their sessions: headquarters' people, and the dealers' staff (tenant rows)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

ACCOUNT_STATES = ("invited", "active", "disabled")
HQ_ROLES = ("administrator", "operator", "content_editor", "analyst")
STAFF_ROLES = ("dealer_owner", "store_manager", "salesperson")


class AccountColumns:
    """What every account has. A login (a name or a phone) is kept as blind index and masked text only."""

    login_bidx: Mapped[bytes]
    login_masked: Mapped[str]
    phone_bidx: Mapped[bytes | None]  # as contacts have it, when the login is a phone: staff who take part are seen
    name: Mapped[str]
    role: Mapped[str]
    status: Mapped[str]
    password_hash: Mapped[str | None]
    locale: Mapped[str]
    invite_hash: Mapped[bytes | None]  # SHA-256 of the one link that is open; cleared when used
    invite_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(server_default=false())  # made up: a visitor of the demo may be them


class SessionColumns:
    """One sign-in on one device; the cookie holds the secret, the row its SHA-256."""

    secret_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    agent: Mapped[str]


class HqUser(AccountColumns, Base):
    """A person at headquarters."""

    __tablename__ = "hq_users"
    __table_args__ = (
        one_of("status", ACCOUNT_STATES),
        one_of("role", HQ_ROLES),
        Index("uq_hq_users_login", "login_bidx", unique=True),
        Index("ix_hq_users_phone", "phone_bidx", postgresql_where=text("phone_bidx IS NOT NULL")),
    )

    user_id: Mapped[Key]


class HqSession(SessionColumns, Base):
    """A session at headquarters."""

    __tablename__ = "hq_sessions"
    __table_args__ = (Index("ix_hq_sessions_user", "user_id"),)

    session_id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("hq_users.user_id"))


class Staff(AccountColumns, Base):
    """A person at a dealer. The owner sees all stores, others those of `StaffStore`."""

    __tablename__ = "staff"
    __table_args__ = (
        one_of("status", ACCOUNT_STATES),
        one_of("role", STAFF_ROLES),
        Index("uq_staff_login", "login_bidx", unique=True),
        Index("ix_staff_phone", "phone_bidx", postgresql_where=text("phone_bidx IS NOT NULL")),
    )

    dealer_id: Mapped[Key] = mapped_column(ForeignKey("dealers.dealer_id"))
    user_id: Mapped[Key]


class StaffStore(Base):
    """A store that a person works for."""

    __tablename__ = "staff_stores"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "user_id"], ["staff.dealer_id", "staff.user_id"]),
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
    )

    dealer_id: Mapped[Key]
    user_id: Mapped[Key]
    store_id: Mapped[Key]


class StaffSession(SessionColumns, Base):
    """A session in the dealer portal."""

    __tablename__ = "staff_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "user_id"], ["staff.dealer_id", "staff.user_id"]),
        Index("ix_staff_sessions_user", "dealer_id", "user_id"),
    )

    dealer_id: Mapped[Key]
    session_id: Mapped[Key]
    user_id: Mapped[UUID]
