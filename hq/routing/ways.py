"""The stores that can take the leads of a batch, each lead's cheapest first: arrays for all, exact for each.

The k nearest stores of all leads are found at once. One farther away can only be cheaper than those found by what it
costs less besides distance; where that could be, more are looked at, until it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from hq.routing.field import Field, Floats, Grove, vectors
from hq.routing.policy import TOLD, Kind, Room, StoreFacts, Way

_FIRST = 8
_MORE = 8  # times as many with each further look


class Spot(NamedTuple):
    """Where a lead is, in WGS-84 degrees; `off_km`: how far off that may well be."""

    lng: float
    lat: float
    off_km: float
    kind: Kind


class Ways:
    """The cheapest stores around each of n spots.

    A person who may be 30 km off is nearly as near to a store 5 km away as to one 2 km away: distance counts as the
    hypotenuse of both.
    """

    def __init__(
        self,
        field: Field,
        spots: Sequence[Spot],
        room: Room,
        opens_soon: Sequence[bool],
        costs: Floats,
        max_km: float | None,
    ) -> None:
        """
        Args:
            opens_soon: by position, whether a store opens soon enough.
            costs: what each store costs besides distance, km, shaped (stores,).
        """
        self._field, self._costs = field, costs
        self._reach = np.inf if max_km is None else max_km
        able = field.usable & np.array(opens_soon, dtype=bool) & (np.array(room.left) > 0)
        kinds = dict.fromkeys(spot.kind for spot in spots)
        self._groves = {kind: field.grove(kind, able & field.may(kind)) for kind in kinds}
        self._least = {kind: float(costs[grove.positions].min(initial=np.inf)) for kind, grove in self._groves.items()}
        degrees = np.array([(spot.lng, spot.lat) for spot in spots], dtype=float).reshape(-1, 2)
        self._points = vectors(degrees)
        self._spots = spots
        everywhere = field.everywhere
        self._near: list[tuple[list[float], list[int]]] = []
        if len(everywhere) and spots:
            kms, positions = everywhere.nearest(self._points, min(TOLD, len(everywhere)))
            self._near = list(zip(kms.tolist(), positions.tolist(), strict=True))
        self._rows: list[tuple[list[float], list[float], list[int], float]] = [([], [], [], np.inf)] * len(spots)
        for kind, grove in self._groves.items():
            members = [number for number, spot in enumerate(spots) if spot.kind == kind]
            if members and len(grove):
                for number, row in zip(members, self._look(grove, kind, members, _FIRST), strict=True):
                    self._rows[number] = row

    def of(self, number: int) -> Iterator[Way]:
        """The stores for a spot within reach, by cost."""
        kind, stores = self._spots[number].kind, self._field.stores
        grove = self._groves[kind]
        k, given = _FIRST, 0
        row = self._rows[number]
        while True:
            costs, kms, positions, sure = row
            while given < len(costs) and costs[given] <= sure:
                yield Way(costs[given], kms[given], stores[positions[given]])
                given += 1
            if k >= len(grove):
                return
            k *= _MORE
            (row,) = self._look(grove, kind, [number], k)

    def near(self, number: int) -> Iterator[tuple[float, StoreFacts]]:
        """Kilometres and store of the whole network by distance, whether they can take the lead or not."""
        everywhere, stores = self._field.everywhere, self._field.stores
        kms, positions = self._near[number] if self._near else ([], [])
        k, given = TOLD, 0
        while True:
            for place in range(given, len(kms)):
                yield kms[place], stores[positions[place]]
            given = len(kms)
            if given >= len(everywhere):
                return
            k *= _MORE
            far, found = everywhere.nearest(self._points[[number]], min(k, len(everywhere)))
            kms, positions = far[0].tolist(), found[0].tolist()

    def nearer(self, number: int, km: float) -> int:
        """How many stores of the whole network are nearer than so many kilometres."""
        return self._field.everywhere.within(self._points[number], km)

    def _look(
        self, grove: Grove, kind: Kind, members: Sequence[int], k: int
    ) -> list[tuple[list[float], list[float], list[int], float]]:
        """For each member: costs in order, kilometres, positions, and up to which cost nothing can be missing."""
        k = min(k, len(grove))
        kms, positions = grove.nearest(self._points[members], k)
        off = np.array([self._spots[number].off_km for number in members])
        costs = np.where(kms <= self._reach, np.hypot(kms, off[:, None]) + self._costs[positions], np.inf)
        farthest = kms[:, -1]
        sure = np.hypot(farthest, off) + self._least[kind]
        sure[(k == len(grove)) | (farthest > self._reach)] = np.finfo(float).max
        order = np.argsort(costs, axis=1, kind="stable")
        ranked = (np.take_along_axis(each, order, 1).tolist() for each in (costs, kms, positions))
        return list(zip(*ranked, sure.tolist(), strict=True))
