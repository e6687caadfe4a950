"""Divisions of China by code (GB/T 2260) and by the names people write. The table's sources are in NOTICE."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from shared.regions.distance import NearestIndex, great_circle_km
from shared.regions.names import name_stem

TABLE = Path(__file__).with_name("divisions.csv")
COLUMNS = ("code", "name", "lng", "lat", "point", "pinyin", "former")

Level = Literal["province", "city", "county"]

MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})
# Median and 90th percentile of the distance from a county's seat to its centroid are 10 and 27 km.
_COUNTY_SPREAD_KM = 12.0
_SPREADS_KM = {"710000": 150.0}  # Taiwan's counties are not in the table


@dataclass(frozen=True, slots=True)
class Division:
    """A province, a city (prefecture) or a county.

    Attributes:
        code: six digits, GB/T 2260.
        short: the name without 省, 市, 自治区.
        lng, lat: seat of government in WGS-84 degrees; of Taiwan's and the two regions' parts their parent's.
        spread_km: how far from that point its people live, roughly (mean distance of its counties' seats).
    """

    code: str
    name: str
    short: str
    lng: float
    lat: float
    spread_km: float

    @property
    def level(self) -> Level:
        """By the form of the code; 仙桃 and its like are counties without a city."""
        if self.code.endswith("0000"):
            return "province"
        return "city" if self.code.endswith("00") else "county"

    @property
    def province_code(self) -> str:
        """The province's code: two digits and four zeros."""
        return self.code[:2] + "0000"

    @property
    def city_code(self) -> str | None:
        """The city's code; None for a province and for a county directly under its province."""
        city = tables().by_code.get(self.code[:4] + "00")
        return city.code if city and city.level == "city" else None


@dataclass(frozen=True, slots=True)
class Tables:
    """The table by code: divisions in force, successors of former codes, former names, cities in pinyin."""

    by_code: Mapping[str, Division]
    successor: Mapping[str, str]
    former_names: Mapping[str, tuple[str, ...]]
    pinyin: Mapping[str, str]


@cache
def tables() -> Tables:
    """Everything in `divisions.csv`, read once a process (80 ms)."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    successor: dict[str, str] = {}
    former: dict[str, tuple[str, ...]] = {}
    for row in rows:
        before = [entry.split(":") for entry in row["former"].split(";") if entry]
        successor |= {old: row["code"] for old, _ in before if old != row["code"]}
        former[row["code"]] = tuple(name for _, name in before)
    points = {row["code"]: (float(row["lng"]), float(row["lat"])) for row in rows if row["lng"]}
    spreads = _spreads(points)
    by_code = {
        row["code"]: Division(
            row["code"],
            row["name"],
            name_stem(row["name"]),
            *points.get(row["code"], points[row["code"][:2] + "0000"]),
            spreads.get(row["code"], _COUNTY_SPREAD_KM),
        )
        for row in rows
    }
    return Tables(by_code, successor, former, {row["code"]: row["pinyin"] for row in rows if row["pinyin"]})


def _spreads(points: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Mean distance of the counties' seats from the seat of their city or province, km."""
    seats: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for code, point in points.items():
        if not code.endswith("00"):
            seats[code[:4] + "00"].append(point)
            seats[code[:2] + "0000"].append(point)
    return _SPREADS_KM | {
        code: max(_COUNTY_SPREAD_KM, sum(great_circle_km(*points[code], *point) for point in inside) / len(inside))
        for code, inside in seats.items()
        if code in points
    }


def by_code(code: str) -> Division | None:
    """The division in force with this code. 110100 and its like (市辖区) are the municipality itself."""
    code = code.strip()
    found = tables().by_code.get(code)
    if found is None and code[2:] in {"0100", "0200"} and code[:2] + "0000" in MUNICIPALITIES:
        return tables().by_code[code[:2] + "0000"]
    return found


def current_code(code: str) -> str | None:
    """The code in force for a code that may be a former one; None when it never named a county here."""
    code = code.strip()
    return code if code in tables().by_code else tables().successor.get(code)


def division_of(code: str | None) -> Division | None:
    """The division of a code in force or a former one; of an unknown county its city, else its province."""
    code = (code or "").strip()[:6]
    if not re.fullmatch("[0-9]{6}", code):
        return None
    candidates = (current_code(code) or "", code[:4] + "00", code[:2] + "0000")
    return next(filter(None, map(by_code, candidates)), None)


def provinces() -> tuple[Division, ...]:
    """The 34 provinces, municipalities and regions in the order of their codes."""
    return tuple(division for division in tables().by_code.values() if division.level == "province")


def inside(code: str) -> tuple[Division, ...]:
    """The next level: cities (and counties without one) of a province, counties of a city."""
    everything = tables().by_code.values()
    if code.endswith("0000"):
        return tuple(d for d in everything if d.province_code == code and d.code != code and not _has_city(d))
    return tuple(d for d in everything if d.code[:4] == code[:4] and d.code != code)


def _has_city(division: Division) -> bool:
    return division.level == "county" and division.city_code is not None


def nearest_county(lng: float, lat: float) -> Division:
    """The county whose seat is nearest to a WGS-84 point: near a border it may be the neighbour."""
    index, counties = _county_index()
    return counties[next(index.nearest(lng, lat)).position]


@cache
def smallest() -> tuple[Division, ...]:
    """Counties, and the cities and provinces that have none here, in the order of their codes."""
    everything = tables().by_code
    divided = {code[:4] + "00" for code in everything if not code.endswith("00")}
    divided |= {code[:2] + "0000" for code in everything if not code.endswith("0000")}
    return tuple(d for d in everything.values() if d.code not in divided)


@cache
def _county_index() -> tuple[NearestIndex, tuple[Division, ...]]:
    counties = tuple(d for d in smallest() if d.level != "province")
    return NearestIndex([(d.lng, d.lat) for d in counties]), counties


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Full names of codes in force; others are left out."""
    return {code: division.name for code in codes if (division := by_code(code))}
