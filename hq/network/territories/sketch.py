"""Counties as dots where their seats are: no borders, no claim to be a map. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hq.network.territories.coverage import Cover, State
from shared.regions.plane import albers

_MARGIN = 2.0
_FEW = 400  # so many dots may have names


@dataclass(frozen=True, slots=True)
class Dot:
    """A county by itself."""

    name: str
    state: State
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """The picture.

    Attributes:
        box: viewBox of the SVG.
        radius: of a dot.
        paths: per state one path whose zero-long strokes are the dots; empty where `dots` are given.
        dots: the counties one by one, where they are few.
        stores: the stores as one path.
    """

    box: str
    radius: float
    paths: Mapping[State, str]
    dots: Sequence[Dot]
    stores: str


def draw(covers: Sequence[Cover], stores: Iterable[tuple[float, float]]) -> Sketch:
    """Draw counties and the stores (WGS-84) that stand among them."""
    points = [(cover, *albers(cover.county.lng, cover.county.lat)) for cover in covers]
    xs, ys = [x for _, x, _ in points], [y for _, _, y in points]
    west, north, east, south = min(xs), min(ys), max(xs), max(ys)
    wide = max(east - west, south - north, 4.0)
    radius = wide / (220 if len(points) > _FEW else 70)
    margin = _MARGIN * radius * 2
    box = f"{west - margin:.1f} {north - margin:.1f} {east - west + 2 * margin:.1f} {south - north + 2 * margin:.1f}"
    placed = (albers(*store) for store in stores)
    near = [(x, y) for x, y in placed if west - margin <= x <= east + margin and north - margin <= y <= south + margin]
    if len(points) <= _FEW:
        dots = [Dot(cover.county.name, cover.state, round(x, 2), round(y, 2)) for cover, x, y in points]
        return Sketch(box, radius, {}, dots, _path(near))
    by_state: dict[State, list[tuple[float, float]]] = defaultdict(list)
    for cover, x, y in points:
        by_state[cover.state].append((x, y))
    return Sketch(box, radius, {state: _path(by_state[state]) for state in State if state in by_state}, (), _path(near))


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
