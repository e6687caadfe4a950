"""Whether a point can lie in the division that is named for it, by distances to seats. Pure.

Polygons of counties are not shipped, so this is a judgement with margins, measured (decision 264):
a county is taken to reach about as far as its four nearest neighbours' seats are away. Within that nobody can tell.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from shared.regions import divisions
from shared.regions.distance import NearestIndex, great_circle_km
from shared.regions.divisions import Division

_SMALLEST_KM = 12.0
_SEA_KM, _SEA_REACHES = 40.0, 1.8
_PROVINCE_KM = 15.0
_CITY_KM = 20.0
_COUNTY_KM, _COUNTY_REACHES = 8.0, 0.75


class Misfit(StrEnum):
    """Why a point cannot be where it is said to be."""

    SEA = "sea"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Fit:
    """How a point fits.

    Attributes:
        misfit: None where nothing speaks against it.
        nearest: the county whose seat is nearest.
        km: how far its seat is away.
        stated_km: how far the nearest seat within the stated division is away; None without one.
        far: so far from the stated division that its seat says more of the place than the point.
    """

    misfit: Misfit | None
    nearest: Division
    km: float
    stated_km: float | None
    far: bool = False


def fit(lng: float, lat: float, division: Division | None) -> Fit:
    """Hold a point (WGS-84 degrees, within the rectangle around China) against a division of any level.

    Sea: farther from any seat than 40 km and 1.8 times what the nearest county reaches; also abroad. Province: the
    nearest seat of it is more than 15 km farther than the nearest of all. City: more than 20 km, or than what the
    county there reaches. County: more than 8 km, or than three quarters of what it or the nearer one reaches.
    """
    index, counties = _everything()
    found = next(index.nearest(lng, lat))
    near, km = counties[found.position], found.km
    if km > max(_SEA_KM, _SEA_REACHES * _reach(near.code)):
        return Fit(Misfit.SEA, near, km, None)
    if division is None:
        return Fit(None, near, km, None)
    there, stated_km = _nearest_in(division.code, lng, lat)
    far = stated_km > km + max(_CITY_KM, _reach(there.code))
    return Fit(_against(lng, lat, division, near, km), near, km, stated_km, far)


def _against(lng: float, lat: float, division: Division, near: Division, km: float) -> Misfit | None:
    if _nearest_in(division.province_code, lng, lat)[1] > km + _PROVINCE_KM:
        return Misfit.PROVINCE
    if division.level == "province":
        return None
    there, city_km = _nearest_in(division.city_code or division.code, lng, lat)
    if city_km > km + max(_CITY_KM, _reach(there.code)):
        return Misfit.CITY
    if division.level != "county":
        return None
    away = great_circle_km(lng, lat, division.lng, division.lat)
    reach = min(_reach(division.code), _reach(near.code))
    return Misfit.COUNTY if away > km + max(_COUNTY_KM, _COUNTY_REACHES * reach) else None


@cache
def _everything() -> tuple[NearestIndex, tuple[Division, ...]]:
    counties = divisions.smallest()
    return NearestIndex([(each.lng, each.lat) for each in counties]), counties


@cache
def _members() -> dict[str, tuple[Division, ...]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for each in divisions.smallest():
        for code in {each.code, each.city_code, each.province_code}:
            if code is not None:
                found[code].append(each)
    return {code: tuple(mine) for code, mine in found.items()}


@cache
def _index_of(code: str) -> NearestIndex:
    return NearestIndex([(each.lng, each.lat) for each in _members()[code]])


def _nearest_in(code: str, lng: float, lat: float) -> tuple[Division, float]:
    """The county of a division whose seat is nearest, and how far it is."""
    found = next(_index_of(code).nearest(lng, lat))
    return _members()[code][found.position], found.km


@cache
def _reach(code: str) -> float:
    """Mean distance to the four nearest other seats, km; seats that stand in for each other left out."""
    index, counties = _everything()
    own = next(each for each in counties if each.code == code)
    away = (neighbour.km for neighbour in index.nearest(own.lng, own.lat) if neighbour.km > 0.5)
    four = [km for _, km in zip(range(4), away, strict=False)]
    return max(_SMALLEST_KM, sum(four) / len(four))
