"""What a store wrote down about somebody who came in or called (a tenant row; headquarters makes a sign-up of it)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key
from shared.db.columns import one_of

STATES = ("entered", "checking", "held", "refused")


class WalkIn(Base):
    """One person whom a store entered. The name and number are sealed, and gone once it is a sign-up.

    `entered`: nobody has read it yet. `checking`: it is a sign-up that is matched and screened. `held`: the store has
    the lead (`assignment_id`). `refused`: it has not, and `code` says why.
    """

    __tablename__ = "walk_ins"
    __table_args__ = (
        one_of("state", STATES),
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        ForeignKeyConstraint(["dealer_id", "user_id"], ["staff.dealer_id", "staff.user_id"]),
        CheckConstraint("(state = 'held') = (assignment_id IS NOT NULL)", name="held_has_assignment"),
        Index("ix_walk_ins_store", "dealer_id", "store_id", "entered_at"),
        Index("ix_walk_ins_phone", "dealer_id", "phone_bidx"),
        Index("ix_walk_ins_known", "decided_at", postgresql_where=text("code = 'known'")),
        Index(
            "ix_walk_ins_due",
            "entered_at",
            postgresql_where=text("state IN ('entered', 'checking') AND aside_at IS NULL"),
        ),
    )

    dealer_id: Mapped[Key]
    walk_in_id: Mapped[Key]  # made by the form: sent twice is stored once
    store_id: Mapped[UUID]
    user_id: Mapped[UUID]  # the member of staff who entered it
    touchpoint: Mapped[str]  # walk_in, phone_call
    name_masked: Mapped[str]
    phone_masked: Mapped[str]
    phone_bidx: Mapped[bytes]
    sealed: Mapped[bytes | None]  # JSON: name, phone, note; NULL once it is a sign-up
    region: Mapped[dict[str, Any]]
    interest: Mapped[dict[str, Any]]
    consent_text: Mapped[str]  # the words that were read to the person
    consent_how: Mapped[str]  # see `shared.signups.models.CONSENT_WAYS`
    entered_at: Mapped[datetime]

    state: Mapped[str]
    code: Mapped[str | None]  # why it is refused
    signup_id: Mapped[UUID | None]
    assignment_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    aside_at: Mapped[datetime | None]


# The columns that headquarters' worker moves; all others are the store's word, without an UPDATE grant.
MOVING = ("state", "code", "signup_id", "assignment_id", "sealed", "decided_at", "aside_at")
