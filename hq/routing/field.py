"""The stores of a network as arrays, so that a thousand leads can be looked at together.

Memory: some 120 bytes a store and as much again for each tree that is kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from hq.routing.policy import Kind, StoreFacts
from shared.dealers.hours import WeeklyHours, opens_in
from shared.regions.distance import EARTH_RADIUS_KM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

NEVER = 400 * 24.0
_KEPT = 8
_STALE = 0.2  # a tree is built anew when so many of its stores are full


@dataclass(frozen=True, slots=True)
class Grove:
    """The stores that may take leads of one kind, and the tree over them; `positions` of the tree's points."""

    mask: Mask
    positions: Ints
    tree: cKDTree

    def __len__(self) -> int:
        return len(self.positions)

    def nearest(self, points: Floats, k: int) -> tuple[Floats, Ints]:
        """Kilometres and positions of the k nearest stores for each of n points, shaped (n, k), the nearest first."""
        chord, found = self.tree.query(points, k=np.arange(1, k + 1))
        return kilometres(chord), self.positions[found]

    def within(self, point: Floats, km: float) -> int:
        """How many stores are nearer to a point of the unit sphere than so many kilometres."""
        chord = 2 * np.sin(min(np.pi / 2, km / EARTH_RADIUS_KM / 2))
        return int(self.tree.query_ball_point(point, chord * (1 - 1e-9), return_length=True))


class Field:
    """Stores by position; those of unknown place are in no grove."""

    def __init__(self, stores: Sequence[StoreFacts], hours: Sequence[WeeklyHours]) -> None:
        self.stores = stores
        places = [
            (np.nan if store.lng is None else store.lng, np.nan if store.lat is None else store.lat) for store in stores
        ]
        self.vectors = vectors(np.array(places, dtype=float).reshape(-1, 2))
        self._active = np.array([store.active for store in stores], dtype=bool)
        self._dealers = {dealer: number for number, dealer in enumerate(dict.fromkeys(s.dealer_id for s in stores))}
        self._dealer = np.array([self._dealers[store.dealer_id] for store in stores], dtype=np.int64)
        self.usable: Mask = self._active & ~np.isnan(self.vectors[:, 0])
        weeks: dict[WeeklyHours, int] = {}
        self._week = np.array([weeks.setdefault(each, len(weeks)) for each in hours], dtype=np.int64)
        self._weeks = tuple(weeks)
        self._groves: dict[Hashable, Grove] = {}

    def wait_hours(self, now: datetime) -> Floats:
        """Hours until each store opens; 0 while it is open, `NEVER` for one that does not within 400 days."""
        waits = np.minimum(np.array([opens_in(now, week) for week in self._weeks], dtype=float) / 60, NEVER)
        return waits[self._week] if len(waits) else np.empty(0)

    def of_dealers(self, dealers: frozenset[Any]) -> Mask:
        """Whether a store belongs to one of these dealers."""
        numbers = np.zeros(len(self._dealers), dtype=bool)
        numbers[[self._dealers[dealer] for dealer in dealers if dealer in self._dealers]] = True
        return numbers[self._dealer]

    @cached_property
    def everywhere(self) -> Grove:
        """All stores of known place, whether they can take a lead or not."""
        return self.over(~np.isnan(self.vectors[:, 0]))

    def may(self, kind: Kind) -> Mask:
        """Whether people of a kind may go to a store."""
        named = self.of_dealers(kind.dealers)
        return named if kind.series is None else named & self.of_series(kind.series)

    def of_series(self, series: str | None) -> Mask:
        """Whether a store may sell a series."""
        return np.array([store.sells(series) for store in self.stores], dtype=bool)

    def over(self, mask: Mask) -> Grove:
        """The stores of a mask by place."""
        positions = np.flatnonzero(mask)
        return Grove(mask, positions, cKDTree(self.vectors[positions]))

    def grove(self, kind: Hashable, mask: Mask) -> Grove:
        """The stores of a mask by place. The tree of this kind of leads is kept while most of its stores still belong
        to it and none is missing."""
        kept = self._groves.pop(kind, None)
        if kept is None or (mask & ~kept.mask).any() or (kept.mask & ~mask).sum() > _STALE * len(kept):
            kept = self.over(mask)
        self._groves[kind] = kept
        if len(self._groves) > _KEPT:
            del self._groves[next(iter(self._groves))]
        return kept


def vectors(degrees: Floats) -> Floats:
    """Points on the unit sphere, shaped (n, 3), of longitudes and latitudes in degrees, shaped (n, 2)."""
    theta, phi = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    flat = np.cos(phi)
    return np.stack([flat * np.cos(theta), flat * np.sin(theta), np.sin(phi)], axis=1)


def kilometres(chord: Floats) -> Floats:
    """Great-circle distances of straight lines through the unit sphere."""
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, chord / 2))
