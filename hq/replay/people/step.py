"""One step of a replay about people: by a scorecard, or by rules that decide about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hq.qualification.decisions import Rulebook
from hq.qualification.jobs import geography, rulebook_of
from hq.replay.people import past, ruling, scored, tally
from hq.replay.people.deciding import Side, compared
from hq.replay.people.tally import Compared
from hq.replay.service import Step
from hq.routing.network import ATLAS
from hq.rules.queries import InForce
from shared.platform.ids import next_id


def score(session: Session, replay: Row[Any]) -> Step:
    """Two scorecards over the people of a step."""
    # numpy is loaded where many are scored, not with every web server that lists this work
    from hq.replay.people import comparing

    rows, people = scored.step_of(session, replay, ATLAS.network(session))
    before, after = _rules(replay, replay.against_body, replay.against_bar), _rules(replay, replay.body, replay.bar)
    found = list(comparing.compared(people, before.card, after.card, before.thresholds))
    last = (rows[-1].at, rows[-1].id) if rows else None
    return _step(replay, found, len(rows), last, over=len(rows) < scored.STEP)


def decide(session: Session, replay: Row[Any], now: datetime) -> Step:
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
    return _step(replay, found, len(read.facts.received), last, over=len(read.rows) < past.STEP)


def _rules(replay: Row[Any], body: dict[str, Any], bar: float | None) -> Rulebook:
    """The rules of one side: those that are compared, and beside them the others that were in force."""
    others = {name: (told["version"], told["body"]) for name, told in replay.beside.items()}
    sides = {**others, replay.kind: (0, body)}
    return rulebook_of({name: InForce(version, said, bar) for name, (version, said) in sides.items()})


def _step(
    replay: Row[Any], found: Sequence[Compared], done: int, last: tuple[datetime, UUID] | None, *, over: bool
) -> Step:
    counted = dict(replay.tally)
    tally.add(counted, found)
    if replay.kind != "scorecard":
        ruling.add(counted, found)
    moves = [_move(replay, number, each) for number, each in enumerate(found, start=1) if each.way]
    return Step(counted, done, last, over, moves)


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
