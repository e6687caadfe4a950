"""What a store reads of the people it entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select, true
from sqlalchemy.orm import Session

from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.identity.models import Staff
from shared.identity.permissions import Role
from shared.leads.assignments import visible_to
from shared.leads.models import Assignment
from shared.platform.errors import Missing
from shared.walkins.models import WalkIn

_MANY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Somebody whom the store entered, and what became of it; see `WalkIn` for `state` and `code`.

    `is_open`: there is a lead, and the actor may open it: a salesperson not what a colleague works on.
    """

    walk_in_id: UUID
    store_name: str
    name: str
    phone: str
    touchpoint: str
    by: str
    state: str
    code: str | None
    assignment_id: UUID | None
    entered_at: datetime
    put_aside: bool
    is_open: bool

    @property
    def waits(self) -> bool:
        """Whether it is being checked."""
        return self.state in ("entered", "checking")


def latest(session: Session, *, actor: Actor) -> Sequence[Entered]:
    """The people entered last, the newest first: of the actor's stores, for a salesperson their own."""
    found = _select(_own(actor), actor).order_by(WalkIn.entered_at.desc(), WalkIn.walk_in_id).limit(_MANY)
    return [_entered(row) for row in session.execute(found)]


def one(session: Session, walk_in_id: UUID, *, actor: Actor) -> Entered:
    """One of them.

    Raises:
        Missing: no such walk-in, or not for the actor.
    """
    row = session.execute(_select(and_(_own(actor), WalkIn.walk_in_id == walk_in_id), actor)).one_or_none()
    if row is None:
        raise Missing(what="walk_in")
    return _entered(row)


def may_open(session: Session, walk_in_id: UUID, *, actor: Actor) -> bool:
    """Whether `one` would show it to the actor."""
    found = select(WalkIn.walk_in_id).where(_own(actor), WalkIn.walk_in_id == walk_in_id)
    return session.scalar(found) is not None


def _own(actor: Actor) -> ColumnElement[bool]:
    of_store = true() if actor.store_ids is None else WalkIn.store_id.in_(sorted(actor.store_ids))
    of_person = WalkIn.user_id == actor.user_id if actor.role is Role.SALESPERSON else true()
    return and_(WalkIn.dealer_id == actor.dealer_id, of_store, of_person)


def _select(where: ColumnElement[bool], actor: Actor) -> Select[WalkIn, str, str, bool]:
    store = and_(Store.dealer_id == WalkIn.dealer_id, Store.store_id == WalkIn.store_id)
    by = and_(Staff.dealer_id == WalkIn.dealer_id, Staff.user_id == WalkIn.user_id)
    lead = and_(
        Assignment.dealer_id == WalkIn.dealer_id, Assignment.assignment_id == WalkIn.assignment_id, visible_to(actor)
    )
    shown = (WalkIn, Store.name, Staff.name, Assignment.assignment_id.is_not(None))
    return select(*shown).join(Store, store).join(Staff, by).outerjoin(Assignment, lead).where(where)


def _entered(row: Row[WalkIn, str, str, bool]) -> Entered:
    one, store, by, is_open = row
    return Entered(
        walk_in_id=one.walk_in_id,
        store_name=store,
        name=one.name_masked,
        phone=one.phone_masked,
        touchpoint=one.touchpoint,
        by=by,
        state=one.state,
        code=one.code,
        assignment_id=one.assignment_id,
        entered_at=one.entered_at,
        put_aside=one.aside_at is not None,
        is_open=is_open,
    )
