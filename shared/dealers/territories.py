"""Which stores a place belongs to: divisions and circles of territories, looked up by the hundred thousand. Pure.

A territory names divisions of any level, a radius around its stores, or both: it covers a place that lies in one of
the divisions or within the radius. Circles stand in a grid of half degrees as unit vectors: a point lies within r of
another where the product of their vectors is at least cos(r / R). The first place that is asked for in a tenth of a
degree sorts out which circles hold all of that cell and which have to be tried, so that a place costs little even
where hundreds of circles lie over each other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from shared.regions import divisions
from shared.regions.distance import EARTH_RADIUS_KM

_COARSE, _FINE = 0.5, 0.1  # degrees
_WIDE_KM = 120.0  # larger circles are looked at for every fine cell
_CELLS_KEPT = 40_000  # one may name hundreds of stores
_TINY = 1e-12  # a point on the circle lies within
_DOUBT = 1e-6  # radians (6 m): what is nearer to a cell's edge than this is tried for each place

Served: TypeAlias = tuple[frozenset[UUID], frozenset[UUID]]
NOBODY: Served = (frozenset(), frozenset())


class TerritoryRow(NamedTuple):
    """A territory and one of the stores that it is of, as the database has them.

    Attributes:
        divisions: codes in force of provinces, cities and counties.
        radius_km: around each of its stores that has a position; None: divisions only.
        lng, lat: where the store is, WGS-84 degrees; None: nobody knows.
    """

    territory_id: UUID
    exclusive: bool
    divisions: Sequence[str]
    radius_km: float | None
    store_id: UUID
    lng: float | None
    lat: float | None


class _Circle(NamedTuple):
    """A unit vector, the radius as an angle and its cosine, and whose it is."""

    x: float
    y: float
    z: float
    angle: float
    least: float
    exclusive: bool
    store_id: UUID


class Territories:
    """All territories."""

    __slots__ = ("_by_chain", "_by_code", "_coarse", "_fine", "_wide")

    def __init__(self, rows: Iterable[TerritoryRow]) -> None:
        named: dict[str, list[TerritoryRow]] = defaultdict(list)
        self._coarse: defaultdict[tuple[int, int], list[_Circle]] = defaultdict(list)
        self._wide: list[_Circle] = []
        for row in rows:
            for code in row.divisions:
                named[code].append(row)
            if row.radius_km is not None and row.lng is not None and row.lat is not None:
                self._draw(row, row.lng, row.lat, row.radius_km)
        self._by_code = {code: _served((row.exclusive, row.store_id) for row in mine) for code, mine in named.items()}
        self._by_chain: dict[str, Served] = {}
        self._fine: dict[tuple[int, int], tuple[Served, tuple[_Circle, ...]]] = {}

    @classmethod
    def of(cls, rows: Iterable[TerritoryRow]) -> Territories:
        """From a row for each territory and store of it, in any order; closed stores are left out by whoever reads."""
        return cls(rows)

    def for_place(self, division_code: str | None, lng: float | None, lat: float | None) -> Served:
        """Stores whose exclusive territories cover a place, and stores whose shared ones do.

        Where there are exclusive ones nobody else is a candidate; shared ones go before others.

        Args:
            division_code: GB/T 2260, also a former code; None: the county whose seat is nearest to the point.
            lng, lat: WGS-84 degrees; None: only divisions are looked at.
        """
        if lng is None or lat is None:
            return self._in_division(division_code)
        if division_code is None and self._by_code:
            division_code = divisions.nearest_county(lng, lat).code
        return _together(self._in_division(division_code), self._in_circles(lng, lat))

    def _draw(self, row: TerritoryRow, lng: float, lat: float, km: float) -> None:
        angle = km / EARTH_RADIUS_KM
        circle = _Circle(*_vector(lng, lat), angle, math.cos(angle) - _TINY, row.exclusive, row.store_id)
        if km > _WIDE_KM:
            self._wide.append(circle)
            return
        for cell in _reached(lng, lat, angle):
            self._coarse[cell].append(circle)

    def _in_division(self, code: str | None) -> Served:
        if code is None or not self._by_code:
            return NOBODY
        found = self._by_chain.get(code)
        if found is None:
            found = NOBODY
            for each in chain_of(code):
                found = _together(found, self._by_code.get(each, NOBODY))
            self._by_chain[code] = found
        return found

    def _in_circles(self, lng: float, lat: float) -> Served:
        coarse = self._coarse.get((math.floor(lng / _COARSE), math.floor(lat / _COARSE)), ())
        if not coarse and not self._wide:
            return NOBODY
        cell = (math.floor(lng / _FINE), math.floor(lat / _FINE))
        sorted_out = self._fine.get(cell)
        if sorted_out is None:
            if len(self._fine) >= _CELLS_KEPT:
                self._fine.clear()
            sorted_out = self._fine[cell] = _sorted_out(cell, (*coarse, *self._wide))
        everywhere, here_and_there = sorted_out
        x, y, z = _vector(lng, lat)
        inside = _served(
            (circle.exclusive, circle.store_id)
            for circle in here_and_there
            if circle.x * x + circle.y * y + circle.z * z >= circle.least
        )
        return _together(everywhere, inside)


NO_TERRITORIES = Territories.of(())


def _sorted_out(cell: tuple[int, int], circles: Sequence[_Circle]) -> tuple[Served, tuple[_Circle, ...]]:
    """Who is served in all of a fine cell, and the circles of which only a part may lie in it."""
    west, south = cell[0] * _FINE, cell[1] * _FINE
    x, y, z = middle = _vector(west + _FINE / 2, south + _FINE / 2)
    corners = [_vector(lng, lat) for lng in (west, west + _FINE) for lat in (south, south + _FINE)]
    reach = max(math.acos(min(1.0, sum(a * b for a, b in zip(middle, corner, strict=True)))) for corner in corners)
    reach += _DOUBT
    whole: list[tuple[bool, UUID]] = []
    parts: list[_Circle] = []
    for circle in circles:
        away = math.acos(max(-1.0, min(1.0, circle.x * x + circle.y * y + circle.z * z)))
        if away + reach <= circle.angle:
            whole.append((circle.exclusive, circle.store_id))
        elif away - reach <= circle.angle:
            parts.append(circle)
    return _served(whole), tuple(parts)


def chain_of(code: str) -> tuple[str, ...]:
    """The codes of a division and of those above it; nothing for a code that names none."""
    division = divisions.division_of(code)
    if division is None:
        return ()
    return tuple(dict.fromkeys(filter(None, (division.code, division.city_code, division.province_code))))


def _served(stores: Iterable[tuple[bool, UUID]]) -> Served:
    alone: set[UUID] = set()
    together: set[UUID] = set()
    for exclusive, store_id in stores:
        (alone if exclusive else together).add(store_id)
    return (frozenset(alone), frozenset(together)) if alone or together else NOBODY


def _together(one: Served, other: Served) -> Served:
    if one is NOBODY or other is NOBODY:
        return other if one is NOBODY else one
    return one[0] | other[0], one[1] | other[1]


def _vector(lng: float, lat: float) -> tuple[float, float, float]:
    x, y = math.radians(lng), math.radians(lat)
    return math.cos(y) * math.cos(x), math.cos(y) * math.sin(x), math.sin(y)


def _reached(lng: float, lat: float, angle: float) -> Iterable[tuple[int, int]]:
    """Coarse cells that a circle may reach into."""
    up = math.degrees(angle) + 1e-9
    # The meridian that touches a circle does so at this longitude beside its middle.
    aside = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(lat))))) + 1e-9
    columns = range(math.floor((lng - aside) / _COARSE), math.floor((lng + aside) / _COARSE) + 1)
    rows = range(math.floor((lat - up) / _COARSE), math.floor((lat + up) / _COARSE) + 1)
    return ((column, row) for column in columns for row in rows)
