"""What stores can take in the next days. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from hq.qualification.thresholds.reckoning import DAYS
from shared.dealers.hours import WeeklyHours
from shared.platform.clock import week_of


class StoreRoom(NamedTuple):
    """What one store takes.

    Attributes:
        today: people who can still be offered to it today, its open offers and its week regarded; None: no limit.
        daily, weekly: its limits; None: none.
        week_left: of its limit of this week; None: none.
    """

    hours: WeeklyHours
    today: int | None
    daily: int | None
    weekly: int | None
    week_left: int | None


@dataclass(frozen=True, slots=True)
class Room:
    """What all stores take in `reckoning.DAYS` days.

    Attributes:
        places: people; None: no store has a limit.
        stores: all of them; `unlimited`: those without a limit, each taken for the middle one of the others.
    """

    places: int | None
    stores: int
    unlimited: int


def room_of(stores: Sequence[StoreRoom], today: date) -> Room:
    """Add up what stores take from a Beijing day on."""
    each = [places_of(store, today) for store in stores]
    limited = [places for places in each if places is not None]
    unlimited = len(each) - len(limited)
    if unlimited and not limited:
        return Room(None, len(each), unlimited)
    return Room(sum(limited) + round(unlimited * median(limited or [0])), len(each), unlimited)


def places_of(store: StoreRoom, today: date) -> int | None:
    """People whom one store takes on its open days, its limits of a day and of a week regarded; None: no limit."""
    weeks: dict[date, list[int | None]] = {}
    for number in range(DAYS):
        day = today + timedelta(days=number)
        taken = store.daily if number else store.today
        weeks.setdefault(week_of(day), []).append(taken if store.hours.on(day) else 0)
    this_week, *next_week = weeks.values()
    found = [_of_week(this_week, store.week_left, share=1.0)]
    found += [_of_week(days, store.weekly, share=len(days) / 7) for days in next_week]
    known = [places for places in found if places is not None]
    return sum(known) if len(known) == len(found) else None


def _of_week(days: Sequence[int | None], most: int | None, *, share: float) -> int | None:
    """Of days in one week.

    Args:
        most: the limit of the week; None: none.
        share: the part of it that falls to these days where they have no limit of their own.
    """
    limited = [max(0, places) for places in days if places is not None]
    if len(limited) == len(days):
        return sum(limited) if most is None else min(sum(limited), max(0, most))
    return None if most is None else round(max(0, most) * share)
