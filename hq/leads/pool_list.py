"""The list of leads in the open pool: since when, until when, who can see them and who looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hq.leads.lead_list import LEADS, LeadLine
from hq.routing.network import ATLAS
from hq.routing.policy import Reach
from hq.routing.pool.reach import seen_by
from hq.routing.queries import scopes_of
from shared.dealers.models import Store
from shared.identity.permissions import Permission
from shared.leads.models import Lead
from shared.leads.pool.models import PoolEntry, PoolView
from shared.web.tables import Column, View


@dataclass(frozen=True, slots=True)
class PoolLine(LeadLine):
    """A lead in the pool; `stores`: that see it and take leads now; `looks`: of different stores."""

    entered_at: datetime
    open_from: datetime
    until: datetime
    stores: int
    looks: int


def query() -> Select[Any]:
    """The leads of the pool with their entries."""
    found: Select[Any] = LEADS.query()
    return found.join(PoolEntry, PoolEntry.lead_id == Lead.lead_id).add_columns(PoolEntry)


def lines(session: Session, rows: Sequence[Any]) -> list[PoolLine]:
    """Rows of the list (four statements)."""
    network = ATLAS.network(session)
    entries = {row.Lead.lead_id: row.PoolEntry for row in rows}
    scopes = scopes_of(session, {each.scope_id for each in entries.values()})
    looked = (
        select(PoolView.lead_id, func.count(PoolView.store_id.distinct()))
        .where(PoolView.lead_id.in_(entries))
        .group_by(PoolView.lead_id)
    )
    looks = {row[0]: row[1] for row in session.execute(looked)}
    found = []
    for line in LEADS.lines(session, rows):
        entry = entries[line.lead.lead_id]
        reach = Reach(entry.lng, entry.lat, entry.reach_km, frozenset(entry.store_ids))
        stores = seen_by(reach, network, dealers=scopes.get(entry.scope_id, frozenset()), series=entry.series)
        own = {each.name: getattr(line, each.name) for each in fields(LeadLine)}
        times = {"entered_at": entry.entered_at, "open_from": entry.open_from, "until": entry.until}
        found.append(PoolLine(**own, **times, stores=stores, looks=looks.get(line.lead.lead_id, 0)))
    return found


@dataclass(frozen=True, slots=True)
class InPool:
    """Where a lead lies in the pool; `lookers`: the stores that looked, with the last time of each."""

    entry: PoolEntry
    stores: int
    lookers: Sequence[tuple[str, datetime]]


def one(session: Session, lead: Lead) -> InPool | None:
    """What the lead's page tells of the pool (four statements)."""
    entry = session.get(PoolEntry, lead.lead_id)
    if entry is None:
        return None
    reach = Reach(entry.lng, entry.lat, entry.reach_km, frozenset(entry.store_ids))
    dealers = scopes_of(session, {entry.scope_id}).get(entry.scope_id, frozenset())
    stores = seen_by(reach, ATLAS.network(session), dealers=dealers, series=entry.series)
    last = func.max(PoolView.at)
    looked = (
        select(Store.name, last)
        .join(PoolView, PoolView.store_id == Store.store_id)
        .where(PoolView.lead_id == lead.lead_id)
        .group_by(Store.name)
        .order_by(last.desc())
        .limit(20)
    )
    return InPool(entry, stores, [(row[0], row[1]) for row in session.execute(looked)])


_SHOWN = ("grade", "points", "name", "phone", "place", "campaign")

POOL = replace(
    LEADS,
    name="pool",
    title=_l("Open pool"),
    permission=Permission.LEADS_ASSIGN,
    query=query,
    counted=lambda: select(PoolEntry.lead_id).join(Lead, Lead.lead_id == PoolEntry.lead_id),
    sort="entered",
    lines=lines,
    columns=(
        *(replace(LEADS.by_key[key], shown=True) for key in _SHOWN),
        Column(
            "entered", _l("In the pool since"), when=True, sort=PoolEntry.entered_at, text=lambda one: one.entered_at
        ),
        Column(
            "opens", _l("Open from"), when=True, shown=False, sort=PoolEntry.open_from, text=lambda one: one.open_from
        ),
        Column("until", _l("To the desk"), when=True, sort=PoolEntry.until, text=lambda one: one.until),
        Column("stores", _l("Stores that see it"), number=True, text=lambda one: one.stores),
        Column("looks", _l("Stores that looked"), number=True, text=lambda one: one.looks),
    ),
    filters=[each for each in LEADS.filters if each.key not in ("state", "step", "store")],
    acts=[act for act in LEADS.acts if act.key != "pool"],
    views=(View("all", _l("All")), View("best", _l("Grade A"), "grade=A")),
    empty=(_l("The open pool is empty"), _l("Leads come here by the rules, or when you put them here.")),
)
