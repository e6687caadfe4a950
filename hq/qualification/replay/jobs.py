"""The drains `hq.replay` (the next step of a replay) and `hq.purge_replays`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hq.qualification.decisions import Rulebook
from hq.qualification.jobs import geography, rulebook_of
from hq.qualification.replay import past, queries, scored, service
from hq.qualification.replay.deciding import Side, compared
from hq.qualification.replay.models import Replay
from hq.qualification.replay.service import Step
from hq.routing.network import ATLAS
from hq.rules.queries import InForce
from shared.platform.ids import next_id
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, drain

_PURGED_AT_ONCE = 20


@drain(service.DRAIN, due=queries.running, key=Replay.replay_id, since=Replay.started_at, batch=1)
def replay(session: Session, batch: Batch, now: datetime) -> Aside:
    """Compare the next people of a replay."""
    for each in batch:
        step = _scored if each.kind == "scorecard" else _decided
        service.write(session, each, step(session, each, now), now=now)
    return NOTHING


@drain("hq.purge_replays", due=queries.past_purge, key=Replay.replay_id, since=Replay.purge_at, batch=_PURGED_AT_ONCE)
def purge(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Remove results past their date."""
    service.purge(session, [each.replay_id for each in batch])
    return NOTHING


def _scored(session: Session, replay: Row[Any], _now: datetime) -> Step:
    """Two scorecards over the people of a step."""
    # numpy is loaded where many are scored, not with every web server that lists this work
    from hq.qualification.replay import comparing

    rows, people = scored.step_of(session, replay, ATLAS.network(session))
    before, after = _rules(replay, replay.against_body, replay.against_bar), _rules(replay, replay.body, replay.bar)
    found = list(comparing.compared(people, before.card, after.card, before.thresholds))
    last = (rows[-1].at, rows[-1].id) if rows else None
    return Step(found, len(rows), last, over=len(rows) < scored.STEP)


def _decided(session: Session, replay: Row[Any], now: datetime) -> Step:
    """Two rulebooks over the people of a step."""
    read = past.read(session, replay)
    before, after = _rules(replay, replay.against_body, replay.against_bar), _rules(replay, replay.body, replay.bar)
    facts = past.around(session, read.facts, before.screening, until=replay.until)
    facts_after = (
        facts
        if past.same_around(before.screening, after.screening)
        else past.around(session, read.facts, after.screening, until=replay.until)
    )
    sides = Side(before, facts), Side(after, facts_after)
    found = list(compared(read, *sides, geography(ATLAS.network(session)), lambda: next_id(now)))
    last = (read.rows[-1].at, read.rows[-1].id) if read.rows else None
    return Step(found, len(read.facts.received), last, over=len(read.rows) < past.STEP)


def _rules(replay: Row[Any], body: dict[str, Any], bar: float | None) -> Rulebook:
    """The rules of one side: those that are compared, and beside them the others that were in force."""
    others = {name: (told["version"], told["body"]) for name, told in replay.beside.items()}
    sides = {**others, replay.kind: (0, body)}
    return rulebook_of({name: InForce(version, said, bar) for name, (version, said) in sides.items()})
