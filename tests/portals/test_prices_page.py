"""Headquarters sees what a place at each store is worth, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from hq.routing.prices.models import PriceRun
from hq.routing.rules import RoutingRules
from hq.rules.models import RuleSet
from shared.identity.permissions import Role
from shared.platform.clock import beijing_day
from shared.platform.ids import new_id
from tests import factories as make
from tests.portals.conftest import sign_in


@pytest.fixture
def desk(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    return here


@pytest.fixture
def dear(rows):
    """A store whose place is worth 23 km; the three around it are full."""
    now = datetime.now(UTC)
    said = {"note": "", "author": "o", "created_at": now, "revision": 1, "changed_by": "o", "changed_at": now}
    body = RoutingRules(price_percent=100).as_body()
    rows.add(RuleSet(rule_set_id=new_id(now), kind="routing", version=1, status="active", body=body, **said))
    dear = make.store(rows, name="贵店", cap=4)
    for number in range(3):
        near = make.store(rows, name=f"满店{number}", cap=2, lat=30.28 + number / 100)
        make.open_day(rows, near, day=beijing_day(now), taken=2)
    values = {"solved_at": now, "next_at": now, "expected": 30.0, "scarce": 1, "prices": {str(dear.store_id): 23.0}}
    rows.execute(update(PriceRun).values(**values))
    rows.commit()
    return dear


def test_a_price_is_told_in_words_with_the_stores_around(desk, dear):
    page = desk.get("/hq/fairness/prices").text
    assert "一个名额值 23.0 公里：附近 3 家都快满了" in page
    assert "到零点还会来的客户" in page


def test_the_page_of_the_store_and_that_about_fairness_lead_there(desk, dear):
    assert "一个名额值 23.0 公里" in desk.get(f"/hq/stores/{dear.store_id}").text
    assert "/hq/fairness/prices" in desk.get("/hq/fairness").text


def test_a_province_without_prices_says_so(desk, dear):
    assert "没有门店有价格" in desk.get("/hq/fairness/prices?province=440000").text


def test_before_the_first_run_the_page_says_that_there_are_none(desk, rows):
    assert "还没有价格" in desk.get("/hq/fairness/prices").text
