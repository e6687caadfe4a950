"""What a store reads of the open pool: masked, and only what it may claim sooner or later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.leads.errors import LeftPool
from shared.leads.offers import Offer
from shared.platform.errors import Missing
from shared.platform.ids import NIL

MOST = 100  # shown at once


class Order(StrEnum):
    """How the list is sorted."""

    NEAR = "near"
    GRADE = "grade"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A lead in the pool, as one store sees it.

    Attributes:
        offer: without the masked name and number until somebody at the store has looked at it.
        open_from: nobody may claim it before.
        free_at: this store, which had it before, may not claim it before; None: it may.
        looked: somebody at the store has looked at it.
    """

    lead_id: UUID
    grade: str
    offer: Offer
    entered_at: datetime
    open_from: datetime
    until: datetime
    free_at: datetime | None
    looked: bool

    @property
    def mark(self) -> str:
        """Tells it from the others of a list, in few characters."""
        return self.lead_id.hex[-8:]

    def opens_at(self, now: datetime) -> datetime | None:
        """When the store may claim it; None: now."""
        later = max(self.open_from, self.free_at or self.open_from)
        return later if later > now else None


@dataclass(frozen=True, slots=True)
class Left:
    """What a store may still claim from the pool and look at there today; None: no limit."""

    claims: int | None
    views: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a store sees.

    Attributes:
        leads: the first of those that it may claim, or soon with every store.
        grades: how many of these there are of each grade in all.
        later: the first of those that it had before and may not claim for days yet, the soonest first.
        later_count: how many of these there are in all.
    """

    leads: Sequence[Pooled]
    grades: dict[str, int]
    later: Sequence[Pooled] = ()
    later_count: int = 0

    @property
    def count(self) -> int:
        """All that it may claim, or soon."""
        return sum(self.grades.values())


@dataclass(frozen=True, slots=True)
class News:
    """What has changed since a list was shown.

    Attributes:
        fresh: leads that came since, and are not in it.
        gone: marks of those in it that are no longer in the pool, or not for this store.
        opened: those in it that may be claimed since it was last looked at.
    """

    fresh: int
    gone: Sequence[str]
    opened: Sequence[UUID]


_ORDERS = {
    Order.NEAR: "km NULLS LAST, grade, lead_id",
    Order.GRADE: "grade, km NULLS LAST, lead_id",
    Order.NEWEST: "entered_at DESC, lead_id",
}
_LIST = """
    WITH seen AS MATERIALIZED (
        SELECT *, coalesce(free_at > :now, false) AS later FROM koi_pool_of(:store, :now)
    ),
    chosen AS (SELECT * FROM seen WHERE CAST(:grade AS text) IS NULL OR grade = :grade),
    picked AS (
        (SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM chosen WHERE NOT later
         ORDER BY {order} LIMIT :most)
        UNION ALL
        (SELECT *, row_number() OVER (ORDER BY free_at, lead_id) FROM chosen WHERE later
         ORDER BY free_at, lead_id LIMIT :most)
    )
    SELECT f.*, (SELECT count(*) FROM chosen WHERE later) AS later_count,
           (SELECT jsonb_object_agg(g.grade, g.leads)
            FROM (SELECT grade, count(*) AS leads FROM seen WHERE NOT later GROUP BY grade) AS g) AS grades
    FROM picked f ORDER BY f.later, f.place
"""
_LISTS = {order: text(_LIST.format(order=columns)) for order, columns in _ORDERS.items()}
# Who routed a lead may have committed after the list was read, with an earlier moment.
_NEWS = text(
    """
    WITH seen AS MATERIALIZED (
        SELECT lead_id, right(lead_id::text, 8) AS mark, grade, entered_at, open_from, free_at
        FROM koi_pool_of(:store, :now) WHERE free_at IS NULL OR free_at <= :now
    )
    SELECT (SELECT count(*) FROM seen WHERE (CAST(:grade AS text) IS NULL OR grade = :grade)
              AND greatest(entered_at, free_at) > CAST(:begun AS timestamptz) - interval '1 minute'
              AND mark <> ALL(CAST(:shown AS text[]))) AS fresh,
           ARRAY(SELECT m FROM unnest(CAST(:shown AS text[])) AS m
                 WHERE NOT EXISTS (SELECT FROM seen WHERE mark = m)) AS gone,
           ARRAY(SELECT lead_id FROM seen WHERE mark = ANY(CAST(:shown AS text[]))
              AND open_from > :since AND open_from <= :now) AS opened
    """
)
_ENTRY = text("SELECT * FROM koi_pool_look(:store, :lead, :person, NULL, :now)")
_LEFT = text("SELECT claims, views FROM koi_pool_left(:store, :now)")
_COUNT = text(
    """
    SELECT count(DISTINCT p.lead_id)
    FROM unnest(CAST(:stores AS uuid[])) AS s (store_id), LATERAL koi_pool_of(s.store_id, :now) AS p
    WHERE p.open_from <= :now AND (p.free_at IS NULL OR p.free_at <= :now)
    """
)


def shown(
    session: Session,
    *,
    store_id: UUID,
    actor: Actor,
    now: datetime,
    order: Order = Order.NEAR,
    grade: str | None = None,
) -> Shown:
    """What one of the actor's stores sees.

    Raises:
        Missing: not one of the actor's stores.
    """
    _refuse_strangers(actor, store_id)
    given = {"store": store_id, "now": now, "grade": grade, "most": MOST}
    rows = session.execute(_LISTS[order], given).all()
    if not rows and grade is not None:  # nothing of this grade; the other grades are told all the same
        return Shown([], shown(session, store_id=store_id, actor=actor, now=now).grades)
    leads, later = (
        [_pooled(row.lead_id, row, looked=row.looked) for row in rows if row.later is part] for part in (False, True)
    )
    return Shown(leads, dict(rows[0].grades or {}) if rows else {}, later, rows[0].later_count if rows else 0)


def news(
    session: Session,
    *,
    store_id: UUID,
    actor: Actor,
    shown: Sequence[str],
    begun: datetime,
    since: datetime,
    now: datetime,
    grade: str | None = None,
) -> News:
    """What has changed since a list of one of the actor's stores was shown (one statement).

    Args:
        shown: the marks of what stands in it.
        begun: when it was shown; since: when it was last looked at.

    Raises:
        Missing: not one of the actor's stores.
    """
    _refuse_strangers(actor, store_id)
    given = {"store": store_id, "now": now, "grade": grade, "shown": list(shown), "begun": begun, "since": since}
    return News(*session.execute(_NEWS, given).one())


def entry(session: Session, *, lead_id: UUID, store_id: UUID, actor: Actor, now: datetime) -> Pooled:
    """A lead that somebody at the store has looked at (`service.look`), with the masked name and number.

    Raises:
        LeftPool: nobody has, it has left the pool, or the store may not have it.
    """
    _refuse_strangers(actor, store_id)
    given = {"store": store_id, "lead": lead_id, "person": actor.user_id or NIL, "now": now}
    row = session.execute(_ENTRY, given).one_or_none()
    if row is None:
        raise LeftPool(what="lead")
    return _pooled(lead_id, row, looked=True)


def left(session: Session, *, store_id: UUID, now: datetime) -> Left:
    """What the rules let a store do today."""
    row = session.execute(_LEFT, {"store": store_id, "now": now}).one_or_none()
    return Left(0, 0) if row is None else Left(row.claims, row.views)


def count_open(session: Session, *, store_ids: Sequence[UUID], now: datetime) -> int:
    """How many leads these stores of the announced dealer could claim now."""
    return session.execute(_COUNT, {"stores": list(store_ids), "now": now}).scalar_one() if store_ids else 0


def _pooled(lead_id: UUID, row: Any, *, looked: bool) -> Pooled:
    km = None if row.km is None else round(row.km, 1)
    return Pooled(
        lead_id=lead_id,
        grade=row.grade,
        offer=Offer.from_json({**row.offer, "km": km}),
        entered_at=row.entered_at,
        open_from=row.open_from,
        until=row.until,
        free_at=row.free_at,
        looked=looked,
    )


def _refuse_strangers(actor: Actor, store_id: UUID) -> None:
    if not actor.sees_store(store_id):
        raise Missing(what="store")
