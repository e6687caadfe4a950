"""Headquarters looks after its dealers and stores."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select

import hq.network.jobs  # noqa: F401  the drain must be known
from hq.routing.network import Network
from shared.audit.models import AuditEntry
from shared.dealers.models import Dealer, Series, Store
from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment, Breach, Hold, Lead
from shared.platform.clock import BEIJING
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.working import at_work


@pytest.fixture
def desk(browser, hq_person):
    """A browser in which an operator is signed in."""
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get("/hq/stores")
    return here


@pytest.fixture
def store(rows):
    made = make.store(rows, cap=10)
    rows.commit()
    return made


def fields(page: str) -> dict[str, str]:
    """What the first form of a page with fields would send."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="radio"' not in tag and 'type="checkbox"' not in tag:
            found.setdefault(name[1], unescape(value[1]) if value else "")
    for name, text in re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = unescape(chosen[1]) if chosen else ""
    return {name: value for name, value in found.items() if name not in ("csrf_token", "q")}


def edit(desk, store, **said):
    page = desk.get(f"/hq/stores/{store.store_id}/edit")
    return desk.post(f"/hq/stores/{store.store_id}/edit", {**fields(page.text), **said})


def fresh(rows, store):
    return rows.get(Store, (store.dealer_id, store.store_id), populate_existing=True)


def test_a_stores_page_shows_leads_times_people_and_place(desk, rows, store):
    given = make.claimed(rows, store, stage=Stage.CONTACTED)
    who = make.staff(rows, [store])
    make.follow_up(rows, given, by=who.user_id, kind="claim")
    rows.commit()
    page = desk.get(f"/hq/stores/{store.store_id}").text
    for part in (store.name, store.code, who.name, "西湖区", "派单到领取", "09:00-18:00", "0 / 10"):
        assert part in page
    assert f"/hq/leads?state=held&amp;store={store.store_id}" in page


def test_a_missed_first_contact_counts_among_a_stores_times(desk, rows, store):
    who = make.staff(rows, [store])
    for _ in range(4):
        make.follow_up(rows, make.claimed(rows, store, now=datetime.now(UTC)), by=who.user_id, kind="claim")
    late = rows.scalars(select(Assignment).limit(1)).one()
    key = {"dealer_id": late.dealer_id, "assignment_id": late.assignment_id, "store_id": late.store_id}
    rows.add(Breach(**key, kind="contact", due_at=make.NOW, recorded_at=make.NOW))
    rows.commit()
    page = " ".join(desk.get(f"/hq/stores/{store.store_id}").text.split())
    assert re.search(r'首次联系及时率（占已领取）</th> <td class="num[^"]*"> ?75', page)


def test_a_store_without_position_says_what_that_means(desk, rows):
    store = make.store(rows, lng=None, lat=None, point_source=None)
    rows.commit()
    page = desk.get(f"/hq/stores/{store.store_id}").text
    assert "按距离分配轮不到它" in page
    assert f"/hq/stores/{store.store_id}/edit#lng" in page
    assert store.name in desk.get("/hq/stores?unplaced=1").text


def test_a_pause_ends_by_itself_and_is_on_record(desk, rows, store, settings):
    tomorrow = datetime.now(BEIJING) + timedelta(days=1)
    page = desk.get(f"/hq/stores/{store.store_id}/pause").text
    assert "0 条待领取" in page
    said = {"reason": "装修", "day": f"{tomorrow:%Y-%m-%d}", "clock": "09:30", "offers": "keep"}
    assert desk.post(f"/hq/stores/{store.store_id}/pause", said).status_code == 303
    assert (fresh(rows, store).status, fresh(rows, store).pause_reason) == ("paused", "装修")
    shown = desk.get(f"/hq/stores/{store.store_id}").text
    assert "到时自动恢复" in shown
    assert "撤销" in shown
    with at_work(settings.worker(), now=datetime.now(UTC) + timedelta(days=2)) as place:
        run(place, find("hq.reopen"))
    assert fresh(rows, store).status == "active"
    acts = rows.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"store:{store.store_id}")).all()
    assert set(acts) == {"store:pause", "store:resume"}


@pytest.mark.parametrize(
    ("choice", "stage", "state"), [("keep", "offered", "placed"), ("reroute", "recalled", "waiting")]
)
def test_open_offers_stay_or_go_to_other_stores_as_chosen(desk, rows, store, choice, stage, state):
    (offer,) = make.offered(rows, store)
    rows.commit()
    desk.get(f"/hq/stores/{store.store_id}/pause")
    desk.post(f"/hq/stores/{store.store_id}/pause", {"reason": "休整", "offers": choice})
    given = rows.get(Assignment, (offer.dealer_id, offer.assignment_id), populate_existing=True)
    assert (given.stage, rows.get(Lead, offer.lead_id, populate_existing=True).state) == (stage, state)


@pytest.mark.parametrize(
    "said", [{"reason": ""}, {"reason": "x", "day": "2020-01-01"}, {"reason": "x", "clock": "09:00"}]
)
def test_a_pause_without_reason_or_in_the_past_is_refused_and_keeps_what_was_typed(desk, rows, store, said):
    desk.get(f"/hq/stores/{store.store_id}/pause")
    answer = desk.post(f"/hq/stores/{store.store_id}/pause", {"offers": "reroute", **said})
    assert answer.status_code == 422
    assert "checked" in answer.text.split('value="reroute"')[0][-80:] + answer.text.split('value="reroute"')[1][:40]
    assert fresh(rows, store).status == "active"


def test_closing_says_its_effects_and_brings_held_leads_to_the_desk(desk, rows, store):
    held, (offer,) = make.claimed(rows, store), make.offered(rows, store)
    sold = make.claimed(rows, store, stage=Stage.WON)
    make.staff(rows, [store])
    rows.commit()
    page = desk.get(f"/hq/stores/{store.store_id}/close").text
    assert page.count('<td class="num">1</td>') == 3
    assert desk.post(f"/hq/stores/{store.store_id}/close", {"reason": "合同到期"}).status_code == 303
    assert fresh(rows, store).status == "closed"
    assert rows.get(Lead, held.lead_id, populate_existing=True).state == "desk"
    assert rows.get(Lead, offer.lead_id, populate_existing=True).state == "waiting"
    assert rows.scalars(select(Hold.lead_id)).all() == [sold.lead_id]
    desk.get(f"/hq/stores/{store.store_id}")
    desk.post(f"/hq/stores/{store.store_id}/reopen")
    assert fresh(rows, store).status == "active"


def test_an_edit_is_saved_with_from_and_to(desk, rows, store):
    answer = edit(desk, store, name="新名字", capacity="", mon="休息", closed_days="2099-01-28 至 2099-01-30")
    assert answer.status_code == 303
    now = fresh(rows, store)
    assert (now.name, now.daily_capacity, "mon" in now.hours, len(now.closed_days)) == ("新名字", None, False, 3)
    page = desk.get(f"/hq/stores/{store.store_id}").text
    assert f"{store.name} <span" in page or store.name in page
    assert "新名字" in page
    assert "不限" in page


def test_what_a_store_does_on_holidays_is_saved_shown_and_on_record(desk, rows, store):
    refused = edit(desk, store, holidays="hours", holiday_hours="")
    assert refused.status_code == 422
    assert "读不懂" in refused.text or "看不懂" in refused.text
    assert edit(desk, store, holidays="hours", holiday_hours="10:00-16:00", make_up="no").status_code == 303
    stored = fresh(rows, store).hours
    assert (stored["holidays"], stored["make_up"]) == (["10:00-16:00"], False)
    page = desk.get(f"/hq/stores/{store.store_id}").text
    assert page.count("10:00-16:00；调休上班日不营业") == 2  # as it is, and what was changed
    assert 'value="10:00-16:00"' in desk.get(f"/hq/stores/{store.store_id}/edit").text


def test_series_week_and_weight_are_saved_and_on_record(desk, rows, store):
    make.series(rows, "S1", "锦程 S1", ["锦程 S1 Pro"])
    make.series(rows, "C2", "轻舟 C2")
    rows.commit()
    assert edit(desk, store, series="轻舟c2，锦程 S1 Pro", weekly="0", weight="3").status_code == 303
    now = fresh(rows, store)
    assert (now.series, now.weekly_capacity, now.weight) == (["C2", "S1"], 0, 3)
    page = desk.get(f"/hq/stores/{store.store_id}").text
    for words in ("轻舟 C2、锦程 S1", "0 / 0", "不限", "全部车系"):
        assert words in page
    assert store.name in desk.get("/hq/stores?series=C2").text
    edit(desk, store, series="", weekly="")
    assert (fresh(rows, store).series, fresh(rows, store).weekly_capacity) == (None, None)


def test_a_series_is_written_down_changed_and_removed_once_no_store_names_it(desk, rows, store):
    desk.get("/hq/network/series/new")
    said = {"name": "锦程 S1", "code": "S1", "models": "锦程 S1\n锦程 S1 Pro\n"}
    assert desk.post("/hq/network/series/new", said).status_code == 303
    desk.get("/hq/network/series/new")
    twin = desk.post("/hq/network/series/new", {**said, "code": "S2", "name": "另一个"})
    assert twin.status_code == 409
    assert "锦程 S1” 已经" in twin.text or "“锦程 S1”已经" in twin.text
    edit(desk, store, series="锦程S1pro")
    assert fresh(rows, store).series == ["S1"]
    desk.get("/hq/network/series/S1/edit")
    assert desk.post("/hq/network/series/S1/remove").status_code == 409
    edit(desk, store, series="不限")
    desk.get("/hq/network/series/S1/edit")
    assert desk.post("/hq/network/series/S1/remove").status_code == 303
    assert rows.scalars(select(Series)).all() == []


def test_saving_what_is_there_changes_nothing(desk, rows, store):
    before = fresh(rows, store).changed_at
    edit(desk, store)
    assert fresh(rows, store).changed_at == before
    assert "没有不同" in desk.get(f"/hq/stores/{store.store_id}").text


def test_the_second_of_two_operators_sees_what_the_first_changed_and_loses_nothing(desk, rows, store):
    form = fields(desk.get(f"/hq/stores/{store.store_id}/edit").text)
    edit(desk, store, address="第一人的地址")
    desk.get(f"/hq/stores/{store.store_id}/edit")
    second = desk.post(f"/hq/stores/{store.store_id}/edit", {**form, "name": "第二人的名字"})
    assert second.status_code == 409
    assert "第一人的地址" in second.text
    assert 'value="第二人的名字"' in second.text
    assert fresh(rows, store).name == store.name
    again = desk.post(f"/hq/stores/{store.store_id}/edit", fields(second.text))
    assert again.status_code == 303
    assert fresh(rows, store).name == "第二人的名字"


def test_swapped_coordinates_are_exchanged_and_saved_by_the_next_press(desk, rows, store):
    first = edit(desk, store, lng="30.3", lat="120.2", system="WGS-84")
    assert first.status_code == 422
    assert "写反了" in first.text
    desk.post(f"/hq/stores/{store.store_id}/edit", fields(first.text))
    assert (fresh(rows, store).lng, fresh(rows, store).lat) == (120.2, 30.3)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"lng": "123.5", "lat": "33"}, "是在海里或境外吗"),
        ({"lng": "121.47", "lat": "31.23"}, "不在所填的省份"),
        ({"lng": "121.55", "lat": "29.87"}, "不在所填的城市"),
        ({"lng": "119.28", "lat": "29.47"}, "离所填的区县更远"),
    ],
)
def test_a_position_that_does_not_fit_is_doubted_before_it_is_saved_and_saved_by_the_next_press(
    desk, rows, store, said, words
):
    first = edit(desk, store, **said)
    assert first.status_code == 422
    assert words in first.text
    assert fresh(rows, store).lng == store.lng
    assert desk.post(f"/hq/stores/{store.store_id}/edit", fields(first.text)).status_code == 303
    assert fresh(rows, store).lng == float(said["lng"])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"lng": "2.35", "lat": "48.85"}, "不在中国"),
        ({"lng": "120.1", "lat": ""}, "都填"),
        ({"lng": "abc", "lat": "30"}, "填度数"),
        ({"division": "浙江省 杭州市 不存在区"}, "没有这样的省市区县"),
        ({"mon": "早上开门"}, "看不懂"),
        ({"closed_days": "春节"}, "看不懂"),
        ({"capacity": "-1"}, "填整数"),
        ({"weekly": "-1"}, "填整数"),
        ({"weight": "0"}, "1 到 999"),
        ({"series": "锦程 S1、不存在"}, "没有车系“不存在”，现有：锦程 S1"),
        ({"name": ""}, "这里要填"),
    ],
)
def test_what_cannot_be_is_said_in_words_and_nothing_is_changed(desk, rows, store, said, words):
    make.series(rows, "S1", "锦程 S1")
    rows.commit()
    answer = edit(desk, store, address="要留住的地址", **said)
    assert answer.status_code == 422
    assert words in answer.text
    assert "要留住的地址" in answer.text
    assert fresh(rows, store).address == store.address


def test_days_shut_count_for_deadlines(rows):
    store = make.store(rows, closed_days=["2026-11-21"])
    row = (store.store_id, store.dealer_id, store.code, store.lng, store.lat, True, store.hours, 10)
    row = (*row, store.closed_days, 1, None)
    from hq.routing.deadlines import claim_deadline

    start = datetime(2026, 11, 20, 17, 45, tzinfo=BEIJING)
    until = claim_deadline(start, 30, Network.of([row]).hours[store.store_id])
    assert until == datetime(2026, 11, 22, 9, 15, tzinfo=BEIJING)


def test_a_new_dealer_and_a_new_store_by_hand(desk, rows):
    desk.get("/hq/dealers/new")
    made = desk.post("/hq/dealers/new", {"name": "新经销商", "code": "N1"})
    dealer = rows.scalars(select(Dealer).where(Dealer.code == "N1")).one()
    assert made.location.endswith(f"/hq/dealers/{dealer.dealer_id}")
    form = fields(desk.get(f"/hq/stores/new?dealer={dealer.dealer_id}").text)
    answer = desk.post("/hq/stores/new", {**form, "name": "一店", "code": "N1-1", "division": "浙江省 杭州市 西湖区"})
    assert answer.status_code == 303
    store = rows.scalars(select(Store).where(Store.code == "N1-1")).one()
    assert (store.dealer_id, store.county_code, store.point_source) == (dealer.dealer_id, "330106", "county")
    assert "一店" in desk.get(f"/hq/dealers/{dealer.dealer_id}").text
    again = desk.post("/hq/stores/new", {**form, "name": "二店", "code": "n1-1"})
    assert "编号已被占用" in again.text


def many(desk, act, stores, **said):
    """An act on ticked stores; gives the fields of its way back."""
    desk.get("/hq/stores")
    ids = [str(store.store_id) for store in stores]
    sent = {"id": ids, "table": "stores", "list": "/hq/stores", "query": "sort=name", **said}
    page = desk.get(desk.post(f"/hq/stores/{act}", sent).location).text
    form = re.search(r'<form method="post" action="/hq/stores/undo">(.*?)</form>', page, re.DOTALL)
    return {name: unescape(value) for name, value in re.findall(r'name="(at|query)" value="([^"]*)"', form[1])}


def test_a_number_given_to_many_stores_is_taken_back_to_what_each_had(desk, rows):
    stores = [make.store(rows, cap=cap) for cap in (5, 7, None)]
    rows.commit()
    back = many(desk, "capacity", stores, capacity_number="20")
    assert [fresh(rows, store).daily_capacity for store in stores] == [20, 20, 20]
    answer = desk.post("/hq/stores/undo", back)
    assert answer.location.endswith("/hq/stores?sort=name")
    assert "3 家门店已恢复原样" in desk.get(answer.location).text
    assert [fresh(rows, store).daily_capacity for store in stores] == [5, 7, None]
    assert "没有改动" in desk.get(desk.post("/hq/stores/undo", back).location).text
    assert len(rows.scalars(select(AuditEntry).where(AuditEntry.action == "store:undo")).all()) == 3
    history = desk.get(f"/hq/stores/{stores[0].store_id}").text
    assert "撤销了对多家门店的改动" in history


def test_a_pause_of_many_stores_is_taken_back_and_an_opening_too(desk, rows):
    until = datetime.now(UTC) + timedelta(days=3)
    rests = {"status": "paused", "pause_reason": "装修", "opens_again_at": until}
    active, resting = make.store(rows), make.store(rows, **rests)
    rows.commit()
    back = many(desk, "pause", [active, resting])
    desk.post("/hq/stores/undo", back)
    assert (fresh(rows, active).status, fresh(rows, active).pause_reason) == ("active", None)
    assert (fresh(rows, resting).status, fresh(rows, resting).pause_reason) == ("paused", "装修")
    back = many(desk, "resume", [active, resting])
    assert fresh(rows, resting).status == "active"
    desk.post("/hq/stores/undo", back)
    again = fresh(rows, resting)
    assert (again.status, again.pause_reason, again.opens_again_at) == ("paused", "装修", until)


def test_a_store_that_somebody_changed_since_is_named_and_keeps_what_it_has(desk, browser, hq_person, rows):
    stores = [make.store(rows, cap=5, name=name) for name in ("甲店", "乙店")]
    rows.commit()
    back = many(desk, "capacity", stores, capacity_number="20")
    colleague, other = hq_person(Role.OPERATOR), browser()
    sign_in(other, "/hq", colleague.login)
    edit(other, stores[1], capacity="12")
    assert other.post("/hq/stores/undo", back).status_code == 422  # it is not theirs
    page = desk.get(desk.post("/hq/stores/undo", back).location).text
    assert f"1 家门店之后又被改过，保持现状：乙店（{colleague.name}）" in page
    assert [fresh(rows, store).daily_capacity for store in stores] == [5, 12]


def test_the_series_that_stores_may_sell_and_their_weight_come_back(desk, rows):
    make.series(rows, "S1", "锦程 S1")
    make.series(rows, "S2", "锦程 S2")
    stores = [make.store(rows, series=["S2"], weight=2), make.store(rows)]
    rows.commit()
    first = many(desk, "series", stores, series_code="S1")
    desk.post("/hq/stores/undo", first)
    assert [fresh(rows, store).series for store in stores] == [["S2"], None]
    desk.post("/hq/stores/undo", many(desk, "weight", stores, weight_number="5"))
    assert [fresh(rows, store).weight for store in stores] == [2, 1]


def test_many_stores_at_a_time(desk, rows):
    stores = [make.store(rows, cap=5) for _ in range(3)]
    rows.commit()
    desk.get("/hq/stores")
    ids = [str(store.store_id) for store in stores[:2]]
    desk.post("/hq/stores/pause", {"id": ids, "table": "stores", "list": "/hq/stores", "query": ""})
    assert [fresh(rows, store).status for store in stores] == ["paused", "paused", "active"]
    desk.get("/hq/stores")
    desk.post("/hq/stores/resume", {"id": ids, "table": "stores", "list": "/hq/stores", "query": ""})
    desk.get("/hq/stores")
    desk.post(
        "/hq/stores/capacity",
        {"id": ids, "table": "stores", "list": "/hq/stores", "query": "", "capacity_number": "20"},
    )
    assert [fresh(rows, store).daily_capacity for store in stores] == [20, 20, 5]
    make.series(rows, "S1", "锦程 S1")
    rows.commit()
    for act, said in (
        ("weekly", {"weekly_number": "70"}),
        ("weight", {"weight_number": "3"}),
        ("series", {"series_code": "S1"}),
    ):
        desk.get("/hq/stores")
        desk.post(f"/hq/stores/{act}", {"id": ids, "table": "stores", "list": "/hq/stores", "query": "", **said})
    now = [fresh(rows, store) for store in stores]
    assert [(store.weekly_capacity, store.weight, store.series) for store in now] == [
        (70, 3, ["S1"]),
        (70, 3, ["S1"]),
        (None, 1, None),
    ]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("capacity", {"capacity_number": "-1"}),
        ("weekly", {"weekly_number": "-1"}),
        ("weight", {"weight_number": "0"}),
        ("series", {"series_code": "X9"}),
    ],
)
def test_many_stores_are_not_given_what_cannot_be(desk, rows, store, act, said):
    desk.get("/hq/stores")
    listed = {"id": [str(store.store_id)], "table": "stores", "list": "/hq/stores", "query": ""}
    assert desk.post(f"/hq/stores/{act}", {**listed, **said}).status_code == 422
    assert fresh(rows, store).changed_at == store.changed_at


def test_late_stores_come_first(desk, rows):
    quiet, late = make.store(rows), make.store(rows)
    for _ in range(2):
        make.claimed(rows, late, stage=Stage.EXPIRED, now=datetime.now(UTC) - timedelta(hours=1))
    rows.commit()
    page = desk.get("/hq/stores?sort=-late").text
    assert page.index(late.name) < page.index(quiet.name)
    assert quiet.name not in desk.get("/hq/stores?late=1").text


def test_a_dealers_name_is_not_overwritten_by_who_saw_an_older_one(desk, rows):
    dealer = make.dealer(rows)
    rows.commit()
    desk.get(f"/hq/dealers/{dealer.dealer_id}")
    desk.post(f"/hq/dealers/{dealer.dealer_id}/name", {"seen": dealer.name, "name": "改过的名字"})
    desk.get(f"/hq/dealers/{dealer.dealer_id}")
    answer = desk.post(f"/hq/dealers/{dealer.dealer_id}/name", {"seen": dealer.name, "name": "另一个名字"})
    assert answer.status_code == 409
    assert 'value="另一个名字"' in answer.text


def test_a_dealer_closes_after_its_stores(desk, rows, store):
    desk.get(f"/hq/dealers/{store.dealer_id}")
    assert desk.post(f"/hq/dealers/{store.dealer_id}/close").status_code == 409
    fresh(rows, store).status = "closed"
    rows.commit()
    desk.get(f"/hq/dealers/{store.dealer_id}")
    assert desk.post(f"/hq/dealers/{store.dealer_id}/close").status_code == 303
    assert rows.get(Dealer, store.dealer_id, populate_existing=True).status == "closed"


def test_an_analyst_reads_and_changes_nothing(browser, hq_person, rows, store):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)
    page = here.get(f"/hq/stores/{store.store_id}")
    assert page.status_code == 200
    assert "/pause" not in page.text
    for path in ("pause", "close", "edit", "resume"):
        assert here.post(f"/hq/stores/{store.store_id}/{path}", {"reason": "x"}).status_code == 403
