"""The median that a store is shown: of its province where enough stores of enough dealers are behind it, else of all.

Pure. With few stores, or few dealers, a median would tell one dealer about another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from uuid import UUID

LEAST_STORES = 5
LEAST_DEALERS = 3
#: A store with fewer leads than this says more about chance than about the store; its figure is not part of a median.
LEAST_LEADS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of one store. `value` is in minutes, or a share from 0 to 1; None without leads."""

    dealer_id: UUID
    store_id: UUID
    province_code: str | None
    whole: int
    part: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Median:
    """The median and its region; `province_code` None means the whole country."""

    value: float
    province_code: str | None


def medians(figures: Iterable[Figure], *, digits: int) -> Mapping[str | None, Median]:
    """The median to show per province of one measure; under None for provinces that have none of their own.

    Args:
        digits: medians are rounded to so many, so that they cannot be solved for one store.
    """
    known = [each for each in figures if each.value is not None and each.whole >= LEAST_LEADS]
    by_province: dict[str | None, list[Figure]] = {None: known}
    for each in known:
        if each.province_code is not None:
            by_province.setdefault(each.province_code, []).append(each)
    return {
        code: Median(round(median(each.value for each in some if each.value is not None), digits), code)
        for code, some in by_province.items()
        if _enough(some)
    }


def _enough(figures: list[Figure]) -> bool:
    dealers = {each.dealer_id for each in figures}
    return len(figures) >= LEAST_STORES and len(dealers) >= LEAST_DEALERS
