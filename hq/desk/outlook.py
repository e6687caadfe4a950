"""What becomes of all leads that wait: by county, campaign and grade, and by store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.desk import foretelling
from hq.desk.foretelling import Foretold, Ground
from hq.routing import queries
from hq.routing.facts import WaitingLead
from hq.routing.policy import Room
from shared.leads.models import Lead
from shared.platform.clock import next_day_start

_LOOKED_AT = 3  # leads of a county that say why it waits
_KEPT = 20  # of a county whose chance is kept
NOWHERE = "0"
"""The code that stands for leads whose place nobody knows."""
UNABLE = ("no_room", "paused", "shut")
"""Reasons that pass."""


_COUNTS = text(
    f"""
    SELECT coalesce(nullif(l.place ->> 'code', ''), '{NOWHERE}'), c.code, l.grade, count(*), min(l.opened_at) AS oldest
    FROM leads l JOIN campaigns c USING (campaign_id)
    WHERE l.state = 'waiting' AND l.aside_at IS NULL
    GROUP BY 1, 2, 3
    """  # noqa: S608 (a constant of this module)
)


@dataclass(slots=True)
class Cell:
    """Leads of one county, campaign and grade.

    Attributes:
        oldest: since when the first of them is open.
        tomorrow: how many go out when tomorrow's room is there, `km` their kilometres where known, of `near` leads.
    """

    county: str
    campaign: str
    grade: str
    waiting: int = 0
    oldest: str = ""
    tomorrow: int = 0
    km: float = 0.0
    near: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """All leads that wait.

    Attributes:
        at: of which moment.
        why: per county how many of the stores around are `no_room`, `paused`, `shut`; `free`: leads that a store can
            take now; other codes for leads that no store may have.
        chances: of the first leads of each county the store and the kilometres tomorrow, by lead id.
        load: per store what tomorrow brings and what it can take (None: no limit), by store id.
        reserve: what the stores with a limit can take tomorrow, in all.
        foretold: False where the leads are only counted: nothing is known of tomorrow and of why they wait.
    """

    at: datetime
    cells: Sequence[Cell]
    why: Mapping[str, Mapping[str, int]]
    chances: Mapping[str, tuple[str, float | None]] = field(default_factory=dict)
    load: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    reserve: int = 0
    foretold: bool = True

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """From its stored form."""
        cells = [Cell(**each) for each in told["cells"]]
        return cls(**{**told, "at": datetime.fromisoformat(told["at"]), "cells": cells})


def reckon(session: Session, *, now: datetime) -> Outlook:
    """Foresee tomorrow for every lead that waits, by the engine (a dozen statements, some 100 µs a lead)."""
    leads = all_waiting(session)
    ground = foretelling.ground_of(session)
    facts = foretelling.facts_of(session, leads, ground.rules, now=now)
    tomorrow = next_day_start(now)
    room = queries.room_of(session, ground.network, ground.rules, now=tomorrow)
    left = list(room.left)
    found = foretelling.foretell(session, leads, facts, ground, room, now=tomorrow)
    first = _firsts(leads, _LOOKED_AT)
    today = queries.room_of(session, ground.network, ground.rules, now=now)
    asked = foretelling.foretell(session, first, facts, ground, today, now=now)
    return Outlook(
        now,
        _cells(leads, found),
        _why(first, asked),
        _chances(leads, found),
        _load(found, ground, left),
        sum(max(0, each) for each in left if each < Room.of([None]).left[0] // 2),
    )


def count(session: Session, *, now: datetime) -> Outlook:
    """How many leads wait, and nothing else (one statement, some 1 µs a lead)."""
    rows = session.execute(_COUNTS)
    return Outlook(
        now, [Cell(row[0], row[1], row[2], row[3], row.oldest.isoformat()) for row in rows], {}, foretold=False
    )


def all_waiting(session: Session) -> list[WaitingLead]:
    """The leads that wait, in the order in which they are routed (one statement)."""
    rows = session.execute(
        queries.lead_rows()
        .where(Lead.state == "waiting", Lead.aside_at.is_(None))
        .order_by(Lead.grade, Lead.opened_at, Lead.lead_id)
    )
    return [queries.as_lead(row) for row in rows]


def county_of(lead: WaitingLead) -> str:
    """The division that a lead is listed under."""
    return str(lead.place.get("code") or NOWHERE)


def _firsts(leads: Iterable[WaitingLead], most: int) -> list[WaitingLead]:
    seen: Counter[str] = Counter()
    first = []
    for lead in leads:
        county = county_of(lead)
        seen[county] += 1
        if seen[county] <= most:
            first.append(lead)
    return first


def _cells(leads: Sequence[WaitingLead], found: Foretold) -> list[Cell]:
    cells: dict[tuple[str, str, str], Cell] = {}
    firsts = found.firsts
    for lead in leads:
        key = (county_of(lead), lead.campaign_code, lead.grade)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Cell(*key)
        cell.waiting += 1
        opened = lead.opened_at.isoformat()
        cell.oldest = min(cell.oldest or opened, opened)
        if placed := firsts.get(lead.lead_id):
            cell.tomorrow += 1
            if placed.km is not None:
                cell.km += placed.km
                cell.near += 1
    return list(cells.values())


def _why(leads: Iterable[WaitingLead], asked: Foretold) -> dict[str, dict[str, int]]:
    stores: dict[str, dict[UUID, str]] = defaultdict(dict)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for lead in leads:
        county, code = county_of(lead), asked.reasons.get(lead.lead_id, "free")
        passing = {each.store.store_id: each.why for each in asked.passed.get(lead.lead_id, ()) if each.why in UNABLE}
        stores[county] |= passing
        if not passing:
            reasons[county][code] += 1
    counted = {county: Counter(each.values()) for county, each in stores.items()}
    return {county: dict(counted.get(county, Counter()) + reasons[county]) for county in counted}


def _chances(leads: Iterable[WaitingLead], found: Foretold) -> dict[str, tuple[str, float | None]]:
    firsts = found.firsts
    shown = (firsts.get(lead.lead_id) for lead in _firsts(leads, _KEPT))
    return {
        str(each.lead.lead_id): (str(each.store.store_id), None if each.km is None else round(each.km, 1))
        for each in shown
        if each is not None
    }


def _load(found: Foretold, ground: Ground, left: Sequence[int]) -> dict[str, tuple[int, int | None]]:
    planned = Counter(each.store.store_id for each in found.placements)
    unlimited = Room.of([None]).left[0] // 2
    load = {}
    for store_id, count in planned.most_common():
        most = left[ground.network.stores[store_id].position]
        load[str(store_id)] = (count, None if most >= unlimited else most)
    return load
