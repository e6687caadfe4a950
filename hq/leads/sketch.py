"""A sketch of the stores around a customer: points on a plane in kilometres, with a scale. Pure; no map underneath."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360.0, 220.0
_MARGIN = 30.0
_KM_PER_DEGREE = 111.2
_CLOSE = 5.0  # km; farther away the stores decide how much is shown, not the circle around the customer
_NEAREST = 1.0  # km from side to side at least: nobody's place is known better
_BARS = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A store to draw. `lng`, `lat` in WGS-84 degrees; `kind`: won, given, out or free."""

    number: int
    name: str
    lng: float
    lat: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A store on the sketch, in its pixels; the label ends at the spot where it would leave the sketch."""

    number: int
    name: str
    kind: str
    x: float
    y: float
    before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What is drawn.

    Attributes:
        x, y: the customer; None when nobody knows where.
        unsure: radius of the circle in which the customer is.
        bar_km, bar: length of the scale bar, in km and in pixels.
    """

    x: float | None
    y: float | None
    unsure: float
    spots: Sequence[Spot]
    bar_km: float
    bar: float

    @property
    def below(self) -> bool:
        """Whether the customer's label stands under the mark: away from the nearest store."""
        if self.x is None or self.y is None or not self.spots:
            return True
        here = (self.x, self.y)
        return min(self.spots, key=lambda spot: math.dist(here, (spot.x, spot.y))).y <= self.y

    @property
    def chosen(self) -> Spot | None:
        """The store that has the lead."""
        return next((spot for spot in self.spots if spot.kind == "won"), None)


def draw(person: tuple[float, float] | None, unsure_km: float, stores: Sequence[Point]) -> Sketch | None:
    """Fit the customer and the stores into the sketch; None when there is nothing to set in relation.

    Args:
        person: longitude and latitude.
        unsure_km: how far the customer may be from there.
        stores: those nearest to the middle of the story; few.
    """
    if not stores or (person is None and len(stores) < 2):
        return None
    centre = person or (stores[0].lng, stores[0].lat)
    plane = [_plane(centre, store.lng, store.lat) for store in stores]
    points = [*plane, *([(0.0, 0.0)] if person else [])]
    farthest = max(math.hypot(*point) for point in points)
    shown_unsure = (unsure_km if farthest < _CLOSE else min(unsure_km, farthest)) if person else 0.0
    around = [(-shown_unsure, -shown_unsure), (shown_unsure, shown_unsure)] if person else []
    xs, ys = zip(*points, *around, strict=True)
    wide, high = max(max(xs) - min(xs), _NEAREST), max(max(ys) - min(ys), _NEAREST)
    scale = min((WIDTH - 2 * _MARGIN) / wide, (HEIGHT - 2 * _MARGIN) / high)
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return WIDTH / 2 + (point[0] - middle[0]) * scale, HEIGHT / 2 - (point[1] - middle[1]) * scale

    here = place((0.0, 0.0)) if person else None
    bar_km = max((km for km in _BARS if km * scale <= WIDTH / 4), default=_BARS[0])
    spots = [_spot(store, *place(point)) for store, point in zip(stores, plane, strict=True)]
    return Sketch(
        x=here[0] if here else None,
        y=here[1] if here else None,
        unsure=unsure_km * scale if person else 0.0,
        spots=spots,
        bar_km=bar_km,
        bar=bar_km * scale,
    )


def _plane(centre: tuple[float, float], lng: float, lat: float) -> tuple[float, float]:
    """Kilometres east and north of the centre; good enough over a few hundred of them."""
    east = (lng - centre[0]) * _KM_PER_DEGREE * math.cos(math.radians((lat + centre[1]) / 2))
    return east, (lat - centre[1]) * _KM_PER_DEGREE


def _spot(store: Point, x: float, y: float) -> Spot:
    return Spot(number=store.number, name=store.name, kind=store.kind, x=x, y=y, before=x > WIDTH * 0.6)
