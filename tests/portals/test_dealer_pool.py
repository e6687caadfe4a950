"""The open pool on a store's phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import event, func, select

from shared.dealers.models import Store
from shared.identity.permissions import Role
from shared.leads.models import Assignment, Hold, Lead
from shared.leads.pool.models import PoolView
from shared.leads.sellers.models import SellerTurn, StoreGiving
from shared.platform.clock import beijing_day
from tests import factories as make
from tests.portals.conftest import sign_in


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def manager(staff_person):
    return staff_person(Role.STORE_MANAGER)


@pytest.fixture
def store(rows, manager, now):
    """The manager's store, whose day is open."""
    found = rows.get(Store, (manager.dealer_id, manager.store_id))
    make.open_day(rows, found, day=beijing_day(now), cap=3)
    rows.commit()
    return found


@pytest.fixture
def phone(browser, manager):
    opened = browser()
    sign_in(opened, "/dealer", manager.login)
    opened.get("/dealer/account")
    return opened


@pytest.fixture
def pooled(rows, store, now):
    """`pooled(…)`: a lead in the pool near the store since an hour ago."""

    def of(*, hours=1, **values):
        made = make.pooled(rows, store, now=now - timedelta(hours=hours), **values)
        rows.commit()
        return made

    return of


def in_chinese(phone, address):
    return phone.get(address, headers={"Accept-Language": "zh"}).text


def test_the_list_shows_what_lies_near_and_names_nobody(phone, pooled):
    one = pooled(name="陈小明", phone="+8613812345678")
    page = in_chinese(phone, "/dealer/pool")
    assert f"/dealer/pool/{one.lead_id}/claim" in page
    assert "西湖区" in page
    assert "138****5678" not in page
    assert "陈**" not in page


def test_an_empty_pool_says_so_and_the_first_page_does_not_speak_of_it(phone):
    assert phone.get("/dealer/pool").status_code == 200
    assert "/dealer/pool" not in phone.get("/dealer/inbox").text


def test_the_first_page_has_one_line_with_what_can_be_claimed(phone, pooled, now):
    pooled()
    pooled(open_from=now + timedelta(hours=1), until=now + timedelta(hours=9))
    page = in_chinese(phone, "/dealer/inbox")
    assert "附近有 1 条可领" in page
    assert 'href="/dealer/pool"' in page


def test_opening_one_is_written_down_and_shows_masked_name_and_number(phone, rows, pooled, manager):
    one = pooled(name="陈小明", phone="+8613812345678")
    address = f"/dealer/pool/{one.lead_id}"
    assert phone.get(address).status_code == 404
    answer = phone.post(f"{address}/look")
    assert answer.status_code == 303
    page = phone.get(answer.location)
    assert "138****5678" in page.text
    assert rows.scalars(select(PoolView.lead_id)).all() == [one.lead_id]


def test_one_tap_claims_and_the_lead_says_that_the_number_is_on_its_way(phone, rows, pooled):
    one = pooled()
    answer = phone.post(f"/dealer/pool/{one.lead_id}/claim")
    assert answer.status_code == 303
    page = in_chinese(phone, answer.location)
    assert "号码马上送到" in page
    assert 'hx-trigger="every 1s"' in page
    assert "/reveal" not in page
    assignment = rows.scalars(select(Assignment)).one()
    assert rows.get(Hold, one.lead_id).assignment_id == assignment.assignment_id
    early = phone.post(f"/dealer/leads/{assignment.assignment_id}/reveal")
    assert (early.status_code, early.location) == (303, answer.location)
    assignment.card_due_at -= timedelta(seconds=11)
    rows.commit()
    assert "号码比平时慢" in in_chinese(phone, answer.location)
    make.card(rows, assignment)
    assignment.card_due_at = None
    rows.commit()
    page = in_chinese(phone, answer.location)
    assert "every 1s" not in page
    assert "/reveal" in page


def test_a_refusal_says_why_and_when_and_nothing_is_lost(phone, rows, pooled, now):
    make.routing_rules(rows, pool_claims_per_day=1)
    first, second = pooled(), pooled()
    assert "今天还可领 1 条" in in_chinese(phone, "/dealer/pool")
    phone.post(f"/dealer/pool/{first.lead_id}/claim")
    answer = phone.post(f"/dealer/pool/{second.lead_id}/claim", headers={"Accept-Language": "zh"})
    assert answer.status_code == 409
    assert "今天的公海领取名额已用完" in answer.text
    assert "可领时间：明天 00:00" in answer.text or "00:00" in answer.text
    assert rows.scalar(select(func.count()).select_from(Hold)) == 1
    assert "今天还可领 0 条" in in_chinese(phone, "/dealer/pool")


def test_during_the_cool_down_the_list_says_when_it_opens(phone, pooled, now):
    one = pooled(open_from=now + timedelta(minutes=30))
    page = in_chinese(phone, "/dealer/pool")
    assert "开放" in page
    assert "disabled" in page
    answer = phone.post(f"/dealer/pool/{one.lead_id}/claim", headers={"Accept-Language": "en"})
    assert answer.status_code == 409


def test_the_list_is_sorted_and_filtered(phone, pooled):
    old, new = pooled(hours=5, grade="B"), pooled(hours=1, grade="A")
    page = phone.get("/dealer/pool?sort=newest").text
    assert page.index(str(new.lead_id)) < page.index(str(old.lead_id))
    page = phone.get("/dealer/pool?grade=B").text
    assert str(old.lead_id) in page
    assert str(new.lead_id) not in page


def test_a_store_that_is_not_ones_own_is_not_there(phone, rows, pooled):
    rival = make.store(rows)
    one = pooled()
    assert phone.get(f"/dealer/pool?store={rival.store_id}").status_code == 404
    assert phone.post(f"/dealer/pool/{one.lead_id}/claim", {"store": str(rival.store_id)}).status_code == 404


def test_at_a_store_that_takes_turns_what_the_manager_claims_goes_to_who_is_next(phone, rows, store, pooled):
    seller = make.staff(rows, [store], Role.SALESPERSON)
    store.hours = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    row = {"dealer_id": store.dealer_id, "store_id": store.store_id, "way": "turn", "round": 0}
    rows.add(StoreGiving(**row, changed_at=store.created_at))
    one = pooled()
    for _ in range(2):
        phone.post(f"/dealer/pool/{one.lead_id}/claim", {"store": str(store.store_id)})
    rows.rollback()
    assert rows.scalar(select(Assignment.assignee)) == seller.user_id
    assert rows.scalar(select(SellerTurn.turn)) == 1


def test_what_the_store_had_before_waits_in_a_group_at_the_end_the_soonest_first(phone, rows, store, pooled, now):
    free = pooled()
    who = make.staff(rows, [store]).user_id
    had = {}
    for days in (5, 2):
        one = pooled(former_days=7)
        ended = now - timedelta(days=7 - days)
        before = make.claimed(rows, store, of=rows.get(Lead, one.lead_id), stage="recycled", ended_at=ended, now=ended)
        make.follow_up(rows, before, by=who, kind="claim")
        had[days] = str(one.lead_id)
    rows.commit()
    ready, group = in_chinese(phone, "/dealer/pool").split('id="pool-later"')
    assert str(free.lead_id) in ready
    assert not [each for each in had.values() if each in ready]
    assert "还没到可领时间 2 条" in group
    assert group.index(had[2]) < group.index(had[5])
    assert "/claim" not in group
    assert "附近有 1 条可领" in in_chinese(phone, "/dealer/inbox")


def test_what_can_only_be_claimed_later_is_unfolded_where_nothing_else_lies(phone, rows, pooled, store, now):
    who = make.staff(rows, [store]).user_id
    one = pooled(former_days=7)
    before = make.claimed(rows, store, of=rows.get(Lead, one.lead_id), stage="recycled", ended_at=now, now=now)
    make.follow_up(rows, before, by=who, kind="claim")
    rows.commit()

    assert 'id="pool-later" open' in phone.get("/dealer/pool").text
    pooled()
    assert 'id="pool-later">' in phone.get("/dealer/pool").text


def test_the_pool_belongs_to_the_first_tab(phone, pooled):
    assert re.search(r'<a[^>]*href="/dealer/inbox"[^>]*aria-current="page"', phone.get("/dealer/pool").text)


@pytest.fixture
def poll(phone):
    """`poll(page)`: what an open list asks every few seconds; the answer's text, None while nothing has changed."""

    def ask(page):
        address = unescape(re.search(r'id="pool-news"[^>]*hx-get="([^"]+)"', page).group(1))
        answer = phone.get(address, headers={"HX-Request": "true", "Accept-Language": "zh"})
        assert answer.status_code in (200, 204)
        return answer.text if answer.status_code == 200 else None

    return ask


def test_an_open_list_says_how_many_are_new_and_is_not_told_again(phone, pooled, poll):
    old = pooled()
    page = in_chinese(phone, "/dealer/pool?sort=newest")
    assert poll(page) is None
    new = pooled(hours=0)
    told = poll(page)
    assert "1 条新线索" in told
    assert 'href="/dealer/pool?store=' in told
    assert "sort=newest" in told
    assert str(old.lead_id) not in told
    assert str(new.lead_id) not in told
    assert poll(told) is None
    pooled(hours=0)
    assert "2 条新线索" in poll(told)


def test_what_is_of_another_grade_than_is_shown_is_not_new(phone, pooled, poll):
    pooled(grade="A")
    page = in_chinese(phone, "/dealer/pool?grade=A")
    pooled(hours=0, grade="B")
    assert poll(page) is None


def test_a_lead_that_was_taken_meanwhile_says_so_where_it_stands(phone, rows, pooled, poll):
    taken, stays = pooled(), pooled()
    page = in_chinese(phone, "/dealer/pool")
    rows.get(Lead, taken.lead_id).state = "placed"
    rows.commit()
    told = poll(page)
    assert f'id="claim-{taken.lead_id.hex[-8:]}" hx-swap-oob="true"' in told
    assert "已不在公海" in told
    assert f"claim-{stays.lead_id.hex[-8:]}" not in told
    assert "新线索" not in told
    assert poll(told) is None


def test_a_lead_that_opens_while_it_is_shown_can_be_claimed_where_it_stands(phone, rows, pooled, poll, now):
    one = pooled(open_from=now + timedelta(minutes=30))
    page = in_chinese(phone, "/dealer/pool")
    assert poll(page) is None
    one.open_from = datetime.now(UTC)
    rows.commit()
    told = poll(page)
    assert f'id="claim-{one.lead_id.hex[-8:]}" hx-swap-oob="true"' in told
    assert f"/dealer/pool/{one.lead_id}/claim" in told
    assert "disabled" not in told


def test_what_an_open_list_asks_takes_few_statements(phone, faces, pooled, poll):
    for _ in range(5):
        pooled()
    page = in_chinese(phone, "/dealer/pool")
    pooled(hours=0)
    sent: list[str] = []
    engine = faces.dealer.extensions["koi_engine"]
    event.listen(engine, "before_cursor_execute", count := lambda *told: sent.append(told[2]))
    try:
        assert poll(page)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(sent) <= 8, len(sent)


def test_whoever_opens_or_claims_what_another_store_took_is_told_so_and_led_back_to_the_pool(phone, rows, store, now):
    rival = make.store(rows)
    one = make.pooled(rows, store, rival, now=now)
    make.claimed(rows, rival, of=rows.get(Lead, one.lead_id))
    rows.get(Lead, one.lead_id).state = "placed"
    rows.commit()
    zh = {"headers": {"Accept-Language": "zh"}}
    opened = phone.post(f"/dealer/pool/{one.lead_id}/look", **zh)
    claimed = phone.post(f"/dealer/pool/{one.lead_id}/claim", **zh)
    assert (opened.status_code, claimed.status_code) == (404, 409)
    assert "已不在公海" in opened.text
    assert "被别的店先领了" in claimed.text
    for answer in (opened, claimed):
        assert re.search(r'koi-btn--big" href="/dealer/pool', answer.text)


def test_of_whom_only_the_city_is_known_no_distance_is_shown_but_that(phone, rows, store, pooled):
    store.lng, store.lat = 120.1, 30.2
    one, other = pooled(), pooled()
    one.offer = {**one.offer, "district": "杭州市", "rough": "city"}
    rows.commit()
    page = in_chinese(phone, "/dealer/pool")
    assert "杭州市 · 只知道城市" in page
    assert page.count("离店") == 1
    sheet = in_chinese(phone, phone.post(f"/dealer/pool/{one.lead_id}/look").location)
    assert "只知道城市" in sheet
    assert "公里" not in sheet
    assert "公里" in in_chinese(phone, phone.post(f"/dealer/pool/{other.lead_id}/look").location)
