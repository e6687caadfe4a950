"""All writes of replays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from hq.qualification.replay import queries, tally
from hq.qualification.replay.errors import BadPeriod, EmptyPeriod, NothingToCompare
from hq.qualification.replay.models import Replay
from hq.qualification.replay.tally import Compared
from hq.rules import kinds
from hq.rules.queries import kind_of
from shared.audit import service as audit
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.platform.clock import beijing_day, day_start
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

MOST_DAYS = 366
DRAIN = "hq.replay"

_MOVES = Rows(
    {
        "replay_id": "uuid",
        "number": "integer",
        "contact_id": "uuid",
        "lead_id": "uuid",
        "enters": "boolean",
        "points_before": "integer",
        "points": "integer",
        "became": "text",
        "at": "timestamptz",
    }
)
_MOVE = text(f"INSERT INTO replay_moves ({_MOVES.names}) SELECT {_MOVES.names} FROM {_MOVES.source}")  # noqa: S608 (names)
_ON = text(
    """
    UPDATE replays SET tally = CAST(:tally AS jsonb), people_done = people_done + :people, after_at = :after_at,
           after_id = :after_id, state = CASE WHEN :over THEN 'done' ELSE state END,
           ended_at = CASE WHEN :over THEN CAST(:now AS timestamptz) END
    WHERE replay_id = :replay
    """
)


def start(session: Session, *, version: int, first: date, last: date, actor: Actor, now: datetime) -> UUID:
    """Begin to try a version of the scorecard on the days from `first` to `last` (Beijing).

    Raises:
        Missing: no such version.
        NothingToCompare: it is in force.
        Invalid: the card cannot be used as it is.
        BadPeriod: the days are not in order, too many, or not over yet.
        EmptyPeriod: nobody became a lead or was turned away by points then.
    """
    kind = kind_of(session, "scorecard")
    tried, active = kind.find(version), kind.active
    if active is None or active.version == version:
        raise NothingToCompare(version=version)
    kinds.check("scorecard", tried.body)
    if not first <= last <= beijing_day(now) or (last - first).days >= MOST_DAYS:
        raise BadPeriod(field="until", most=MOST_DAYS)
    since, until = day_start(first), day_start(last + timedelta(days=1))
    people = queries.count(session, since=since, until=until)
    if not people:
        raise EmptyPeriod(field="until", since=first.isoformat(), until=last.isoformat())
    replay = Replay(
        replay_id=new_id(now),
        version=version,
        against=active.version,
        body=dict(tried.body),
        against_body=dict(active.body),
        since=since,
        until=until,
        state="running",
        people=people,
        people_done=0,
        tally=tally.empty(),
        started_by=actor.name,
        started_at=now,
    )
    session.add(replay)
    session.flush()
    audit.record(session, actor, "rules:replay", f"rules:{tried.rule_set_id}", at=now, version=version, people=people)
    ring_after_commit(session, DRAIN)
    return replay.replay_id


def write(
    session: Session, replay: Row[Any], rows: Sequence[Row[Any]], found: Sequence[Compared], *, now: datetime
) -> None:
    """Write a step: the people's numbers, and who would enter or leave. A step that is not full is the last."""
    counted = dict(replay.tally)
    tally.add(counted, found)
    moved = [
        (
            replay.replay_id,
            replay.people_done + number,
            each.person.contact_id,
            each.person.lead_id,
            each.goes,
            each.points_before,
            each.points,
            each.person.became,
            each.person.at,
        )
        for number, each in enumerate(found, start=1)
        if each.went != each.goes
    ]
    if moved:
        session.execute(_MOVE, _MOVES.parameters(moved))
    session.execute(
        _ON,
        {
            "replay": replay.replay_id,
            "tally": tally.as_text(counted),
            "people": len(rows),
            "after_at": rows[-1].at if rows else replay.after_at,
            "after_id": rows[-1].id if rows else replay.after_id,
            "over": len(rows) < queries.STEP,
            "now": now,
        },
    )
