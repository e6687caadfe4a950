"""Reading what one has been told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.notifications.models import Notification
from shared.notifications.queries import told_to


def mark_all_read(session: Session, *, actor: Actor, now: datetime) -> None:
    """Everything that the actor can see has been read."""
    session.execute(
        update(Notification)
        .where(told_to(actor), Notification.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
