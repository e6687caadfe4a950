"""Reads of replays for pages and for the drains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from hq.qualification.replay import past, scored
from hq.qualification.replay.models import Replay, ReplayMove
from shared.platform.errors import Missing

MOVES = 20
"""People of one page of a list."""
_LISTED = 50


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
    """How many people (of a scorecard) or sign-ups a replay of this period is about."""
    statement = scored.COUNT if kind == "scorecard" else past.COUNT
    found: int = session.execute(statement, {"since": since, "until": until}).scalar_one()
    return found


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
