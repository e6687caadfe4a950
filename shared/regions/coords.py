"""The three coordinate systems of Chinese maps: WGS-84 (GPS), GCJ-02 (WeChat, Amap) and BD-09 (Baidu).

GCJ-02 shifts WGS-84 by a published approximation of the state's offset on the Krasovsky 1940 ellipsoid
("eviltransform", googollee, public domain formulas); BD-09 turns GCJ-02 once more (Baidu's own formula).
Outside China the systems are taken to be the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from shared.platform.errors import Invalid

Point = tuple[float, float]  # longitude, latitude in degrees

_SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940
_ECCENTRICITY_2 = 0.00669342162296594323
_BAIDU_TURN = math.pi * 3000 / 180


class UnknownSystem(Invalid):
    """A coordinate system that is not used in China; `params["system"]`."""

    code = "coordinate_system_unknown"


def in_china(lng: float, lat: float) -> bool:
    """Whether a point lies in the rectangle around China and its seas (NaN does not)."""
    return 72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271


def wgs_to_gcj(lng: float, lat: float) -> Point:
    """WGS-84 to GCJ-02, degrees; off by some metres at most."""
    if not in_china(lng, lat):
        return lng, lat
    x, y = lng - 105.0, lat - 35.0
    east, north = _offset_east(x, y), _offset_north(x, y)
    phi = math.radians(lat)
    magic = 1 - _ECCENTRICITY_2 * math.sin(phi) ** 2
    metres_lat = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / (magic * math.sqrt(magic))
    metres_lng = _SEMI_MAJOR_M / math.sqrt(magic) * math.cos(phi)
    return lng + math.degrees(east / metres_lng), lat + math.degrees(north / metres_lat)


def _waves(value: float, *parts: tuple[float, float]) -> float:
    return sum(size * math.sin(value * math.pi * often) for size, often in parts) * 2 / 3


def _offset_east(x: float, y: float) -> float:
    curve = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    return curve + _waves(x, (20, 6), (20, 2), (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))


def _offset_north(x: float, y: float) -> float:
    curve = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    return curve + _waves(x, (20, 6), (20, 2)) + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))


def gcj_to_wgs(lng: float, lat: float) -> Point:
    """GCJ-02 to WGS-84, degrees, by three steps of fixed-point iteration (the rest is below a millimetre)."""
    if not in_china(lng, lat):
        return lng, lat
    a, b = lng, lat
    for _ in range(3):
        there_lng, there_lat = wgs_to_gcj(a, b)
        a, b = a + lng - there_lng, b + lat - there_lat
    return a, b


def gcj_to_bd(lng: float, lat: float) -> Point:
    """GCJ-02 to BD-09, degrees."""
    radius = math.hypot(lng, lat) + 0.00002 * math.sin(lat * _BAIDU_TURN)
    angle = math.atan2(lat, lng) + 0.000003 * math.cos(lng * _BAIDU_TURN)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


def bd_to_gcj(lng: float, lat: float) -> Point:
    """BD-09 to GCJ-02, degrees; off by about a metre at most."""
    x, y = lng - 0.0065, lat - 0.006
    radius = math.hypot(x, y) - 0.00002 * math.sin(y * _BAIDU_TURN)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * _BAIDU_TURN)
    return radius * math.cos(angle), radius * math.sin(angle)


def bd_to_wgs(lng: float, lat: float) -> Point:
    """BD-09 to WGS-84, degrees."""
    return gcj_to_wgs(*bd_to_gcj(lng, lat))


def wgs_to_bd(lng: float, lat: float) -> Point:
    """WGS-84 to BD-09, degrees."""
    return gcj_to_bd(*wgs_to_gcj(lng, lat))


_TO_WGS: dict[str, Callable[[float, float], Point]] = {
    "WGS84": lambda lng, lat: (lng, lat),
    "WGS": lambda lng, lat: (lng, lat),
    "GCJ02": gcj_to_wgs,
    "GCJ": gcj_to_wgs,
    "BD09": bd_to_wgs,
    "BD": bd_to_wgs,
}


def to_wgs(lng: float, lat: float, system: str) -> Point:
    """A point of a named system in WGS-84.

    Raises:
        UnknownSystem: neither `WGS-84`, `GCJ-02` nor `BD-09` (case, dashes and a missing number do not matter).
    """
    plain = "".join(filter(str.isalnum, system)).upper()
    if plain not in _TO_WGS:
        raise UnknownSystem(system=system)
    return _TO_WGS[plain](lng, lat)
