"""All writes of replays."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, text
from sqlalchemy.orm import Session

from hq.qualification.thresholds.rules import By, Thresholds
from hq.qualification.thresholds.service import outlook
from hq.replay import queries
from hq.replay.errors import (
    BadPeriod,
    EmptyPeriod,
    NoLeads,
    NothingToCompare,
    ReplayMoved,
    TooFew,
    TooLarge,
    Unreadable,
)
from hq.replay.models import Replay, ReplayLoad, ReplayMove, ReplayStop
from hq.replay.people import ruling, tally
from hq.replay.routed.demand import Asked
from hq.replay.routed.weights import weighed
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

KINDS = ("screening", "scorecard", "thresholds", "routing")
"""Kinds of rules that can be tried on the past."""
MOST_DAYS = 366
MOST_LEADS = 2_000_000
"""Leads that routing rules are tried on."""
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
_LOADS = Rows(
    {
        "replay_id": "uuid",
        "store_id": "uuid",
        "before": "integer",
        "after": "integer",
        "day": "date",
        "day_before": "integer",
        "day_after": "integer",
        "week_before": "integer",
        "week_after": "integer",
        "turn_before": "float8",
        "turn_after": "float8",
    }
)
_LOAD = text(
    f"""
    INSERT INTO replay_loads ({_LOADS.names}) SELECT {_LOADS.names} FROM {_LOADS.source}
    ON CONFLICT (replay_id, store_id) DO UPDATE
    SET {", ".join(f"{name} = EXCLUDED.{name}" for name in list(_LOADS.columns)[2:])}
    """  # noqa: S608 (names)
)
_ON = text(
    """
    UPDATE replays SET tally = CAST(:tally AS jsonb), carried = CAST(:carried AS jsonb),
           after_at = :after_at, after_id = :after_id, stepped_at = :now,
           people_done = CASE WHEN :over THEN people ELSE people_done + :done END,
           state = CASE WHEN :over THEN 'done' ELSE state END,
           ended_at = CASE WHEN :over THEN CAST(:now AS timestamptz) END
    WHERE replay_id = :replay
    """
)
_STOP = text(
    """
    UPDATE replays SET state = 'stopped', stopped_by = :by, ended_at = :now, carried = NULL
    WHERE replay_id = (SELECT replay_id FROM replays WHERE replay_id = :replay AND state = 'running'
                       FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING replay_id
    """
)
_WISH = text(
    """
    INSERT INTO replay_stops (replay_id, stopped_by, at) VALUES (:replay, :by, :now) ON CONFLICT (replay_id) DO NOTHING
    """
)
_FOLLOW = text(
    """
    UPDATE replays r SET state = 'stopped', stopped_by = s.stopped_by, ended_at = :now, carried = NULL
    FROM replay_stops s WHERE r.replay_id = :replay AND s.replay_id = r.replay_id AND r.state = 'running'
    """
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step found.

    Attributes:
        tally: what is counted, with this step.
        done: people (of a scorecard), leads (of routing) or sign-ups that it read.
        last: moment and key of its last person; None when there was nobody left.
        over: nobody comes after it.
        moves: whose fate is another, as rows of `replay_moves`.
        loads: leads by store, as rows of `replay_loads` without the replay.
        carried: what the next step goes on from.
    """

    tally: Mapping[str, Any]
    done: int
    last: tuple[datetime, UUID] | None
    over: bool
    moves: Sequence[tuple[Any, ...]] = ()
    loads: Sequence[tuple[Any, ...]] = ()
    carried: Mapping[str, Any] | None = None


def _decided() -> dict[str, Any]:
    return tally.empty() | ruling.empty()


_EMPTY: Mapping[str, Callable[[], dict[str, Any]]] = {
    "scorecard": tally.empty,
    "screening": _decided,
    "thresholds": _decided,
    "routing": dict,
}


def start(
    session: Session,
    *,
    kind: str,
    version: int,
    first: date,
    last: date,
    asked: Asked | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Begin to try a version of some rules on the days from `first` to `last` (Beijing).

    Args:
        asked: of routing rules, on what demand; None: on what came.

    Raises:
        Missing: no such version, or no such kind that can be tried.
        NothingToCompare: it is in force.
        Unreadable: it cannot be used as it is.
        BadPeriod: the days are not in order, too many, or not over yet.
        EmptyPeriod: nobody was decided about then.
        NoPopulation, NoPlaces, TooFew: nothing can be generated as asked.
        TooLarge: more leads than can be routed again.
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
        nobody = NoLeads if kind == "routing" else EmptyPeriod
        raise nobody(field="until", since=first.isoformat(), until=last.isoformat())
    if kind == "routing":
        asked = weighed(session, asked or Asked())
        people = queries.count_leads(session, asked, since=since, until=until)
        if not people:
            raise TooFew(field="factor")
        if people > MOST_LEADS:
            raise TooLarge(field="until", leads=people, most=MOST_LEADS)
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
        tally=_EMPTY[kind](),
        asked=asked.as_body() if asked and kind == "routing" else {},
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


def stop(session: Session, *, kind: str, version: int, replay_id: UUID, actor: Actor, now: datetime) -> bool:
    """End a replay where it is; what it found so far stays. A step under way ends first: then the wish is written down,
    and its worker follows it.

    Returns:
        whether it has ended.

    Raises:
        Missing: no such replay of this version.
        ReplayMoved: it is over already.
    """
    replay = queries.find(session, kind, version, replay_id)
    if replay.state != "running":
        raise ReplayMoved(state=replay.state)
    ended = session.execute(_STOP, {"replay": replay_id, "by": actor.name, "now": now}).scalar_one_or_none()
    if not ended:
        session.execute(_WISH, {"replay": replay_id, "by": actor.name, "now": now})
    session.expire(replay)
    told = {"kind": kind, "version": version, "people": replay.people_done}
    audit.record(session, actor, "rules:replay_stop", f"replay:{replay_id}", at=now, details=told)
    return bool(ended)


def write(session: Session, replay: Row[Any], step: Step, *, now: datetime) -> None:
    """Write a step: the numbers, whose fate is another, and the stores' leads."""
    if step.moves:
        session.execute(_MOVE, _MOVES.parameters(step.moves))
    if step.loads:
        session.execute(_LOAD, _LOADS.parameters((replay.replay_id, *load) for load in step.loads))
    after_at, after_id = step.last or (replay.after_at, replay.after_id)
    session.execute(
        _ON,
        {
            "replay": replay.replay_id,
            "tally": json.dumps(step.tally, ensure_ascii=False),
            "carried": None if step.over or step.carried is None else json.dumps(step.carried),
            "done": step.done,
            "after_at": after_at,
            "after_id": after_id,
            "over": step.over,
            "now": now,
        },
    )
    session.execute(_FOLLOW, {"replay": replay.replay_id, "now": now})


def purge(session: Session, replay_ids: Collection[UUID]) -> None:
    """Remove results with their lists of people."""
    for table in (ReplayMove, ReplayLoad, ReplayStop):
        session.execute(delete(table).where(table.replay_id.in_(replay_ids)))
    session.execute(delete(Replay).where(Replay.replay_id.in_(replay_ids)))


def _readable(kind: str, body: kinds.Body, version: int) -> None:
    try:
        kinds.check(kind, body)
    except Invalid as refusal:
        raise Unreadable(version=version, where=refusal.params.get("field", "")) from refusal


def _bars(session: Session, kind: str, body: kinds.Body, now: datetime) -> tuple[float | None, float | None]:
    """The bars from capacity, of the version that is tried and of the rules in force, as they are today."""
    if kind == "routing":
        return None, None
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
