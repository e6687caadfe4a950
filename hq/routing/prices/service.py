"""Writing down what was reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, null, update
from sqlalchemy.orm import Session

from hq.routing.prices.models import PriceRun
from shared.platform.ids import new_id

KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Prices with what they were reckoned from (see `PriceRun`)."""

    prices: Mapping[str, float]
    expected: float
    room: int | None
    mean_km: float | None
    unserved: float


def write(session: Session, found: Reckoned, *, seconds: float, next_at: datetime, now: datetime) -> None:
    """Put prices into force; the ones before are forgotten, their numbers stay for ninety days."""
    session.execute(update(PriceRun).where(PriceRun.prices.is_not(None)).values(prices=null()))
    session.execute(delete(PriceRun).where(PriceRun.solved_at < now - KEPT))
    session.execute(
        insert(PriceRun).values(
            run_id=new_id(now),
            solved_at=now,
            next_at=next_at,
            expected=found.expected,
            room=found.room,
            scarce=len(found.prices),
            mean_km=found.mean_km,
            unserved=found.unserved,
            seconds=seconds,
            prices=dict(found.prices),
        )
    )
