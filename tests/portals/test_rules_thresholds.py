"""Headquarters' pages of thresholds: fates by grade and campaign, the bar, what is different, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.rules.defaults import defaults
from hq.rules.models import RuleSet
from hq.rules.service import ensure_defaults
from shared.campaigns.models import Campaign
from shared.identity.permissions import Role
from tests import factories
from tests.portals.conftest import Browser, Person, sign_in

EDIT = "/hq/rules/thresholds/2/edit"
FATES = {"fates.A": "stores", "fates.B": "stores", "fates.C": "nurture", "fates.D": "close"}


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person], as_hq: Any) -> Browser:
    """Signed in, with a draft of thresholds."""
    as_hq(lambda session, now: ensure_defaults(session, defaults(), now=now))
    visitor = browser()
    sign_in(visitor, "/hq", hq_person(Role.OPERATOR).login)
    visitor.get("/hq/rules/thresholds")
    assert visitor.post("/hq/rules/thresholds/1/draft").location.endswith(EDIT)
    return visitor


def _send(visitor: Browser, **said: str) -> Any:
    visitor.get(EDIT)
    return visitor.post(EDIT, {**FATES, "by": "none", "revision": "1", **said})


def _body(rows: Session) -> dict[str, Any]:
    rows.rollback()
    return rows.scalars(select(RuleSet.body).where(RuleSet.kind == "thresholds", RuleSet.version == 2)).one()


def test_fates_of_grades_and_of_a_campaign_are_saved_and_compared(operator: Browser, rows: Session) -> None:
    campaign = factories.campaign(rows)
    rows.commit()
    own = {f"added.{grade}": "stores" for grade in "ABC"} | {"added.D": "nurture"}
    said = {"add": str(campaign.campaign_id), **own, "by": "chance", "least": "2.5"}
    assert _send(operator, **said).status_code == 303
    body = _body(rows)
    assert body["fates"] == {"A": "stores", "B": "stores", "C": "nurture", "D": "close"}
    assert body["campaigns"] == {
        str(campaign.campaign_id): {"A": "stores", "B": "stores", "C": "stores", "D": "nurture"}
    }
    assert body["bar"] == {"by": "chance", "least": 0.025}
    page = operator.get("/hq/rules/thresholds/2").text
    assert "C 级：派给门店 → 培育" in page
    assert f"活动「{campaign.name}」：与所有活动相同 → A/B/C 派给门店、D 培育" in page
    assert "最低购买概率：1.24% → 2.5%" in page


def test_a_campaign_goes_back_to_what_holds_everywhere(operator: Browser, rows: Session) -> None:
    campaign = factories.campaign(rows)
    rows.commit()
    own = {f"of.{campaign.campaign_id}.{grade}": "stores" for grade in "ABCD"}
    assert _send(operator, **own).status_code == 303
    assert list(_body(rows)["campaigns"]) == [str(campaign.campaign_id)]
    assert _send(operator, **own, **{f"drop.{campaign.campaign_id}": "on", "revision": "2"}).status_code == 303
    assert _body(rows)["campaigns"] == {}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"fates.A": "close"}, "低等级的去向不能比高等级的好"),
        ({f"fates.{grade}": "close" for grade in "ABCD"}, "至少 A 级要派给门店"),
        ({"fates.D": "moon"}, "选一个"),
        ({"by": "chance", "least": "0"}, "请填 0 到 100 之间的百分数"),
        ({"by": "chance", "least": "1e1"}, "请填 0 到 100 之间的百分数"),
        ({"by": ""}, "选一个"),
        ({"by": "capacity", "fill": "100", "step": "2"}, "5 到 900"),
        ({"by": "capacity", "fill": "9999", "step": "50"}, "10 到 200"),
    ],
    ids=["order", "nobody", "word", "zero", "not_typed_by_people", "no_bar", "step", "fill"],
)
def test_what_makes_no_sense_is_refused_in_words_and_kept(
    operator: Browser, rows: Session, said: dict[str, str], why: str
) -> None:
    before = _body(rows)
    refused = _send(operator, **said)
    assert refused.status_code == 422
    assert why in refused.text
    assert _body(rows) == before


def test_before_a_bar_from_capacity_is_put_in_force_its_numbers_and_effects_are_shown(
    operator: Browser, rows: Session
) -> None:
    store = factories.store(rows, cap=3)
    lead = factories.lead(rows, dealers=[store], grade="C", probability=0.03)
    told = {"state": "decided", "outcome": "in_lead", "lead_id": lead.lead_id, "contact_id": lead.contact_id}
    factories.signup(rows, rows.get_one(Campaign, lead.campaign_id), **told)
    rows.commit()
    assert _send(operator, by="capacity", fill="100", step="50").status_code == 303
    question = operator.get("/hq/rules/thresholds/2/activate").text
    assert "1 条等待门店的线索转入培育或关闭" in question
    assert "未来 7 天的名额" in question
    sent = {"revision": "2", "instead_of": "1", "note": "旺季"}
    assert operator.post("/hq/rules/thresholds/2/activate", sent).status_code == 303
    assert "门店接得下多少" in operator.get("/hq/rules/thresholds/2").text


def test_a_campaign_that_is_not_there_is_not_taken_up(operator: Browser, rows: Session) -> None:
    stranger = "00000000-0000-7000-8000-000000000001"
    own = {f"of.{stranger}.{grade}": "stores" for grade in "ABCD"}
    assert _send(operator, add=stranger, **own).status_code == 303
    assert _body(rows)["campaigns"] == {}


def test_who_only_reads_changes_nothing(
    operator: Browser, browser: Callable[[], Browser], hq_person: Callable[..., Person]
) -> None:
    reader = browser()
    sign_in(reader, "/hq", hq_person(Role.ANALYST).login)
    assert reader.get("/hq/rules/thresholds/1").status_code == 200
    assert reader.get(EDIT).status_code == 403
