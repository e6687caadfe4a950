"""Ending assignments: hold, card and capacity go with them, in lock order and a handful of statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Rows
from shared.leads.events import SYSTEM, Event, tell
from shared.leads.lifecycle import HOLDING, Move, Stage, after, sources
from shared.leads.words import INVALID
from shared.notifications.notices import Notice, notify
from shared.platform.clock import beijing_day
from shared.platform.ids import new_id

CONTACTED = frozenset((Stage.CONTACTED, Stage.APPOINTMENT, Stage.VISITED, Stage.WON))
"""The store has spoken with the person; nothing ends that by itself."""


class Live(NamedTuple):
    """An assignment that has not ended, locked."""

    dealer_id: UUID
    assignment_id: UUID
    store_id: UUID
    lead_id: UUID
    stage: Stage
    grade: str
    hop: int
    offered_at: datetime
    deadline_at: datetime
    moved_at: datetime
    settled_at: datetime | None
    recycle_at: datetime | None
    due_at: datetime | None = None
    due_kind: str | None = None
    breached_at: datetime | None = None
    hq_at: datetime | None = None
    assignee: UUID | None = None
    pooled: bool = False  # claimed from the pool

    @property
    def held(self) -> bool:
        """Whether the store has the lead."""
        return self.stage in HOLDING


@dataclass(frozen=True, slots=True)
class Ending:
    """How one assignment ends; `give_back`: a claim of it is not counted for the store's day."""

    live: Live
    stage: Stage
    reason: Mapping[str, Any] = field(default_factory=dict)
    give_back: bool = False


_LOCK = text(
    """
    SELECT dealer_id, assignment_id, store_id, lead_id, stage, grade, hop, offered_at, deadline_at, moved_at,
           settled_at, recycle_at, due_at, due_kind, breached_at, hq_at, assignee,
           coalesce(offer -> 'why' ->> 'code' = 'pool', false) AS pooled
    FROM assignments WHERE lead_id = ANY(:leads) AND ended_at IS NULL
    ORDER BY dealer_id, assignment_id
    FOR NO KEY UPDATE
    """
)
_ENDED = Rows({"dealer_id": "uuid", "assignment_id": "uuid", "stage": "text", "reason": "jsonb"})
_DROP_HOLDS = text(
    f"""
    DELETE FROM holds h USING {_ENDED.source}
    WHERE h.dealer_id = t.dealer_id AND h.assignment_id = t.assignment_id
    RETURNING h.assignment_id, h.held_at
    """  # noqa: S608 (names of this module)
)
_END = text(
    f"""
    UPDATE assignments a
    SET stage = t.stage, ended_at = :now, end_reason = t.reason, settled_at = a.moved_at, recycle_at = NULL
    FROM {_ENDED.source}
    WHERE a.dealer_id = t.dealer_id AND a.assignment_id = t.assignment_id
    """  # noqa: S608 (names of this module)
)
_DROP_CARDS = text(
    f"""
    DELETE FROM customer_cards c USING {_ENDED.source}
    WHERE c.dealer_id = t.dealer_id AND c.assignment_id = t.assignment_id
    """  # noqa: S608 (names of this module)
)
# Whom a store entered itself was never counted for its day, so nothing comes back. What was claimed from the pool on
# the same day does not count for the limit there either.
_BACK = Rows(
    {
        "dealer_id": "uuid",
        "entry_id": "uuid",
        "store_id": "uuid",
        "day": "date",
        "assignment_id": "uuid",
        "reason": "text",
    }
)
_GIVE_BACK = text(
    f"""
    WITH back AS (
        SELECT t.*, a.offer -> 'why' ->> 'code' = 'pool' AND t.day = :today AS pooled
        FROM {_BACK.source} JOIN assignments a USING (dealer_id, assignment_id)
        WHERE a.offer -> 'why' ->> 'code' IS DISTINCT FROM 'store'
    ),
    locked AS (
        SELECT d.dealer_id, d.store_id, d.day FROM store_days d
        WHERE (d.dealer_id, d.store_id, d.day) IN (SELECT b.dealer_id, b.store_id, b.day FROM back b)
        ORDER BY d.dealer_id, d.store_id, d.day
        FOR NO KEY UPDATE
    ), noted AS (
        INSERT INTO quota_ledger (dealer_id, entry_id, store_id, day, assignment_id, delta, reason, at)
        SELECT dealer_id, entry_id, store_id, day, assignment_id, -1, reason, :now FROM back
    )
    UPDATE store_days d
    SET taken = greatest(d.taken - b.claims, 0), pool_claims = greatest(d.pool_claims - b.pooled, 0)
    FROM (SELECT dealer_id, store_id, day, count(*) AS claims, count(*) FILTER (WHERE pooled) AS pooled
          FROM back GROUP BY 1, 2, 3) AS b
    JOIN locked USING (dealer_id, store_id, day)
    WHERE d.dealer_id = b.dealer_id AND d.store_id = b.store_id AND d.day = b.day
    """  # noqa: S608 (names of this module)
)

_GIVE_BACK_WEEKS = text(
    f"""
    WITH back AS (
        SELECT t.dealer_id, t.store_id, date_trunc('week', t.day)::date AS week, count(*) AS claims
        FROM {_BACK.source} JOIN assignments a USING (dealer_id, assignment_id)
        WHERE a.offer -> 'why' ->> 'code' IS DISTINCT FROM 'store'
        GROUP BY 1, 2, 3
    ),
    locked AS (
        SELECT w.dealer_id, w.store_id, w.week FROM store_weeks w
        WHERE (w.dealer_id, w.store_id, w.week) IN (SELECT b.dealer_id, b.store_id, b.week FROM back b)
        ORDER BY w.dealer_id, w.store_id, w.week
        FOR NO KEY UPDATE
    )
    UPDATE store_weeks w SET taken = greatest(w.taken - b.claims, 0)
    FROM back b JOIN locked USING (dealer_id, store_id, week)
    WHERE w.dealer_id = b.dealer_id AND w.store_id = b.store_id AND w.week = b.week
    """  # noqa: S608 (names of this module)
)


# Claims that still count, which the store sent back as nobody real is behind them.
_DISQUALIFIED = text(
    """
    SELECT q.dealer_id, q.store_id, q.day, q.assignment_id
    FROM assignments a JOIN quota_ledger q USING (dealer_id, assignment_id)
    WHERE a.lead_id = ANY(:leads) AND a.ended_at IS NOT NULL AND EXISTS (
        SELECT FROM follow_ups f WHERE f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id
           AND f.kind IN ('decline', 'lost') AND f.result = ANY(:invalid))
    GROUP BY q.dealer_id, q.store_id, q.day, q.assignment_id HAVING sum(q.delta) > 0
    ORDER BY q.dealer_id, q.store_id, q.day, q.assignment_id
    """
)


def lock_live(session: Session, lead_ids: Collection[UUID]) -> list[Live]:
    """The assignments of these leads that have not ended, locked in order of key. Lock the leads before."""
    if not lead_ids:
        return []
    rows = session.execute(_LOCK, {"leads": sorted(lead_ids)}).all()
    return [Live(*row)._replace(stage=Stage(row.stage)) for row in rows]


def end(session: Session, endings: Sequence[Ending], *, now: datetime, disqualified: Collection[UUID] = ()) -> None:
    """End assignments that are locked: their holds and cards go, capacity comes back where it is due.

    Args:
        disqualified: leads, locked, that headquarters calls nobody real: what stores claimed of them and sent back for
            that comes back too. By itself sending back gives nothing back, whatever the reason.
    """
    back: list[tuple[Any, ...]] = []
    if disqualified:  # before others end: what comes back with a recall is not looked for
        given = {"leads": sorted(disqualified), "invalid": sorted(INVALID)}
        claims = session.execute(_DISQUALIFIED, given).all()
        back = [(row.dealer_id, new_id(now), *row[1:], "disqualified") for row in claims]
    if endings:
        back += _ended(session, endings, now)
    if back:
        rows = _BACK.parameters(back)
        session.execute(_GIVE_BACK, {**rows, "now": now, "today": beijing_day(now)})
        session.execute(_GIVE_BACK_WEEKS, rows)  # after the days: that is the order of their locks


def _ended(session: Session, endings: Sequence[Ending], now: datetime) -> list[tuple[Any, ...]]:
    """Write the endings; the claims that come back, as rows of `_BACK`."""
    rows = _ENDED.parameters(
        (each.live.dealer_id, each.live.assignment_id, each.stage.value, dict(each.reason)) for each in endings
    )
    held = {row.assignment_id: row.held_at for row in session.execute(_DROP_HOLDS, rows)}
    session.execute(_END, {**rows, "now": now})
    session.execute(_DROP_CARDS, rows)
    return [
        (each.live.dealer_id, new_id(now), each.live.store_id, beijing_day(claimed), each.live.assignment_id, "recall")
        for each in endings
        if each.give_back and (claimed := held.get(each.live.assignment_id)) is not None
    ]


def recall(
    session: Session,
    lives: Iterable[Live],
    reason: Mapping[str, Any],
    *,
    now: datetime,
    actor: str = SYSTEM,
    disqualified: Collection[UUID] = (),
) -> list[Ending]:
    """Take leads back from stores because HQ, matching, screening or the person says so; stores are told.

    What a store had sent back already ends as sent back. A claim is given back to the store's day unless the store
    has spoken with the person. `disqualified`: as for `end`.
    """
    endings = [
        Ending(
            live,
            after(live.stage, Move.RECALL) if live.stage in sources(Move.RECALL) else live.stage,
            reason,
            give_back=live.stage in sources(Move.RECALL) - CONTACTED,
        )
        for live in lives
    ]
    end(session, endings, now=now, disqualified=disqualified)
    recalled = [each.live for each in endings if each.stage is Stage.RECALLED]
    tell(
        session,
        (Event(live.lead_id, "recalled", where(live) | dict(reason)) for live in recalled),
        now=now,
        actor=actor,
    )
    notify(session, (notice("recalled", live, {"code": reason.get("code")}) for live in recalled), now=now)
    return endings


def notice(kind: str, live: Live, details: Mapping[str, Any] | None = None) -> Notice:
    """What the store of an assignment is told."""
    return Notice(kind, live.dealer_id, live.store_id, live.assignment_id, details or {})


def where(live: Live) -> dict[str, Any]:
    """Which store and assignment a line of a lead's story is about."""
    return {"assignment_id": str(live.assignment_id), "store_id": str(live.store_id)}
