"""All writes of replays."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text
from sqlalchemy.orm import Session

from hq.qualification.replay import queries, ruling, tally
from hq.qualification.replay.errors import BadPeriod, EmptyPeriod, NothingToCompare, ReplayMoved, Unreadable
from hq.qualification.replay.models import Replay, ReplayMove
from hq.qualification.replay.tally import Compared
from hq.qualification.thresholds.rules import By, Thresholds
from hq.qualification.thresholds.service import outlook
from hq.routing.network import ATLAS
from hq.rules import kinds
from hq.rules.queries import in_force, kind_of, of_kind
from shared.audit import service as audit
from shared.db.batch import Rows
from shared.identity.actor import Actor
from shared.platform.clock import beijing_day, day_start
from shared.platform.errors import Invalid, Missing
from shared.platform.ids import new_id
from shared.work.doorbell import ring_after_commit

KINDS = ("screening", "scorecard", "thresholds")
"""Kinds of rules that can be tried on the past."""
MOST_DAYS = 366
KEPT = timedelta(days=180)
"""How long a result is kept."""
DRAIN = "hq.replay"
_MOMENT = timedelta(microseconds=1)  # what happens at this very moment still counts

_MOVES = Rows(
    {
        "replay_id": "uuid",
        "number": "integer",
        "way": "text",
        "contact_id": "uuid",
        "signup_id": "uuid",
        "lead_id": "uuid",
        "before": "text",
        "after": "text",
        "points_before": "integer",
        "points": "integer",
        "reasons": "jsonb",
        "became": "text",
        "at": "timestamptz",
    }
)
_MOVE = text(f"INSERT INTO replay_moves ({_MOVES.names}) SELECT {_MOVES.names} FROM {_MOVES.source}")  # noqa: S608 (names)
_ON = text(
    """
    UPDATE replays SET tally = CAST(:tally AS jsonb), after_at = :after_at, after_id = :after_id, stepped_at = :now,
           people_done = CASE WHEN :over THEN people ELSE people_done + :done END,
           state = CASE WHEN :over THEN 'done' ELSE state END,
           ended_at = CASE WHEN :over THEN CAST(:now AS timestamptz) END
    WHERE replay_id = :replay
    """
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step found.

    Attributes:
        done: people (of a scorecard) or sign-ups that it read.
        last: moment and key of its last person; None when there was nobody left.
        over: nobody comes after it.
    """

    found: Sequence[Compared]
    done: int
    last: tuple[datetime, UUID] | None
    over: bool


def start(session: Session, *, kind: str, version: int, first: date, last: date, actor: Actor, now: datetime) -> UUID:
    """Begin to try a version of some rules on the days from `first` to `last` (Beijing).

    Raises:
        Missing: no such version, or no such kind that can be tried.
        NothingToCompare: it is in force.
        Unreadable: it cannot be used as it is.
        BadPeriod: the days are not in order, too many, or not over yet.
        EmptyPeriod: nobody was decided about then.
    """
    if kind not in KINDS:
        raise Missing(kind=kind)
    found = kind_of(session, kind)
    tried, active = found.find(version), found.active
    if active is None or active.version == version:
        raise NothingToCompare(version=version)
    _readable(kind, tried.body, version)
    _readable(kind, active.body, active.version)
    if not first <= last <= beijing_day(now) or (last - first).days >= MOST_DAYS:
        raise BadPeriod(field="until", most=MOST_DAYS)
    since, until = day_start(first), min(day_start(last + timedelta(days=1)), now + _MOMENT)
    people = queries.count(session, kind, since=since, until=until)
    if not people:
        raise EmptyPeriod(field="until", since=first.isoformat(), until=last.isoformat())
    bar, against_bar = _bars(session, kind, tried.body, now)
    replay = Replay(
        replay_id=new_id(now),
        kind=kind,
        version=version,
        revision=tried.revision,
        against=active.version,
        body=dict(tried.body),
        against_body=dict(active.body),
        beside=_beside(session, kind),
        bar=bar,
        against_bar=against_bar,
        since=since,
        until=until,
        state="running",
        people=people,
        people_done=0,
        tally=tally.empty() if kind == "scorecard" else tally.empty() | ruling.empty(),
        started_by=actor.name,
        started_at=now,
        purge_at=now + KEPT,
    )
    session.add(replay)
    session.flush()
    told = {"kind": kind, "version": version, "people": people}
    audit.record(session, actor, "rules:replay", f"rules:{tried.rule_set_id}", at=now, details=told)
    ring_after_commit(session, DRAIN)
    return replay.replay_id


def stop(session: Session, *, kind: str, version: int, replay_id: UUID, actor: Actor, now: datetime) -> None:
    """End a replay where it is; what it found so far stays. A step under way is waited for.

    Raises:
        Missing: no such replay of this version.
        ReplayMoved: it is over already.
    """
    query = select(Replay).where(Replay.replay_id == replay_id).with_for_update(key_share=True)
    replay = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if replay is None or (replay.kind, replay.version) != (kind, version):
        raise Missing(replay=str(replay_id))
    if replay.state != "running":
        raise ReplayMoved(state=replay.state)
    replay.state, replay.stopped_by, replay.ended_at = "stopped", actor.name, now
    told = {"kind": kind, "version": version, "people": replay.people_done}
    audit.record(session, actor, "rules:replay_stop", f"replay:{replay_id}", at=now, details=told)


def write(session: Session, replay: Row[Any], step: Step, *, now: datetime) -> None:
    """Write a step: the people's numbers, and whose fate is another."""
    counted = dict(replay.tally)
    tally.add(counted, step.found)
    if replay.kind != "scorecard":
        ruling.add(counted, step.found)
    moved = [_move(replay, number, each) for number, each in enumerate(step.found, start=1) if each.way]
    if moved:
        session.execute(_MOVE, _MOVES.parameters(moved))
    after_at, after_id = step.last or (replay.after_at, replay.after_id)
    session.execute(
        _ON,
        {
            "replay": replay.replay_id,
            "tally": tally.as_text(counted),
            "done": step.done,
            "after_at": after_at,
            "after_id": after_id,
            "over": step.over,
            "now": now,
        },
    )


def purge(session: Session, replay_ids: Collection[UUID]) -> None:
    """Remove results with their lists of people."""
    session.execute(delete(ReplayMove).where(ReplayMove.replay_id.in_(replay_ids)))
    session.execute(delete(Replay).where(Replay.replay_id.in_(replay_ids)))


def _move(replay: Row[Any], number: int, each: Compared) -> tuple[Any, ...]:
    """`number` counts within the step; a step reads at least as many as it finds people, so none is given twice."""
    person, before, after = each.person, each.before, each.after
    return (
        replay.replay_id,
        replay.people_done + number,
        each.way,
        person.contact_id,
        person.signup_id,
        person.lead_id,
        before.fate,
        after.fate,
        before.points,
        after.points,
        [dict(reason) for reason in after.reasons or before.reasons],
        person.became,
        person.at,
    )


def _readable(kind: str, body: kinds.Body, version: int) -> None:
    try:
        kinds.check(kind, body)
    except Invalid as refusal:
        raise Unreadable(version=version, where=refusal.params.get("field", "")) from refusal


def _bars(session: Session, kind: str, body: kinds.Body, now: datetime) -> tuple[float | None, float | None]:
    """The bars from capacity, of the version that is tried and of the rules in force, as they are today."""
    standing = of_kind(in_force(session), "thresholds").bar
    if kind != "thresholds":
        return standing, standing
    rules = Thresholds.parse(body)
    if rules.bar.by is not By.CAPACITY:
        return None, standing
    return outlook(session, rules, ATLAS.network(session), before=None, now=now).reckoned.bar, standing


def _beside(session: Session, kind: str) -> dict[str, Any]:
    """The other rules in force, for as long as the replay goes on."""
    others = in_force(session)
    return {
        name: {"version": rules.version, "body": rules.body} for name, rules in sorted(others.items()) if name != kind
    }
