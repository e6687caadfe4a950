"""The overview's figures: rates, changes against the last campaign, stores against their neighbours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from shared.leads.metrics import FAKE
from shared.platform.clock import BEIJING

#: The steps in their order, each with the step that its rate is a share of.
STEPS: Sequence[tuple[str, str | None]] = (
    ("signups", None),
    ("people", "signups"),
    ("qualified", "people"),
    ("offered", "qualified"),
    ("in_time", "offered"),
    ("contacted", "claimed"),
    ("visited", "contacted"),
    ("won", "contacted"),
)
_ENOUGH = 5  # offers after which a store's share says something
_SHOWN = 5
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the funnel; `before` and its rate are the last campaign's at the same age, None without one.

    Attributes:
        rate: share of the step named `of`, 0 to 1; None where that is empty or the step is the first.
        change: what it differs from the last campaign's: percentage points of the rate; of the first step the growth
            of the count in percent.
    """

    name: str
    count: int
    before: int | None
    of: str | None
    rate: float | None
    change: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a whole, and the same part of the last campaign."""

    part: int
    whole: int
    before: float | None

    @property
    def rate(self) -> float | None:
        """0 to 1; None of nothing."""
        return share(self.part, self.whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFigures:
    """A store of a campaign.

    Attributes:
        rate: of the offers that it answered or let expire, the share claimed.
        neighbours: the median of that share among other stores of its city, else its province, else everywhere.
        among: city, province or everywhere.
        claim_s: median seconds from offer to claim.
    """

    store_id: str
    name: str
    offered: int
    claimed: int
    late: int
    won: int
    rate: float
    neighbours: float | None
    among: str
    claim_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the chart of sign-ups; `at` is the hour or day in Beijing."""

    at: datetime
    count: int
    before: int | None


def share(part: float, whole: float) -> float | None:
    """A share, None of nothing."""
    return part / whole if whole else None


def steps(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[Step]:
    """The funnel."""
    return [_step(name, of, now, before) for name, of in STEPS]


def _step(name: str, of: str | None, now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Step:
    rate = share(now[name], now[of]) if of else None
    change = None
    if before is not None:
        then = share(before[name], before[of]) if of else None
        if of is None:
            change = (now[name] / before[name] - 1) * 100 if before[name] else None
        elif rate is not None and then is not None:
            change = (rate - then) * 100
    return Step(name=name, count=now[name], before=before[name] if before else None, of=of, rate=rate, change=change)


def fakes(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Share:
    """Sign-ups that screening does not believe."""
    then = share(_fakes(before), before["signups"]) if before else None
    return Share(part=_fakes(now), whole=now["signups"], before=then)


def silence(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Share:
    """Claimed leads whose person never answers."""
    then = share(before["silent"], before["claimed"]) if before else None
    return Share(part=now["silent"], whole=now["claimed"], before=then)


def _fakes(counted: Mapping[str, Any]) -> int:
    return sum(int(counted["became"][name]) for name in FAKE)


def bars(
    hours: Mapping[str, int], before: Mapping[str, int] | None, *, later: timedelta, now: datetime
) -> tuple[str, list[Bar]]:
    """Sign-ups of the last 24 hours by hour; by day where there were none.

    Args:
        hours: "2026-11-20T15" in Beijing → sign-ups.
        before: the last campaign's.
        later: how much later this campaign began than the last one.

    Returns:
        `hour` or `day`, and the bars, the oldest first.
    """
    this_hour = now.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0)
    window = [this_hour - _HOUR * back for back in range(23, -1, -1)]
    if any(_key(at) in hours for at in window) or not hours:
        return "hour", [
            Bar(at=at, count=hours.get(_key(at), 0), before=before.get(_key(at - later), 0) if before else None)
            for at in window
        ]
    by_day, before_by_day = _days(hours), _days(before or {})
    last = max(by_day)
    first = max(min(by_day), last - _DAY * 29)
    days = [first + _DAY * n for n in range((last - first).days + 1)]
    whole = timedelta(days=round(later / _DAY))
    return "day", [
        Bar(at=at, count=by_day.get(at, 0), before=before_by_day.get(at - whole, 0) if before else None) for at in days
    ]


def _key(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H}"


def _days(hours: Mapping[str, int]) -> dict[datetime, int]:
    days: dict[datetime, int] = {}
    for key, count in hours.items():
        day = datetime.strptime(key[:10], "%Y-%m-%d").replace(tzinfo=BEIJING)
        days[day] = days.get(day, 0) + count
    return days


def judged(counted: Mapping[str, Sequence[Any]], stores: Iterable[tuple[UUID, str, str, str]]) -> list[StoreFigures]:
    """Every store that says something, the best share first.

    Args:
        counted: see `measure.count`.
        stores: id, name, code of the city, code of the province.
    """
    known = [(str(store_id), name, city, province) for store_id, name, city, province in stores]
    enough = _ENOUGH if sum(each[3] >= _ENOUGH for each in counted.values()) > _SHOWN else 1
    rates = {key: each[1] / each[3] for key, each in counted.items() if each[3] >= enough}
    circles: dict[tuple[str, str], list[str]] = {}
    for key, _name, city, province in known:
        if key in rates:
            for circle in (("city", city), ("province", province), ("everywhere", "")):
                circles.setdefault(circle, []).append(key)
    found = []
    for key, name, city, province in known:
        if key not in rates:
            continue
        among, middle = _neighbours(key, (("city", city), ("province", province), ("everywhere", "")), circles, rates)
        offered, claimed, late, _answered, won, seconds = counted[key]
        found.append(
            StoreFigures(
                store_id=key,
                name=name,
                offered=offered,
                claimed=claimed,
                late=late,
                won=won,
                rate=rates[key],
                neighbours=middle,
                among=among,
                claim_s=seconds,
            )
        )
    return sorted(found, key=lambda each: (-each.rate, -each.claimed, each.store_id))


def _neighbours(
    key: str,
    circles_of: Iterable[tuple[str, str]],
    circles: Mapping[tuple[str, str], list[str]],
    rates: Mapping[str, float],
) -> tuple[str, float | None]:
    """The nearest circle with at least three others, and their median."""
    for circle in circles_of:
        others = circles.get(circle, ())
        if len(others) > 3 or (circle[0] == "everywhere" and len(others) > 1):
            return circle[0], median(rates[other] for other in others if other != key)
    return "everywhere", None


def best_and_worst(stores: Sequence[StoreFigures]) -> tuple[list[StoreFigures], list[StoreFigures]]:
    """The first few and the last few (the worst first), without one standing in both."""
    shown = min(_SHOWN, (len(stores) + 1) // 2)
    rest = stores[shown:]
    return list(stores[:shown]), sorted(rest[-_SHOWN:], key=lambda each: (each.rate, -each.late, each.store_id))
