"""Everybody is scored anew: by the worker's role, page by page, stopped, gone on with, and never twice differently."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, text

from hq.qualification.books import balance
from hq.qualification.facts import Said
from hq.qualification.models import SignupDecision
from hq.qualification.profile import scoring_facts
from hq.qualification.rescore import jobs, service, writing  # noqa: F401  the drains are declared
from hq.qualification.rescore.errors import AlreadyRunning, RunMoved
from hq.qualification.rescore.models import RescorePage, RescoreRun
from hq.qualification.rescore.queries import last_night, people_of
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS
from hq.rules.models import RuleSet
from shared.audit.models import AuditEntry
from shared.db.session import unit_of_work
from shared.identity.actor import system
from shared.leads.models import Hold, Lead, LeadEvent
from shared.platform.clock import BEIJING
from shared.platform.errors import Missing
from shared.platform.ids import NIL, new_id
from shared.signups.models import Signup
from shared.work.drains import find
from shared.work.runs import run as run_drain
from tests.integration.pipeline.conftest import EAGER, store, world

__all__ = ["store", "world"]

WHO = system("沈清")
MILD = {**EAGER, "purchase_horizon": "3m"}
COLD = {"purchase_horizon": "none"}


@pytest.fixture(autouse=True)
def _campaign(world, store):
    world.stores(store())


@pytest.fixture
def put(world) -> Callable[..., int]:
    """`put(kind, body)`: puts it in force as the next version."""

    def do(kind: str, body: Any) -> int:
        of_kind = {"kind": kind, "now": world.now}
        retire = "UPDATE rule_sets SET status = 'retired' WHERE status = 'active' AND kind = :kind"
        world.rows.execute(text(retire), of_kind)
        version = 1 + (world.rows.scalar(select(func.max(RuleSet.version)).where(RuleSet.kind == kind)) or 0)
        world.rows.add(
            RuleSet(
                rule_set_id=new_id(world.now),
                kind=kind,
                version=version,
                status="active",
                body=body,
                note="x",
                author="x",
                created_at=world.now,
                revision=1,
                changed_by="x",
                changed_at=world.now,
                activated_at=world.now,
            )
        )
        world.rows.commit()
        return version

    return do


@pytest.fixture
def card(put) -> Callable[..., int]:
    """`card(reach=90)`: puts the typed card with these changes in force as the next version; `reach`: the points with
    which one goes to a store by the thresholds that Koi comes with, 75 with the typed card as it is."""

    def do(*, reach: int = 75, **changes: Any) -> int:
        odds = DEFAULT_CARD["base_odds"] * 2 ** ((75 - reach) / DEFAULT_CARD["double_odds"])
        return put("scorecard", {**DEFAULT_CARD, "base_odds": odds, **changes})

    return do


@pytest.fixture
def thresholds(put) -> Callable[..., int]:
    """`thresholds(B="nurture")`: puts thresholds with this fate of a grade in force."""

    def do(**fates: str) -> int:
        return put("thresholds", {**DEFAULT_THRESHOLDS, "fates": {**DEFAULT_THRESHOLDS["fates"], **fates}})

    return do


@pytest.fixture
def act(hq_engine: Engine, world) -> Callable[..., Any]:
    """Does one act of the service as headquarters, in a transaction of its own."""

    def do(what: Callable[..., Any], **said: Any) -> Any:
        with unit_of_work(hq_engine) as session:
            return what(session, **{"actor": WHO, "now": world.now} | said)

    return do


@pytest.fixture
def rescore(act, world) -> Callable[..., RescoreRun]:
    """Scores everybody anew, in pages of two, and gives the run."""

    def do(size: int = 2) -> RescoreRun:
        run_id = act(service.start, cause="asked", size=size)
        world.run("hq.rescore")
        return world.rows.get(RescoreRun, run_id, populate_existing=True)

    return do


def people(world, *interests: dict[str, str]) -> list[UUID]:
    """Sign-ups of different people, decided."""
    keys = [world.sign_up(phone=f"1380013{8000 + n}", interest=told) for n, told in enumerate(interests)]
    world.run("hq.qualify")
    return keys


def _dearer(points: int) -> dict[str, Any]:
    """The attributes of the typed card with other points for who wants to buy now."""
    attributes = json.loads(json.dumps(DEFAULT_CARD["attributes"]))
    attributes[0]["bins"][0]["points"] = points
    return {"attributes": attributes}


def _scores(world) -> dict[UUID, tuple[Any, ...]]:
    world.rows.rollback()
    columns = (Lead.lead_id, Lead.points, Lead.grade, Lead.probability, Lead.reasons)
    return {row[0]: (*tuple(row[1:4]), json.dumps(row[4])) for row in world.rows.execute(select(*columns))}


def test_every_open_lead_gets_the_points_of_the_card_in_force_and_its_story_says_so(world, card, rescore):
    eager, mild, _ = people(world, EAGER, MILD, COLD)
    before = world.lead_of(eager).points
    version = card(**_dearer(60))
    run = rescore()
    lead = world.lead_of(eager)
    assert lead.points == before + 20
    assert {"fact": "purchase_horizon", "bin": "now", "points": 60} in lead.reasons
    assert (run.state, run.people, run.people_done, run.leads, run.changed) == ("done", 3, 3, 2, 1)
    assert world.story(world.lead_of(mild).lead_id) == ["opened"]
    told = world.rows.scalars(select(LeadEvent).where(LeadEvent.kind == "rescored")).one()
    assert told.lead_id == lead.lead_id
    assert told.details == {
        "points_before": before,
        "points": before + 20,
        "grade_before": "A",
        "grade": "A",
        "version": version,
    }


def test_doing_it_twice_changes_nothing(world, card, rescore):
    people(world, EAGER, MILD, COLD)
    card(**_dearer(60))
    rescore()
    scores = _scores(world)
    again = rescore()
    assert (again.changed, again.nurtured, again.revived) == (0, 0, 0)
    assert _scores(world) == scores
    assert list(world.rows.scalars(select(LeadEvent.kind).order_by(LeadEvent.event_id))) == ["opened"] * 2 + [
        "rescored"
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_scores_do_not_depend_on_the_size_of_a_page_and_are_those_of_qualify(world, card, rescore, size):
    keys = people(world, EAGER, MILD, COLD, {"purchase_horizon": "1m", "budget": "<2000"}, MILD)
    as_qualified = _scores(world)
    world.rows.execute(text("UPDATE leads SET points = 0, grade = 'D', probability = 0, reasons = '[]'"))
    world.rows.commit()
    card(grades=DEFAULT_CARD["grades"])
    run = rescore(size)
    assert run.pages == -(-len(keys) // size)
    assert _scores(world) == as_qualified


def test_the_facts_are_those_that_qualify_sees(world, rows):
    key = world.sign_up(phone="13800138000", openid="o1", actions={"booked_test_ride": True, "draws": 4})
    world.sign_up(phone="13800138000", openid="o1", minutes=3000, touchpoint="store_qr", store_code="S1")
    world.run("hq.qualify")
    contact_id = world.signup(key).contact_id
    whole = [Said(*row) for row in rows.execute(select(*(getattr(Signup, name) for name in Said._fields)))]
    (person,) = people_of(rows, low=contact_id, high=None)
    asked = (None, world.now + timedelta(days=40))
    whole.sort(key=lambda said: said.accepted_at)
    assert scoring_facts(person.signups, *asked) == scoring_facts(whole, *asked)


def test_a_lead_that_a_store_holds_keeps_its_place(world, card, rescore):
    (key,) = people(world, EAGER)
    world.run("hq.route")
    lead = world.lead_of(key)
    (assignment,) = world.assignments(lead.lead_id)
    world.claim(assignment)
    world.run("hq.settle")
    before = (world.lead_of(key).state, world.stages(lead.lead_id), world.assignments(lead.lead_id)[0].grade)
    card(**_dearer(-60), reach=150)
    rescore()
    lead = world.lead_of(key)
    assert lead.points < 150
    assert (lead.state, world.stages(lead.lead_id), world.assignments(lead.lead_id)[0].grade) == before
    assert world.rows.get(Hold, lead.lead_id) is not None


def test_an_offered_lead_keeps_its_offer(world, card, rescore):
    (key,) = people(world, EAGER)
    world.run("hq.route")
    card(**_dearer(-60), reach=150)
    rescore()
    lead = world.lead_of(key)
    assert (lead.state, world.stages(lead.lead_id)) == ("placed", ["offered"])


def test_a_waiting_lead_that_is_not_enough_any_more_is_nurtured_and_comes_back(world, thresholds, rescore):
    (key,) = people(world, MILD)
    lead = world.lead_of(key)
    lower = dict.fromkeys("ABCD"[: "ABCD".index(lead.grade)], "stores")
    version = thresholds(**lower, **dict.fromkeys("ABCD"["ABCD".index(lead.grade) :], "nurture"))
    assert rescore().nurtured == 1
    lead = world.lead_of(key)
    told = {"thresholds": version, "fate": "nurture", "because": "grade"}
    assert (lead.state, lead.state_reason) == ("closed", {"code": "below_threshold", **told})
    assert rescore().nurtured == 0
    thresholds()
    run = rescore()
    assert (run.revived, run.nurtured) == (1, 0)
    lead = world.lead_of(key)
    assert (lead.state, lead.closed_at, lead.state_reason) == ("waiting", None, {"code": "reached"})
    assert world.story(lead.lead_id) == ["opened", "nurtured", "reached"]
    world.run("hq.route")
    assert world.lead_of(key).state == "placed"


def test_a_waiting_lead_of_a_grade_that_is_closed_now_is_closed_and_comes_back(world, put, thresholds, rescore):
    (key,) = people(world, MILD)
    put("scorecard", {**DEFAULT_CARD, "grades": [["A", 900], ["B", 800], ["C", 700]]})
    thresholds(D="close")
    rescore()
    assert world.lead_of(key).state_reason["code"] == "closed_by_grade"
    thresholds(D="nurture")
    rescore()
    assert world.lead_of(key).state == "closed"
    thresholds()
    assert rescore().revived == 1
    assert world.lead_of(key).state == "waiting"


def test_other_thresholds_decide_again_whom_they_turned_away_and_the_books_follow(world, card, thresholds):
    card()
    (key,) = people(world, COLD)
    world.run("hq.rescore_due")
    world.run("hq.rescore")
    for fates, outcome in (({"D": "close"}, "below_threshold"), ({"D": "nurture"}, "nurture")):
        world.later(minutes=1)
        version = thresholds(**fates)
        world.run("hq.rescore_due")
        world.run("hq.rescore")
        world.run("hq.qualify")
        assert world.outcomes(key) == [outcome]
        assert balance(world.rows).places[outcome] == 1
    assert world.rows.scalars(select(func.sum(RescoreRun.revived))).one() == 0
    causes = world.rows.scalars(select(RescoreRun.cause).order_by(RescoreRun.started_at, RescoreRun.run_id))
    assert causes.all() == ["activated", "thresholds", "thresholds"]
    last = world.rows.scalars(select(SignupDecision).order_by(SignupDecision.run.desc())).first()
    assert last.rules["thresholds"] == version
    assert last.steps["thresholds"] == {"fate": "nurture", "because": "grade"}
    world.run("hq.rescore_due")
    assert world.rows.scalars(select(RescoreRun)).all()[3:] == []


def test_whom_a_store_has_entered_is_never_nurtured(world, card, rescore):
    (key,) = people(world, MILD)
    world.rows.execute(text("UPDATE signups SET source = 'store'"))
    world.rows.commit()
    card(reach=150)
    assert rescore().nurtured == 0
    assert world.lead_of(key).state == "waiting"


def test_somebody_below_the_threshold_who_reaches_it_gets_a_lead_by_the_normal_way(world, card, rescore):
    (key,) = people(world, COLD)
    assert world.outcomes(key) == ["nurture"]
    version = card(reach=40)
    assert rescore().revived == 1
    assert world.signup(key).state == "received"
    world.run("hq.qualify")
    assert world.outcomes(key) == ["in_lead"]
    assert world.signup(key).runs == 2
    runs = world.rows.execute(text("SELECT run, outcome, rules ->> 'scorecard' FROM signup_decisions ORDER BY run"))
    assert [tuple(row) for row in runs] == [(1, "nurture", "0"), (2, "in_lead", str(version))]
    assert balance(world.rows).places["in_lead"] == 1
    assert rescore().revived == 0


def test_who_would_be_turned_away_by_the_age_of_the_sign_up_is_not_looked_at_every_night(world, card, rescore):
    (key,) = people(world, COLD)
    attributes = json.loads(json.dumps(DEFAULT_CARD["attributes"]))
    attributes[-1]["bins"][2]["points"] = 200  # a nonsense: who waits is worth more
    card(attributes=attributes)
    world.later(days=100)
    assert rescore().revived == 0
    assert world.signup(key).state == "decided"


def test_a_wish_weakens_with_age(world, card, rescore):
    (key,) = people(world, EAGER)
    before = world.lead_of(key).points
    card()
    points = []
    for days in (29, 2, 60):
        world.later(days=days)
        rescore()
        points.append(world.lead_of(key).points - before)
    assert points == [0, -6, -15]


def test_another_card_in_force_starts_a_run_by_itself_and_so_does_another_night(world, card):
    people(world, EAGER)
    card()
    world.now = datetime(2026, 3, 1, 12, 0, tzinfo=BEIJING)
    world.run("hq.rescore_due")
    world.run("hq.rescore_due")
    assert list(world.rows.scalars(select(RescoreRun.cause))) == ["activated"]
    world.run("hq.rescore")
    world.later(hours=14)
    world.run("hq.rescore_due")
    assert list(world.rows.scalars(select(RescoreRun.cause))) == ["activated"]
    world.later(hours=2)
    world.run("hq.rescore_due")
    causes = world.rows.execute(select(RescoreRun.cause, RescoreRun.state).order_by(RescoreRun.started_at)).all()
    assert [tuple(each) for each in causes] == [("activated", "done"), ("aged", "running")]


def test_a_run_rests_where_it_was_stopped_and_goes_on_there(world, act, rows):
    people(world, *[EAGER] * 5)
    run_id = act(service.start, cause="asked", size=2)
    rows.execute(text("UPDATE rescore_pages SET done_at = now() WHERE number = 0"))
    rows.execute(text("UPDATE rescore_runs SET pages_done = 1, people_done = 2"))
    rows.commit()
    act(service.stop, run_id=run_id)
    assert world.run("hq.rescore").rows == 0
    with pytest.raises(RunMoved):
        act(service.stop, run_id=run_id)
    act(service.resume, run_id=run_id)
    assert world.run("hq.rescore").rows == 2
    run = rows.get(RescoreRun, run_id, populate_existing=True)
    assert (run.state, run.people_done, run.pages_done, run.leads) == ("done", 5, 3, 3)
    acts = rows.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("rescore:"))).all()
    assert sorted(acts) == ["rescore:resume", "rescore:start", "rescore:stop"]
    with pytest.raises(RunMoved):
        act(service.resume, run_id=run_id)


def test_another_card_takes_the_place_of_a_run_under_way(world, card, act, rows):
    people(world, EAGER)
    card()
    first = act(service.start, cause="asked")
    with pytest.raises(AlreadyRunning):
        act(service.start, cause="asked")
    card(**_dearer(60))
    second = act(service.start, cause="activated")
    world.run("hq.rescore")
    states = {run.run_id: (run.state, run.pages_done) for run in rows.scalars(select(RescoreRun))}
    assert states == {first: ("superseded", 0), second: ("done", 1)}


def test_a_stopped_run_is_not_begun_again_at_night(world, card, act, rows):
    people(world, EAGER)
    card()
    run_id = act(service.start, cause="asked")
    act(service.stop, run_id=run_id)
    world.later(days=2)
    world.run("hq.rescore_due")
    assert list(rows.scalars(select(RescoreRun.run_id))) == [run_id]


def test_of_two_who_begin_at_once_one_wins(world, card, act, race, rows):
    people(world, EAGER)
    card()

    def begin(_: int) -> str:
        try:
            act(service.start, cause="asked")
        except AlreadyRunning:
            return "running already"
        return "begun"

    assert sorted(race(begin, [1, 2])) == ["begun", "running already"]
    assert len(rows.scalars(select(RescoreRun)).all()) == 1


def test_two_workers_share_the_pages_and_count_every_person_once(world, card, act, race, rows):
    people(world, *[EAGER, MILD] * 6)
    card(**_dearer(60))
    run_id = act(service.start, cause="asked", size=1)
    places = [world.place() for _ in range(2)]
    race(lambda place: run_drain(place, find("hq.rescore")).rows, places)
    done = rows.get(RescoreRun, run_id, populate_existing=True)
    assert (done.state, done.people_done, done.pages_done, done.changed) == ("done", 12, 12, 6)


def test_a_page_that_broke_off_is_done_as_if_nothing_had_happened(world, card, act, rows, monkeypatch):
    people(world, *[EAGER] * 3)
    card(**_dearer(60))
    run_id = act(service.start, cause="asked", size=2)
    whole = writing.finish

    def breaks(*_given: Any, **_more: Any) -> None:
        monkeypatch.setattr(writing, "finish", whole)
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "finish", breaks)
    with pytest.raises(KeyboardInterrupt):
        world.run("hq.rescore")
    assert not rows.scalars(select(LeadEvent.kind).where(LeadEvent.kind == "rescored")).all()
    world.run("hq.rescore")
    run = rows.get(RescoreRun, run_id, populate_existing=True)
    assert (run.state, run.people_done, run.changed) == ("done", 3, 3)


def test_with_nobody_there_is_nothing_to_do(act, rows):
    run_id = act(service.start, cause="asked")
    run = rows.get(RescoreRun, run_id)
    assert (run.state, run.people, run.pages) == ("done", 0, 0)
    assert rows.scalars(select(RescorePage)).all() == []


def test_a_run_that_does_not_exist_is_missing(act):
    with pytest.raises(Missing):
        act(service.stop, run_id=NIL)


@pytest.mark.parametrize(("hour", "days"), [(2, 1), (3, 0), (23, 0)])
def test_the_night_is_over_at_three_in_beijing(hour, days):
    now = datetime(2026, 3, 10, hour, 30 if hour != 3 else 0, tzinfo=BEIJING)
    assert last_night(now) == datetime(2026, 3, 10, 3, tzinfo=BEIJING) - timedelta(days=days)
