"""Who of a store gets a lead, on the pages: the way, being on duty, claims in turn, sharing out and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from shared.dealers.models import Store
from shared.identity import passwords
from shared.identity.permissions import Role
from shared.leads.models import Assignment
from shared.leads.sellers.models import StaffDuty, StoreGiving
from shared.platform.clock import beijing_day
from tests import factories as make
from tests.portals.conftest import PASSWORD, sign_in
from tests.portals.test_dealer_team import follow

_HASH = passwords.hash_password(PASSWORD)
ALWAYS = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
_PAIR = re.compile(r'name="pair" value="([^"]+)"')
_BATCH = re.compile(r'name="batch" value="([^"]+)"')


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def signed_in(browser):
    def open_for(person):
        opened = browser()
        sign_in(opened, "/dealer", getattr(person, "login", "one-seller"))
        opened.get("/dealer/account")
        return opened

    return open_for


@pytest.fixture
def manager(staff_person):
    return staff_person(Role.STORE_MANAGER)


@pytest.fixture
def store(rows, manager, now):
    found = rows.get(Store, (manager.dealer_id, manager.store_id))
    found.hours = ALWAYS
    make.open_day(rows, found, day=beijing_day(now))
    rows.commit()
    return found


@pytest.fixture
def seller(rows, store):
    made = make.staff(rows, [store], Role.SALESPERSON, login="one-seller", password_hash=_HASH)
    rows.commit()
    return made


def way(rows, store, chosen):
    rows.add(
        StoreGiving(
            dealer_id=store.dealer_id, store_id=store.store_id, way=chosen, round=0, changed_at=store.created_at
        )
    )
    rows.commit()


def test_a_manager_decides_who_gets_new_leads_and_takes_it_back(signed_in, manager, store, rows):
    phone = signed_in(manager)
    address = f"/dealer/store/{store.store_id}/giving"
    assert "轮流" in phone.get(address).text
    assert phone.post(address, {"way": "everybody"}).status_code == 422
    told = follow(phone, phone.post(address, {"way": "turn"})).text
    assert rows.scalar(select(StoreGiving.way)) == "turn"
    assert 'name="way" value="claim"' in told
    assert "轮流" in phone.get(f"/dealer/store?store={store.store_id}").text


def test_a_seller_is_off_today_with_one_tap_and_back_with_one(signed_in, seller, store, rows, now):
    phone = signed_in(seller)
    page = phone.get("/dealer/store").text
    assert "今天休息" in page
    follow(phone, phone.post(f"/dealer/store/duty/{seller.user_id}", {"until": "today"}))
    assert rows.scalar(select(StaffDuty.back_on)) == beijing_day(now) + timedelta(days=1)
    assert "不在岗" in phone.get("/dealer/store").text
    follow(phone, phone.post(f"/dealer/store/duty/{seller.user_id}", {"until": "on"}))
    rows.rollback()
    assert rows.scalar(select(StaffDuty.off_since)) is None


@pytest.mark.parametrize("form", [{}, {"until": "pick"}, {"until": "pick", "day": "2020-01-01"}, {"until": "never"}])
def test_a_day_off_that_cannot_be_is_refused_with_what_was_typed(signed_in, seller, store, form):
    phone = signed_in(seller)
    answer = phone.post(f"/dealer/store/duty/{seller.user_id}", form)
    assert answer.status_code == 422
    assert form.get("day", "") in answer.text


def test_a_seller_sets_nobody_elses_duty_and_no_way(signed_in, seller, store, rows):
    other = make.staff(rows, [store], Role.SALESPERSON)
    rows.commit()
    phone = signed_in(seller)
    assert phone.post(f"/dealer/store/duty/{other.user_id}", {"until": "today"}).status_code == 404
    assert phone.post(f"/dealer/store/{store.store_id}/giving", {"way": "turn"}).status_code == 403
    assert phone.get(f"/dealer/store/{store.store_id}/share").status_code == 403


def test_what_is_somebody_elses_turn_has_no_button_and_is_refused(signed_in, seller, store, rows, now):
    way(rows, store, "turn")
    other = make.staff(rows, [store], Role.SALESPERSON)
    rows.add(StaffDuty(dealer_id=store.dealer_id, user_id=seller.user_id, off_since=now, back_on=None))
    (lead,) = make.offered(rows, store, now=now)
    rows.commit()
    phone = signed_in(seller)
    page = phone.get(f"/dealer/offers/{lead.assignment_id}").text
    assert f"轮到 {other.name}" in page
    assert f"/offers/{lead.assignment_id}/claim" not in page
    assert f"/offers/{lead.assignment_id}/claim" not in phone.get("/dealer/inbox").text
    answer = phone.post(f"/dealer/offers/{lead.assignment_id}/claim")
    assert answer.status_code == 409
    assert f"这条轮到 {other.name}" in answer.text
    rows.rollback()
    assert rows.scalar(select(Assignment.stage)) == "offered"


def test_what_a_manager_claims_goes_to_whose_turn_it_is_without_the_number(
    signed_in, manager, seller, store, rows, now
):
    way(rows, store, "turn")
    (lead,) = make.offered(rows, store, now=now, phone="+8613812345678")
    rows.commit()
    phone = signed_in(manager)
    told = follow(phone, phone.post(f"/dealer/offers/{lead.assignment_id}/claim")).text
    assert "138 1234 5678" not in told
    assert "轮到" in told
    rows.rollback()
    assert rows.scalar(select(Assignment.assignee)) == seller.user_id


def test_when_the_manager_gives_them_out_the_claim_asks_for_whom(signed_in, manager, seller, store, rows, now):
    way(rows, store, "manager")
    (lead,) = make.offered(rows, store, now=now)
    rows.commit()
    phone = signed_in(manager)
    answer = phone.post(f"/dealer/offers/{lead.assignment_id}/claim")
    assert answer.headers["Location"].endswith(f"/leads/{lead.assignment_id}/give")
    form = {"lead": str(lead.assignment_id), "to": str(seller.user_id), "reason": "other"}
    assert "交给" in follow(phone, phone.post(f"/dealer/leads/{lead.assignment_id}/give", form)).text


def test_many_are_shared_out_as_shown_and_taken_back(signed_in, manager, seller, store, rows, now):
    other = make.staff(rows, [store], Role.SALESPERSON)
    for _ in range(4):
        make.claimed(rows, store, now=now)
    rows.commit()
    phone = signed_in(manager)
    address = f"/dealer/store/{store.store_id}/share"
    pairs = _PAIR.findall(phone.get(f"{address}?who=nobody").text)
    assert len(pairs) == 4
    told = follow(phone, phone.post(address, {"who": "nobody", "pair": pairs})).text
    rows.rollback()
    got = list(rows.scalars(select(Assignment.assignee)))
    assert sorted(map(str, got)) == sorted(2 * [str(seller.user_id)] + 2 * [str(other.user_id)])
    assert phone.post(address, {"who": "nobody", "pair": pairs}).status_code == 409
    batch = _BATCH.search(told)
    follow(phone, phone.post("/dealer/store/share/undo", {"batch": batch[1], "store": str(store.store_id)}))
    rows.rollback()
    assert set(rows.scalars(select(Assignment.assignee))) == {None}


def test_the_team_page_says_who_is_on_duty_who_is_next_and_what_each_has(signed_in, manager, seller, store, rows, now):
    way(rows, store, "turn")
    make.claimed(rows, store, now=now, assignee=seller.user_id)
    away = make.staff(rows, [store], Role.SALESPERSON)
    rows.add(StaffDuty(dealer_id=store.dealer_id, user_id=away.user_id, off_since=now, back_on=None))
    rows.commit()
    page = signed_in(manager).get("/dealer/store").text
    assert "下一个：" in page
    assert "30 天 1 条" in page
    assert "不在岗" in page


def test_headquarters_reads_who_of_the_store_got_the_lead_and_how_the_store_decided(
    signed_in, manager, seller, store, rows, now, browser, hq_person
):
    (lead,) = make.offered(rows, store, now=now)
    rows.commit()
    phone = signed_in(manager)
    follow(phone, phone.post(f"/dealer/store/{store.store_id}/giving", {"way": "turn"}))
    follow(phone, phone.post(f"/dealer/offers/{lead.assignment_id}/claim"))
    desk = browser()
    sign_in(desk, "/hq", hq_person().login)
    page = desk.get(f"/hq/leads/{lead.lead_id}").text
    assert f"交给 {seller.name}，轮到" in page
    assert f"（{seller.name}）" in page
    history = desk.get(f"/hq/stores/{store.store_id}").text
    assert "谁领归谁" in history
    assert "在岗的人轮流" in history
