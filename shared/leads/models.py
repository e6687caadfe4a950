"""Leads (headquarters' record), assignments (the store's record), holds (the claim), customer cards, follow-ups."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.leads.lifecycle import Move, Stage, after

LEAD_STATES = ("waiting", "placed", "desk", "pooled", "won", "lost", "closed")
STAGES = (
    "offered",
    "claimed",
    "contacted",
    "appointment",
    "visited",
    "won",
    "lost",
    "declined",
    "expired",
    "taken",
    "recalled",
    "recycled",
)
GRADES = ("A", "B", "C", "D")
DUE_KINDS = ("contact", "follow_up")
BREACH_KINDS = ("claim", *DUE_KINDS)
FOLLOW_UP_KINDS = ("claim", "decline", "call", "message", "visit", "appointment", "note", "won", "lost", "reveal")


class Lead(Base):
    """One person's open wish to buy. `placed`: live assignments exist; whether it is held is read from `holds`."""

    __tablename__ = "leads"
    __table_args__ = (
        one_of("state", LEAD_STATES),
        one_of("grade", GRADES),
        CheckConstraint(
            "(closed_at IS NULL) = (state IN ('waiting', 'placed', 'desk', 'pooled'))", name="closed_when_over"
        ),
        Index("uq_leads_open_contact", "contact_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_leads_due", "due_at", "lead_id", postgresql_where=text("state = 'waiting' AND aside_at IS NULL")),
        Index("ix_leads_opened", "opened_at", "lead_id"),
        Index(
            "ix_leads_suspected",
            "opened_at",
            "lead_id",
            postgresql_where=text("state = 'placed' AND (state_reason ->> 'code') IN ('suspected', 'escalated')"),
        ),
        Index("ix_leads_state", "state", "opened_at"),
        Index("ix_leads_placed", "lead_id", postgresql_where=text("state = 'placed'")),
        Index("ix_leads_campaign", "campaign_id", "opened_at"),
        Index("ix_leads_contact", "contact_id"),
        Index("ix_leads_grade", "grade", "lead_id"),
        Index("ix_leads_points", "points", "lead_id"),
    )

    lead_id: Mapped[Key]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.contact_id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.campaign_id"))  # of the sign-up that opened it
    scope_id: Mapped[UUID] = mapped_column(ForeignKey("consent_scopes.scope_id"))  # dealers it may go to
    state: Mapped[str]
    state_reason: Mapped[dict[str, Any]]  # {"code": …, params}: why it waits, is on the desk, or was closed
    grade: Mapped[str]
    points: Mapped[int]
    probability: Mapped[float]
    reasons: Mapped[list[Any]]  # of the score: [{"fact", "bin", "points"}]
    wish: Mapped[dict[str, Any]]  # model, purchase_horizon, current_vehicle, budget, booked_test_ride
    place: Mapped[dict[str, Any]]  # lng, lat (WGS-84), source, uncertainty_km, division code; {} when unknown
    store_code: Mapped[str | None]  # scanned
    hops: Mapped[int]  # stores that let it go
    due_at: Mapped[datetime]  # when routing looks at it next
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    aside_at: Mapped[datetime | None]


class LeadEvent(Base):
    """Append-only: the story of a lead, from first sign-up to sale. `dealer_id` is not a tenant here: HQ only."""

    __tablename__ = "lead_events"
    __table_args__ = (Index("ix_lead_events_lead", "lead_id", "at", "event_id"),)

    event_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    kind: Mapped[str]  # opened, strengthened, offered, waiting, desk, claimed, declined, expired, …
    details: Mapped[dict[str, Any]]
    actor: Mapped[str]  # "system" or the user's name
    at: Mapped[datetime]


class Assignment(Base):
    """One giving of a lead to one store. The store moves `stage`; headquarters ends it (`ended_at`)."""

    __tablename__ = "assignments"
    __table_args__ = (
        one_of("stage", STAGES),
        one_of("grade", GRADES),
        one_of("due_kind", DUE_KINDS),
        CheckConstraint("(due_at IS NULL) = (due_kind IS NULL)", name="due_whole"),
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        ForeignKeyConstraint(["scope_id", "dealer_id"], ["scopes.scope_id", "scopes.dealer_id"]),
        ForeignKeyConstraint(
            ["live_contact_id", "live_scope_id"],
            ["consents.contact_id", "consents.scope_id"],
            name="fk_assignments_consent",
        ),
        UniqueConstraint("dealer_id", "assignment_id", "live_lead_id", name="uq_assignments_live"),
        Index("ix_assignments_store_stage", "dealer_id", "store_id", "stage", "offered_at"),
        Index("ix_assignments_lead", "lead_id"),
        Index("ix_assignments_offered", "offered_at"),
        Index("ix_assignments_expired", "ended_at", "store_id", postgresql_where=text("stage = 'expired'")),
        Index("ix_assignments_contact", "live_contact_id", postgresql_where=text("live_contact_id IS NOT NULL")),
        Index(
            "ix_assignments_deadline",
            "deadline_at",
            "lead_id",
            postgresql_where=text("stage = 'offered' AND ended_at IS NULL"),
        ),
        Index(
            "ix_assignments_unsettled",
            "moved_at",
            postgresql_where=text("settled_at IS DISTINCT FROM moved_at AND aside_at IS NULL"),
        ),
        Index("ix_assignments_recycle", "recycle_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_assignments_alarm", "alarm_at", "assignment_id", postgresql_where=text("alarm_at IS NOT NULL")),
        Index(
            "ix_assignments_card",
            "card_due_at",
            postgresql_where=text("card_due_at IS NOT NULL AND ended_at IS NULL"),
        ),
        Index("ix_assignments_hq", "hq_at", postgresql_where=text("ended_at IS NULL AND hq_at IS NOT NULL")),
    )

    dealer_id: Mapped[Key]
    assignment_id: Mapped[Key]
    store_id: Mapped[UUID]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.contact_id"))
    scope_id: Mapped[UUID]
    stage: Mapped[str]
    grade: Mapped[str]
    offer: Mapped[dict[str, Any]]  # what the store may see before it claims: district, km, wish, reasons, why here
    hop: Mapped[int]  # 1 for the first store
    assignee: Mapped[UUID | None]  # a member of staff
    offered_at: Mapped[datetime]
    deadline_at: Mapped[datetime]  # claim before this, in the store's working hours
    moved_at: Mapped[datetime]  # the store's last move
    settled_at: Mapped[datetime | None]  # the `moved_at` that headquarters has followed
    due_at: Mapped[datetime | None]  # of a held lead: the first contact or the next follow-up, see `due_kind`
    due_kind: Mapped[str | None]
    remind_at: Mapped[datetime | None]  # of what is due (an offer: of the claim); NULL: done, or not to be done
    breached_at: Mapped[datetime | None]  # when it was written down that `due_at` had passed
    owner_at: Mapped[datetime | None]  # the dealer's owner is told then; NULL as for `remind_at`
    hq_at: Mapped[datetime | None]  # and headquarters then
    recycle_at: Mapped[datetime | None]  # taken back then, unless worked
    ended_at: Mapped[datetime | None]  # no longer live
    end_reason: Mapped[dict[str, Any]]
    aside_at: Mapped[datetime | None]
    card_due_at: Mapped[datetime | None]  # claimed from the pool, the customer's card is not sealed yet; since then

    # The next thing that the clock does with it, except ending it and telling headquarters.
    alarm_at: Mapped[datetime | None] = mapped_column(
        Computed(
            "CASE WHEN ended_at IS NULL"
            " THEN LEAST(remind_at, owner_at, CASE WHEN breached_at IS NULL THEN due_at END) END",
            persisted=True,
        )
    )
    live_lead_id: Mapped[UUID | None] = mapped_column(
        Computed("CASE WHEN ended_at IS NULL THEN lead_id END", persisted=True)
    )
    live_contact_id: Mapped[UUID | None] = mapped_column(
        Computed("CASE WHEN ended_at IS NULL THEN contact_id END", persisted=True)
    )
    live_scope_id: Mapped[UUID | None] = mapped_column(
        Computed("CASE WHEN ended_at IS NULL THEN scope_id END", persisted=True)
    )

    def move(self, move: Move, *, at: datetime) -> None:
        """Go to the next stage.

        Raises:
            IllegalMove: not from here.
        """
        self.stage = self.after(move)
        self.moved_at = at

    def after(self, move: Move) -> Stage:
        """The stage that a move leads to.

        Raises:
            IllegalMove: not from here.
        """
        return after(Stage(self.stage), move)

    def was_moved(self, **written: Any) -> None:
        """Take over what a statement has written, so that the session does not write it again."""
        for name, value in written.items():
            set_committed_value(self, name, value)


class Breach(Base):
    """Append-only: a deadline that passed. `due_at` is that moment to the second, whenever somebody noticed."""

    __tablename__ = "breaches"
    __table_args__ = (
        one_of("kind", BREACH_KINDS),
        ForeignKeyConstraint(["dealer_id", "assignment_id"], ["assignments.dealer_id", "assignments.assignment_id"]),
        Index("ix_breaches_store", "dealer_id", "store_id", "due_at"),
    )

    dealer_id: Mapped[Key]
    assignment_id: Mapped[Key]
    kind: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    store_id: Mapped[UUID]
    recorded_at: Mapped[datetime]


class Hold(Base):
    """Whoever inserts this row has the lead. Only a live assignment of that dealer and lead can be held."""

    __tablename__ = "holds"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dealer_id", "assignment_id", "lead_id"],
            ["assignments.dealer_id", "assignments.assignment_id", "assignments.live_lead_id"],
            name="fk_holds_live_assignment",
        ),
        Index("ix_holds_assignment", "dealer_id", "assignment_id"),
    )

    lead_id: Mapped[Key]
    dealer_id: Mapped[UUID]
    assignment_id: Mapped[UUID]
    held_at: Mapped[datetime]


class CustomerCard(Base):
    """The customer's name and phone, sealed for one assignment; readable only with the hold, deleted when it goes."""

    __tablename__ = "customer_cards"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "assignment_id"], ["assignments.dealer_id", "assignments.assignment_id"]),
    )

    dealer_id: Mapped[Key]
    assignment_id: Mapped[Key]
    sealed: Mapped[bytes]  # JSON: name, phones; AAD names table, dealer, assignment, field, key id


class FollowUp(Base):
    """What a store did with a lead: a call, a message, a visit, with its result. Also claims and declines."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        one_of("kind", FOLLOW_UP_KINDS),
        ForeignKeyConstraint(["dealer_id", "assignment_id"], ["assignments.dealer_id", "assignments.assignment_id"]),
        Index("ix_follow_ups_assignment", "dealer_id", "assignment_id", "at"),
        Index("ix_follow_ups_next", "dealer_id", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    dealer_id: Mapped[Key]
    follow_up_id: Mapped[Key]  # made by the client: sent twice is stored once
    assignment_id: Mapped[UUID]
    kind: Mapped[str]
    result: Mapped[str | None]  # a code: no_answer, interested, wrong_number, too_far, …
    note: Mapped[str]
    next_at: Mapped[datetime | None]
    user_id: Mapped[UUID]
    at: Mapped[datetime]
    written_at: Mapped[datetime | None]  # on a phone without network, before it could be sent; by the phone's clock
