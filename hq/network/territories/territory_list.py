"""The list of territories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, cast, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from hq.network.territories import queries
from hq.network.territories.coverage import total
from shared.dealers.models import TERRITORY_MODES, Dealer, Store, Territory
from shared.identity.permissions import Permission
from shared.population.people import people_by_county
from shared.regions import divisions
from shared.web.tables import Choice, Column, Flag, Search, Table, View
from shared.web.words import later, listing, say

_NAMED = 3


@dataclass(frozen=True, slots=True)
class TerritoryLine:
    """A territory in the list; `counties` that it covers with their `people`, `stores` that take leads now."""

    territory: Territory
    whom: str
    counties: int
    people: int | None
    stores: int

    @property
    def area(self) -> str:
        """Its divisions and radius, shortly."""
        codes = self.territory.divisions
        parts = list(divisions.names_of(codes[:_NAMED]).values())
        said = listing(parts) + ("…" if len(codes) > _NAMED else "")
        km = self.territory.radius_km
        return " + ".join(filter(None, (said, _("%(number)s km", number=f"{km:g}") if km is not None else "")))


def _query() -> Select[Any]:
    return queries.joined().where(Territory.removed_at.is_(None))


def _lines(session: Session, rows: Sequence[Any]) -> list[TerritoryLine]:
    coverage = queries.COVERAGE.coverage(session).by_territory
    people = people_by_county(session)
    dealers = {row.Territory.for_dealer_id for row in rows}
    active = select(Store.dealer_id, Store.store_id).where(Store.dealer_id.in_(dealers), Store.status == "active")
    serving: dict[UUID, set[UUID]] = {}
    for dealer_id, store_id in session.execute(active):
        serving.setdefault(dealer_id, set()).add(store_id)
    return [
        TerritoryLine(
            row.Territory,
            row.Store.name if row.Store is not None else row.Dealer.name,
            len(mine := coverage.get(row.Territory.territory_id, ())),
            total(people, (cover.county for cover in mine)) if people else None,
            _serving(row.Territory, serving),
        )
        for row in rows
    ]


def _serving(territory: Territory, active: dict[UUID, set[UUID]]) -> int:
    mine = active.get(territory.for_dealer_id, set())
    return len(mine) if territory.for_store_id is None else int(territory.for_store_id in mine)


def _unserved() -> ColumnElement[bool]:
    active = exists().where(
        Store.dealer_id == Territory.for_dealer_id,
        or_(Territory.for_store_id.is_(None), Store.store_id == Territory.for_store_id),
        Store.status == "active",
    )
    return ~active.correlate(Territory)


def _words(words: str) -> ColumnElement[bool]:
    return or_(
        Territory.name.contains(words, autoescape=True),
        Dealer.name.contains(words, autoescape=True),
        Dealer.code.istartswith(words, autoescape=True),
        Store.name.contains(words, autoescape=True),
        Store.code.istartswith(words, autoescape=True),
    )


def _of_dealer(value: str) -> ColumnElement[bool]:
    try:
        return Territory.for_dealer_id == UUID(value)
    except ValueError:
        return false()


def _people_now() -> dict[str, int]:
    """People by territory; those of whose districts none has a figure are not in it."""
    people = people_by_county(g.session)
    mine = queries.COVERAGE.coverage(g.session).by_territory
    found = {str(key): total(people, (cover.county for cover in covers)) for key, covers in mine.items()}
    return {key: count for key, count in found.items() if count}


# What covers what is reckoned here, not in the database: it is given the sums to sort by.
_PEOPLE = cast(
    func.jsonb_extract_path_text(
        bindparam("people_by_territory", type_=JSONB, callable_=_people_now, unique=True),
        cast(Territory.territory_id, Text),
    ),
    BigInteger,
)


TERRITORIES = Table(
    name="territories",
    title=_l("Territories"),
    unit=lambda number, shown: ngettext("%(count)s territory", "%(count)s territories", number, count=shown),
    permission=Permission.STORES_READ,
    query=_query,
    key=Territory.territory_id,
    sort="name",
    cells="territories/cells.html",
    address=lambda line: url_for("territories.show", territory_id=line.territory.territory_id),
    lines=_lines,
    columns=(
        Column("name", _l("Territory"), sort=Territory.name, head=True, text=lambda line: line.territory.name),
        Column("whom", _l("For"), cell="whom", text=lambda line: line.whom),
        Column("mode", _l("Kind"), cell="mode", text=lambda line: say(f"territory_mode.{line.territory.mode}")),
        Column("area", _l("Area"), text=lambda line: line.area),
        Column("counties", _l("Districts"), number=True, text=lambda line: line.counties),
        Column(
            "people",
            _l("Population"),
            cell="people",
            number=True,
            sort=_PEOPLE,
            nullable=True,
            descending=True,
            text=lambda line: line.people,
        ),
        Column("stores", _l("Stores taking leads"), cell="stores", number=True, text=lambda line: line.stores),
        Column(
            "changed",
            _l("Changed"),
            when=True,
            sort=Territory.changed_at,
            descending=True,
            text=lambda line: line.territory.changed_at,
        ),
    ),
    filters=(
        Choice(
            "mode",
            _l("Kind"),
            [(mode, later(f"territory_mode.{mode}")) for mode in TERRITORY_MODES],
            lambda mode: Territory.mode == mode,
        ),
        Flag("unserved", _l("No store takes leads"), _unserved),
        Choice("dealer", _l("Dealer"), lambda _session: (), _of_dealer, shown=False),
    ),
    search=Search(_l("Territory, dealer or store"), words=_words),
    views=(View("all", _l("All")), View("unserved", _l("No store takes leads"), "unserved=1")),
    empty=(_l("No territories yet"), _l("Until there are some, leads go to the nearest stores everywhere.")),
)
#: While there is no population table.
WITHOUT_PEOPLE = replace(TERRITORIES, columns=[each for each in TERRITORIES.columns if each.key != "people"])
