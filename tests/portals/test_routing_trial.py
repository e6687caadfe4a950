"""Headquarters tries routing rules on past leads before they are put in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hq.routing.rules import RoutingRules
from hq.rules.models import RuleSet
from shared.dealers.models import Store
from shared.identity.permissions import Role
from shared.leads.models import Lead, LeadEvent
from shared.platform.ids import new_id
from tests import factories as make
from tests.portals.conftest import sign_in

DAY = make.NOW.date()


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
    place = {"lng": 120.13, "lat": 30.26, "code": "330106"}
    for _ in range(3):
        make.lead(rows, dealers=(near, far), place=place, opened_at=make.NOW)
    rows.commit()


def test_the_page_says_what_would_be_different_and_writes_nothing(desk, drafts, rows):
    before = rows.execute(select(Lead.lead_id, Lead.state, Lead.changed_at).order_by(Lead.lead_id)).all()
    page = desk.get(f"/hq/rules/routing/2/trial?since={DAY}&until={DAY}").text
    assert "3 条线索" in page
    assert "远店" in page
    rows.expire_all()
    assert rows.execute(select(Lead.lead_id, Lead.state, Lead.changed_at).order_by(Lead.lead_id)).all() == before
    assert rows.scalars(select(LeadEvent)).all() == []


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (DAY, DAY - timedelta(days=1), "请选择起止日期"),
        (DAY - timedelta(days=60), DAY, "请选择起止日期"),
        ("no day", DAY, "请选择起止日期"),
        (DAY - timedelta(days=9), DAY - timedelta(days=8), "没有新线索"),
    ],
)
def test_a_period_that_cannot_be_tried_is_refused_in_words(desk, drafts, since, until, words):
    answer = desk.get(f"/hq/rules/routing/2/trial?since={since}&until={until}")
    assert answer.status_code in (400, 422)
    assert words in answer.text


def test_more_than_can_be_tried_at_once_is_refused_with_its_numbers(desk, drafts, monkeypatch):
    monkeypatch.setattr("hq.routing.trial.service.MOST_LEADS", 2)
    answer = desk.get(f"/hq/rules/routing/2/trial?since={DAY}&until={DAY}")
    assert (answer.status_code, "3 条线索" in answer.text) == (422, True)


def test_a_version_that_is_not_there_is_not_found(desk, drafts):
    assert desk.get("/hq/rules/routing/9/trial").status_code == 404


@pytest.mark.parametrize(("demand", "leads"), [("scaled", "6 条线索"), ("stores", "6 条线索")])
def test_generated_demand_is_tried_and_shown_as_a_picture(desk, drafts, demand, leads):
    page = desk.get(f"/hq/rules/routing/2/trial?since={DAY}&until={DAY}&demand={demand}&factor=2").text
    assert leads in page
    assert "k-trial-" in page
    assert "这里不掌握人口" in page


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


def test_prices_for_too_many_days_stores_and_counties_are_refused_before_anything_is_reckoned(
    desk, drafts, rows, monkeypatch
):
    monkeypatch.setattr("hq.routing.trial.service.MOST_PRICED", 1)
    draft = rows.scalars(select(RuleSet).where(RuleSet.version == 2)).one()
    draft.body = RoutingRules(price_percent=100).as_body()
    rows.commit()
    answer = desk.get(f"/hq/rules/routing/2/trial?since={DAY}&until={DAY}")
    assert (answer.status_code, "3 条线索" in answer.text) == (422, True)
