"""The list of the dealers' staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store
from shared.identity.models import ACCOUNT_STATES, STAFF_ROLES, Staff, StaffSession, StaffStore
from shared.identity.permissions import Permission
from shared.web.tables import Act, Choice, Column, OfStore, Search, Table, View
from shared.web.words import later, listing, say

_SEEN = (
    select(func.max(StaffSession.seen_at))
    .where(StaffSession.dealer_id == Staff.dealer_id, StaffSession.user_id == Staff.user_id)
    .correlate(Staff)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class StaffLine:
    """Somebody in the list."""

    person: Staff
    dealer: str
    seen_at: Any
    stores: tuple[str, ...]

    @property
    def where(self) -> str:
        """The stores in words."""
        return say("all_stores") if self.person.role == "dealer_owner" else listing(self.stores)


def _query() -> Select[Any]:
    columns: tuple[Any, ...] = (Staff, Dealer.name.label("dealer"), _SEEN.label("seen_at"))
    return select(*columns).outerjoin(Dealer, Dealer.dealer_id == Staff.dealer_id)


def _lines(session: Session, rows: Sequence[Any]) -> list[StaffLine]:
    ids = [row.Staff.user_id for row in rows]
    stores: dict[UUID, list[str]] = {}
    found = session.execute(
        select(StaffStore.user_id, Store.name)
        .join(Store, (Store.dealer_id == StaffStore.dealer_id) & (Store.store_id == StaffStore.store_id))
        .where(StaffStore.user_id.in_(ids))
        .order_by(Store.name)
    )
    for user_id, name in found:
        stores.setdefault(user_id, []).append(name)
    return [
        StaffLine(row.Staff, row.dealer, row.seen_at, tuple(stores.get(key, ())))
        for key, row in zip(ids, rows, strict=True)
    ]


def _at(store_ids: Any) -> ColumnElement[bool]:
    return (
        select(StaffStore.user_id)
        .where(
            StaffStore.dealer_id == Staff.dealer_id,
            StaffStore.user_id == Staff.user_id,
            StaffStore.store_id.in_(store_ids),
        )
        .exists()
    )


def dealers(session: Session) -> list[tuple[str, str]]:
    """Dealers to choose, by name."""
    rows = session.execute(select(Dealer.dealer_id, Dealer.name).order_by(Dealer.name))
    return [(str(row.dealer_id), row.name) for row in rows]


def _of_dealer(value: str) -> ColumnElement[bool]:
    try:
        return Staff.dealer_id == UUID(value)
    except ValueError:
        return false()


def _words(words: str) -> ColumnElement[bool]:
    return or_(Staff.name.contains(words, autoescape=True), Dealer.name.contains(words, autoescape=True))


STAFF = Table(
    name="staff",
    title=_l("Store staff"),
    unit=lambda number, shown: ngettext("%(count)s person", "%(count)s people", number, count=shown),
    permission=Permission.STAFF_READ,
    query=_query,
    key=Staff.user_id,
    sort="name",
    cells="admin/cells.html",
    address=lambda line: url_for("staff.show", dealer_id=line.person.dealer_id, user_id=line.person.user_id),
    lines=_lines,
    columns=(
        Column("name", _l("Name"), sort=Staff.name, head=True, text=lambda line: line.person.name),
        Column("login", _l("Account"), text=lambda line: line.person.login_masked),
        Column("role", _l("Role"), text=lambda line: say(f"role.{line.person.role}")),
        Column("dealer", _l("Dealer"), text=lambda line: line.dealer),
        Column("stores", _l("Stores"), text=lambda line: line.where),
        Column("status", _l("State"), cell="status", text=lambda line: say(f"account.{line.person.status}")),
        Column("seen", _l("Last seen"), cell="seen", text=lambda line: line.seen_at),
        Column(
            "created",
            _l("Added"),
            when=True,
            shown=False,
            sort=Staff.created_at,
            descending=True,
            text=lambda line: line.person.created_at,
        ),
    ),
    filters=(
        Choice(
            "status",
            _l("State"),
            [(state, later(f"account.{state}")) for state in ACCOUNT_STATES],
            Staff.status.in_,
            many=True,
        ),
        Choice("role", _l("Role"), [(role, later(f"role.{role}")) for role in STAFF_ROLES], Staff.role.in_, many=True),
        Choice("dealer", _l("Dealer"), dealers, _of_dealer),
        OfStore(_at),
    ),
    search=Search(_l("Name or dealer"), words=_words),
    views=(
        View("all", _l("All")),
        View("invited", _l("Invited"), "status=invited"),
        View("disabled", _l("Disabled"), "status=disabled", count=False),
    ),
    acts=(Act("links", _l("Make invite links"), endpoint="staff.links", permission=Permission.STAFF_WRITE),),
    empty=(
        _l("Nobody here yet"),
        _l("Invite people by a list of names and numbers, or import stores with their managers."),
    ),
)
