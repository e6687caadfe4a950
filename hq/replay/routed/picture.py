"""Where a trial moves leads and kilometres: stores and counties as points. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hq.routing.network import Network
from hq.routing.policy import StoreFacts
from shared.regions.divisions import by_code
from shared.regions.plane import albers

_DRAWN = 1_500  # stores that change, and as many that do not
_LEAST_KM = 0.5  # a mean that rises by less is the same


@dataclass(frozen=True, slots=True)
class Farther:
    """A county whose customers would have farther, or nearer: mean kilometres before and after, of `leads` after."""

    code: str
    name: str
    before: float
    after: float
    leads: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the picture. `kind`: gains, loses, same (stores), farther (counties)."""

    kind: str
    code: str
    much: float
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn; `box` is the view box."""

    box: str
    marks: Sequence[Mark]


def farther(before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]) -> list[Farther]:
    """Counties by how many kilometres more their customers have in all; of leads and kilometres by code."""
    found = []
    for code, (leads, km) in after.items():
        was = before.get(code)
        if not was or not was[0] or not leads:
            continue
        mean, would = was[1] / was[0], km / leads
        if would > mean + _LEAST_KM:
            division = by_code(code)
            found.append(Farther(code, division.name if division else code, mean, would, int(leads)))
    return sorted(found, key=lambda each: (-(each.after - each.before) * each.leads, each.code))


def draw(network: Network, steps: Mapping[UUID, int], rises: Sequence[Farther]) -> Picture | None:
    """Stores by what they gain or lose, counties by what their customers have farther; None without a place. Of many
    stores those with the largest steps are drawn, and some of the others so that the country is seen.

    Args:
        steps: by store, how many more leads it would get.
    """
    stores = _drawn([store for store in network.stores.values() if store.lng is not None], steps)
    if not stores:
        return None
    points: list[tuple[str, str, float, float, float]] = []
    for store in stores:
        step = steps.get(store.store_id, 0)
        kind = "gains" if step > 0 else "loses" if step < 0 else "same"
        points.append((kind, store.code, float(step), *albers(store.lng or 0.0, store.lat or 0.0)))
    for each in rises:
        division = by_code(each.code)
        if division is not None:
            point = albers(division.lng, division.lat)
            points.append(("farther", each.name, each.after - each.before, *point))
    west, east = min(point[3] for point in points), max(point[3] for point in points)
    north, south = min(point[4] for point in points), max(point[4] for point in points)
    unit = max(east - west, south - north, 2.0) / 130
    most = {
        kind: max((abs(p[2]) for p in points if p[0] in scale), default=1.0) or 1.0
        for scale in _SCALES
        for kind in scale
    }
    marks = [
        Mark(kind, code, much, round(x, 2), round(y, 2), round(unit * _size(kind, abs(much) / most[kind]), 3))
        for kind, code, much, x, y in points
    ]
    marks.sort(key=lambda mark: (_BELOW.get(mark.kind, len(_BELOW)), -mark.radius))  # small ones lie on top
    margin = unit * 4
    box = f"{west - margin:.1f} {north - margin:.1f} {east - west + 2 * margin:.1f} {south - north + 2 * margin:.1f}"
    return Picture(box, marks)


def _drawn(stores: Sequence[StoreFacts], steps: Mapping[UUID, int]) -> list[StoreFacts]:
    moved = sorted((s for s in stores if steps.get(s.store_id)), key=lambda s: (-abs(steps[s.store_id]), s.store_id))
    same = [store for store in stores if not steps.get(store.store_id)]
    return [*moved[:_DRAWN], *same[:: len(same) // _DRAWN + 1]]


_SCALES = (("farther",), ("same",), ("gains", "loses"))  # kinds that are drawn to one scale
_BELOW = {"farther": 0, "same": 1}


def _size(kind: str, share: float) -> float:
    if kind == "same":
        return 0.5
    return (1.5 if kind == "farther" else 0.8) + 2.2 * math.sqrt(share)
