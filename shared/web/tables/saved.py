"""Keeping and finding people's views and habits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import literal, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.contacts.hiding import without_phones
from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.platform.errors import Forbidden, Invalid, Missing
from shared.platform.ids import new_id
from shared.web.tables.models import ListHabit, SavedView

_NAME_LENGTH = 40
_QUERY_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person sees of a list: own and shared views by name, and habits."""

    views: Sequence[SavedView]
    columns: tuple[str, ...]  # empty: as the list comes
    dense: bool


def of_list(session: Session, list_name: str, user_id: UUID | None) -> Kept:
    """A person's views and habits of a list, in one statement."""
    habit = select(ListHabit).where(ListHabit.user_id == user_id, ListHabit.list_name == list_name).subquery()
    mine = select(literal(1).label("one")).subquery()
    seen = (SavedView.list_name == list_name) & SavedView.deleted_at.is_(None)
    rows = session.execute(
        select(habit.c.columns, habit.c.dense, SavedView)
        .select_from(mine)
        .outerjoin(habit, true())
        .outerjoin(SavedView, seen & or_(SavedView.owner_id == user_id, SavedView.shared))
        .order_by(SavedView.created_at, SavedView.view_id)
    ).all()
    columns, dense = rows[0][0] or "", rows[0][1] or False
    return Kept([row[2] for row in rows if row[2] is not None], tuple(filter(None, columns.split(","))), dense)


def choose(session: Session, list_name: str, *, actor: Actor, columns: Sequence[str], now: datetime) -> None:
    """Remember which columns somebody wants; none: as the list comes."""
    _remember(session, list_name, actor, now, columns=",".join(columns))


def set_dense(session: Session, list_name: str, *, actor: Actor, dense: bool, now: datetime) -> None:
    """Remember how high somebody wants the rows."""
    _remember(session, list_name, actor, now, dense=dense)


def _remember(session: Session, list_name: str, actor: Actor, now: datetime, **values: object) -> None:
    row = {"user_id": actor.user_id, "list_name": list_name, "columns": "", "dense": False, "changed_at": now}
    session.execute(
        insert(ListHabit)
        .values(row | values)
        .on_conflict_do_update(index_elements=["user_id", "list_name"], set_={"changed_at": now, **values})
    )


def save(
    session: Session, list_name: str, *, name: str, query: str, shared: bool, actor: Actor, now: datetime
) -> SavedView:
    """Keep a view.

    Raises:
        Invalid: no name, or a name or a query that is too long; or nobody's.
        Forbidden: to be shared, by somebody who may not share.
    """
    if actor.user_id is None or len(query) > _QUERY_LENGTH:
        raise Invalid(field="view")
    view = SavedView(
        view_id=new_id(now),
        owner_id=actor.user_id,
        list_name=list_name,
        name=_name(name),
        query=query,
        shared=_may_share(actor, shared),
        created_at=now,
        changed_at=now,
        deleted_at=None,
    )
    session.add(view)
    audit.record(session, actor, "view:save", view.view_id, at=now, list=list_name, shared=shared)
    return view


def change(
    session: Session,
    list_name: str,
    view_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    name: str | None = None,
    query: str | None = None,
    shared: bool | None = None,
) -> SavedView:
    """Rename a view, point it elsewhere, or (un)share it.

    Raises:
        Missing: no such view of the actor's own.
        Invalid, Forbidden: as `save`.
    """
    view = _own(session, list_name, view_id, actor)
    if name is not None:
        view.name = _name(name)
    if query is not None:
        if len(query) > _QUERY_LENGTH:
            raise Invalid(field="view")
        view.query = query
    if shared is not None and shared != view.shared:
        view.shared = _may_share(actor, shared)
    view.changed_at = now
    audit.record(session, actor, "view:change", view_id, at=now, list=list_name, shared=view.shared)
    return view


def delete(session: Session, list_name: str, view_id: UUID, *, actor: Actor, now: datetime) -> str:
    """Take a view away; returns its name.

    Raises:
        Missing: no such view of the actor's own.
    """
    view = _own(session, list_name, view_id, actor)
    view.deleted_at = view.changed_at = now
    audit.record(session, actor, "view:delete", view_id, at=now, list=list_name)
    return view.name


def restore(session: Session, list_name: str, view_id: UUID, *, actor: Actor, now: datetime) -> SavedView:
    """Bring a deleted view back.

    Raises:
        Missing: no such view of the actor's own.
    """
    view = _own(session, list_name, view_id, actor)
    view.deleted_at, view.changed_at = None, now
    audit.record(session, actor, "view:restore", view_id, at=now, list=list_name)
    return view


def _own(session: Session, list_name: str, view_id: UUID, actor: Actor) -> SavedView:
    view = session.scalar(
        select(SavedView)
        .where(SavedView.view_id == view_id, SavedView.owner_id == actor.user_id, SavedView.list_name == list_name)
        .with_for_update(key_share=True)  # two tabs that change one view: the second sees the first's change
    )
    if view is None:
        raise Missing(view=str(view_id))
    return view


def _may_share(actor: Actor, shared: bool) -> bool:
    if shared and not actor.may(Permission.VIEWS_SHARE):
        raise Forbidden(permission=Permission.VIEWS_SHARE)
    return shared


def _name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > _NAME_LENGTH or not tidy.isprintable():
        raise Invalid(field="name")
    return without_phones(tidy)
