"""The invented network of the demo: 42 dealers with 66 stores in 14 provinces, at the seats of real counties.

No company here exists. A store stands within three kilometres of its county's seat, so that two stores of one county
are two points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from shared.regions import divisions
from shared.regions.divisions import Division

_SEED = "koi-network"
# City of GB/T 2260 → its dealers, each with its number of stores.
_CITIES: dict[str, tuple[tuple[str, int], ...]] = {
    "320300": (("云帆", 4), ("彭城", 2), ("汉源", 1)),
    "330100": (("知行", 4), ("钱江", 2), ("西溪", 1)),
    "510100": (("锦里", 4), ("天府", 2), ("青羊", 1)),
    "420100": (("江城", 2), ("楚天", 2), ("东湖", 1)),
    "370100": (("泉城", 2), ("历山", 1), ("明湖", 1)),
    "410100": (("中原", 2), ("商都", 2), ("嵩岳", 1)),
    "340100": (("庐州", 2), ("逍遥", 1), ("巢湖", 1)),
    "430100": (("湘江", 2), ("岳麓", 1), ("星沙", 1)),
    "440100": (("羊城", 2), ("珠江", 1), ("白云", 1)),
    "450100": (("邕江", 2), ("青秀", 1), ("凤岭", 1)),
    "610100": (("长安", 2), ("雁塔", 1), ("灞上", 1)),
    "130100": (("燕赵", 1), ("滹沱", 1), ("太行", 1)),
    "360100": (("滕王", 1), ("赣江", 1), ("青山湖", 1)),
    "530100": (("滇池", 1), ("春城", 1), ("翠湖", 1)),
}
_TRADES = ("车业", "电动", "车行")
_CAPACITIES = (6, 8, 8, 10, 12, None)
_WEEKLY = (None, None, None, 40, 60)
SERIES = (
    ("S1", "锦程 S1", ("锦程 S1", "锦程 S1 Pro")),
    ("C2", "轻舟 C2", ("轻舟 C2",)),
    ("T3", "远行 T3", ("远行 T3",)),
)
_SOLD = (None, None, None, None, ("C2", "S1"))  # what a store may sell; None: all


@dataclass(frozen=True, slots=True)
class Site:
    """A store to be made; `capacity`, `weekly`: leads a day and a week, None without a limit; `series`: None: all."""

    code: str
    name: str
    county: Division
    lng: float
    lat: float
    capacity: int | None
    weekly: int | None = None
    weight: int = 1
    series: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A dealer to be made, with its stores."""

    code: str
    name: str
    sites: tuple[Site, ...]


def companies() -> Sequence[Company]:
    """Every dealer with its stores; the same each time."""
    return tuple(_companies())


def _companies() -> Iterator[Company]:
    rnd = Random(_SEED)  # noqa: S311 - the demo is the same every time
    number = 0
    for city_code, dealers in _CITIES.items():
        city = divisions.by_code(city_code)
        if city is None:
            raise LookupError(city_code)
        # Stores are where people live: the counties nearest to the city's seat, one after the other.
        near = sorted(divisions.inside(city_code), key=lambda county: _far(county, city))[:9]
        places = iter(near * 2)
        for trade, (word, stores) in zip(_TRADES, dealers, strict=True):
            number += 1
            sites = tuple(_site(f"M{number:03}{n}", city, next(places), word, rnd) for n in range(1, stores + 1))
            yield Company(f"D{number:03}", f"{city.short}{word}{trade}", sites)


def _site(code: str, city: Division, county: Division, word: str, rnd: Random) -> Site:
    angle, km = rnd.random() * math.tau, 0.3 + 2.7 * rnd.random()
    lat = county.lat + km / 111.0 * math.sin(angle)
    lng = county.lng + km / (111.0 * math.cos(math.radians(county.lat))) * math.cos(angle)
    name = f"锦程{city.short}{word}{county.short}店"
    capacity = rnd.choice(_CAPACITIES)
    own = Random(code)  # noqa: S311 - of its own, so that the stores stand where they always stood
    return Site(
        code,
        name,
        county,
        round(lng, 5),
        round(lat, 5),
        capacity,
        own.choice(_WEEKLY),
        2 if own.random() < 0.1 else 1,
        own.choice(_SOLD),
    )


def _far(county: Division, city: Division) -> float:
    return math.hypot(county.lng - city.lng, county.lat - city.lat)
