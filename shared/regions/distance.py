"""Great-circle distance, and the nearest of many points in order.

The index is a k-d tree over unit vectors: a straight line through the earth grows with the arc on it, so
the order is exact and neither the poles nor the date line need care. Plain Python is quick enough
(figures in the tests); numpy would not help, as routing asks for one neighbour after the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

EARTH_RADIUS_KM = 6371.0  # mean radius, IUGG

_LEAF = 6

Vector = tuple[float, float, float]


def great_circle_km(lng_a: float, lat_a: float, lng_b: float, lat_b: float) -> float:
    """Distance on the sphere in km between two points in degrees (haversine)."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((phi_b - phi_a) / 2) ** 2
    half += math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(lng_b - lng_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


class Neighbour(NamedTuple):
    """A point of the index: its distance in km and its position in the sequence given."""

    km: float
    position: int


@dataclass(frozen=True, slots=True)
class _Node:
    low: Vector
    high: Vector
    left: _Node | None
    right: _Node | None
    leaf: tuple[tuple[float, float, float, int], ...]


class NearestIndex:
    """Points (longitude, latitude in degrees) that can be asked for by distance. Never changes."""

    __slots__ = ("_root", "_size")

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        vectors = [(*_vector(lng, lat), number) for number, (lng, lat) in enumerate(points)]
        self._size = len(vectors)
        self._root = _built(vectors) if vectors else None

    def __len__(self) -> int:
        return self._size

    def nearest(self, lng: float, lat: float) -> Iterator[Neighbour]:
        """All points from the nearest to the farthest, found one by one as they are asked for.

        Points at the same distance come in the order in which they were given.
        """
        if self._root is None:
            return
        x, y, z = _vector(lng, lat)
        # Entries: squared chord, then position (−1: a branch, which must be opened before points as far away).
        heap: list[tuple[float, int, int, _Node | None]] = [(0.0, -1, 0, self._root)]
        opened = 0
        while heap:
            gap, number, _, node = heappop(heap)
            if node is None:
                yield Neighbour(2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(gap) / 2)), number)
                continue
            for px, py, pz, point in node.leaf:
                heappush(heap, ((x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2, point, 0, None))
            for branch in (node.left, node.right):
                if branch is not None:
                    opened += 1
                    heappush(heap, (_gap(x, y, z, branch), -1, opened, branch))

    def k_nearest(self, lng: float, lat: float, k: int) -> list[Neighbour]:
        """The k nearest points, or all when there are fewer."""
        found = self.nearest(lng, lat)
        return [neighbour for _, neighbour in zip(range(k), found, strict=False)]


def _vector(lng: float, lat: float) -> Vector:
    theta, phi = math.radians(lng), math.radians(lat)
    flat = math.cos(phi)
    return flat * math.cos(theta), flat * math.sin(theta), math.sin(phi)


def _built(vectors: list[tuple[float, float, float, int]]) -> _Node:
    xs, ys, zs, _ = zip(*vectors, strict=True)
    low, high = (min(xs), min(ys), min(zs)), (max(xs), max(ys), max(zs))
    if len(vectors) <= _LEAF:
        return _Node(low, high, None, None, tuple(vectors))
    axis = max(range(3), key=lambda a: high[a] - low[a])
    vectors.sort(key=lambda vector: vector[axis])
    middle = len(vectors) // 2
    return _Node(low, high, _built(vectors[:middle]), _built(vectors[middle:]), ())


def _gap(x: float, y: float, z: float, node: _Node) -> float:
    """Squared distance to the node's box; 0 inside."""
    total = 0.0
    low_x, low_y, low_z = node.low
    high_x, high_y, high_z = node.high
    if x < low_x:
        total += (low_x - x) ** 2
    elif x > high_x:
        total += (x - high_x) ** 2
    if y < low_y:
        total += (low_y - y) ** 2
    elif y > high_y:
        total += (y - high_y) ** 2
    if z < low_z:
        total += (low_z - z) ** 2
    elif z > high_z:
        total += (z - high_z) ** 2
    return total
