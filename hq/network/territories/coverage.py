"""Which territories cover which counties, where none does, and where one takes from another. Pure.

A county counts as covered by a radius where its seat lies within it, with all its people: polygons of counties are not
shipped. Without a population table people are 0 everywhere, and leads decide what comes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from shared.dealers.territories import Territories, TerritoryRow
from shared.regions import divisions
from shared.regions.divisions import Division

_NONE: Mapping[str, int] = {}


class State(StrEnum):
    """How a county is covered."""

    GAP = "gap"
    SHARED = "shared"
    EXCLUSIVE = "exclusive"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Cover:
    """A county (or a city without counties) with the ids of the territories that cover it."""

    county: Division
    exclusive: frozenset[UUID]
    shared: frozenset[UUID]

    @property
    def territories(self) -> frozenset[UUID]:
        """All of them."""
        return self.exclusive | self.shared

    @property
    def state(self) -> State:
        """Overlap: several exclusive territories, or shared ones that an exclusive one leaves without effect."""
        if len(self.exclusive) > 1 or (self.exclusive and self.shared):
            return State.OVERLAP
        if self.exclusive:
            return State.EXCLUSIVE
        return State.SHARED if self.shared else State.GAP


@dataclass(frozen=True, slots=True)
class Gap:
    """A city's counties that no territory covers; `of`: how many it has; `leads` and `people` of these counties."""

    city: Division
    counties: Sequence[Division]
    of: int
    leads: int
    people: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Counties that the same territories cover, of which one at least is exclusive."""

    exclusive: frozenset[UUID]
    shared: frozenset[UUID]
    counties: Sequence[Division]
    leads: int
    people: int


@dataclass(frozen=True)
class Coverage:
    """All counties."""

    covers: Sequence[Cover]

    @classmethod
    def of(cls, rows: Iterable[TerritoryRow]) -> Coverage:
        """From the rows that routing reads too."""
        ids = Territories.of(row._replace(store_id=row.territory_id) for row in rows)
        found = ((county, *ids.for_place(county.code, county.lng, county.lat)) for county in divisions.smallest())
        return cls([Cover(*each) for each in found])

    @cached_property
    def by_territory(self) -> Mapping[UUID, Sequence[Cover]]:
        """The counties of each territory."""
        mine: dict[UUID, list[Cover]] = defaultdict(list)
        for cover in self.covers:
            for territory_id in cover.territories:
                mine[territory_id].append(cover)
        return mine

    def gaps(
        self, leads: Mapping[str, int], people: Mapping[str, int] = _NONE, *, province: str | None = None
    ) -> list[Gap]:
        """Cities with counties that nobody has, those with the most people first, then those with the most leads.

        Args:
            leads, people: by code of county.
            province: only this one's, by its code.
        """
        all_of: dict[str, int] = defaultdict(int)
        bare: dict[str, list[Division]] = defaultdict(list)
        for cover in self._within(province):
            above = _above(cover.county)
            all_of[above] += 1
            if cover.state is State.GAP:
                bare[above].append(cover.county)
        found = [
            Gap(city, counties, all_of[code], total(leads, counties), total(people, counties))
            for code, counties in bare.items()
            if (city := divisions.by_code(code)) is not None
        ]
        return sorted(found, key=lambda gap: (-gap.people, -gap.leads, -len(gap.counties), gap.city.code))

    def overlaps(
        self, leads: Mapping[str, int], people: Mapping[str, int] = _NONE, *, province: str | None = None
    ) -> list[Overlap]:
        """Counties where territories are in each other's way, those with the most people first, then leads."""
        together: dict[tuple[frozenset[UUID], frozenset[UUID]], list[Division]] = defaultdict(list)
        for cover in self._within(province):
            if cover.state is State.OVERLAP:
                together[cover.exclusive, cover.shared].append(cover.county)
        found = [
            Overlap(*ids, counties, total(leads, counties), total(people, counties))
            for ids, counties in together.items()
        ]
        return sorted(found, key=lambda each: (-each.people, -each.leads, -len(each.counties), each.counties[0].code))

    def _within(self, province: str | None) -> Iterable[Cover]:
        return (cover for cover in self.covers if province in (None, cover.county.province_code))


def _above(county: Division) -> str:
    """The city of a county; of one directly under its province the province."""
    return county.city_code or county.province_code


def total(by_code: Mapping[str, int], counties: Iterable[Division]) -> int:
    """Leads or people of counties together."""
    return sum(by_code.get(county.code, 0) for county in counties)
