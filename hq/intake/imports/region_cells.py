"""Where a person is, as a row says it: a county's code, names, or a point on a map."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hq.intake.imports.cells import RowCells, as_text
from shared.regions import divisions
from shared.regions.coords import in_china
from shared.regions.resolve import resolve

_PLACE = 120  # characters
_NAMES = ("province", "city", "county")
# 广东省广州市天河区 or 广东 广州 天河 in one cell
_IN_ONE = re.compile(
    r"(?P<province>[^\s/-]+?(?:省|自治区|特别行政区)|[^\s/-]+(?=[\s/-])|(?:北京|上海|天津|重庆)市?)?[\s/-]*"
    r"(?P<city>[^\s/-]+?(?:市|自治州|地区|盟)|[^\s/-]+(?=[\s/-]))?[\s/-]*(?P<county>.+)?"
)
_EXPORT_SYSTEM = "GCJ-02"  # WeChat and every map on a phone give it


def read_region(cells: RowCells) -> dict[str, str | float]:
    """What the row says of its place, each part only where it is given and can be one.

    Returns:
        county_code (six digits, present code), province, city, county (texts), lng, lat (degrees), coord_sys.
    """
    region: dict[str, str | float] = {}
    for name in _NAMES:
        if text := cells.text(name, _PLACE):
            region[name] = text
    if not region:
        region |= parts_of(cells.text("region", _PLACE))
    if city := _city_in_full(cells, region):
        region["city"] = city
    if code := _county_code(cells):
        region["county_code"] = code
    if point := _point(cells):
        region["lng"], region["lat"] = point
        region["coord_sys"] = _EXPORT_SYSTEM
    return region


def parts_of(text: str) -> dict[str, str]:
    """Province, city and county of one text (广东省广州市天河区, 广东 广州 天河), as far as they can be told apart."""
    match = _IN_ONE.fullmatch(text)
    return {name: part for name in _NAMES if (part := (match[name] or "").strip(" -/"))} if match else {}


def _city_in_full(cells: RowCells, region: Mapping[str, str | float]) -> str | None:
    """The full name of a city that is written in another way (太原, Taiyuan); None where there is nothing to do.

    Where province and city are both written short, that is how the form writes them, and no repair.
    """
    province, city = str(region.get("province", "")), str(region.get("city", ""))
    full = _city_of(resolve(province, city)) if city else None
    if full is None or city == full.name:
        return None
    above = divisions.by_code(full.province_code)
    short_too = above is not None and (province == above.short or not above.name.endswith(("省", "市")))
    if city != full.short or not short_too:
        cells.repaired("city_variant", "city")
    return full.name


def _city_of(found: divisions.Division | None) -> divisions.Division | None:
    """The division that stands in a city's place: 北京 is its own city, 仙桃 a county without one."""
    if found is None or (found.level == "province" and found.code not in divisions.MUNICIPALITIES):
        return None
    return divisions.by_code(found.city_code or found.code)


def _county_code(cells: RowCells) -> str | None:
    text = as_text(cells.raw("county_code")).strip()
    if not text:
        return None
    code = divisions.current_code(text)
    if code is None:
        cells.remark("county_code_unknown", "county_code")
    elif code != text:
        cells.repaired("old_county_code", "county_code")
    return code


def _point(cells: RowCells) -> tuple[float, float] | None:
    lng, lat = cells.number("lng"), cells.number("lat")
    if lng is None or lat is None:
        return None
    if in_china(lng, lat):
        return lng, lat
    if in_china(lat, lng):
        cells.repaired("point_turned", "lng")
        return lat, lng
    cells.remark("point_outside", "lng")
    return None
