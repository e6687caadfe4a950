"""A store's own figures beside its region's median, as its page shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.dealers.models import StoreFigure

#: From here on a figure is weak: it stands left of the median by a tenth of the way.
_WEAK_BELOW = 45.0
_LEFT, _WIDTH = 3.0, 314.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One figure.

    Attributes:
        measure: response, in_time or won.
        whole, part: what it is made of.
        value, median: minutes, or percent; None where there is none.
        place: 0 to 100, where the dot stands; the median stands at 50 and right is better. None without a median.
        province_code: whose median; None for the whole country.
    """

    measure: str
    whole: int
    part: int
    value: int | None
    median: int | None
    place: float | None
    province_code: str | None

    @property
    def weak(self) -> bool:
        """Whether it is worth to look where it comes from."""
        return self.place is not None and self.place < _WEAK_BELOW

    @property
    def x(self) -> float:
        """The dot in a picture 320 wide."""
        return round(_LEFT + _WIDTH * (self.place or 0.0) / 100, 1)


def shown(figures: Iterable[StoreFigure]) -> list[Shown]:
    """The figures in the order of the page."""
    by_measure = {each.measure: each for each in figures}
    return [_shown(by_measure[name]) for name in ("response", "in_time", "won") if name in by_measure]


def _shown(of: StoreFigure) -> Shown:
    minutes = of.measure == "response"
    return Shown(
        measure=of.measure,
        whole=of.whole,
        part=of.part,
        value=_whole(of.value, minutes=minutes),
        median=_whole(of.median, minutes=minutes),
        place=_place(of.value, of.median, less_is_better=minutes),
        province_code=of.province_code,
    )


def _whole(value: float | None, *, minutes: bool) -> int | None:
    return None if value is None else round(value if minutes else value * 100)


def _place(value: float | None, median: float | None, *, less_is_better: bool) -> float | None:
    """Twice as good as the median stands at two thirds, half as good at one third: never off the line."""
    if value is None or median is None:
        return None
    if value == median:
        return 50.0
    good, usual = (median, value) if less_is_better else (value, median)
    return 100 * good / (good + usual)
