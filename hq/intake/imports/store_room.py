"""How much a store takes and what it sells, as a dealer list says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hq.intake.imports.cells import RowCells
from hq.intake.imports.words import squeezed
from shared.dealers.series import SeriesBook

DEFAULT_CAPACITY = 10  # leads a day of a new store, where the list does not say
_MOST = 100_000
_HEAVIEST = 999
_UNLIMITED = frozenset({"不限", "无限", "无上限", "不限量", "无限制", "unlimited", "nolimit"})


@dataclass(frozen=True, slots=True)
class Room:
    """As the row says it, a new store's where it says nothing. `unstated`: columns of a store of which it says none."""

    daily: int | None
    weekly: int | None
    weight: int
    series: Sequence[str] | None
    unstated: frozenset[str]

    @classmethod
    def read(cls, cells: RowCells, series: SeriesBook) -> Room:
        """Read the cells.

        Raises:
            UnknownSeries: there is no series called so.
        """
        daily_stated, daily = _limit(cells, "capacity")
        weekly_stated, weekly = _limit(cells, "weekly")
        weight, named = _weight(cells), cells.text("series", 400)
        stated = {
            "daily_capacity": daily_stated,
            "weekly_capacity": weekly_stated,
            "weight": weight is not None,
            "series": bool(named),
        }
        return cls(
            daily if daily_stated else DEFAULT_CAPACITY,
            weekly,
            weight or 1,
            series.read(named),
            frozenset(name for name, said in stated.items() if not said),
        )


def _limit(cells: RowCells, field: str) -> tuple[bool, int | None]:
    """Whether the cell says something, and what."""
    if squeezed(cells.text(field, 40)) in _UNLIMITED:
        return True, None
    number = cells.count(field, _MOST)
    return number is not None, number


def _weight(cells: RowCells) -> int | None:
    number = cells.number("weight")
    if number is None or (number.is_integer() and 1 <= number <= _HEAVIEST):
        return None if number is None else int(number)
    cells.remark("weight_unknown", "weight")
    return None
