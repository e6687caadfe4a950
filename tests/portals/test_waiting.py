"""The desk's page of leads that wait for room, and what headquarters arranges there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

import hq.desk.jobs
from hq.desk.models import DeskOutlook
from hq.routing.rules import RoutingRules
from hq.rules.models import RuleSet
from shared.audit.models import AuditEntry
from shared.dealers.models import StoreDay
from shared.identity.permissions import Role
from shared.leads.models import Assignment, Hold, Lead
from shared.platform.clock import beijing_day
from shared.platform.ids import new_id
from shared.work.drains import find
from shared.work.runs import run as run_drain
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.working import at_work

PLACE = {"lng": 120.13, "lat": 30.26, "code": "330106"}
PAGE = "/hq/desk/waiting?county=330106"


@pytest.fixture
def desk(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    return here


@pytest.fixture
def work(settings):
    """Runs a drain until nothing of it waits."""

    def run(name):
        with at_work(settings.worker()) as place:
            run_drain(place, find(name))

    return run


@pytest.fixture
def scene(rows):
    """Rules that reach 30 km; six leads; a near store that takes four a day and is full, one with room at 60 km."""
    now = datetime.now(UTC)
    rows.add(
        RuleSet(
            rule_set_id=new_id(now),
            kind="routing",
            version=1,
            status="active",
            body=RoutingRules(max_km=30).as_body(),
            note="",
            author="o",
            created_at=now,
            revision=1,
            changed_by="o",
            changed_at=now,
        )
    )
    near = make.store(rows, name="近店", cap=4)
    far = make.store(rows, name="远店", lat=30.26 + 60 / 111.2, cap=10)
    for _ in range(4):
        make.claimed(rows, near, now=now)
    for store, taken in ((near, 4), (far, 0)):
        make.open_day(rows, store, day=beijing_day(now), taken=taken)
    reason = {"code": "no_room"}
    for grade in "AABBBB":
        make.lead(rows, dealers=(near, far), place=PLACE, opened_at=now, grade=grade, state_reason=reason, due_at=now)
    rows.commit()
    return near, far


def offered(rows):
    rows.expire_all()
    return rows.scalars(select(Assignment).where(Assignment.stage == "offered", Assignment.ended_at.is_(None))).all()


def cells(page: str, name: str) -> list[str]:
    row = next(row for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if name in row)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]


def arrange(desk, how, **more):
    desk.get(PAGE)
    return desk.post("/hq/desk/waiting/arrange", {"county": "330106", "how": how, **more})


def test_a_county_tells_how_many_wait_why_and_what_tomorrow_brings(desk, scene):
    row = cells(desk.get("/hq/desk/waiting").text, "西湖区")
    assert row[1:3] == ["6", "2"]
    assert row[4:7] == ["1 家门店今天已满", "4", "2"]


def test_each_way_tells_what_it_would_bring_and_changes_nothing(desk, scene, rows):
    page = desk.get(PAGE + "&km=80&percent=50").text
    assert "派出 6 条" in page
    assert "派出 2 条" in page
    assert offered(rows) == []
    assert rows.scalars(select(StoreDay.raised).where(StoreDay.raised > 0)).all() == []


def test_leads_given_out_farther_away_go_as_foretold_and_come_back_with_undo(desk, scene, rows):
    _near, far = scene
    answer = arrange(desk, "now", km="80", foretold_now="6")
    assert answer.status_code == 303
    assert {each.store_id for each in offered(rows)} == {far.store_id}
    assert len(offered(rows)) == 6
    at = rows.scalars(select(AuditEntry.at).where(AuditEntry.action == "lead:offer")).first()
    desk.post("/hq/desk/waiting/undo", {"at": at.isoformat()})
    assert offered(rows) == []
    assert set(rows.scalars(select(Lead.state).where(Lead.grade.in_(["A", "B"]))).all()) >= {"waiting"}


@pytest.mark.parametrize(("how", "action"), [("now", "lead:offer"), ("pool", "lead:pool")])
def test_an_undo_takes_as_many_statements_however_many_leads_it_is_about(desk, scene, rows, statements, how, action):
    taken = []
    for more in (0, 12):
        for _ in range(more):
            make.lead(rows, dealers=scene, place=PLACE, grade="B", state_reason={"code": "no_room"})
        rows.commit()
        arrange(desk, how, km="80")
        at = rows.scalars(
            select(AuditEntry.at).where(AuditEntry.action == action).order_by(AuditEntry.at.desc())
        ).first()
        with statements() as sent:
            desk.post("/hq/desk/waiting/undo", {"at": at.isoformat(), "how": how})
        taken.append(len(sent))
        rows.rollback()
        assert set(rows.scalars(select(Lead.state).where(Lead.state_reason["code"].astext == "no_room"))) == {"waiting"}
    assert taken[1] <= taken[0] + 2


def test_what_a_store_has_claimed_stands_when_the_others_are_undone(desk, scene, rows):
    arrange(desk, "now", km="80")
    first = offered(rows)[0]
    first.stage, first.moved_at = "claimed", datetime.now(UTC)
    rows.add(
        Hold(
            lead_id=first.lead_id,
            dealer_id=first.dealer_id,
            assignment_id=first.assignment_id,
            held_at=datetime.now(UTC),
        )
    )
    rows.commit()
    at = rows.scalars(select(AuditEntry.at).where(AuditEntry.action == "lead:offer")).first()
    page = desk.get(desk.post("/hq/desk/waiting/undo", {"at": at.isoformat()}).location).text
    assert "5 条线索恢复原样" in page
    assert "1 条没有恢复" in page
    assert offered(rows) == []
    assert rows.get(Lead, first.lead_id).state == "placed"


def test_a_limit_raised_for_today_takes_the_best_leads_and_goes_down_with_undo(desk, scene, rows):
    near, _far = scene
    today = beijing_day(datetime.now(UTC))
    arrange(desk, "raise", percent="50")
    given = offered(rows)
    assert [(each.store_id, each.grade) for each in given] == [(near.store_id, "A")] * 2
    day = rows.scalars(select(StoreDay).where(StoreDay.store_id == near.store_id, StoreDay.day == today)).one()
    assert (day.cap, day.raised) == (6, 2)
    at = rows.scalars(select(AuditEntry.at).where(AuditEntry.action == "store:raise_today")).one()
    desk.post("/hq/desk/waiting/undo", {"at": at.isoformat()})
    rows.refresh(day)
    assert (day.cap, day.raised, offered(rows)) == (4, 0, [])


@pytest.mark.parametrize(("how", "words"), [("full", "今天名额已满"), ("paused", "已暂停")])
def test_a_full_or_paused_store_is_refused_in_words_and_nothing_changes(desk, scene, rows, how, words):
    near, far = scene
    if how == "paused":
        far.status = "paused"
        rows.commit()
    store = near if how == "full" else far
    answer = arrange(desk, "hand", store=store.code)
    assert answer.status_code == 409
    assert words in answer.text
    assert "什么都没有改" in answer.text
    assert offered(rows) == []


def test_by_hand_the_ticked_leads_go_to_the_store_and_the_others_wait(desk, scene, rows):
    _near, far = scene
    some = [str(each) for each in rows.scalars(select(Lead.lead_id).where(Lead.state == "waiting").limit(2))]
    arrange(desk, "hand", store=far.code, lead=some)
    assert {str(each.lead_id) for each in offered(rows)} == set(some)


def test_filters_stand_in_the_address_and_narrow_the_list(desk, scene):
    row = cells(desk.get("/hq/desk/waiting?grade=B").text, "西湖区")
    assert row[1:3] == ["4", "0"]
    assert "没有等待的线索" in desk.get("/hq/desk/waiting?province=440000").text


def test_the_tab_of_leads_for_a_person_counts_what_its_list_shows(desk, rows):
    make.lead(rows, state="desk", state_reason={"code": "by_hand"})
    held = make.lead(rows, state="placed", state_reason={"code": "escalated"})
    rows.commit()
    page = desk.get("/hq/desk").text
    assert f"/hq/leads/{held.lead_id}" in page
    queues, views = re.findall(r'<nav class="k-views.*?</nav>', page, re.DOTALL)
    assert re.search(r'aria-current="page">[^<]*<span class="num">2</span>', queues)
    assert re.search(r'aria-current="page">[^<]*<span class="num">2</span>', views)


def test_an_empty_desk_says_so(desk, rows):
    assert "没有线索在等名额" in desk.get("/hq/desk/waiting").text


def test_with_very_many_waiting_leads_the_page_shows_what_the_worker_reckoned(desk, scene, rows, monkeypatch, work):
    monkeypatch.setattr(hq.desk.jobs, "AT_ONCE", 3)
    monkeypatch.setattr("hq.desk.queries.AT_ONCE", 3)
    page = desk.get("/hq/desk/waiting").text
    assert "正在推算明天" in page
    assert cells(page, "西湖区")[1:3] == ["6", "2"]
    assert cells(page, "西湖区")[4:7] == ["–", "…", "…"]
    work("hq.outlook")
    page = desk.get("/hq/desk/waiting").text
    assert cells(page, "西湖区")[4:7] == ["1 家门店今天已满", "4", "2"]
    make.lead(rows, place=PLACE, grade="B")
    rows.commit()
    assert cells(desk.get("/hq/desk/waiting").text, "西湖区")[1] == "6"
    rows.execute(update(DeskOutlook).values(next_at=datetime.now(UTC) - timedelta(minutes=11)))  # nobody works
    rows.commit()
    assert cells(desk.get("/hq/desk/waiting").text, "西湖区")[1] == "7"


def test_a_county_can_be_opened_and_arranged_before_tomorrow_is_reckoned(desk, scene, rows, monkeypatch):
    monkeypatch.setattr("hq.desk.queries.AT_ONCE", 3)
    page = desk.get(PAGE + "&km=80").text
    assert "派出 6 条" in page
    assert "明天也没有门店" not in page
    assert arrange(desk, "now", km="80").status_code == 303
    assert len(offered(rows)) == 6


def test_leads_put_into_the_open_pool_are_foretold_and_come_back_with_undo(desk, scene, rows):
    assert "家门店能看到" in desk.get(PAGE).text
    answer = arrange(desk, "pool", foretold_pool="6")
    assert answer.status_code == 303
    states = select(Lead.state).where(Lead.state.in_(["waiting", "pooled"]))
    assert set(rows.scalars(states)) == {"pooled"}
    rows.rollback()
    at = rows.scalars(select(AuditEntry.at).where(AuditEntry.action == "lead:pool")).first()
    desk.post("/hq/desk/waiting/undo", {"at": at.isoformat(), "how": "pool"})
    rows.rollback()
    assert set(rows.scalars(states)) == {"waiting"}
