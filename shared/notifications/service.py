"""Reading what one has been told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.notifications.models import NoticePerson, NoticeRead, Notification
from shared.notifications.queries import desk_of, is_unread, told_to

# A notice has the time at which its transaction began; one that is committed only now must not count as read.
_STILL_COMING: Final = timedelta(minutes=10)


def mark_read(session: Session, *, actor: Actor, ids: Collection[UUID], now: datetime) -> None:
    """The actor has read these; ids that are not for them are left alone."""
    chosen = (told_to(actor), Notification.notification_id.in_(sorted(ids)))
    _note(session, actor, now, *chosen)


def mark_all_read(session: Session, *, actor: Actor, now: datetime) -> None:
    """The actor has read everything that there is for them."""
    _note(session, actor, now, told_to(actor))
    until = now - _STILL_COMING
    row = insert_unless_there(NoticePerson).values(
        dealer_id=desk_of(actor), user_id=actor.user_id, seen_until=until, choices={}
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["dealer_id", "user_id"],
            set_={"seen_until": func.greatest(NoticePerson.seen_until, row.excluded.seen_until)},
        )
    )
    own = (NoticeRead.dealer_id == desk_of(actor), NoticeRead.user_id == actor.user_id)
    session.execute(delete(NoticeRead).where(*own, NoticeRead.notice_at <= until))


def _note(session: Session, actor: Actor, now: datetime, *chosen: ColumnElement[bool]) -> None:
    """Write down what the actor reads, and when somebody read it first."""
    found = select(Notification.dealer_id, literal(actor.user_id), Notification.notification_id, Notification.at).where(
        *chosen, is_unread(actor)
    )
    columns = ["dealer_id", "user_id", "notification_id", "notice_at"]
    reads = insert_unless_there(NoticeRead).from_select(columns, found.order_by(Notification.notification_id))
    first = update(Notification).where(*chosen, is_unread(actor), Notification.read_at.is_(None))
    session.execute(first.values(read_at=now).execution_options(synchronize_session=False))
    session.execute(reads.on_conflict_do_nothing())
