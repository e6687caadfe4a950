"""Reads of replays for pages and for the drains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from hq.replay.models import Replay, ReplayLoad, ReplayMove, ReplayStop
from hq.replay.people import past, scored
from hq.replay.routed.demand import Asked, Demand
from shared.dealers.models import Store
from shared.platform.errors import Missing

MOVES = 20
"""People, or stores, of one page of a list."""
_LISTED = 50
_LEADS = text("SELECT count(*) FROM leads WHERE opened_at >= :since AND opened_at < :until")
# As many as `routed.demand` makes, by the same phase of each county.
_GENERATED = text(
    """
    SELECT coalesce(sum(floor(n * CAST(:factor AS float8)
                              + ('x' || left(md5(of_county), 8))::bit(32)::bigint / 4294967296.0::float8)), 0)::bigint
    FROM (SELECT CASE WHEN :elsewhere THEN '' ELSE coalesce(place ->> 'code', 'None') END AS of_county, count(*) AS n
          FROM leads WHERE opened_at >= :since AND opened_at < :until GROUP BY 1) AS counted
    """
)


def running(_now: datetime) -> Select[Any]:
    """Replays with people left; the one that waited longest for its next step first, so that several go on side by
    side."""
    columns = [column for column in Replay.__table__.columns if column.key != "aside_at"]
    return (
        select(*columns)
        .where(Replay.state == "running", Replay.aside_at.is_(None))
        .order_by(func.coalesce(Replay.stepped_at, Replay.started_at), Replay.replay_id)
    )


def past_purge(now: datetime) -> Select[Any]:
    """Results that were kept long enough, also those that broke off."""
    columns: list[Any] = [Replay.replay_id, Replay.purge_at]
    return select(*columns).where(Replay.purge_at <= now).order_by(Replay.purge_at, Replay.replay_id)


def count(session: Session, kind: str, *, since: datetime, until: datetime) -> int:
    """How many people (of a scorecard), leads (of routing) or sign-ups a replay of this period is about."""
    statement = {"scorecard": scored.COUNT, "routing": _LEADS}.get(kind, past.COUNT)
    found: int = session.execute(statement, {"since": since, "until": until}).scalar_one()
    return found


def count_leads(session: Session, asked: Asked, *, since: datetime, until: datetime) -> int:
    """How many leads routing rules are tried on."""
    within = {"since": since, "until": until, "factor": asked.factor, "elsewhere": asked.elsewhere}
    found: int = session.execute(_LEADS if asked.demand is Demand.PAST else _GENERATED, within).scalar_one()
    return found


def loads(session: Session, replay_id: UUID) -> Mapping[UUID, ReplayLoad]:
    """Leads of each store with both sets of routing rules."""
    rows = session.scalars(select(ReplayLoad).where(ReplayLoad.replay_id == replay_id))
    return {row.store_id: row for row in rows}


def stopping(session: Session, replay: Replay) -> bool:
    """Whether it ends with the step that is under way."""
    return replay.state == "running" and session.get(ReplayStop, replay.replay_id) is not None


class StoreStep(NamedTuple):
    """A store that would get more leads or fewer."""

    store_id: UUID
    name: str
    before: int
    after: int


def moved_stores(session: Session, replay_id: UUID) -> Mapping[UUID, int]:
    """By store, how many more leads it would get (fewer: negative); without those that would get as many."""
    step = ReplayLoad.after - ReplayLoad.before
    rows = session.execute(
        select(ReplayLoad.store_id, step.label("step")).where(ReplayLoad.replay_id == replay_id, step != 0)
    )
    return {row.store_id: row.step for row in rows}


def store_steps(session: Session, replay_id: UUID, *, skip: int) -> Sequence[StoreStep]:
    """One page of these stores, the largest step first, and one more when there is another page."""
    query = (
        select(ReplayLoad.store_id, Store.name, ReplayLoad.before, ReplayLoad.after)
        .join(Store, Store.store_id == ReplayLoad.store_id)
        .where(ReplayLoad.replay_id == replay_id, ReplayLoad.before != ReplayLoad.after)
        .order_by(func.abs(ReplayLoad.after - ReplayLoad.before).desc(), ReplayLoad.store_id)
        .offset(skip)
        .limit(MOVES + 1)
    )
    return [StoreStep(*row) for row in session.execute(query)]


def find(session: Session, kind: str, version: int, replay_id: UUID) -> Replay:
    """A replay of a version.

    Raises:
        Missing: there is none.
    """
    replay = session.get(Replay, replay_id)
    if replay is None or (replay.kind, replay.version) != (kind, version):
        raise Missing(replay=str(replay_id))
    return replay


def of_version(session: Session, kind: str, version: int) -> Sequence[Replay]:
    """The last replays of a version, the latest first."""
    query = select(Replay).where(Replay.kind == kind, Replay.version == version)
    return session.scalars(query.order_by(Replay.started_at.desc(), Replay.replay_id.desc()).limit(_LISTED)).all()


def latest_done(session: Session, kind: str, version: int) -> Replay | None:
    """The last replay of a version that went to its end."""
    query = select(Replay).where(Replay.kind == kind, Replay.version == version, Replay.state == "done")
    return session.scalars(query.order_by(Replay.started_at.desc(), Replay.replay_id.desc()).limit(1)).one_or_none()


def moves(session: Session, replay_id: UUID, *, way: str, after: int = 0) -> Sequence[Mapping[str, Any]]:
    """One page of those who enter, leave, or fare differently otherwise, and one more when there is another."""
    name = text(
        "coalesce((SELECT c.name FROM contacts c WHERE c.contact_id = replay_moves.contact_id),"
        " (SELECT s.name FROM signups s WHERE s.signup_id = replay_moves.signup_id)) AS name"
    )
    query = (
        select(ReplayMove, name)
        .where(ReplayMove.replay_id == replay_id, ReplayMove.way == way, ReplayMove.number > after)
        .order_by(ReplayMove.number)
        .limit(MOVES + 1)
    )
    return [{"move": move, "name": found} for move, found in session.execute(query)]
