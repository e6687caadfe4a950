"""Reckoning the bar from what stores can take, and keeping it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hq.qualification.thresholds.groups import Crowd, crowd
from hq.qualification.thresholds.models import ThresholdReckoning
from hq.qualification.thresholds.reckoning import Reckoned, reckon
from hq.qualification.thresholds.room import Room, StoreRoom, room_of
from hq.qualification.thresholds.rules import Thresholds
from hq.routing.network import Network
from hq.routing.queries import room_of as room_today
from hq.routing.queries import rules_in_force
from shared.leads.models import Lead
from shared.platform.clock import beijing_day, week_of
from shared.platform.ids import new_id

_WEEKS = text(
    """
    SELECT s.store_id, s.weekly_capacity, coalesce(w.cap - w.taken, s.weekly_capacity)
    FROM stores s LEFT JOIN store_weeks w
        ON w.dealer_id = s.dealer_id AND w.store_id = s.store_id AND w.week = :week
    WHERE s.weekly_capacity IS NOT NULL OR w.cap IS NOT NULL
    """
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stores can take, who comes, and the bar that follows.

    Attributes:
        waiting: leads that wait for a store already.
        before: the bar of the reckoning before of the same version.
    """

    room: Room
    waiting: int
    crowd: Crowd
    coming: float
    nurtured: int
    before: float | None
    reckoned: Reckoned


def outlook(session: Session, rules: Thresholds, network: Network, *, before: float | None, now: datetime) -> Outlook:
    """Reckon for the next seven days, writing nothing; seven statements."""
    people = crowd(session, now=now)
    room = room_of(_stores(session, network, now=now), beijing_day(now))
    waiting = session.scalar(select(func.count()).select_from(Lead).where(Lead.state == "waiting")) or 0
    places = None if room.places is None else max(0, round(room.places * rules.bar.fill / 100) - waiting)
    demand = people.demand(rules)
    reckoned = reckon(demand, room=places, before=before, step=rules.bar.step)
    coming, nurtured = sum(each.coming for each in demand), sum(each.waiting for each in demand)
    return Outlook(room, waiting, people, coming, nurtured, before, reckoned)


def as_row(found: Outlook, *, version: int, now: datetime) -> ThresholdReckoning:
    """A reckoning as it is kept, and as pages show it."""
    return ThresholdReckoning(
        reckoning_id=new_id(now),
        version=version,
        at=now,
        before=found.before,
        stores=found.room.stores,
        unlimited=found.room.unlimited,
        waiting=found.waiting,
        seen=found.crowd.seen,
        days=found.crowd.days,
        coming=found.coming,
        nurtured=found.nurtured,
        **asdict(found.reckoned),
    )


def keep(session: Session, found: Outlook, *, version: int, now: datetime) -> None:
    """Write a reckoning down; from now on it is the bar."""
    session.add(as_row(found, version=version, now=now))
    session.flush()


def _stores(session: Session, network: Network, *, now: datetime) -> list[StoreRoom]:
    rules, _ = rules_in_force(session)
    today = room_today(session, network, rules, now=now)
    weeks = {row[0]: row[1:] for row in session.execute(_WEEKS, {"week": week_of(beijing_day(now))})}
    return [
        StoreRoom(
            network.hours[store_id], today.left_of(network.stores[store_id]), daily, *weeks.get(store_id, (None, None))
        )
        for store_id, daily in network.capacity.items()
    ]
