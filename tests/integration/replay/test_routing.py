"""A draft of routing rules is tried on past days: one day a step, each set of rules from where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.replay import service
from hq.replay.errors import ReplayMoved
from hq.replay.models import Replay, ReplayLoad
from hq.replay.routed import reading
from hq.replay.routed.demand import Asked, Demand
from hq.replay.routed.outcome import Outcome
from shared.contacts.models import Contact
from shared.leads.lifecycle import Stage
from shared.leads.models import Lead
from shared.platform.clock import beijing_day
from shared.platform.ids import new_id
from shared.population.models import DivisionPeople, PopulationTable
from shared.work.drains import find
from shared.work.runs import Pace, run
from tests import factories as make
from tests.working import at_work

DAY = timedelta(days=1)
HERE = {"lng": 120.13, "lat": 30.26, "code": "330106", "source": "county", "uncertainty_km": 0}


@pytest.fixture
def leads(world, store):
    """Two stores near each other, one lead a day each; nine leads on three days, five of them on the first."""
    near, far = store(km=1, cap=1), store(km=12, cap=1)
    world.stores(near, far)
    made = []
    for day, count in enumerate((5, 3, 1)):
        for number in range(count):
            at = world.now - (2 - day) * DAY + timedelta(seconds=number - 600)
            made.append(make.lead(world.rows, dealers=(near, far), place=HERE, opened_at=at, due_at=at))
    world.rows.commit()
    return SimpleNamespace(made=made, stores=(near, far))


@pytest.fixture
def begun(act, world):
    """Begins a trial of a version on the three days; its key."""

    def do(version: int, asked: Asked | None = None, days: int = 3) -> UUID:
        today = beijing_day(world.now)
        first: date = today - (days - 1) * DAY
        return act(service.start, kind="routing", version=version, first=first, last=today, asked=asked)

    return do


def one_step(world) -> None:
    world.later(seconds=1)
    with at_work(world.settings.worker(), now=world.now) as place:
        run(place, find("hq.replay"), Pace(stop=lambda: True))


def outcomes(world, key: UUID) -> Sequence[Outcome]:
    replay = world.rows.get(Replay, key, populate_existing=True)
    assert replay.state == "done"
    return [Outcome.of(replay.tally[side]) for side in ("before", "after")]


def loads(world, key: UUID) -> dict[UUID, tuple[int, int]]:
    rows = world.rows.scalars(select(ReplayLoad).where(ReplayLoad.replay_id == key))
    return {row.store_id: (row.before, row.after) for row in rows}


def test_what_waits_goes_on_waiting_the_next_day_and_each_day_has_its_room(world, leads, draft_of, begun):
    key = begun(draft_of("routing", max_km=5))
    world.run("hq.replay")
    before, after = outcomes(world, key)
    assert (before.same_day, before.later, before.waiting) == (2, 4, 3)
    assert (after.same_day, after.later, after.waiting) == (1, 2, 6)
    assert sorted(loads(world, key).values()) == [(3, 0), (3, 3)]


def test_step_by_step_it_says_what_it_says_in_one_go(world, leads, draft_of, begun):
    """Another trial whose steps come between those of the first changes nothing."""
    version = draft_of("routing", price_percent=100, km_when_full=5, equal_km=20)
    one = begun(version)
    world.run("hq.replay")
    two, three = begun(version), begun(version, Asked(Demand.SCALED, 1.5))
    world.run("hq.replay")
    told = [world.rows.get(Replay, key, populate_existing=True).tally for key in (one, two)]
    assert told[0] == told[1]
    assert loads(world, one) == loads(world, two)
    assert world.rows.get(Replay, three).state == "done"


def test_small_steps_end_as_large_ones(world, leads, draft_of, begun, monkeypatch):
    version = draft_of("routing", max_km=5)
    whole = begun(version)
    world.run("hq.replay")
    monkeypatch.setattr("hq.replay.routed.step.LEADS", 1)
    key = begun(version)
    one_step(world)
    replay = world.rows.get(Replay, key, populate_existing=True)
    assert (replay.state, replay.people_done) == ("running", 1)
    world.run("hq.replay")
    assert loads(world, key) == loads(world, whole)
    assert outcomes(world, key) == outcomes(world, whole)


def test_a_week_has_its_room_over_days_and_begins_anew_on_monday(world, leads, draft_of, begun):
    """The three days are a Wednesday to a Friday; eight days before them begins another week."""
    near, _far = leads.stores
    near.daily_capacity, near.weekly_capacity, near.changed_at = 5, 2, world.now
    earlier = world.now - 8 * DAY
    for number in range(3):
        at = earlier + timedelta(seconds=number)
        make.lead(world.rows, dealers=leads.stores, place=HERE, opened_at=at, due_at=at, state="closed")
    world.rows.commit()
    key = begun(draft_of("routing", max_km=5), days=9)
    world.run("hq.replay")
    assert loads(world, key)[near.store_id][1] == 4


def test_a_store_that_closes_meanwhile_gets_nothing_more_and_keeps_what_it_had(world, leads, draft_of, begun):
    key = begun(draft_of("routing", max_km=50, km_when_full=0))
    one_step(world)
    near, far = leads.stores
    near.status, near.changed_at = "closed", world.now
    world.rows.commit()
    world.run("hq.replay")
    assert loads(world, key)[near.store_id] == (1, 1)
    assert loads(world, key)[far.store_id] == (3, 3)


def test_of_several_under_way_each_goes_on_in_turn(world, leads, draft_of, begun):
    version = draft_of("routing", max_km=5)
    keys = [begun(version), begun(version)]
    one_step(world)
    one_step(world)
    done = [world.rows.get(Replay, key, populate_existing=True).people_done for key in keys]
    assert done == [5, 5]


def test_copies_wait_and_are_the_same_leads_the_next_day(world, leads, draft_of, begun):
    key = begun(draft_of("routing", max_km=5), Asked(Demand.SCALED, 2.0))
    world.run("hq.replay")
    before, after = outcomes(world, key)
    assert (before.same_day + before.later, before.waiting) == (6, 12)
    assert (after.same_day + after.later, after.waiting) == (3, 15)
    replay = world.rows.get(Replay, key)
    assert (replay.people, replay.people_done, replay.carried) == (18, 18, None)


def test_demand_by_population_comes_from_where_people_live(world, leads, draft_of, begun):
    table = PopulationTable(
        table_id=new_id(make.NOW),
        source="年鉴",
        as_of=2020,
        file_name="p.csv",
        counties=1,
        people=1000,
        left_out=0,
        brought_by="o",
        brought_at=make.NOW,
    )
    world.rows.add(table)
    world.rows.flush()
    world.rows.add(DivisionPeople(table_id=table.table_id, code="440305", people=1000))
    world.rows.commit()
    key = begun(draft_of("routing", max_km=5000), Asked(Demand.PEOPLE))
    world.run("hq.replay")
    replay = world.rows.get(Replay, key, populate_existing=True)
    assert replay.people == 9
    assert replay.tally["after"]["counties"].keys() == {"440305"}
    assert Outcome.of(replay.tally["after"]).mean_km > 900


def test_a_stopped_one_keeps_its_first_days_and_forgets_who_waits(world, act, leads, draft_of, begun):
    version = draft_of("routing", max_km=5)
    key = begun(version)
    one_step(world)
    act(service.stop, kind="routing", version=version, replay_id=key)
    world.run("hq.replay")
    replay = world.rows.get(Replay, key, populate_existing=True)
    assert (replay.state, replay.people_done, replay.carried) == ("stopped", 5, None)
    assert Outcome.of(replay.tally["after"]).waiting == 4
    with pytest.raises(ReplayMoved):
        act(service.stop, kind="routing", version=version, replay_id=key)


def test_a_lead_that_is_gone_meanwhile_no_longer_waits(world, leads, draft_of, begun):
    key = begun(draft_of("routing", max_km=5))
    one_step(world)
    world.rows.delete(leads.made[4])
    world.rows.commit()
    world.run("hq.replay")
    before, _after = outcomes(world, key)
    assert before.same_day + before.later + before.waiting == 8


@pytest.fixture
def again(world, leads):
    """The first day's first person signs up again today; meanwhile the far store spoke with them so many days ago."""

    def of(days: int) -> UUID:
        near, far = leads.stores
        near.daily_capacity, near.changed_at = 5, world.now
        first = leads.made[0]
        second = make.lead(
            world.rows,
            person=world.rows.get(Contact, first.contact_id),
            dealers=(near, far),
            place=HERE,
            opened_at=world.now - timedelta(minutes=5),
            state="closed",
        )
        first.opened_at = world.now - 40 * DAY
        moved = world.now - days * DAY
        make.claimed(
            world.rows, far, of=first, stage=Stage.LOST, now=first.opened_at, moved_at=moved, ended_at=world.now - DAY
        )
        make.claimed(world.rows, near, of=second, stage=Stage.CONTACTED, now=second.opened_at + timedelta(minutes=1))
        world.rows.commit()
        return far.store_id

    return of


@pytest.mark.parametrize(("days", "back"), [(20, 1), (35, 0)])
def test_a_store_that_worked_for_the_person_lately_has_them_again(world, again, draft_of, begun, days, back):
    """By its last move before the lead came, as in life; what another store did later, nobody knew then."""
    far = again(days)
    key = begun(draft_of("routing", protect_days=30, km_when_full=0, km_for_record=0), days=1)
    world.run("hq.replay")
    assert loads(world, key).get(far, (0, 0))[1] == back


def test_who_was_with_a_store_is_known_of_each_lead_by_itself(world, leads, again):
    again(20)
    first = leads.made[0]
    later = world.rows.scalars(select(Lead).where(Lead.contact_id == first.contact_id, Lead.lead_id != first.lead_id))
    asked = reading.leads_of(world.rows, [first.lead_id, later.one().lead_id])
    assert reading.was_with(world.rows, list(asked.values()), 30).keys() == asked.keys() - {first.lead_id}


@pytest.mark.parametrize("factor", [0.3, 0.5, 1.7])
def test_as_many_are_counted_beforehand_as_are_made(world, leads, draft_of, begun, factor):
    for number, lead in enumerate(leads.made):
        lead.place = HERE | {"code": ("330106", "310101", "440305")[number % 3]}
    world.rows.commit()
    key = begun(draft_of("routing", max_km=5), Asked(Demand.SCALED, factor))
    people = world.rows.get(Replay, key).people
    world.run("hq.replay")
    after = outcomes(world, key)[1]
    assert after.same_day + after.later + after.waiting + after.desk == people > 0


def test_one_is_stopped_while_its_step_is_under_way(world, act, leads, draft_of, begun, rows):
    version = draft_of("routing", max_km=5)
    key = begun(version)
    held = select(Replay).where(Replay.replay_id == key).with_for_update(key_share=True)
    with Session(rows.get_bind()) as worker:
        worker.execute(held)
        assert act(service.stop, kind="routing", version=version, replay_id=key) is False
        assert act(service.stop, kind="routing", version=version, replay_id=key) is False
    one_step(world)
    replay = world.rows.get(Replay, key, populate_existing=True)
    assert (replay.state, replay.stopped_by, replay.people_done) == ("stopped", "沈清", 5)


def test_results_go_with_the_stores_loads(world, leads, draft_of, begun):
    begun(draft_of("routing", max_km=5))
    world.run("hq.replay")
    world.later(days=181)
    world.run("hq.purge_replays")
    assert world.rows.scalars(select(ReplayLoad)).all() == world.rows.scalars(select(Replay)).all() == []
