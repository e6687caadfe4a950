"""Who comes to the demo's stores by themselves: a few people a week, hour by hour, the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from shared.platform.clock import BEIJING

# The chance that somebody comes or calls within one of the hours in which people do, for one store.
_AN_HOUR = 0.008
_HOURS = range(10, 19)
_CALLS, _AGREES_ON_PAPER, _SIGNED_UP_BEFORE = 0.3, 0.25, 0.15
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", ("秀英", "建国", "敏", "丽华", "志强", "小燕", "海涛", "桂兰")
_HORIZONS = ("now", "1m", "1m", "3m", "later", "")
_VEHICLES = ("none", "ebike_other", "ebike_same_brand", "")
_NOTES = ("看中白色", "给女儿上学骑", "问分期", "想以旧换新", "")
_HOUR, _SEARCHED = timedelta(hours=1), timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who comes to a store or calls it at a moment. `words`: choices of the entry form; empty where not said.

    Numbers are of the range 138 0001 9, which nobody is called on here; some people have signed up to a campaign
    before, with a number below 138 0000 2.
    """

    at: datetime
    touchpoint: str
    name: str
    phone: str
    how: str
    horizon: str
    vehicle: str
    note: str


def next_caller(store: str, *, after: datetime, seed: int = 1, haste: float = 1.0) -> Caller | None:
    """The first who comes to a store (its code) after a moment; None within the next ten days.

    Args:
        haste: how many times as many people come, for a demo that somebody watches.
    """
    return next((one for one in _callers(store, after, seed, haste) if one.at > after), None)


def _callers(store: str, after: datetime, seed: int, haste: float) -> Iterator[Caller]:
    hour = after.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0)
    for step in range(_SEARCHED // _HOUR):
        at = hour + step * _HOUR
        rnd = Random(f"{seed}-{store}-{at:%Y%m%d%H}")  # noqa: S311  a demo, not a secret
        if at.hour in _HOURS and rnd.random() < _AN_HOUR * haste:
            yield _caller(at + timedelta(minutes=rnd.randrange(60), seconds=rnd.randrange(60)), rnd)


def _caller(at: datetime, rnd: Random) -> Caller:
    known = rnd.random() < _SIGNED_UP_BEFORE
    return Caller(
        at=at,
        touchpoint="phone_call" if rnd.random() < _CALLS else "walk_in",
        name=rnd.choice(_SURNAMES) + rnd.choice(_GIVEN),
        phone=f"1380000{rnd.randrange(2000):04}" if known else f"13800019{rnd.randrange(1000):03}",
        how="paper" if rnd.random() < _AGREES_ON_PAPER else "spoken",
        horizon=rnd.choice(_HORIZONS),
        vehicle=rnd.choice(_VEHICLES),
        note=rnd.choice(_NOTES),
    )
