"""Places on a plane, for pictures of points without borders. Pure.

Albers' equal-area conic with the standard parallels 25° and 47° N and the meridian 105° E, as is usual for China.
"""

from __future__ import annotations

import math

_N = (math.sin(math.radians(25)) + math.sin(math.radians(47))) / 2
_C = math.cos(math.radians(25)) ** 2 + 2 * _N * math.sin(math.radians(25))
_SCALE = 115.0  # units of the picture for the radius of the earth: China is about 90 wide


def albers(lng: float, lat: float) -> tuple[float, float]:
    """East and south of the middle, in units of the picture."""
    rho = math.sqrt(_C - 2 * _N * math.sin(math.radians(lat))) / _N
    theta = _N * math.radians(lng - 105)
    return _SCALE * rho * math.sin(theta), _SCALE * rho * math.cos(theta)
