"""Headquarters' pages of campaigns, consent texts and tokens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.audit.models import AuditEntry
from shared.campaigns.models import STANDING, Campaign, ConsentText, Scope
from shared.identity.permissions import Role
from shared.signups.models import ApiClient
from tests import factories as make
from tests.portals.conftest import Browser, Person, sign_in

FRIDAY = {"code": "FRI", "name": "锦鲤星期五", "whom": "some", "dealers": "D1"}


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person], rows: Session) -> Browser:
    """Somebody who may make campaigns, in a brand with two dealers."""
    make.dealer(rows, code="D1", name="杭州青屿一路车业有限公司")
    make.dealer(rows, code="D2", name="宁波众骑电动车销售有限公司")
    rows.commit()
    visitor = browser()
    sign_in(visitor, "/hq", hq_person(Role.OPERATOR).login)
    return visitor


def test_a_new_campaign_is_live_and_its_consent_names_the_dealers(operator: Browser, rows: Session) -> None:
    operator.get("/hq/campaigns")
    answer = operator.post("/hq/campaigns", {**FRIDAY, "brand": "青屿电动"})
    assert answer.status_code == 303
    page = operator.get(answer.location)
    assert "杭州青屿一路车业有限公司" in page.text
    assert "宁波众骑" not in page.text
    text = rows.scalars(select(ConsentText).where(ConsentText.kind == "share")).one()
    assert len(rows.scalars(select(Scope).where(Scope.scope_id == text.scope_id)).all()) == 1
    assert rows.scalars(select(Campaign)).one().status == "live"


def test_adding_a_dealer_later_makes_a_new_version_and_leaves_the_old_one(operator: Browser, rows: Session) -> None:
    operator.get("/hq/campaigns")
    show = operator.post("/hq/campaigns", FRIDAY).location
    operator.get(show)
    assert operator.post(f"{show}/texts", {"kind": "share", "whom": "all"}).status_code == 303
    texts = rows.scalars(select(ConsentText).where(ConsentText.kind == "share").order_by(ConsentText.version)).all()
    assert [text.version for text in texts] == [1, 2]
    assert "宁波众骑" in texts[1].body_zh
    assert "宁波众骑" not in texts[0].body_zh
    assert texts[0].scope_id != texts[1].scope_id


def test_what_was_done_is_said_once(operator: Browser) -> None:
    operator.get("/hq/campaigns")
    show = operator.post("/hq/campaigns", FRIDAY).location
    operator.get(show)
    closed = operator.get(operator.post(f"{show}/close").location)
    assert closed.text.count("活动不再接收报名") == 1


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"code": "FRI", "name": "另一个", "whom": "all"}, 409),
        ({"code": "含中文", "name": "另一个", "whom": "all"}, 422),
        ({"code": "SAT", "name": "另一个", "whom": "some", "dealers": "D1,D9"}, 422),
        (
            {
                "code": "SAT",
                "name": "另一个",
                "whom": "all",
                "starts_at": "2026-12-02T00:00",
                "ends_at": "2026-12-01T00:00",
            },
            422,
        ),
        ({"code": "", "name": "", "whom": "all"}, 422),
    ],
)
def test_what_cannot_be_a_campaign_is_refused_and_leaves_nothing(
    operator: Browser, rows: Session, form: dict[str, str], status: int
) -> None:
    operator.get("/hq/campaigns")
    operator.post("/hq/campaigns", {"code": "FRI", "name": "锦鲤星期五", "whom": "all"})
    operator.get("/hq/campaigns")
    answer = operator.post("/hq/campaigns", form)
    assert answer.status_code == status
    assert 'value="SAT"' in answer.text or form["code"] != "SAT"
    assert [one.code for one in rows.scalars(select(Campaign))] == ["FRI"]


def test_a_token_is_shown_once_kept_as_a_hash_and_logged(operator: Browser, rows: Session) -> None:
    operator.get("/hq/campaigns")
    shown = operator.post("/hq/campaigns/tokens", {"used_by": "小程序", "campaign": ""})
    token = re.search(r"koi_[A-Za-z0-9_-]{43}", shown.text)
    assert token
    client = rows.scalars(select(ApiClient)).one()
    assert token[0].encode() not in client.token_hash
    assert token[0] not in operator.get("/hq/campaigns").text
    operator.post(f"/hq/campaigns/tokens/{client.client_id}/revoke")
    rows.refresh(client)
    assert client.revoked_at is not None
    assert {"token:add", "token:revoke"} <= set(rows.scalars(select(AuditEntry.action)))


def test_an_analyst_sees_campaigns_and_changes_nothing(
    browser: Callable[[], Browser], hq_person: Callable[..., Person], rows: Session
) -> None:
    visitor = browser()
    sign_in(visitor, "/hq", hq_person(Role.ANALYST).login)
    page = visitor.get("/hq/campaigns")
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert visitor.post("/hq/campaigns", {"code": "FRI", "name": "锦鲤星期五", "whom": "all"}).status_code == 403
    assert visitor.post("/hq/campaigns/tokens", {"used_by": "x"}).status_code == 403


def test_codes_that_stand_beside_every_dealer_are_asked_about_and_kept(operator: Browser, rows: Session) -> None:
    operator.get("/hq/campaigns")
    said = {"code": "FRI", "name": "锦鲤星期五"}
    for whom, codes in (("all", "D1"), ("some", "")):
        refused = operator.post("/hq/campaigns", {**said, "whom": whom, "dealers": codes})
        assert refused.status_code == 422
        assert f'value="{codes}"' in refused.text
    assert rows.scalars(select(Campaign)).all() == []
    assert operator.post("/hq/campaigns", {**said, "whom": "some", "dealers": "D1"}).status_code == 303
    text = rows.scalars(select(ConsentText).where(ConsentText.kind == "share")).one()
    assert "宁波众骑" not in text.body_zh


@pytest.mark.parametrize("act", ["open", "close", "texts", "face"])
def test_the_campaign_of_people_who_come_by_themselves_is_neither_opened_nor_ended_nor_changed(
    operator: Browser, rows: Session, act: str
) -> None:
    standing = make.campaign(rows, code=STANDING, name="到店/电话", status="draft")
    rows.commit()
    page = operator.get(f"/hq/campaigns/{standing.campaign_id}").text
    assert "常设" in page
    assert f"/{act}" not in page
    refused = operator.post(f"/hq/campaigns/{standing.campaign_id}/{act}", {"kind": "share", "whom": "all"})
    assert refused.status_code == 409
    assert "常设" in refused.text
    assert rows.scalars(select(Campaign.status).filter_by(code=STANDING)).one() == "draft"
