"""Where a person most probably is, from whatever is known, the best first. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shared.regions import coords
from shared.regions.divisions import Division, division_of, nearest_county
from shared.regions.resolve import resolve

Source = Literal["store", "gps", "county", "city", "province", "phone_city"]

_STORE_KM = 5.0  # a person who scans a code in a store has come from somewhere near
_GPS_KM = 0.5  # phones are finer; who signs up is often not at home


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """What a sign-up says about the place.

    Attributes:
        store_point: WGS-84 longitude and latitude of the store whose code was scanned.
        lng, lat, system: a position from the phone, degrees, and its coordinate system (mini-programs give GCJ-02).
        county_code: GB/T 2260, former codes too.
        province, city, county: texts as written.
        phone_city_code: division where the number was sold (`shared.contacts.phone_city`).
    """

    store_point: tuple[float, float] | None = None
    lng: float | None = None
    lat: float | None = None
    system: str = "GCJ-02"
    county_code: str | None = None
    province: str | None = None
    city: str | None = None
    county: str | None = None
    phone_city_code: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A point in WGS-84 degrees with where it comes from.

    Attributes:
        source: store, gps, county, city, province or phone_city.
        uncertainty_km: how far off the person may well be: half a kilometre for a position, 12 for a county,
            typically 30 to 60 for a city, and hundreds for a province, where the point is its capital.
        division_code: the division that was named, or the county with the nearest seat.
    """

    lng: float
    lat: float
    source: Source
    uncertainty_km: float
    division_code: str


def best_place(facts: PlaceFacts) -> Place | None:
    """The best known place; None when nothing usable was said.

    In this order: the scanned store, a position in China, a county's code, texts down to the county or the
    city, the city of the phone number, and last a province alone: as a whole province is less exact than
    the city of a number sold in it, that city goes first when it lies in the province named.
    """
    return next(filter(None, (attempt(facts) for attempt in _ATTEMPTS)), None)


def _from_store(facts: PlaceFacts) -> Place | None:
    if facts.store_point is None:
        return None
    return _at_point(*facts.store_point, "store", _STORE_KM)


def _from_position(facts: PlaceFacts) -> Place | None:
    if facts.lng is None or facts.lat is None:
        return None
    for lng, lat in ((facts.lng, facts.lat), (facts.lat, facts.lng)):  # some clients swap the two
        if coords.in_china(lng, lat):
            try:
                return _at_point(*coords.to_wgs(lng, lat, facts.system or "GCJ-02"), "gps", _GPS_KM)
            except coords.UnknownSystem:
                return None
    return None


def _at_point(lng: float, lat: float, source: Source, uncertainty_km: float) -> Place:
    return Place(lng, lat, source, uncertainty_km, nearest_county(lng, lat).code)


def _from_code(facts: PlaceFacts) -> Place | None:
    division = division_of(facts.county_code)
    return _at_division(division) if division and division.level != "province" else None


def _from_texts(facts: PlaceFacts) -> Place | None:
    division = _named(facts)
    return _at_division(division) if division and _is_local(division) else None


def _from_province(facts: PlaceFacts) -> Place | None:
    division = _named(facts) or division_of(facts.county_code)
    sold_in = division_of(facts.phone_city_code)
    if sold_in and (division is None or sold_in.province_code == division.province_code):
        return _at_division(sold_in, "phone_city")
    return _at_division(division) if division else None


def _named(facts: PlaceFacts) -> Division | None:
    return resolve(facts.province, facts.city, facts.county)


def _is_local(division: Division) -> bool:
    """Whether it is at most a city; a municipality is one."""
    return division.level != "province" or division.spread_km < _LARGEST_CITY_KM


_LARGEST_CITY_KM = 60.0  # Beijing, Shanghai and Tianjin spread less; Chongqing, as large as Austria, is a province here


def _at_division(division: Division, source: Source | None = None) -> Place:
    level = "city" if division.level == "province" and _is_local(division) else division.level
    return Place(division.lng, division.lat, source or level, division.spread_km, division.code)


_ATTEMPTS: tuple[Callable[[PlaceFacts], Place | None], ...] = (
    _from_store,
    _from_position,
    _from_code,
    _from_texts,
    _from_province,
)
