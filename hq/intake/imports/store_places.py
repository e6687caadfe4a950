"""Where a store stands: its division by name and code, and its point once that has been checked against them."""

from __future__ import annotations

from dataclasses import dataclass

from hq.intake.imports.cells import RowCells, as_text
from shared.regions import divisions
from shared.regions.coords import in_china, to_wgs
from shared.regions.distance import great_circle_km
from shared.regions.divisions import Division
from shared.regions.resolve import resolve

DEFAULT_SYSTEM = "BD-09"  # what dealer lists hold when they do not say: they are kept on Baidu's map
# Measured on 573 real points: where the province is right its nearest county seat is never more than 5 km farther
# than the nearest of all; where it is wrong, at least 27 km.
_PROVINCE_MARGIN_KM = 15.0
_CITY_MARGIN_KM = 50.0


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store's place; what is None is not known.

    Attributes:
        county_code, city_code, province_code: GB/T 2260, in force.
        lng, lat: WGS-84 degrees.
        point_source: `as_given`, or `county` or `city` where the seat of that division stands in for the point.
    """

    province_code: str | None = None
    city_code: str | None = None
    county_code: str | None = None
    lng: float | None = None
    lat: float | None = None
    point_source: str | None = None


def read_place(cells: RowCells) -> StorePlace:
    """Read the division and the point; a point in another province or city is not trusted."""
    division = _division(cells)
    point = _point(cells)
    if point and division and (doubt := _doubt(point, division)):
        cells.remark(doubt, "lng")
        point = None
    if point:
        return _placed(division, point, "as_given")
    if division is None or division.level == "province":
        cells.remark("place_unknown", "county")
        return _placed(division, None, None)
    seat = _named_in(cells.text("address", 300), division)
    return _placed(seat, (seat.lng, seat.lat), seat.level)


def _placed(division: Division | None, point: tuple[float, float] | None, source: str | None) -> StorePlace:
    lng, lat = point or (None, None)
    if division is None:
        return StorePlace(lng=lng, lat=lat, point_source=source)
    county = division.code if division.level == "county" else None
    city = division.code if division.level == "city" else division.city_code
    return StorePlace(division.province_code, city, county, lng, lat, source)


def _division(cells: RowCells) -> Division | None:
    """By the names, and by the code where it lies inside what the names say."""
    names = [cells.text(field, 120) for field in ("province", "city", "county")]
    named = resolve(*names)
    text = as_text(cells.raw("county_code")).strip()
    code = divisions.current_code(text) if text else None
    coded = divisions.by_code(code) if code else None
    if text and coded is None:
        cells.remark("county_code_unknown", "county_code")
    if code and code != text:
        cells.repaired("old_county_code", "county_code")
    if named is None and any(names):
        cells.remark("place_unknown", "county")
    if coded is None or named is None:
        return named or coded
    if _inside(coded, named):
        return coded
    cells.remark("county_code_elsewhere", "county_code")
    return named


def _inside(small: Division, large: Division) -> bool:
    same_city = large.level == "province" or (small.city_code or small.code) == (large.city_code or large.code)
    return small.province_code == large.province_code and same_city


def _named_in(address: str, division: Division) -> Division:
    """The one county of a city that an address names, else the division itself."""
    if division.level != "city":
        return division
    named = [county for county in divisions.inside(division.code) if len(county.name) > 2 and county.name in address]
    return named[0] if len(named) == 1 else division


def _point(cells: RowCells) -> tuple[float, float] | None:
    lng, lat = cells.number("lng"), cells.number("lat")
    if lng is None or lat is None:
        return None
    if not in_china(lng, lat):
        cells.remark("point_outside", "lng")
        return None
    system = cells.text("coordinates", 40)
    if not system:
        cells.remark("coordinates_blank", "lng")
    try:
        return to_wgs(lng, lat, system or DEFAULT_SYSTEM)
    except KeyError:
        cells.remark("coordinates_unknown", "coordinates")
        return None


def _doubt(point: tuple[float, float], division: Division) -> str | None:
    nearest = divisions.nearest_county(*point)
    near_km = great_circle_km(*point, nearest.lng, nearest.lat)
    if nearest.province_code != division.province_code:
        own = _nearest_km(point, division.province_code)
        return "point_in_wrong_province" if own > near_km + _PROVINCE_MARGIN_KM else None
    if division.level == "province":
        return None
    own = _nearest_km(point, division.city_code or division.code)
    return "point_in_other_city" if own > near_km + _CITY_MARGIN_KM else None


def _nearest_km(point: tuple[float, float], code: str) -> float:
    """Distance to the nearest seat of a division or of a county inside it, km."""
    places = [divisions.by_code(code), *divisions.inside(code)]
    cities = [place.code for place in places if place and place.level == "city" and place.code != code]
    places += [county for city in cities for county in divisions.inside(city)]
    return min(great_circle_km(*point, place.lng, place.lat) for place in places if place)
