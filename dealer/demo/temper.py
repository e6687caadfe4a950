"""How the stores of the demo are: keen, steady, slow or asleep. Pure: dice, times and hours come in.

A store's temper follows from its code, so the same stores shine and the same ones sleep each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from zlib import crc32

from shared.dealers.hours import WeeklyHours, deadline, next_opening
from shared.leads.lifecycle import Stage
from shared.leads.words import DeclineReason, Kind, LostReason, Outcome


class Temper(StrEnum):
    """How diligent a store is."""

    KEEN = "keen"
    STEADY = "steady"
    SLOW = "slow"
    ASLEEP = "asleep"


@dataclass(frozen=True, slots=True)
class Habits:
    """Of a temper: share of offers claimed and sent back, median minutes to claim and from there to the first call,
    and the share of due steps that are done at all."""

    claims: float
    declines: float
    claim_minutes: float
    call_minutes: float
    diligence: float


_HABITS = {
    Temper.KEEN: Habits(0.95, 0.03, 6, 12, 0.97),
    Temper.STEADY: Habits(0.86, 0.07, 12, 60, 0.9),
    Temper.SLOW: Habits(0.66, 0.08, 19, 300, 0.68),
    Temper.ASLEEP: Habits(0.12, 0.03, 22, 600, 0.3),
}
_SHARES = ((Temper.KEEN, 34), (Temper.STEADY, 38), (Temper.SLOW, 19), (Temper.ASLEEP, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a store does next. `what`: claim, decline, call, won, lost, leave (nothing, ever).

    Attributes:
        at: when, in the store's hours.
        kind, outcome, next_at, note: of a follow-up.
        reason: of sending back or losing.
    """

    what: str
    at: datetime
    kind: Kind = Kind.CALL
    outcome: Outcome | None = None
    next_at: datetime | None = None
    note: str = ""
    reason: str = ""


def temper_of(store_code: str) -> Temper:
    """The temper of a store."""
    dice = crc32(f"temper {store_code}".encode()) % 100
    for temper, share in _SHARES:
        if dice < share:
            return temper
        dice -= share
    return Temper.STEADY


def answer(temper: Temper, rnd: Random, offered_at: datetime, hours: WeeklyHours, *, haste: float = 1.0) -> Act:
    """What a store does with an offer; `haste` divides the time it takes."""
    habits = _HABITS[temper]
    at = deadline(offered_at, _about(habits.claim_minutes, rnd) / haste, hours)
    dice = rnd.random()
    if dice < habits.claims:
        return Act(what="claim", at=at)
    if dice < habits.claims + habits.declines:
        reasons = (DeclineReason.BUSY, DeclineReason.TOO_FAR, DeclineReason.NO_STOCK, DeclineReason.KNOWN)
        return Act(what="decline", at=at, reason=rnd.choices(reasons, (4, 3, 3, 2))[0])
    return Act(what="leave", at=at)


def next_step(
    temper: Temper,
    rnd: Random,
    *,
    stage: Stage,
    grade: str,
    steps: int,
    due: datetime,
    hours: WeeklyHours,
    haste: float = 1.0,
) -> Act:
    """What a store does with a lead that it holds, when its next step is due."""
    habits = _HABITS[temper]
    minutes = habits.call_minutes if stage is Stage.CLAIMED and not steps else 25
    at = deadline(due, _about(minutes, rnd) / haste, hours)
    if rnd.random() > habits.diligence or steps > _ENOUGH:
        return Act(what="leave", at=at)
    warm = {"A": 1.35, "B": 1.1, "C": 0.85, "D": 0.6}.get(grade, 1.0)
    if stage is Stage.VISITED:
        return _after_a_visit(rnd, at, hours, warm)
    if stage is Stage.APPOINTMENT:
        return _on_the_day(rnd, at, hours)
    return _call(rnd, at, hours, warm, first=stage is Stage.CLAIMED)


_ENOUGH = 4


def _call(rnd: Random, at: datetime, hours: WeeklyHours, warm: float, *, first: bool) -> Act:
    dice = rnd.random()
    if dice < 0.24:
        return Act(what="call", at=at, outcome=Outcome.NO_ANSWER, next_at=_days(at, 1, 10, hours))
    if dice < 0.24 + 0.24 * warm:
        day = rnd.choice((1, 1, 2, 3))
        note = rnd.choice(("想看红色", "下班后过来", "带爱人一起来", "问以旧换新", ""))
        when = _days(at, day, rnd.choice((10, 11, 14, 15, 16)), hours)
        return Act(what="call", at=at, outcome=Outcome.APPOINTMENT, next_at=when, note=note)
    if dice < 0.58 + 0.06 * warm:
        note = rnd.choice(("先加了微信，发了资料", "要比较两家的价格", "月底发工资再定", "问续航和电池质保", ""))
        return Act(
            what="call",
            at=at,
            kind=rnd.choice((Kind.CALL, Kind.MESSAGE)),
            outcome=rnd.choice((Outcome.INTERESTED, Outcome.WECOM_ADDED)),
            next_at=_days(at, rnd.choice((3, 4, 6)), 10, hours),
            note=note,
        )
    if first and dice < 0.8:
        return Act(what="call", at=at, outcome=Outcome.INTERESTED, next_at=_days(at, 3, 10, hours))
    reasons = (
        LostReason.NO_LONGER_WANTS,
        LostReason.BOUGHT_OTHER,
        LostReason.UNREACHABLE,
        LostReason.PRICE,
        LostReason.WRONG_NUMBER,
        LostReason.NEVER_SIGNED_UP,
    )
    return Act(what="lost", at=at, reason=rnd.choices(reasons, (6, 4, 4, 4, 1, 1))[0])


def _on_the_day(rnd: Random, at: datetime, hours: WeeklyHours) -> Act:
    if rnd.random() < 0.68:
        note = rnd.choice(("试骑了 S1，满意", "看中 C2，回去商量", "坐高合适，嫌贵 300", ""))
        when = _days(at, 1, 15, hours)
        return Act(what="call", at=at, kind=Kind.VISIT, outcome=Outcome.VISITED, next_at=when, note=note)
    return Act(what="call", at=at, outcome=Outcome.NO_ANSWER, next_at=_days(at, 1, 11, hours), note="没来，约下次")


def _after_a_visit(rnd: Random, at: datetime, hours: WeeklyHours, warm: float) -> Act:
    dice = rnd.random()
    if dice < 0.5 * warm:
        return Act(what="won", at=at)
    if dice < 0.5 * warm + 0.2:
        return Act(what="lost", at=at, reason=rnd.choice((LostReason.PRICE, LostReason.BOUGHT_OTHER)))
    return Act(what="call", at=at, outcome=Outcome.INTERESTED, next_at=_days(at, 2, 10, hours), note="还在考虑")


def _days(at: datetime, days: int, hour: int, hours: WeeklyHours) -> datetime:
    return next_opening(at.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days), hours)


def _about(minutes: float, rnd: Random) -> float:
    """Around a median, with a long tail to the right."""
    return minutes * rnd.lognormvariate(0, 0.7)
