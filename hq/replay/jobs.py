"""The drains `hq.replay` (the next step of a replay) and `hq.purge_replays`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hq.replay import queries, service
from hq.replay.models import Replay
from hq.replay.people import step as people
from hq.replay.service import Step
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain

_PURGED_AT_ONCE = 20


@drain(service.DRAIN, due=queries.running, key=Replay.replay_id, since=Replay.started_at, batch=1)
def replay(session: Session, batch: Batch, now: datetime) -> Aside:
    """Compare the next people or the next day of a replay."""
    for each in batch:
        service.write(session, each, _step(session, each, now), now=now)
    return NOTHING


@drain("hq.purge_replays", due=queries.past_purge, key=Replay.replay_id, since=Replay.purge_at, batch=_PURGED_AT_ONCE)
def purge(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Remove results past their date."""
    service.purge(session, [each.replay_id for each in batch])
    return NOTHING


def _step(session: Session, replay: Row[Any], now: datetime) -> Step:
    if replay.kind == "routing":
        # numpy is loaded where a day is routed, not with every web server that lists this work
        from hq.replay.routed import step as routed

        return routed.step(session, replay)
    return people.score(session, replay) if replay.kind == "scorecard" else people.decide(session, replay, now)
