"""Where somebody says that a store is: division and coordinates, read and checked. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hq.network.errors import BadPlace, BadPoint
from shared.regions import divisions
from shared.regions.coords import in_china, to_wgs
from shared.regions.divisions import Division
from shared.regions.resolve import resolve

SYSTEMS = ("BD-09", "GCJ-02", "WGS-84")


@dataclass(frozen=True, slots=True)
class Place:
    """A store's place in its columns; see `shared.dealers.models.Store`."""

    province_code: str | None
    city_code: str | None
    county_code: str | None
    lng: float | None
    lat: float | None
    point_source: str | None


def read_division(text: str) -> Division | None:
    """The division that words such as `浙江省 杭州市 西湖区` or `杭州西湖区` name; None for no words.

    Raises:
        BadPlace: there is none.
    """
    words = text.replace("/", " ").replace("，", " ").split()
    if not words:
        return None
    found = resolve(*words[:3])
    if found is None or (len(words) > 2 and found.level != "county"):
        raise BadPlace(field="division")
    return found


def read_point(lng: str, lat: str, system: str) -> tuple[float, float] | None:
    """The point in WGS-84; None when nothing is written.

    Raises:
        BadPoint: `reason` says why; `swapped`: longitude and latitude stand in each other's place.
    """
    if not lng.strip() and not lat.strip():
        return None
    try:
        x, y = float(lng), float(lat)
    except ValueError:
        raise BadPoint(field="lng", reason="half" if not (lng.strip() and lat.strip()) else "number") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise BadPoint(field="lng", reason="number")
    if not in_china(x, y):
        raise BadPoint(field="lng", reason="swapped" if in_china(y, x) else "outside")
    if system not in SYSTEMS:
        raise BadPoint(field="system", reason="system")
    return to_wgs(x, y, system)


def placed(division: Division | None, point: tuple[float, float] | None) -> Place:
    """The columns. Without coordinates the seat of the county or city stands in, marked as such."""
    source: str | None = "as_given"
    if division is None and point is not None:
        division = divisions.nearest_county(*point)
    if point is None:
        small = division if division is not None and division.level != "province" else None
        point, source = ((small.lng, small.lat), small.level) if small else (None, None)
    lng, lat = point or (None, None)
    if division is None:
        return Place(None, None, None, lng, lat, source)
    county = division.code if division.level == "county" else None
    city = division.code if division.level == "city" else division.city_code
    return Place(division.province_code, city, county, _six(lng), _six(lat), source)


def _six(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
