"""A sketch of the stores around a customer: points on a plane in kilometres, with a scale. Pure; no map underneath."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360.0, 220.0
_MARGIN = 30.0
_KM_PER_DEGREE = 111.2
_LETTER, _LINE = 11.0, 14.0  # of the labels, in pixels
_CLOSE = 5.0  # km; farther away the stores decide how much is shown, not the circle around the customer
_NEAREST = 1.0  # km from side to side at least: nobody's place is known better
_HALF = 24.0  # of the customer's label
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
    """A store on the sketch, in its pixels.

    Attributes:
        before: the label ends at the spot, where it would leave the sketch or cover another store.
        named: the label has room for the store's name beside its number.
    """

    number: int
    name: str
    kind: str
    x: float
    y: float
    before: bool
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A place for the customer's name; `left` and `top` of the box that it fills."""

    x: float
    y: float
    anchor: str
    left: float
    top: float

    def covered_by(self, spot: Spot) -> float:
        """Square pixels that it shares with a store's mark and name."""
        reach = 18.0 + (_LETTER * len(spot.name) if spot.named else 0.0)
        first, last = (spot.x - reach, spot.x + 7) if spot.before else (spot.x - 7, spot.x + reach)
        wide = min(last, self.left + 2 * _HALF) - max(first, self.left)
        high = min(spot.y + 9, self.top + _LINE) - max(spot.y - 9, self.top)
        return max(wide, 0.0) * max(high, 0.0)


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
    def label(self) -> Label | None:
        """Where the customer's name stands: under, over or beside the mark, where it covers least of the stores."""
        if self.x is None or self.y is None:
            return None
        x, y = self.x, self.y
        places = (
            Label(x=x, y=y + 20, anchor="middle", left=x - _HALF, top=y + 8),
            Label(x=x, y=y - 12, anchor="middle", left=x - _HALF, top=y - 24),
            Label(x=x + 12, y=y + 4, anchor="start", left=x + 12, top=y - 8),
            Label(x=x - 12, y=y + 4, anchor="end", left=x - 12 - 2 * _HALF, top=y - 8),
        )
        return min(places, key=lambda place: sum(place.covered_by(spot) for spot in self.spots))

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
    places = [place(point) for point in plane]
    spots = [_spot(store, at, places) for store, at in zip(stores, places, strict=True)]
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


def _spot(store: Point, at: tuple[float, float], places: Sequence[tuple[float, float]]) -> Spot:
    """With its label on the side that has room: the name of the chosen store, else only its number."""
    x, y = at
    others = [other for other in places if other != at]
    sides = (False, True) if x <= WIDTH * 0.6 else (True, False)
    wide = _LETTER * (len(store.name) + 3)
    roomy = [side for side in sides if _is_free(at, -wide if side else wide, others)]
    named = store.kind == "won" and bool(roomy)
    return Spot(
        number=store.number, name=store.name, kind=store.kind, x=x, y=y, before=(roomy or sides)[0], named=named
    )


def _is_free(at: tuple[float, float], reach: float, others: Sequence[tuple[float, float]]) -> bool:
    """Whether a label from a spot to `reach` pixels beside it stays inside and covers no other spot."""
    x, y = at
    low, high = sorted((x, x + reach))
    inside = low >= 0 and high <= WIDTH
    return inside and not any(low - 6 <= ox <= high + 6 and abs(oy - y) < _LINE for ox, oy in others)
