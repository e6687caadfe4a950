"""The list of dealers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from shared.dealers.models import DEALER_STATES, Dealer, Store
from shared.identity.models import Staff
from shared.identity.permissions import Permission
from shared.leads.models import Assignment
from shared.web.tables import Choice, Column, Dates, Search, Table, View
from shared.web.words import later, say


@dataclass(frozen=True, slots=True)
class DealerLine:
    """A dealer in the list: stores that are not closed, people who may sign in, leads that it holds, sales."""

    dealer: Dealer
    stores: int
    people: int
    held: int
    won: int


def _query() -> Select[Any]:
    return select(Dealer)


def _lines(session: Session, rows: Sequence[Any]) -> list[DealerLine]:
    ids = [row.Dealer.dealer_id for row in rows]
    stores = _counts(session, Store.dealer_id, Store.dealer_id.in_(ids), Store.status != "closed")
    people = _counts(session, Staff.dealer_id, Staff.dealer_id.in_(ids), Staff.status == "active")
    live = (Assignment.dealer_id.in_(ids), Assignment.ended_at.is_(None))
    held = _counts(session, Assignment.dealer_id, *live, Assignment.stage.not_in(("offered", "won")))
    won = _counts(session, Assignment.dealer_id, *live, Assignment.stage == "won")
    return [
        DealerLine(row.Dealer, *(counts.get(key, 0) for counts in (stores, people, held, won)))
        for key, row in zip(ids, rows, strict=True)
    ]


def _counts(session: Session, column: Any, *where: ColumnElement[bool]) -> dict[UUID, int]:
    rows = session.execute(select(column.label("key"), func.count().label("rows")).where(*where).group_by(column))
    return {row.key: row.rows for row in rows}


def _words(words: str) -> ColumnElement[bool]:
    return or_(Dealer.name.contains(words, autoescape=True), Dealer.code.istartswith(words, autoescape=True))


DEALERS = Table(
    name="dealers",
    title=_l("Dealers"),
    unit=lambda number, shown: ngettext("%(count)s dealer", "%(count)s dealers", number, count=shown),
    permission=Permission.STORES_READ,
    query=_query,
    key=Dealer.dealer_id,
    sort="code",
    cells="network/cells.html",
    address=lambda line: url_for("dealers.show", dealer_id=line.dealer.dealer_id),
    lines=_lines,
    columns=(
        Column("name", _l("Dealer"), sort=Dealer.name, head=True, text=lambda line: line.dealer.name),
        Column("code", _l("Code"), sort=Dealer.code, text=lambda line: line.dealer.code),
        Column("stores", _l("Stores"), number=True, text=lambda line: line.stores),
        Column("people", _l("Staff"), number=True, text=lambda line: line.people),
        Column("held", _l("Leads held"), number=True, text=lambda line: line.held),
        Column("won", _l("Won"), number=True, text=lambda line: line.won),
        Column(
            "status", _l("State"), cell="dealer_status", text=lambda line: say(f"dealer_state.{line.dealer.status}")
        ),
        Column(
            "created",
            _l("Added"),
            when=True,
            sort=Dealer.created_at,
            descending=True,
            text=lambda line: line.dealer.created_at,
        ),
    ),
    filters=(
        Choice(
            "status",
            _l("State"),
            [(state, later(f"dealer_state.{state}")) for state in DEALER_STATES],
            lambda state: Dealer.status == state,
        ),
        Dates("created", _l("Added"), Dealer.created_at),
    ),
    search=Search(_l("Dealer or code"), words=_words),
    views=(View("all", _l("All")), View("closed", _l("Closed"), "status=closed", count=False)),
    empty=(_l("No dealers yet"), _l("Add one by hand, or import a spreadsheet of dealers and stores.")),
)
