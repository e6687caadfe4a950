"""Where a store stands: its division by name and code, and its point once that has been checked against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from hq.intake.imports.cells import RowCells, as_text
from shared.regions import divisions
from shared.regions.coords import UnknownSystem, in_china, to_wgs
from shared.regions.divisions import Division
from shared.regions.fitting import Fit, Misfit, fit
from shared.regions.resolve import resolve

Doubt: TypeAlias = tuple[str, Mapping[str, Any]]

DEFAULT_SYSTEM = "BD-09"  # what dealer lists hold when they do not say: they are kept on Baidu's map
_REMARKS = {
    Misfit.SEA: "point_in_sea",
    Misfit.PROVINCE: "point_in_wrong_province",
    Misfit.CITY: "point_in_other_city",
    Misfit.COUNTY: "point_far_from_district",
}


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store's place; what is None is not known.

    Attributes:
        county_code, city_code, province_code: GB/T 2260, in force.
        lng, lat: WGS-84 degrees.
        point_source: `as_given`, or `county` or `city` where the seat of that division stands in for the point.
        doubts: what does not fit about the point, as codes of remarks or repairs with parameters.
    """

    province_code: str | None = None
    city_code: str | None = None
    county_code: str | None = None
    lng: float | None = None
    lat: float | None = None
    point_source: str | None = None
    doubts: tuple[Doubt, ...] = ()


def read_place(cells: RowCells, system: str = DEFAULT_SYSTEM) -> StorePlace:
    """Read the division and the point; a point in the sea, in another province or city is not trusted.

    Args:
        system: what coordinates are of where the row does not say it.
    """
    division = _division(cells)
    point, doubts = _point(cells, system)
    if point:
        found = fit(*point, division)
        if found.misfit:
            kept = found.misfit is Misfit.COUNTY and not found.far
            code = "point_in_other_district" if kept else _REMARKS[found.misfit]
            doubts.append((code, _measured(found)))
            cells.remark(code, "lng")
            point = point if kept else None
    if point:
        return replace(_placed(division, point, "as_given"), doubts=tuple(doubts))
    if division is None or division.level == "province":
        cells.remark("place_unknown", "county")
        return replace(_placed(division, None, None), doubts=tuple(doubts))
    seat = _named_in(cells.text("address", 300), division)
    return replace(_placed(seat, (seat.lng, seat.lat), seat.level), doubts=tuple(doubts))


def _measured(found: Fit) -> dict[str, Any]:
    return {"nearest": found.nearest.code, "km": round(found.km), "stated_km": round(found.stated_km or 0)}


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


def _point(cells: RowCells, system: str) -> tuple[tuple[float, float] | None, list[Doubt]]:
    """The point in WGS-84, and what was wrong with it."""
    lng, lat = cells.number("lng"), cells.number("lat")
    if lng is None or lat is None:
        if "lng" not in cells.columns.index:
            return None, []
        cells.remark("point_missing", "lng")
        return None, [("point_missing", {})]
    doubts: list[Doubt] = []
    if not in_china(lng, lat):
        if not in_china(lat, lng):
            cells.remark("point_outside", "lng")
            return None, [("point_outside", {})]
        cells.repaired("point_turned", "lng")
        doubts.append(("point_turned", {}))
        lng, lat = lat, lng
    named = cells.text("coordinates", 40)
    if not named:
        cells.remark("coordinates_blank", "lng")
    try:
        return to_wgs(lng, lat, named or system), doubts
    except UnknownSystem:
        cells.remark("coordinates_unknown", "coordinates")
        return None, [*doubts, ("coordinates_unknown", {"named": named})]
