"""Keeping the figures: counted on the spot while that is quick, else by a drain, not more often than it can afford."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hq.analytics import figures, measure
from hq.analytics.models import Counted
from shared.campaigns.standing import CODE as STANDING
from shared.dealers.models import Store
from shared.platform.ids import NIL
from shared.work.doorbell import ring_after_commit

ALL = NIL
"""Stands for all campaigns together."""

QUICK_MS = 100
"""Counting that took no longer is done again for every reader."""

_AT_LEAST = timedelta(seconds=10)
_AFFORDED = 25  # of its time, one part counting
_WATCHED = timedelta(minutes=10)
_SAME_LOOK = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLine:
    """A campaign to choose; `began` is its start, else its first sign-up; `last_at` its latest sign-up.

    `standing`: where people belong who come by themselves; it has no rounds to compare.
    """

    campaign_id: UUID
    name: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    began: datetime
    last_at: datetime | None
    standing: bool = False


_CAMPAIGNS = text(
    """
    SELECT c.campaign_id, c.name, c.status, c.starts_at, c.ends_at,
           least(coalesce(c.starts_at, c.created_at), s.first_at) AS began, s.last_at,
           c.code = :standing AS standing
    FROM campaigns c
    LEFT JOIN LATERAL (SELECT min(accepted_at) AS first_at, max(accepted_at) AS last_at
                       FROM signups WHERE campaign_id = c.campaign_id) s ON true
    ORDER BY began DESC, c.campaign_id DESC
    """
)


def campaigns(session: Session) -> list[CampaignLine]:
    """Every campaign, the one that began last first; one statement."""
    return [CampaignLine(**row) for row in session.execute(_CAMPAIGNS, {"standing": STANDING}).mappings()]


def by_default(lines: Sequence[CampaignLine], now: datetime) -> CampaignLine | None:
    """The running campaign with the newest sign-up; where none runs, any with the newest; else the first."""
    running = [line for line in lines if line.status == "live" and (line.ends_at is None or now < line.ends_at)]
    came = [line for line in running if line.last_at] or [line for line in lines if line.last_at]
    return max(came, key=lambda line: line.last_at or now, default=next(iter(running or lines), None))


def before(lines: Sequence[CampaignLine], campaign_id: UUID) -> CampaignLine | None:
    """The campaign that began last before this one; none for what stands all the time, nor that for others."""
    rounds = [line for line in lines if not line.standing]
    ids = [line.campaign_id for line in rounds]
    return next(iter(rounds[ids.index(campaign_id) + 1 :]), None) if campaign_id in ids else None


def current(session: Session, campaign_id: UUID, lines: Sequence[CampaignLine], *, now: datetime) -> Counted:
    """The figures of a campaign (or `ALL`), counted now if nobody has, or if that is quick."""
    kept = session.get(Counted, campaign_id)
    if kept is None or (kept.took_ms <= QUICK_MS and kept.as_of < now):
        return count(session, campaign_id, lines, now=now)
    if kept.wanted_at < now - _SAME_LOOK or kept.due_at <= now:
        session.execute(update(Counted).where(Counted.campaign_id == campaign_id).values(wanted_at=now))
        ring_after_commit(session, "hq.figures")
    return kept


def count(session: Session, campaign_id: UUID, lines: Sequence[CampaignLine], *, now: datetime) -> Counted:
    """Count a campaign and the one before it at the same age, and keep the result."""
    started = perf_counter()
    line = next((each for each in lines if each.campaign_id == campaign_id), None)
    counted = measure.count(session, None if campaign_id == ALL else campaign_id, until=now)
    last = before(lines, campaign_id)
    kept: dict[str, Any] = {"now": counted, "before": None, **_stores(session, counted.pop("stores"))}
    if line is not None and last is not None:
        until = min(now, last.began + (now - line.began))
        than = measure.count(session, last.campaign_id, until=until, with_stores=False)
        kept |= {"before": than, "before_name": last.name, "later_s": (line.began - last.began).total_seconds()}
    took = perf_counter() - started
    return _keep(session, campaign_id, kept, now=now, took=timedelta(seconds=took))


def _stores(session: Session, counted: dict[str, Any]) -> dict[str, Any]:
    wanted = [UUID(store_id) for store_id in counted]
    rows = session.execute(
        select(Store.store_id, Store.name, Store.city_code, Store.province_code).where(Store.store_id.in_(wanted))
    )
    places = [(store_id, name, city or "", province or "") for store_id, name, city, province in rows]
    best, worst = figures.best_and_worst(figures.judged(counted, places))
    return {
        "best": [dataclasses.asdict(each) for each in best],
        "worst": [dataclasses.asdict(each) for each in worst],
    }


def _keep(session: Session, campaign_id: UUID, kept: dict[str, Any], *, now: datetime, took: timedelta) -> Counted:
    values = {
        "figures": kept,
        "as_of": now,
        "took_ms": round(took / timedelta(milliseconds=1)),
        "due_at": now + max(_AT_LEAST, took * _AFFORDED),
    }
    statement = insert(Counted).values(campaign_id=campaign_id, wanted_at=now, **values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Counted.campaign_id], set_=values, where=Counted.as_of < statement.excluded.as_of
        )
    )
    return Counted(campaign_id=campaign_id, wanted_at=now, **values)


def watched_since(now: datetime) -> datetime:
    """Figures that nobody looked at after this are left as they are."""
    return now - _WATCHED
