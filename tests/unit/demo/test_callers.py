"""Who comes to the demo's stores by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dealer.demo.callers import next_caller
from shared.platform.clock import BEIJING

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def _all(store: str, days: int, **how: float) -> list[datetime]:
    found, after = [], NOW
    while (caller := next_caller(store, after=after, **how)) and caller.at < NOW + timedelta(days=days):  # type: ignore[arg-type]
        found.append(caller.at)
        after = caller.at
    return found


def test_the_same_people_come_however_one_asks():
    one = next_caller("S1", after=NOW)
    assert one is not None
    assert next_caller("S1", after=one.at - timedelta(seconds=1)) == one
    assert next_caller("S2", after=NOW) != one


def test_they_come_by_day_and_more_of_them_when_somebody_watches():
    calm, watched = (_all("S1", 60, haste=haste) for haste in (1, 20))
    assert {at.astimezone(BEIJING).hour for at in watched} <= set(range(10, 19))
    assert 0 < len(calm) < len(watched) / 5
