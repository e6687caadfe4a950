from datetime import date

import pytest

from hq.qualification.thresholds.room import Room, StoreRoom, places_of, room_of
from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours

WEDNESDAY = date(2026, 11, 25)
NINE_TO_SIX = [(9 * 60, 18 * 60)]
WEEKDAYS = WeeklyHours.of([*[NINE_TO_SIX] * 5, [], []])


@pytest.mark.parametrize(
    ("store", "places"),
    [
        ((WEEKDAYS, 3, 10, None, None), 3 + 2 * 10 + 2 * 10),  # Wednesday to Friday, then Monday and Tuesday
        ((WEEKDAYS, -2, 10, None, None), 40),
        ((WEEKDAYS, 0, 10, 12, 5), 5 + 12),
        ((WEEKDAYS, 10, 10, 100, 100), 50),
        ((WEEKDAYS, None, None, None, None), None),
        ((WEEKDAYS, 5, None, 70, 5), 5 + 20),  # the limit of next week is shared out: two of its seven days
        ((DEFAULT_HOURS.shut_on([WEDNESDAY]), 10, 10, None, None), 60),
    ],
    ids=["open_days", "taken_today", "week_full", "week_has_room", "no_limit", "week_only", "shut_today"],
)
def test_a_store_takes_its_days_and_weeks(store, places):
    assert places_of(StoreRoom(*store), WEDNESDAY) == places


def test_stores_without_a_limit_are_taken_for_the_middle_one():
    stores = [StoreRoom(WEEKDAYS, daily, daily, None, None) for daily in (2, 4, 10, None)]
    assert room_of(stores, WEDNESDAY) == Room(5 * (2 + 4 + 10 + 4), 4, 1)
    assert room_of(stores[3:], WEDNESDAY) == Room(None, 1, 1)
    assert room_of([], WEDNESDAY) == Room(0, 0, 0)
