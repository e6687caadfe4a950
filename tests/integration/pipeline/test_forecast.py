"""What the quarantine desk says a verdict would change is what then happens."""

from __future__ import annotations

import pytest

from hq.qualification.quarantine import queries
from hq.qualification.quarantine.forecast import forecasts
from shared.db.session import unit_of_work
from tests.integration.pipeline.test_verdicts import judge, ring  # noqa: F401  a fixture

OUTCOMES = ("in_lead", "rejected", "nurture", "duplicate", "quarantined")


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store(cap=20, name="云龙店"))


@pytest.fixture
def foresee(world, hq_engine):
    def of(keys, verdict):
        with unit_of_work(hq_engine) as session:
            found = forecasts(session, keys, now=world.now)[verdict]
        return {(each.code, each.params.get("outcome")): each.count for each in found.effects}

    return of


@pytest.mark.parametrize("verdict", ["genuine", "fraud"])
def test_sign_ups_become_what_was_foreseen(world, foresee, judge, verdict):  # noqa: F811  the fixture
    keys = [*ring(world), *ring(world, device="d2", first=20, interest={"purchase_horizon": "none"})]
    told = foresee(keys, verdict)
    judge(verdict, keys)
    became = world.outcomes(*keys)
    assert {name: told.get(("signups", name), 0) for name in OUTCOMES} == {
        name: became.count(name) for name in OUTCOMES
    }
    assert told.get(("leads_opened", None), 0) == became.count("in_lead")


def test_the_store_that_would_lose_a_lead_is_named(world, hq_engine):
    key = world.sign_up(phone="13800139999")
    world.run("hq.qualify", "hq.route")
    with unit_of_work(hq_engine) as session:
        found = forecasts(session, [key], now=world.now)["fraud"]
    assert [(each.code, each.params["stores"]) for each in found.effects if each.code.startswith("leads")] == [
        ("leads_offered", ["云龙店"])
    ]


@pytest.mark.parametrize(
    ("stage", "code"), [("claimed", "leads_claimed"), ("contacted", "leads_asked"), ("visited", "signups_stay")]
)
def test_what_would_become_of_a_lead_depends_on_how_far_the_store_is(world, foresee, stage, code):
    key = world.sign_up(phone="13800139999")
    world.run("hq.qualify", "hq.route")
    world.claim(world.assignments(world.lead_of(key).lead_id)[0], stage)
    told = {code for code, _outcome in foresee([key], "fraud")}
    leads = {"leads_claimed", "leads_asked", "leads_offered", "leads_closed"}
    assert code in told
    assert told & leads <= {code}


def test_the_desk_shows_a_ring_until_it_is_judged(world, hq_engine, judge):  # noqa: F811  the fixture
    keys = ring(world)

    def waiting():
        with unit_of_work(hq_engine) as session:
            return [ring.people for ring in queries.open_rings(session)]

    assert waiting() == [4]
    judge("fraud", keys[:1], drains=())
    assert waiting() == [3]
    judge("genuine", keys[1:])
    assert waiting() == []


def test_a_doubted_lead_that_a_store_works_on_stands_with_its_ring_until_it_is_judged(
    world,
    hq_engine,
    judge,  # noqa: F811  the fixture
):
    first = world.sign_up(phone="13800130000", device_id="d1")
    world.run("hq.qualify", "hq.route")
    world.claim(world.assignments(world.lead_of(first).lead_id)[0], "contacted")
    others = [world.sign_up(phone=f"1380013{n:04}", device_id="d1", minutes=n) for n in range(1, 4)]
    world.run("hq.qualify", "hq.qualify")
    with unit_of_work(hq_engine) as session:
        (found,) = queries.open_rings(session)
    assert (found.key, found.people, found.leads) == (min([first, *others]), 4, 1)
    judge("fraud", [first, *others], drains=("hq.qualify", "hq.qualify"))
    with unit_of_work(hq_engine) as session:
        assert queries.open_rings(session) == []
