"""The drain `hq.replay`: the next step of a replay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hq.qualification.replay import queries, service
from hq.qualification.replay.models import Replay
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.thresholds.queries import standing
from hq.routing.network import ATLAS
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain


@drain(service.DRAIN, due=queries.running, key=Replay.replay_id, since=Replay.started_at, batch=1)
def replay(session: Session, batch: Batch, now: datetime) -> Aside:
    """Compare the next people of a replay."""
    # numpy is loaded where many are scored, not with every web server that lists this work
    from hq.qualification.replay.comparing import compared

    for each in batch:
        rows, people = queries.step_of(session, each, ATLAS.network(session))
        cards = Scorecard.parse(each.against_body), Scorecard.parse(each.body)
        service.write(session, each, rows, list(compared(people, *cards, standing(session))), now=now)
    return NOTHING
