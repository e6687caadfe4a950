"""Headquarters gives areas to dealers and stores, moves them, and sees where nobody or two are."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from shared.audit.models import AuditEntry
from shared.dealers.models import Territory
from shared.identity.permissions import Role
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.portals.test_network import fields

XIHU, GONGSHU, HANGZHOU = "330106", "330105", "330100"
NEW = "/hq/network/territories/new"


@pytest.fixture
def desk(browser, hq_person):
    """A browser in which an operator is signed in."""
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get("/hq/network/territories")
    return here


@pytest.fixture
def store(rows):
    made = make.store(rows)
    rows.commit()
    return made


def said(store, **more):
    return {"name": "西湖", "whom": store.code, "mode": "exclusive", "divisions": "浙江省 杭州市 西湖区", **more}


def address(territory):
    return f"/hq/network/territories/{territory.territory_id}"


def fresh(rows, territory_id):
    return rows.get(Territory, territory_id, populate_existing=True)


def test_a_territory_is_added_shown_and_taken_back(desk, rows, store):
    desk.get(NEW)
    answer = desk.post(NEW, said(store, divisions="浙江省 杭州市\n330106\n浙江省 宁波市 镇海区", radius="20"))
    assert answer.status_code == 303
    made = rows.scalars(select(Territory)).one()
    assert (made.for_store_id, made.mode, made.radius_km) == (store.store_id, "exclusive", 20.0)
    assert made.divisions == [HANGZHOU, "330211"]  # 西湖 lies in 杭州
    page = desk.get(answer.location).text
    for words in ("西湖", "专属", store.name, "浙江省 杭州市", "20 公里"):
        assert words in page
    for listed in ("/hq/network/territories", f"/hq/stores/{store.store_id}", f"/hq/dealers/{store.dealer_id}"):
        assert f'{address(made)}"' in desk.get(listed).text
    desk.post(f"{address(made)}/remove")
    assert fresh(rows, made.territory_id).removed_at is not None
    desk.get("/hq/network/territories")
    desk.post(f"{address(made)}/restore")
    assert fresh(rows, made.territory_id).removed_at is None
    acts = rows.scalars(select(AuditEntry.action).order_by(AuditEntry.entry_id)).all()
    assert [act for act in acts if act.startswith("territory")] == [
        "territory:add",
        "territory:remove",
        "territory:restore",
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"divisions": "浙江省 杭州市 没有的区"}, "找不到这些省市区县：浙江省 杭州市 没有的区"),
        ({"divisions": "999999"}, "999999"),
        ({"divisions": "", "radius": ""}, "请写行政区划或半径"),
        ({"radius": "-5"}, "1 到 300"),
        ({"radius": "900"}, "1 到 300"),
        ({"whom": "没有这家"}, "没有这个编码或名称"),
        ({"name": ""}, "这里要填"),
    ],
)
def test_what_cannot_be_is_said_in_words_and_nothing_is_saved(desk, rows, store, wrong, words):
    desk.get(NEW)
    answer = desk.post(NEW, said(store, **wrong))
    assert answer.status_code == 422
    assert words in answer.text
    assert rows.scalars(select(Territory)).all() == []


@pytest.mark.parametrize(("status", "words"), [("paused", "现在没有门店能接"), ("active", "没有授权给这家经销商")])
def test_a_territory_that_no_store_serves_is_warned_about_before_it_is_saved(desk, rows, status, words):
    own, other = make.dealer(rows), make.dealer(rows)
    store = make.store(rows, own, status=status)
    make.share_text(rows, make.campaign(rows), [own if status == "paused" else other])
    rows.commit()
    desk.get(NEW)
    first = desk.post(NEW, said(store))
    assert first.status_code == 422
    assert words in first.text
    assert rows.scalars(select(Territory)).all() == []
    assert desk.post(NEW, said(store, sure=fields(first.text)["sure"])).status_code == 303


def test_another_exclusive_territory_in_the_same_district_is_named_before_saving(desk, rows, store):
    other = make.territory(rows, make.store(rows), divisions=[HANGZHOU], mode="exclusive", name="全市")
    make.territory(rows, make.store(rows), divisions=[XIHU], name="湖边")
    rows.commit()
    desk.get(NEW)
    first = desk.post(NEW, said(store))
    assert "另有专属辖区的区县：1" in first.text
    assert "湖边" in first.text
    assert desk.post(NEW, said(store, sure=fields(first.text)["sure"])).status_code == 303
    page = desk.get("/hq/network/territories/map").text
    assert other.name in page
    assert "重叠" in page


def test_an_edit_that_somebody_overtook_is_told_and_loses_nothing(desk, rows, store):
    made = make.territory(rows, store, divisions=[XIHU])
    rows.commit()
    form = fields(desk.get(f"{address(made)}/edit").text)
    desk.post(f"{address(made)}/edit", {**form, "mode": "shared", "name": "第一个人的"})
    desk.get(f"{address(made)}/edit")
    second = desk.post(f"{address(made)}/edit", {**form, "mode": "shared", "name": "第二个人的"})
    assert second.status_code == 409
    assert 'value="第二个人的"' in second.text
    assert fresh(rows, made.territory_id).name == "第一个人的"


def test_moving_a_territory_is_foretold_done_and_taken_back(desk, rows, store):
    made = make.territory(rows, store, divisions=[XIHU, GONGSHU], mode="exclusive")
    to = make.store(rows)
    rows.commit()
    form = fields(desk.get(f"{address(made)}/move").text)
    told = desk.post(f"{address(made)}/move", {**form, "whom": to.code})
    assert told.status_code == 200
    assert f"移交给 {to.name} 之后" in told.text
    assert fresh(rows, made.territory_id).for_store_id == store.store_id
    assert desk.post(f"{address(made)}/move", fields(told.text)).status_code == 303
    assert fresh(rows, made.territory_id).for_store_id == to.store_id
    page = desk.get(address(made)).text
    assert f"{store.code}" in page
    undo = re.search(r'action="([^"]*/move)">(.*?)</form>', page, re.DOTALL)
    back = dict(re.findall(r'name="(whom|sure|seen)" value="([^"]*)"', undo[2]))
    assert desk.post(undo[1], back).status_code == 303
    assert fresh(rows, made.territory_id).for_store_id == store.store_id


def test_moving_it_to_whose_it_is_or_after_a_change_is_refused(desk, rows, store):
    made = make.territory(rows, store, divisions=[XIHU])
    rows.commit()
    form = fields(desk.get(f"{address(made)}/move").text)
    same = desk.post(f"{address(made)}/move", {**form, "whom": store.code, "sure": store.code})
    assert same.status_code == 422
    to = make.store(rows)
    rows.commit()
    desk.get(f"{address(made)}/move")
    stale = desk.post(f"{address(made)}/move", {"seen": "2020-01-01T00:00:00+00:00", "whom": to.code, "sure": to.code})
    assert stale.status_code == 409
    assert fresh(rows, made.territory_id).for_store_id == store.store_id


def test_gaps_are_listed_with_their_leads(desk, rows, store):
    make.territory(rows, store, divisions=[XIHU])
    make.lead(rows, place={"code": GONGSHU, "lng": 120.14, "lat": 30.32})
    rows.commit()
    page = desk.get("/hq/network/territories/map?province=330000").text
    row = re.search(
        r'<th scope="row">杭州市</th><td>(.*?)</td><td class="num">(.*?)</td><td class="num">(.*?)</td>', page
    )
    assert "拱墅区" in row[1]
    assert "西湖区" not in row[1]


def test_divisions_are_found_by_a_part_of_their_name(desk):
    found = desk.get("/hq/network/territories/divisions?division=西湖").text
    assert 'data-line="浙江省 杭州市 西湖区"' in found
    assert "没有这个名称" in desk.get("/hq/network/territories/divisions?division=不存在").text


def test_an_analyst_reads_and_changes_nothing_and_a_strange_id_is_nowhere(browser, hq_person, rows, store, desk):
    made = make.territory(rows, store, divisions=[XIHU])
    rows.commit()
    assert desk.post(f"/hq/network/territories/{store.store_id}/remove").status_code == 404
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)
    page = here.get(address(made))
    assert page.status_code == 200
    assert "/remove" not in page.text
    for path in ("edit", "move", "remove", "restore"):
        assert here.post(f"{address(made)}/{path}", {"whom": store.code}).status_code == 403
