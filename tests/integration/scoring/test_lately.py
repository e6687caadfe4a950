"""The people of lately are counted by the worker, every night and sooner while there are few."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from hq.qualification.lately import jobs  # noqa: F401  the drain is declared
from hq.qualification.lately.models import LatelyPeople
from hq.qualification.lately.queries import lately
from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.db.session import unit_of_work
from shared.leads.lifecycle import Stage
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.working import at_work


@pytest.fixture
def count(settings, hq_engine, rows):
    """Counts what is due at a moment; returns how often it was, and what an HQ page then reads."""
    with unit_of_work(hq_engine) as session:
        ensure_defaults(session, defaults(), now=make.NOW - timedelta(days=9))

    def at(moment):
        rows.commit()
        with at_work(settings.worker(), now=moment) as place:
            times = run(place, find("hq.count_lately")).rows
        with unit_of_work(hq_engine) as session:
            return times, lately(session)

    return at


@pytest.fixture
def people(rows):
    """A bought lead, a lost one that a store reached, one that nobody called, and somebody below the threshold."""
    store, campaign = make.store(rows, cap=90), make.campaign(rows)
    at = make.NOW - timedelta(hours=2)
    for state, stage, result in (
        ("won", Stage.WON, None),
        ("lost", Stage.LOST, "interested"),
        ("lost", Stage.LOST, "no_answer"),
    ):
        person = make.contact(rows)
        said = {"contact_id": person.contact_id, "state": "decided", "outcome": "in_lead", "touchpoint": "community"}
        make.signup(rows, campaign, occurred_at=at, accepted_at=at, **said)
        of = make.lead(rows, dealers=[store], person=person, state=state, opened_at=at)
        (given,) = make.offered(rows, store, of=of, stage=str(stage), ended_at=None if stage == Stage.WON else at)
        if result:
            make.follow_up(rows, given, by=UUID(int=7), result=result)
    below = {"contact_id": make.contact(rows).contact_id, "state": "decided", "outcome": "below_threshold"}
    make.signup(rows, campaign, occurred_at=at, accepted_at=at, touchpoint="moments", **below)


def test_people_are_counted_with_what_was_known_and_how_it_ended(count, people):
    times, told = count(make.NOW)
    assert (times, told.people, told.ended) == (1, 4, 2)
    where = told.facts["touchpoint"]
    assert sorted(where.values[code] for code in where.codes) == ["community"] * 3 + ["moments"]
    assert sorted(told.won) == [-1, -1, 0, 1]


def test_few_people_are_counted_again_soon_and_many_at_night(count, people, rows):
    count(make.NOW)
    assert count(make.NOW + timedelta(minutes=5))[0] == 0
    assert count(make.NOW + timedelta(minutes=15))[0] == 1
    rows.execute(update(LatelyPeople).values(people=5_000))
    assert count(make.NOW + timedelta(minutes=40))[0] == 0
    assert count(make.NOW + timedelta(days=1))[0] == 1
