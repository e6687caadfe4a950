"""Headquarters' form of what a campaign shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.campaigns.pictures import SIZE, lightened
from shared.campaigns.face import Face
from shared.campaigns.models import Campaign, CampaignFace
from shared.identity.permissions import Role
from shared.platform.settings import Settings
from tests import factories as make
from tests.portals.conftest import Browser, Person, sign_in

SAID = {
    "headline": "0 元开回家",
    "prizes-0-tier": "一等奖",
    "prizes-0-name": "M3 长续航",
    "prizes-0-value": "4999",
    "prizes-0-count": "1",
    "prizes-1-tier": "",
    "prizes-1-name": "",
    "prizes-1-value": "",
    "prizes-1-count": "",
    "draw_at": "2026-11-27T20:30",
    "draw_method": "摇号",
    "redemption": "到店领取",
    "rules": "满 18 岁",
    "organiser": "青屿电动（浙江）有限公司",
    "contact": "400-000-0000",
    "phone_check": "optional",
    "seen_version": "0",
}


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person]) -> Browser:
    visitor = browser()
    sign_in(visitor, "/hq", hq_person(Role.OPERATOR).login)
    return visitor


@pytest.fixture
def event(rows: Session) -> Campaign:
    made = make.campaign(rows, code="FRI")
    rows.commit()
    return made


def form_of(operator: Browser, event: Campaign) -> str:
    address = f"/hq/campaigns/{event.campaign_id}/face"
    assert operator.get(address).status_code == 200
    return address


def faces(rows: Session) -> list[Face]:
    rows.rollback()
    return [Face.parse(each.body) for each in rows.scalars(select(CampaignFace).order_by(CampaignFace.version))]


def picture(width: int = 800, height: int = 450) -> bytes:
    out = BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def test_what_was_written_is_shown_to_people(
    operator: Browser, event: Campaign, rows: Session, browser: Callable[[], Browser]
) -> None:
    address = form_of(operator, event)
    answer = operator.post(address, {**SAID, "picture": (BytesIO(picture(400, 225)), "a.png")})
    assert answer.status_code == 303
    assert "M3 长续航" in operator.get(answer.location).text
    assert [prize.name for prize in faces(rows)[0].prizes] == ["M3 长续航"]
    person = browser()
    page = person.get("/c/FRI").text
    assert "M3 长续航" in page
    shown = person.get("/c/FRI/picture/1")
    assert (shown.mimetype, shown.status_code) == ("image/jpeg", 200)
    assert person.get("/c/FRI/picture/2").status_code == 404


def test_once_it_has_begun_the_promise_only_gets_better(operator: Browser, event: Campaign, rows: Session) -> None:
    address = form_of(operator, event)
    operator.post(address, SAID)
    operator.get(address)
    worse = operator.post(address, {**SAID, "seen_version": "1", "prizes-0-value": "3999", "phone_check": "required"})
    assert worse.status_code == 409
    assert "奖品可以加量" in worse.text
    assert "只能放宽" in worse.text
    assert 'value="3999"' in worse.text
    better = operator.post(address, {**SAID, "seen_version": "1", "prizes-0-count": "2"})
    assert better.status_code == 303
    assert [face.prizes[0].count for face in faces(rows)] == [1, 2]


def test_before_it_begins_all_of_it_may_change(operator: Browser, event: Campaign, rows: Session) -> None:
    rows.merge(event).starts_at = make.NOW + timedelta(days=9000)
    rows.commit()
    address = form_of(operator, event)
    operator.post(address, SAID)
    changed: dict[str, Any] = {**SAID, "seen_version": "1", "headline": "别的", "phone_check": "required"}
    assert operator.post(address, changed).status_code == 303
    assert [face.headline for face in faces(rows)] == ["0 元开回家", "别的"]


def test_of_two_operators_the_second_is_told(operator: Browser, event: Campaign, rows: Session) -> None:
    address = form_of(operator, event)
    operator.post(address, SAID)
    operator.get(address)
    late = operator.post(address, {**SAID, "headline": "第二个人"})
    assert late.status_code == 409
    assert "有人刚改过这一页" in late.text
    assert 'value="第二个人"' in late.text
    assert [face.headline for face in faces(rows)] == ["0 元开回家"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prizes-0-value": "60000"}, "50,000"),
        ({"prizes-0-count": ""}, "整行留空"),
        ({"prizes-0-count": "0"}, "整数"),
        ({"picture": (BytesIO(b"<svg onload=alert(1)>"), "a.png")}, "PNG"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_is_kept(
    operator: Browser, event: Campaign, rows: Session, change: dict[str, Any], said: str
) -> None:
    answer = operator.post(form_of(operator, event), {**SAID, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert "到店领取" in answer.text
    assert faces(rows) == []


def test_any_picture_becomes_light_enough(settings: Settings) -> None:
    light = lightened(picture())
    assert len(light) <= 34 * 1024
    with Image.open(BytesIO(light)) as image:
        assert image.size[0] / image.size[1] == SIZE[0] / SIZE[1]


def test_who_may_not_change_campaigns_does_not_see_the_form(
    browser: Callable[[], Browser], hq_person: Callable[..., Person], event: Campaign
) -> None:
    visitor = browser()
    sign_in(visitor, "/hq", hq_person(Role.ANALYST).login)
    assert visitor.get(f"/hq/campaigns/{event.campaign_id}/face").status_code == 403
