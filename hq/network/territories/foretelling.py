"""What a territory would change, and what speaks against it, told before anything is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from hq.network.territories import queries
from hq.network.territories.coverage import Cover, Coverage
from hq.network.territories.holders import Holder
from hq.network.territories.service import Wanted
from shared.dealers import territory_rows
from shared.dealers.models import Store
from shared.dealers.territories import TerritoryRow
from shared.platform.ids import NIL
from shared.population.people import people_by_county


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to know before saving, as a code with parameters; words have the key `territory_doubt.…`."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What would be.

    Attributes:
        counties: that it would cover.
        gained, lost: compared with now.
        stores: that would serve it.
        leads: of the last 90 days in its counties.
        people: who live in them; None without a population table.
        bare: counties that nobody would cover any more.
        doubts: what speaks against it.
    """

    counties: Sequence[Cover]
    gained: int
    lost: int
    stores: Sequence[Store]
    leads: int
    people: int | None
    bare: int
    doubts: Sequence[Doubt]


def foretell(
    session: Session, wanted: Wanted, leads: Mapping[str, int], *, territory_id: UUID | None = None
) -> Foretold:
    """What saving a territory as wanted would do.

    Args:
        leads: of the last 90 days by county.
        territory_id: the one that is changed; None for a new one.
    """
    own = territory_id or NIL
    stores = queries.stores_of(session, wanted.holder.dealer_id, wanted.holder.store_id)
    columns = wanted.columns()
    rows = [row for row in territory_rows.rows(session) if row.territory_id != own]
    mine = [
        TerritoryRow(
            own, wanted.mode == "exclusive", columns["divisions"], wanted.radius_km, each.store_id, each.lng, each.lat
        )
        for each in stores
    ]
    now, then = queries.COVERAGE.coverage(session), Coverage.of([*rows, *mine])
    before, after = now.by_territory.get(own, ()), then.by_territory.get(own, ())
    codes_before, codes_after = ({cover.county.code for cover in each} for each in (before, after))
    people = people_by_county(session)
    covered = {cover.county.code for cover in then.covers if cover.territories}
    return Foretold(
        counties=after,
        gained=len(codes_after - codes_before),
        lost=len(codes_before - codes_after),
        stores=stores,
        leads=sum(leads.get(code, 0) for code in codes_after),
        people=sum(people.get(code, 0) for code in codes_after) if people else None,
        bare=len(codes_before - covered),
        doubts=_doubts(session, wanted, stores, after, own),
    )


def _doubts(
    session: Session, wanted: Wanted, stores: Sequence[Store], after: Sequence[Cover], own: UUID
) -> list[Doubt]:
    doubts = [*_unserved(session, wanted.holder, stores)]
    if wanted.radius_km is not None and not any(store.lng is not None for store in stores):
        doubts.append(Doubt("no_position"))
    if stores and not after:
        doubts.append(Doubt("no_county"))
    rivals = [cover for cover in after if cover.exclusive - {own}]
    if rivals:
        others = queries.names(session, {each for cover in rivals for each in cover.exclusive - {own}})
        code = "rivals" if wanted.mode == "exclusive" else "without_effect"
        doubts.append(Doubt(code, {"counties": len(rivals), "others": _few(others.values())}))
    if wanted.mode == "exclusive" and (weak := [cover for cover in after if cover.shared - {own}]):
        others = queries.names(session, {each for cover in weak for each in cover.shared - {own}})
        doubts.append(Doubt("takes_effect", {"counties": len(weak), "others": _few(others.values())}))
    return doubts


def _unserved(session: Session, holder: Holder, stores: Sequence[Store]) -> list[Doubt]:
    """Why no store would serve it; nothing where one does."""
    doubts = []
    if not stores:
        doubts.append(Doubt("no_stores", {"whom": holder.name}))
    elif all(store.status == "paused" for store in stores):
        doubts.append(Doubt("all_paused", {"whom": holder.name}))
    if not queries.consent_names(session, holder.dealer_id):
        doubts.append(Doubt("no_consent", {"whom": holder.name}))
    return doubts


def _few(names: Collection[str]) -> str:
    ordered = sorted(names)
    return "；".join(ordered[:3]) + ("…" if len(ordered) > 3 else "")
