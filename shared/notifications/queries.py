"""What somebody has been told, and what of it they have not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from shared.dealers.models import Store
from shared.identity.actor import Actor
from shared.identity.permissions import PERMISSIONS, Role
from shared.leads.models import Assignment
from shared.notifications.kinds import KINDS
from shared.notifications.models import NoticePerson, NoticeRead, Notification
from shared.platform.errors import Missing
from shared.platform.ids import NIL

PAGE: Final = 60
MOST_COUNTED: Final = 100  # a badge says 99+ from here on
KEPT: Final = timedelta(days=90)
_ELSEWHERE = tuple(name for name, kind in KINDS.items() if kind.elsewhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice. `details` holds codes and ids, such as `assignment_id`; `store`: where it happened, if known."""

    notification_id: UUID
    kind: str
    details: Mapping[str, Any]
    at: datetime
    read: bool
    store: str = ""

    @property
    def deadline(self) -> datetime | None:
        """Until when something is to be done, where it says so."""
        return deadline_of(self.details)


def deadline_of(details: Mapping[str, Any]) -> datetime | None:
    """Until when something is to be done, where a notice says so: an offer's `deadline`, or what else is `due`."""
    found = details.get("deadline") or details.get("due")
    return datetime.fromisoformat(found) if isinstance(found, str) else None


def desk_of(actor: Actor) -> UUID:
    """The dealer under which the actor's notices are kept; the nil one for headquarters."""
    return actor.dealer_id or NIL


def told_to(actor: Actor) -> ColumnElement[bool]:
    """Notices for the actor: of their stores, for owners where they are one, for their permissions at headquarters.

    What is for one colleague only is not among them, nor what has ended.
    """
    mine = [Notification.dealer_id == desk_of(actor), Notification.ended_at.is_(None)]
    if actor.dealer_id is None:
        held = sorted(PERMISSIONS[actor.role]) if actor.role else []
        mine.append(Notification.permission.in_(held))
    else:
        if actor.store_ids is not None:
            mine.append(Notification.store_id.in_(sorted(actor.store_ids)))
        if actor.role is not Role.DEALER_OWNER:
            mine.append(Notification.audience == "store")
    return and_(*mine, or_(Notification.user_id.is_(None), Notification.user_id == actor.user_id))


def is_unread(actor: Actor) -> ColumnElement[bool]:
    """The actor has not read it, wants to know of it, and no other part of the portal counts it."""
    read = (
        select(NoticeRead.notification_id)
        .where(
            NoticeRead.dealer_id == desk_of(actor),
            NoticeRead.user_id == actor.user_id,
            NoticeRead.notification_id == Notification.notification_id,
        )
        .exists()
    )
    return and_(Notification.kind.not_in(_ELSEWHERE), Notification.at > _since(actor), ~read, ~_is_muted(actor))


def unread_count(actor: Actor) -> ScalarSelect[int]:
    """How many notices the actor has not read, up to `MOST_COUNTED`; part of a statement."""
    some = select(Notification.notification_id).where(told_to(actor), is_unread(actor)).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def unread(session: Session, *, actor: Actor) -> int:
    """How many notices the actor has not read, up to `MOST_COUNTED`."""
    return session.execute(select(unread_count(actor))).scalar_one()


def latest(
    session: Session,
    *,
    actor: Actor,
    kinds: Iterable[str] | None = None,
    only_unread: bool = False,
    before: UUID | None = None,
    limit: int = PAGE,
) -> list[Told]:
    """The newest notices, newest first.

    Args:
        kinds: of these alone.
        before: the last notice of the page before; an unknown one begins at the top.
    """
    chosen = _with_store(actor).where(told_to(actor))
    if kinds is not None:
        chosen = chosen.where(Notification.kind.in_(sorted(kinds)))
    if only_unread:
        chosen = chosen.where(is_unread(actor))
    place = session.execute(_place(actor, before)).one_or_none() if before else None
    if place is not None:
        chosen = chosen.where(tuple_(Notification.at, Notification.notification_id) < tuple_(*place))
    chosen = chosen.order_by(Notification.at.desc(), Notification.notification_id.desc()).limit(limit)
    return [_told(*row) for row in session.execute(chosen)]


def one(session: Session, *, actor: Actor, notification_id: UUID) -> Told:
    """One notice.

    Raises:
        Missing: there is none, or it is not for the actor.
    """
    chosen = _with_store(actor).where(told_to(actor), Notification.notification_id == notification_id)
    found = session.execute(chosen).one_or_none()
    if found is None:
        raise Missing
    return _told(*found)


def for_headquarters(session: Session, told: Sequence[Told]) -> list[Told]:
    """Headquarters' notices with their lead, also where only the assignment was named, and with the store's name."""
    wanted = {UUID(each.details["assignment_id"]) for each in told if "assignment_id" in each.details}
    given = select(Assignment.assignment_id, Assignment.lead_id).where(Assignment.assignment_id.in_(sorted(wanted)))
    leads = {str(key): str(lead_id) for key, lead_id in session.execute(given)} if wanted else {}
    stores = {UUID(each.details["store_id"]) for each in told if "store_id" in each.details}
    named = select(Store.store_id, Store.name).where(Store.store_id.in_(sorted(stores)))
    names = {str(key): name for key, name in session.execute(named)} if stores else {}
    return [
        replace(
            each,
            details={"lead_id": leads.get(str(each.details.get("assignment_id"))), **each.details},
            store=names.get(str(each.details.get("store_id")), ""),
        )
        for each in told
    ]


def _with_store(actor: Actor) -> Select[Notification, bool, str]:
    here = (Store.dealer_id == Notification.dealer_id) & (Store.store_id == Notification.store_id)
    return select(Notification, is_unread(actor), func.coalesce(Store.name, "")).outerjoin(Store, here)


def _since(actor: Actor) -> Any:
    """Up to when the actor marked everything as read at once."""
    mark = select(NoticePerson.seen_until).where(
        NoticePerson.dealer_id == desk_of(actor), NoticePerson.user_id == actor.user_id
    )
    return func.coalesce(mark.scalar_subquery(), func.now() - KEPT)


def _is_muted(actor: Actor) -> ColumnElement[bool]:
    """The actor wants notices of its kind not to count."""
    theirs = (NoticePerson.dealer_id == desk_of(actor), NoticePerson.user_id == actor.user_id)
    says_no = NoticePerson.choices["ways"][Notification.kind]["portal"].astext == "false"
    return select(NoticePerson.user_id).where(*theirs, says_no).exists()


def _place(actor: Actor, notification_id: UUID) -> Select[datetime, UUID]:
    chosen = select(Notification.at, Notification.notification_id)
    return chosen.where(told_to(actor), Notification.notification_id == notification_id)


def _told(row: Notification, is_new: bool, store: str) -> Told:
    return Told(
        notification_id=row.notification_id,
        kind=row.kind,
        details=row.details,
        at=row.at,
        read=not is_new,
        store=store,
    )
