"""The page of waiting leads, put together from the outlook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from hq.desk import queries
from hq.desk.outlook import NOWHERE, UNABLE, Outlook
from hq.desk.queries import Which
from hq.routing.facts import WaitingLead
from hq.routing.policy import TOLD
from shared.contacts.names import mask_name
from shared.regions.divisions import by_code
from shared.web.words import say

FIRST = 3
ALL = 200
_LOADED = 6


@dataclass(slots=True)
class Line:
    """One county.

    Attributes:
        best: how many are of grade A.
        tomorrow: how many go out with tomorrow's room, as the engine has it; `left`: those that wait on.
        mean_km: of those that go out.
    """

    code: str
    name: str
    waiting: int = 0
    best: int = 0
    oldest: datetime | None = None
    tomorrow: int = 0
    why: str = ""
    km: float = 0.0
    near: int = 0

    @property
    def left(self) -> int:
        """Leads that wait still when tomorrow's room is used."""
        return self.waiting - self.tomorrow

    @property
    def mean_km(self) -> float | None:
        """Kilometres to the store tomorrow."""
        return self.km / self.near if self.near else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One lead of an opened county. `chance`: the store tomorrow and the kilometres; None: nobody knows yet."""

    lead: Any
    name: str
    phone: str | None
    why: str
    store: str | None
    km: float | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A store tomorrow: leads that it gets of those that wait, and what it can take."""

    store_id: UUID
    name: str
    planned: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Counties:
    """The list and its sums."""

    at: datetime
    lines: Sequence[Line]
    total: Line
    load: Sequence[Loaded] = field(default_factory=tuple)
    planned: int = 0
    reserve: int = 0
    foretold: bool = True


def counties(session: Session, outlook: Outlook, which: Which, sort: str) -> Counties:
    """The counties with leads among those asked for."""
    lines: dict[str, Line] = {}
    total, everywhere = Line("", ""), replace(which, county="", ids=())
    for cell in outlook.cells:
        if not everywhere.takes(cell.county, cell.campaign, cell.grade):
            continue
        line = lines.get(cell.county)
        if line is None:
            line = lines[cell.county] = Line(cell.county, name_of(cell.county))
            line.why = why_words(outlook.why.get(cell.county, {}))
        for each in (line, total):
            each.waiting += cell.waiting
            each.best += cell.waiting if cell.grade == "A" else 0
            oldest = datetime.fromisoformat(cell.oldest)
            each.oldest = min(each.oldest or oldest, oldest)
            each.tomorrow += cell.tomorrow
            each.km += cell.km
            each.near += cell.near
    top = sorted(outlook.load.items(), key=lambda each: -each[1][0])[:_LOADED]
    names = queries.stores(session, [UUID(store_id) for store_id, _load in top])
    load = [
        Loaded(UUID(store_id), names[UUID(store_id)].Store.name, planned, most)
        for store_id, (planned, most) in top
        if UUID(store_id) in names
    ]
    planned = sum(each[0] for each in outlook.load.values())
    return Counties(
        outlook.at, _sorted(list(lines.values()), sort), total, load, planned, outlook.reserve, outlook.foretold
    )


SORTS = ("waiting", "best", "oldest", "left", "name")


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    if sort == "name":
        return sorted(lines, key=lambda line: line.code)
    if sort == "oldest":
        return sorted(lines, key=lambda line: (line.oldest, line.code))
    return sorted(lines, key=lambda line: (-getattr(line, sort), line.code))


def name_of(code: str) -> str:
    """A division as the desk calls it: city and county."""
    if code == NOWHERE:
        return str(_("Place not known"))
    division = by_code(code)
    if division is None:
        return code
    city = by_code(division.city_code) if division.city_code and division.level == "county" else None
    return f"{city.name} {division.name}" if city and city.name != division.name else division.name


def why_words(counts: Mapping[str, int]) -> str:
    """Why the leads of a county wait, in words."""
    said = []
    if full := counts.get("no_room"):
        said.append(
            _("the nearest %(count)s stores are full today", count=full)
            if full >= TOLD
            else ngettext("%(num)s store is full today", "%(num)s stores are full today", full)
        )
    if paused := counts.get("paused"):
        said.append(ngettext("%(num)s is paused", "%(num)s are paused", paused))
    if shut := counts.get("shut"):
        said.append(ngettext("%(num)s opens too late", "%(num)s open too late", shut))
    if counts.get("free"):
        said.append(_("a store has room: they go out in a moment"))
    others = [code for code in counts if code not in (*UNABLE, "free")]
    if others and not said:
        said = [say(f"why.{code}", {}) for code in others[:2]]
    return str(_("; ")).join(said)


def people(session: Session, leads: Sequence[WaitingLead], outlook: Outlook, *, most: int) -> list[Person]:
    """The first leads of a county with what tomorrow brings them (two statements)."""
    shown = leads[:most]
    chances = {lead.lead_id: outlook.chances[key] for lead in shown if (key := str(lead.lead_id)) in outlook.chances}
    names = queries.stores(session, {UUID(store_id) for store_id, _km in chances.values()})
    found = []
    for row in queries.people(session, [lead.lead_id for lead in shown]):
        store_id, km = chances.get(row.Lead.lead_id, (None, None))
        store = names.get(UUID(store_id)) if store_id else None
        found.append(
            Person(
                lead=row.Lead,
                name=mask_name(row.name or "") or _("No name"),
                phone=row.phone,
                why=say(f"why.{row.Lead.state_reason.get('code') or 'waiting'}", row.Lead.state_reason),
                store=store.Store.name if store else None,
                km=km,
            )
        )
    return found
