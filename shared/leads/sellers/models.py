"""Who of a store gets its leads: how the store gives them out, whose turn it is, who is on duty, what was given."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key
from shared.db.columns import one_of


class Way(StrEnum):
    """Who of a store gets a new lead."""

    CLAIM = "claim"  # whoever claims it
    MANAGER = "manager"  # whom the manager gives it to
    TURN = "turn"  # each in turn of those on duty


class How(StrEnum):
    """How somebody came to a lead without claiming it."""

    TURN = "turn"  # it was their turn when the manager claimed
    HAND = "hand"  # somebody gave it to them
    SHARE = "share"  # many were shared out
    BACK = "back"  # a giving was taken back


WAYS: Final = tuple(way.value for way in Way)
HOWS: Final = tuple(how.value for how in How)


class StoreGiving(Base):
    """How a store gives out its leads; without a row whoever claims has it. Its lock guards the store's turns."""

    __tablename__ = "store_giving"
    __table_args__ = (
        one_of("way", WAYS),
        CheckConstraint("round >= 0", name="round_not_negative"),
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
    )

    dealer_id: Mapped[Key]
    store_id: Mapped[Key]
    way: Mapped[str]
    round: Mapped[int]  # nobody's turn counts for less, so that who was away is next but not flooded
    changed_at: Mapped[datetime]


class SellerTurn(Base):
    """How many rounds of a store somebody has had; who never had one begins with the store's round."""

    __tablename__ = "seller_turns"
    __table_args__ = (ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),)

    dealer_id: Mapped[Key]
    store_id: Mapped[Key]
    user_id: Mapped[Key]
    turn: Mapped[int]
    given_at: Mapped[datetime]


class StaffDuty(Base):
    """When somebody is not on duty. Without a row, or without `off_since`, they are."""

    __tablename__ = "staff_duty"
    __table_args__ = (ForeignKeyConstraint(["dealer_id", "user_id"], ["staff.dealer_id", "staff.user_id"]),)

    dealer_id: Mapped[Key]
    user_id: Mapped[Key]
    off_since: Mapped[datetime | None]
    back_on: Mapped[date | None]  # the first Beijing day on duty again; NULL: until they say so


class LeadGiving(Base):
    """Append-only: a lead of a store was given to somebody who had not claimed it, or back to everybody."""

    __tablename__ = "lead_givings"
    __table_args__ = (
        one_of("how", HOWS),
        ForeignKeyConstraint(["dealer_id", "assignment_id"], ["assignments.dealer_id", "assignments.assignment_id"]),
        Index("ix_lead_givings_assignment", "dealer_id", "assignment_id", "at"),
        Index("ix_lead_givings_batch", "dealer_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index("ix_lead_givings_due", "at", postgresql_where=text("told_at IS NULL AND aside_at IS NULL")),
    )

    dealer_id: Mapped[Key]
    giving_id: Mapped[Key]
    assignment_id: Mapped[UUID]
    to_user: Mapped[UUID | None]  # None: everybody at the store
    from_user: Mapped[UUID | None]  # who had it before
    by_user: Mapped[UUID | None]
    how: Mapped[str]
    batch_id: Mapped[UUID | None]  # of leads that were shared out at once
    turn_at: Mapped[datetime | None]  # the turn of `to_user` that it was; NULL: none
    turn_before: Mapped[datetime | None]  # when they had had the last one
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # when whom it concerns was told
    aside_at: Mapped[datetime | None]
