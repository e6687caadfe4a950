"""A draft card is tried on a past period: beside the card in force, with what became of the people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hq.qualification.scoring.default import DEFAULT_CARD
from hq.replay import service
from hq.replay.errors import BadPeriod, EmptyPeriod, NothingToCompare
from hq.replay.models import Replay, ReplayMove
from hq.replay.people import scored
from shared.leads.models import Lead, LeadEvent
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from tests.integration.pipeline.conftest import EAGER

MILD = {**EAGER, "purchase_horizon": "3m"}
COLD = {"purchase_horizon": "none"}


@pytest.fixture
def draft(draft_of) -> Callable[..., int]:
    """`draft(reach=90)`: a draft of the typed card with these changes; `reach`: the points with which one goes to a
    store, 75 with the typed card as it is."""

    def make(*, reach: int = 75, **changes: Any) -> int:
        odds = DEFAULT_CARD["base_odds"] * 2 ** ((75 - reach) / DEFAULT_CARD["double_odds"])
        return draft_of("scorecard", base_odds=odds, **changes)

    return make


@pytest.fixture
def replay(tried) -> Callable[..., Replay]:
    return lambda version: tried("scorecard", version)


def people(world, *interests: dict[str, str]) -> list[Any]:
    keys = [world.sign_up(phone=f"1380013{8000 + n}", interest=told) for n, told in enumerate(interests)]
    world.run("hq.qualify")
    return keys


def test_it_counts_who_goes_to_a_store_with_either_card_and_lists_who_enters_and_leaves(world, draft, replay):
    eager, mild, cold = people(world, EAGER, MILD, COLD)
    points = [world.lead_of(key).points for key in (eager, mild)]
    stricter = replay(draft(reach=sum(points) // 2))
    assert (stricter.state, stricter.people, stricter.people_done) == ("done", 3, 3)
    assert stricter.tally["cards"]["stores"] == [2, 1]
    assert stricter.tally["became"] == {"unreached": [2, 2, 1, 0, 1], "none": [1, 0, 0, 0, 0]}
    (left,) = world.rows.scalars(select(ReplayMove).filter_by(replay_id=stricter.replay_id))
    assert (left.way, left.lead_id) == ("leave", world.lead_of(mild).lead_id)
    milder = replay(draft(reach=1))
    (entered,) = world.rows.scalars(select(ReplayMove).filter_by(replay_id=milder.replay_id))
    assert (entered.way, entered.contact_id) == ("enter", world.signup(cold).contact_id)


def test_it_divides_people_by_grade_channel_province_and_points(world, draft, replay):
    people(world, EAGER, COLD)
    told = replay(draft(grades=[["A", 300], ["B", 120], ["C", 95]])).tally
    assert {name: counts[:2] for name, counts in told["grades"].items()} == {"A": [1, 0], "B": [0, 1], "D": [1, 1]}
    assert told["touchpoint"] == {"mini_program": [2, 1, 1, 0, 0]}
    assert told["province"] == {"33": [2, 1, 1, 0, 0]}
    assert sum(before for before, _ in told["points"].values()) == 2


def test_what_became_of_people_is_told_beside(world, draft, replay):
    (key,) = people(world, EAGER)
    lead = world.lead_of(key)
    lead.state, lead.closed_at = "won", world.now
    world.rows.commit()
    told = replay(draft(reach=150)).tally
    assert told["became"] == {"won": [1, 1, 1, 0, 0]}
    assert told["cards"]["won"] == [1, 1]


def test_a_replay_changes_nothing_but_itself(world, draft, replay):
    (key,) = people(world, MILD)
    version = draft(reach=140)
    before = (world.lead_of(key).points, world.lead_of(key).state, len(world.rows.scalars(select(LeadEvent)).all()))
    replay(version)
    after = (world.lead_of(key).points, world.lead_of(key).state, len(world.rows.scalars(select(LeadEvent)).all()))
    assert after == before


def test_the_facts_are_those_of_the_moment(world, draft, replay):
    (key,) = people(world, MILD)
    points = world.lead_of(key).points
    first = world.now
    world.later(days=2)
    world.sign_up(phone="13800138000", interest=EAGER, actions={"booked_test_ride": True})
    world.run("hq.qualify")
    assert world.lead_of(key).points > points
    world.now = first
    told = replay(draft(reach=1)).tally
    assert told["points"] == {str(points // 10 * 10): [1, 1]}


def test_steps_go_on_where_the_last_one_ended_and_count_everybody_once(world, draft, replay, monkeypatch):
    people(world, EAGER, MILD, COLD, EAGER, COLD)
    whole = replay(draft(reach=100)).tally
    monkeypatch.setattr(scored, "STEP", 2)
    done = replay(draft(reach=100))
    assert (done.people_done, done.state) == (5, "done")
    assert done.tally == whole


def test_an_empty_period_and_nonsense_are_refused(world, act, draft):
    people(world, EAGER)
    version, today = draft(reach=90), beijing_day(world.now)
    long_ago = today - timedelta(days=400)
    with pytest.raises(EmptyPeriod):
        act(service.start, kind="scorecard", version=version, first=long_ago, last=long_ago)
    for first, last in ((today, long_ago), (long_ago, today), (today, today + timedelta(days=1))):
        with pytest.raises(BadPeriod):
            act(service.start, kind="scorecard", version=version, first=first, last=last)
    with pytest.raises(NothingToCompare):
        act(service.start, kind="scorecard", version=1, first=today, last=today)
    with pytest.raises(Missing):
        act(service.start, kind="scorecard", version=99, first=today, last=today)
    assert world.rows.scalars(select(Replay)).all() == []
    assert len(world.rows.scalars(select(Lead)).all()) == 1
