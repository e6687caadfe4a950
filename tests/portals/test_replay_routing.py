"""Headquarters tries routing rules on past leads before they are put in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

import hq.replay.jobs  # noqa: F401  the drain is declared
from hq.replay.models import Replay, ReplayLoad
from hq.routing.rules import RoutingRules
from hq.rules.models import RuleSet
from shared.dealers.models import Store
from shared.identity.permissions import Role
from shared.leads.models import Lead, LeadEvent
from shared.platform.clock import beijing_day
from shared.platform.ids import new_id
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.working import at_work

DAY = beijing_day(make.NOW)
PATH = "/hq/rules/routing/2/replay"
PERIOD = {"since": DAY.isoformat(), "until": DAY.isoformat(), "demand": "past", "factor": "1"}


@pytest.fixture
def desk(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    return here


@pytest.fixture
def drafts(rows):
    """Version 1 in force reaches 300 km, version 2, a draft, only 5 km."""
    said = {"note": "", "author": "o", "created_at": make.NOW, "revision": 1, "changed_by": "o", "changed_at": make.NOW}
    for version, status, km in ((1, "active", 300), (2, "draft", 5)):
        body = RoutingRules(max_km=km).as_body()
        rows.add(
            RuleSet(rule_set_id=new_id(make.NOW), kind="routing", version=version, status=status, body=body, **said)
        )
    near = make.store(rows, name="近店", cap=1)
    far = make.store(rows, name="远店", lat=30.26 + 20 / 111.2)
    other = make.store(rows, name="另店", lat=30.26 + 30 / 111.2)
    place = {"lng": 120.13, "lat": 30.26, "code": "330106"}
    for _ in range(3):
        make.lead(rows, dealers=(near, far, other), place=place, opened_at=make.NOW)
    rows.commit()


@pytest.fixture
def worked(settings):
    def work() -> None:
        with at_work(settings.worker()) as place:
            run(place, find("hq.replay"))

    return work


def test_the_result_says_what_would_be_different_and_nothing_else_is_written(desk, drafts, rows, worked):
    before = rows.execute(select(Lead.lead_id, Lead.state, Lead.changed_at).order_by(Lead.lead_id)).all()
    assert PATH in desk.get("/hq/rules/routing/2").text
    desk.get(PATH)
    answer = desk.post(PATH, PERIOD)
    assert answer.status_code == 303
    assert "data-poll" in desk.get(answer.location).text
    worked()
    page = desk.get(answer.location).text
    assert "data-poll" not in page
    assert "3 条线索" in page
    assert "当天派出少 2 条" in page
    assert "远店" in page
    assert "k-trial-loses" in page
    rows.expire_all()
    assert rows.execute(select(Lead.lead_id, Lead.state, Lead.changed_at).order_by(Lead.lead_id)).all() == before
    assert rows.scalars(select(LeadEvent)).all() == []


def test_the_question_whether_to_put_it_in_force_says_what_the_trial_came_to(desk, drafts, worked):
    desk.get(PATH)
    answer = desk.post(PATH, PERIOD)
    worked()
    page = desk.get("/hq/rules/routing/2/activate").text
    assert answer.location in page
    assert "当天派出少 2 条" in page


@pytest.mark.parametrize(
    ("changes", "words", "kept"),
    [
        ({"until": (DAY - timedelta(days=1)).isoformat()}, "这段日期不能用", f'value="{DAY - timedelta(days=1)}"'),
        ({"since": "no day"}, "这段日期不能用", "no day"),
        ({"since": (DAY - timedelta(days=400)).isoformat()}, "366", f'value="{DAY - timedelta(days=400)}"'),
        ({"since": "2026-01-01", "until": "2026-01-02"}, "这段时间没有新线索", "2026-01-02"),
        ({"demand": "people"}, "还没有区县人口数据", 'value="people" selected'),
        ({"demand": "scaled", "factor": "0"}, "0.1 到 10.0 倍", 'value="0"'),
        ({"demand": "scaled", "factor": "many"}, "0.1 到 10.0 倍", "many"),
        ({"demand": "scaled", "factor": "nan"}, "0.1 到 10.0 倍", "nan"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_words_and_what_was_typed_stays(desk, drafts, rows, changes, words, kept):
    desk.get(PATH)
    answer = desk.post(PATH, PERIOD | changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert kept in answer.text
    assert rows.scalars(select(Replay)).all() == []


def test_more_leads_than_can_be_tried_are_refused_with_their_number(desk, drafts, monkeypatch):
    monkeypatch.setattr("hq.replay.service.MOST_LEADS", 5)
    desk.get(PATH)
    answer = desk.post(PATH, PERIOD | {"demand": "scaled", "factor": "2"})
    assert (answer.status_code, "6 条线索太多" in answer.text) == (422, True)


@pytest.mark.parametrize("demand", ["scaled", "stores"])
def test_generated_demand_is_as_many_times_as_many_and_said_to_be_generated(desk, drafts, worked, demand):
    desk.get(PATH)
    answer = desk.post(PATH, PERIOD | {"demand": demand, "factor": "2"})
    worked()
    page = desk.get(answer.location).text
    assert "6 条线索" in page
    assert "2 倍" in page
    assert "2 倍" in desk.get(PATH).text


def test_one_that_is_stopped_keeps_what_it_has_and_does_not_go_on(desk, drafts, rows, worked):
    desk.get(PATH)
    address = desk.post(PATH, PERIOD).location
    desk.get(address)
    assert desk.post(f"{address}/stop").status_code == 303
    worked()
    page = desk.get(address).text
    assert "还没算完一天就被停止了" in page
    assert rows.scalars(select(ReplayLoad)).all() == []


def test_only_who_may_change_rules_begins_a_trial(browser, hq_person, drafts, rows):
    reader = browser()
    sign_in(reader, "/hq", hq_person(Role.ANALYST).login)
    reader.get(PATH)
    assert reader.post(PATH, PERIOD).status_code == 403
    assert rows.scalars(select(Replay)).all() == []


def test_stores_that_change_come_in_pages(desk, drafts, rows, worked, monkeypatch):
    monkeypatch.setattr("hq.replay.queries.MOVES", 1)
    rows.execute(update(Store).where(Store.name == "远店").values(daily_capacity=1, changed_at=make.NOW))
    rows.commit()
    desk.get(PATH)
    address = desk.post(PATH, PERIOD).location
    worked()
    pages = [desk.get(f"{address}?stores={skip}").text for skip in (0, 1, 2)]
    found = [[name for name in ("远店", "另店") if f">{name}</a>" in page] for page in pages]
    assert [len(names) for names in found] == [1, 1, 0]
    assert found[0] != found[1]
    assert "没有更多了" in pages[2]


def test_a_version_that_is_not_there_is_not_found(desk, drafts):
    assert desk.get("/hq/rules/routing/9/replay").status_code == 404


def test_rules_that_leave_nobody_a_store_are_warned_about_before_they_are_put_in_force(desk, drafts, rows):
    body = RoutingRules(max_km=0.1).as_body()
    draft = rows.scalars(select(RuleSet).where(RuleSet.version == 2)).one()
    draft.body = body
    for store in rows.scalars(select(Store)):
        store.lng, store.changed_at = 120.5, make.NOW + timedelta(seconds=1)
    rows.commit()
    page = desk.get("/hq/rules/routing/2/activate").text
    assert "最近 3 条线索" in page
    assert "0 条" in page


def test_rules_that_leave_people_a_store_are_not_warned_about(desk, drafts):
    assert "最近 3 条线索" not in desk.get("/hq/rules/routing/2/activate").text
