"""What somebody at a store has been told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.identity.permissions import Role
from shared.notifications.kinds import KINDS
from shared.notifications.models import Notification

_MANY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message. `details` holds codes and ids, such as `assignment_id`."""

    notification_id: UUID
    kind: str
    details: Mapping[str, Any]
    at: datetime
    read: bool


_SHOWN_ELSEWHERE = tuple(name for name, kind in KINDS.items() if kind.elsewhere)


def told_to(actor: Actor) -> ColumnElement[bool]:
    """Messages for the actor's stores or for owners where they are one, and not for one colleague only."""
    of_store = true() if actor.store_ids is None else Notification.store_id.in_(sorted(actor.store_ids))
    for_role = true() if actor.role is Role.DEALER_OWNER else Notification.audience == "store"
    to_me = or_(Notification.user_id.is_(None), Notification.user_id == actor.user_id)
    worth = Notification.kind.not_in(_SHOWN_ELSEWHERE)
    return and_(Notification.dealer_id == actor.dealer_id, of_store, for_role, to_me, worth)


def latest(session: Session, *, actor: Actor) -> list[Notice]:
    """The newest messages, newest first."""
    chosen = select(Notification).where(told_to(actor)).order_by(Notification.at.desc()).limit(_MANY)
    return [
        Notice(
            notification_id=row.notification_id,
            kind=row.kind,
            details=row.details,
            at=row.at,
            read=row.read_at is not None,
        )
        for row in session.scalars(chosen)
    ]


def unread(session: Session, *, actor: Actor) -> int:
    """How many messages nobody at the store has read."""
    chosen = select(func.count()).select_from(Notification).where(told_to(actor), Notification.read_at.is_(None))
    return session.execute(chosen).scalar_one()
