"""What a verdict would change, found by deciding with it without writing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hq.qualification import jobs, queries
from hq.qualification.decide import decide_all
from hq.qualification.decisions import BatchDecisions, Decided
from hq.qualification.facts import Received
from hq.qualification.quarantine import people
from hq.qualification.quarantine.models import VERDICTS
from hq.qualification.quarantine.people import Judged
from hq.qualification.quarantine.rulings import GENUINE, Word
from hq.routing.network import ATLAS
from shared.dealers.models import Store
from shared.leads.lifecycle import HOLDING
from shared.leads.models import Assignment, Lead
from shared.platform.ids import next_id
from shared.signups.models import Signup

_AGAIN = text(f"SELECT t.signup_id FROM signups t WHERE {people.DUE_AGAIN} ORDER BY t.signup_id")  # noqa: S608 (names)
_NAMED = 3
"""Stores that are named; of more there is only the number."""


@dataclass(frozen=True, slots=True)
class Effect:
    """So many of something, and what becomes of them: a code with parameters."""

    count: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Forecast:
    """All that one verdict would change, and the people it would be about."""

    verdict: str
    people: int
    effects: Sequence[Effect]


def forecasts(session: Session, signup_ids: Collection[UUID], *, now: datetime) -> dict[str, Forecast]:
    """What each verdict about the people of some sign-ups would change, by verdict; about ten statements.

    Raises:
        Missing: one of the sign-ups does not exist.
    """
    named = people.of(session, signup_ids)
    ids = session.scalars(_AGAIN, people.keys_of(named)).all()
    rows = session.execute(queries.readable().where(Signup.signup_id.in_(ids)).order_by(Signup.accepted_at))
    received = [queries.as_received(row) for row in rows]
    rules = jobs.rulebook(session)
    facts = queries.facts_of(session, received, rules.screening, now=now)
    codes = people.reasons_known(session, named)
    around = jobs.geography(ATLAS.network(session))
    found = {}
    for verdict in VERDICTS:
        words = {each.key: Word(verdict, now, frozenset(codes.get(each.key, ()))) for each in named}
        decisions = decide_all(replace(facts, words=words), rules, around, lambda: next_id(now))
        effects = list(_effects(session, decisions, received, named, verdict))
        found[verdict] = Forecast(verdict, len(named), effects)
    return found


def _effects(
    session: Session, decisions: BatchDecisions, received: Sequence[Received], named: Sequence[Judged], verdict: str
) -> Iterator[Effect]:
    decided = [each for person in decisions.people for each in person.decided]
    yield from _signups(decided)
    opened = [person.change for person in decisions.people if person.change and person.change.points_before is None]
    if opened:
        grades = Counter(change.score.grade for change in opened)
        told = [f"{grade} {count}" for grade, count in sorted(grades.items())]
        yield Effect(len(opened), "leads_opened", {"grades": told})
    suspicions = [person.suspicion for person in decisions.people if person.suspicion]
    yield from _leads(session, [each.lead_id for each in suspicions if not each.ask])
    if asked := sum(each.ask for each in suspicions):
        yield Effect(asked, "leads_asked")
    if verdict == GENUINE and (kept := _suspected(session, named)):
        yield Effect(kept, "leads_kept")
    if taken := sum(_draws(each) for each in received):
        yield Effect(taken, "chances")


def _draws(each: Received) -> int:
    count = each.said.actions.get("draws")
    return count if isinstance(count, int) else 0


def _signups(decided: Iterable[Decided]) -> Iterator[Effect]:
    became = Counter(each.outcome if each.outcome != each.received.said.outcome else "same" for each in decided)
    same = became.pop("same", 0)
    for outcome, count in sorted(became.items(), key=lambda item: -item[1]):
        yield Effect(count, "signups", {"outcome": outcome})
    if same:
        yield Effect(same, "signups_stay")


def _leads(session: Session, lead_ids: Sequence[UUID]) -> Iterator[Effect]:
    """Leads that end by themselves: with the stores that lose them, and those that no store has."""
    if not lead_ids:
        return
    rows = session.execute(
        select(Assignment.lead_id, Assignment.stage, Store.name)
        .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
        .where(Assignment.lead_id.in_(lead_ids), Assignment.ended_at.is_(None))
        .order_by(Store.name)
    ).all()
    holding = {stage.value for stage in HOLDING}
    for code, held in (("leads_claimed", True), ("leads_offered", False)):
        those = [row for row in rows if (row.stage in holding) is held]
        if those:
            yield Effect(len({row.lead_id for row in those}), code, _stores([row.name for row in those]))
    if waiting := len(set(lead_ids) - {row.lead_id for row in rows}):
        yield Effect(waiting, "leads_closed")


def _stores(names: Iterable[str]) -> dict[str, Any]:
    each = list(dict.fromkeys(names))
    return {"stores": each[:_NAMED], "more": max(0, len(each) - _NAMED)}


def _suspected(session: Session, named: Sequence[Judged]) -> int:
    contacts = people.keys_of(named)["contacts"]
    query = select(Lead.lead_id).where(
        Lead.contact_id.in_(contacts), Lead.state == "placed", Lead.state_reason["code"].astext == "suspected"
    )
    return len(session.scalars(query).all())
