"""Who signs up for the demo's campaigns, when and with which words: pure, and the same for the same seed.

Most are honest; some sign up twice, leave out their number or live where no store is. One ring of prize hunters
shares a handful of phones over two evenings. Numbers are of the range 138 0000, which nobody is called on here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from hq.demo.network import Site
from shared.platform.clock import beijing_day, day_start
from shared.signups.submission import Submission

PEOPLE_OF_HISTORY = 2_540
_RING_DEVICES, _RING_SIZE, _RING_NUMBERS = 13, 230, 9_000
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈"
# fmt: off
_GIVEN = (
    "静", "磊", "芳", "俊", "丽", "强", "敏", "军", "洋", "勇", "艳", "杰", "涛", "明", "超", "霞", "平", "刚", "玲",
    "婷", "鹏", "辉", "建国", "秀英", "子涵", "欣怡", "浩然", "小明", "雨桐",
)
# fmt: on
_MODELS = (("锦程 S1", 5), ("锦程 S1 Pro", 3), ("轻舟 C2", 4), ("远行 T3", 2))
_HORIZONS = (("now", 3), ("1m", 7), ("3m", 12), ("6m", 11), ("later", 20), ("none", 47))
_VEHICLES = (
    ("none", 17),
    ("ebike_other", 34),
    ("ebike_same_brand", 14),
    ("bicycle", 10),
    ("petrol_motorcycle", 5),
    ("car", 20),
)
_BUDGETS = (("<2000", 12), ("2000-3500", 38), ("3500-5000", 32), ("5000-8000", 13), (">8000", 5))
_TOUCHPOINTS = (
    ("mini_program", 31), ("official_account", 17), ("moments", 18), ("community", 11), ("store_qr", 7),
    ("channels_live", 16),
)  # fmt: skip
_VERIFIED = (("wechat", 58), ("sms", 22), ("none", 20))
_AGENT = "Mozilla/5.0 (Linux; Android 14; {}) MicroMessenger/8.0.{}"
_PHONES = ("PJX110", "23127PN0CC", "V2324A", "ALN-AL00", "iPhone15,4", "SM-S9210")
_FAR = ("540100", "650100", "630100", "150700")  # no store within reach
_WEEK = (8, 8, 8, 9, 20, 13, 11)  # sign-ups of a day, Monday first: the draw is on Fridays
_DAY = (  # (hour, minute, share): when somebody pushes a message, and people answer
    (8, 32, 5), (9, 38, 7), (10, 41, 7), (11, 34, 6), (12, 21, 14), (13, 38, 8), (14, 52, 6), (16, 4, 8), (17, 12, 8),
    (18, 43, 10), (20, 20, 20), (21, 52, 11),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sign-up that is going to be sent; `marketing`, `share`: the consents given."""

    at: datetime
    campaign: str
    submission: Submission
    marketing: bool
    share: bool


@dataclass(frozen=True, slots=True)
class Season:
    """A campaign's days in the history, both included."""

    campaign: str
    first: date
    last: date


def moments(first: date, last: date) -> Iterator[datetime]:
    """The moments of these days at which the demo's clock stands still and everybody does what is due."""
    day = first
    while day <= last:
        yield from (day_start(day) + timedelta(hours=hour, minutes=minute) for hour, minute, _ in _DAY)
        day += timedelta(days=1)


def history(seasons: Sequence[Season], sites: Sequence[Site], *, people: int, seed: int) -> list[Arrival]:
    """Every sign-up of these seasons, in order of time."""
    days = [(season, season.first + timedelta(days=n)) for season in seasons for n in range(_length(season))]
    total = sum(_WEEK[day.weekday()] for _, day in days)
    arrivals: list[Arrival] = []
    number = 0
    for season, day in days:
        rnd = Random(f"{seed}-{day}")  # noqa: S311 - the demo is the same every time
        for _ in range(round(people * _WEEK[day.weekday()] / total)):
            arrivals += _visits(number, season, day, sites, rnd, seasons[-1])
            number += 1
    arrivals += _ring(seasons[-1], sites, seed)
    return sorted(arrivals, key=lambda arrival: arrival.at)


def one(number: int, campaign: str, sites: Sequence[Site], at: datetime, *, seed: int) -> Arrival:
    """Somebody who signs up at `at`."""
    rnd = Random(f"{seed}-one-{number}")  # noqa: S311 - the demo is the same every time
    return Arrival(at, campaign, person(number, sites, rnd), rnd.random() < 0.92, rnd.random() < 0.88)


def person(number: int, sites: Sequence[Site], rnd: Random) -> Submission:
    """What somebody who lives near one of the stores says of themselves."""
    near = rnd.choice(sites)
    touchpoint = _pick(rnd, _TOUCHPOINTS)
    in_store = touchpoint == "store_qr"
    horizon = _pick(rnd, _HORIZONS)
    keen = horizon in ("now", "1m")
    phone_model = rnd.choice(_PHONES)
    return Submission(
        touchpoint=touchpoint,
        store_code=near.code if in_store else None,
        name=rnd.choice(_SURNAMES) + rnd.choice(_GIVEN),
        phone=f"1380000{number:04}" if rnd.random() > 0.02 else f"1380000{number:04}"[:8],
        phone_verified=_pick(rnd, _VERIFIED),
        openid=f"demo-{number:05}",
        # now and then two of a family use one phone
        device_id=f"device-{number - 1 if number % 37 == 0 else number:05}",
        ip=f"198.18.{rnd.randrange(256)}.{rnd.randrange(1, 255)}",
        user_agent=_AGENT.format(phone_model, rnd.randrange(40, 60)),
        region=_region(near, rnd),
        interest=_interest(horizon, rnd),
        actions={
            "draws": rnd.choice((0, 1, 1, 1, 2, 2, 3)),
            "booked_test_ride": rnd.random() < (0.25 if keen else 0.03),
            "visited_store": in_store,
        },
    )


def _visits(
    number: int, season: Season, day: date, sites: Sequence[Site], rnd: Random, last: Season
) -> Iterator[Arrival]:
    """One person's sign-ups: mostly one; some press twice, some come back days later or in the next campaign."""
    said = person(number, sites, rnd)
    marketing, share = rnd.random() < 0.93, rnd.random() < 0.72
    at = _moment(day, rnd)
    yield Arrival(at, season.campaign, said, marketing, share)
    dice = rnd.random()
    if dice < 0.05:  # the same again within the hour
        yield Arrival(at + timedelta(minutes=rnd.randrange(1, 3)), season.campaign, said, marketing, share)
    elif dice < 0.13:
        later = day + timedelta(days=rnd.randrange(2, 8))
        if later <= last.last:
            campaign = season.campaign if later <= season.last else last.campaign
            again = replace(said, interest={**said.interest, "purchase_horizon": "1m"})
            yield Arrival(_moment(later, rnd), campaign, again, marketing, True)


def _ring(season: Season, sites: Sequence[Site], seed: int) -> Iterator[Arrival]:
    """Prize hunters: many names on few phones, one after the other, over a few evenings; most chances taken."""
    rnd = Random(f"{seed}-ring")  # noqa: S311 - the demo is the same every time
    evenings = [day_start(season.first + timedelta(days=n)) + timedelta(hours=20, minutes=14) for n in range(4)]
    evenings = [evening for evening in evenings if beijing_day(evening) <= season.last]
    for number in range(_RING_SIZE):
        said = person(_RING_NUMBERS + number, sites, rnd)
        device = number % _RING_DEVICES
        yield Arrival(
            evenings[number % len(evenings)] + timedelta(seconds=3 * (number // len(evenings))),
            season.campaign,
            replace(
                said,
                touchpoint="mini_program",
                store_code=None,
                phone=f"1380000{_RING_NUMBERS + number:04}",
                device_id=f"ring-{device}",
                ip=f"198.19.0.{device // 3 + 1}",
                user_agent=_AGENT.format("M2012K11AC", 44),
                actions={"draws": 4 + device % 4, "booked_test_ride": False, "visited_store": False},
            ),
            True,
            True,
        )


def _moment(day: date, rnd: Random) -> datetime:
    """Within the three minutes before one of the day's moments."""
    hour, minute = _pick(rnd, [((hour, minute), share) for hour, minute, share in _DAY])
    return day_start(day) + timedelta(hours=hour, minutes=minute, seconds=-rnd.randrange(2, 180))


def _region(near: Site, rnd: Random) -> dict[str, Any]:
    dice = rnd.random()
    if dice < 0.25:
        point = {"lng": near.lng + rnd.uniform(-0.06, 0.06), "lat": near.lat + rnd.uniform(-0.05, 0.05)}
        return {**point, "coord_sys": "WGS-84"}
    if dice < 0.85:
        return {"county_code": near.county.code}
    if dice < 0.94:
        return {"county_code": near.county.city_code or near.county.code}
    return {"county_code": rnd.choice(_FAR)} if dice < 0.97 else {}


def _interest(horizon: str, rnd: Random) -> dict[str, Any]:
    told = {
        "model": _pick(rnd, _MODELS),
        "purchase_horizon": horizon,
        "current_vehicle": _pick(rnd, _VEHICLES),
        "budget": _pick(rnd, _BUDGETS),
    }
    return {name: value for name, value in told.items() if name == "purchase_horizon" or rnd.random() < 0.85}


def _pick(rnd: Random, weighted: Sequence[tuple[Any, int]]) -> Any:
    return rnd.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def _length(season: Season) -> int:
    return (season.last - season.first).days + 1
