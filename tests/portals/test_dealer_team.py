"""The store's page: who works on what, hand over and take back, opening hours, a pause, figures beside the region's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, select

from shared.audit.models import AuditEntry
from shared.dealers.models import Store, StoreFigure
from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment
from shared.platform.clock import beijing_day
from tests import factories as make
from tests.portals.conftest import sign_in

_FIELD = re.compile(r'<input type="hidden" name="(leads|to|back|until)" value="([^"]*)">')


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def manager(staff_person):
    return staff_person(Role.STORE_MANAGER)


@pytest.fixture
def phone(browser, manager):
    """The manager's browser, signed in."""
    opened = browser()
    sign_in(opened, "/dealer", manager.login)
    opened.get("/dealer/account")
    return opened


@pytest.fixture
def store(rows, manager):
    return rows.get(Store, (manager.dealer_id, manager.store_id))


def follow(browser, answer):
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["Location"])
    return browser.get(f"{parts.path}?{parts.query}")


def assignees(rows):
    rows.rollback()
    return set(rows.scalars(select(Assignment.assignee)))


def test_leads_change_hands_with_a_reason_and_come_back(phone, rows, store, now):
    first, second = (make.staff(rows, [store], Role.SALESPERSON) for _ in range(2))
    held = [make.claimed(rows, store, now=now, assignee=first.user_id) for _ in range(2)]
    rows.commit()
    team = phone.get("/dealer/store").text
    assert first.name in team
    address = f"/dealer/store/{store.store_id}/give?who={first.user_id}"
    assert second.name in phone.get(address).text
    form = {"who": str(first.user_id), "lead": [str(each.assignment_id) for each in held], "reason": "off"}
    assert phone.post(address, form).status_code == 422
    told = follow(phone, phone.post(address, {**form, "to": str(second.user_id)})).text
    assert assignees(rows) == {second.user_id}
    audits = rows.scalars(select(AuditEntry).filter_by(action="assignment:give")).all()
    assert [each.details["reason"] for each in audits] == ["off", "off"]
    way_back = dict(_FIELD.findall(told))
    follow(phone, phone.post("/dealer/store/give/undo", way_back))
    assert assignees(rows) == {first.user_id}
    assert phone.post("/dealer/store/give/undo", way_back).status_code == 409


def test_a_salesperson_leads_no_team(browser, staff_person, rows, now):
    seller = staff_person(Role.SALESPERSON)
    opened = browser()
    sign_in(opened, "/dealer", seller.login)
    opened.get("/dealer/account")
    page = opened.get("/dealer/store")
    assert page.status_code == 200
    assert "/pause" not in page.text
    for path in ("pause", "hours", "give"):
        assert opened.get(f"/dealer/store/{seller.store_id}/{path}").status_code == 403


def test_a_store_pauses_itself_and_opens_again(phone, rows, store, now):
    until = beijing_day(now) + timedelta(days=3)
    address = f"/dealer/store/{store.store_id}"
    assert phone.get(f"{address}/pause").status_code == 200
    assert phone.post(f"{address}/pause", {"until": "pick", "day": beijing_day(now).isoformat()}).status_code == 422
    assert follow(phone, phone.post(f"{address}/pause", {"until": until.isoformat()})).status_code == 200
    rows.refresh(store)
    assert store.paused_until == until
    follow(phone, phone.post(f"{address}/resume"))
    rows.refresh(store)
    assert store.paused_until is None
    kept = rows.scalars(select(AuditEntry).filter_by(subject=f"store:{store.store_id}").order_by(AuditEntry.at))
    assert [each.action for each in kept] == ["store:own_pause", "store:own_resume"]


def test_opening_hours_are_kept_also_with_a_break_at_noon_and_come_back_when_they_make_no_sense(phone, rows, store):
    store.hours = {"mon": ["09:00-12:00", "13:30-18:00"], "sat": ["10:00-16:00"]}
    rows.commit()
    address = f"/dealer/store/{store.store_id}/hours"
    typed = dict(re.findall(r'name="([a-z]{3}-\d-\w+)" value="([^"]*)"', phone.get(address).text))
    assert typed["mon-1-opens"] == "13:30"
    refused = phone.post(address, {**typed, "sat-0-closes": ""} | {"sat-0-opens": "1x"})
    assert refused.status_code == 422
    assert 'value="1x"' in refused.text
    assert phone.post(address, dict.fromkeys(typed, "")).status_code == 422
    off = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    saved = phone.post(address, {**typed, "sun-0-opens": "11:00", "sun-0-closes": "15:00", "added": off})
    assert follow(phone, saved).status_code == 200
    rows.refresh(store)
    assert store.hours == {"mon": ["09:00-12:00", "13:30-18:00"], "sat": ["10:00-16:00"], "sun": ["11:00-15:00"]}
    assert store.closed_days == [off]


def test_a_store_sets_what_it_does_on_holidays(phone, rows, store):
    address = f"/dealer/store/{store.store_id}/hours"
    typed = dict(re.findall(r'name="([a-z]{3}-\d-\w+)" value="([^"]*)"', phone.get(address).text))
    own = {"holidays": "hours", "holiday-0-opens": "10:00", "holiday-0-closes": "16:00", "make_up": "no"}
    for wrong in ({"holiday-0-closes": ""}, {"holidays": "perhaps"}):
        assert phone.post(address, typed | own | wrong).status_code == 422
    assert phone.post(address, typed | own).status_code == 303
    rows.refresh(store)
    assert (store.hours["holidays"], store.hours["make_up"]) == (["10:00-16:00"], False)
    page = phone.get(address).text
    assert 'value="hours" checked' in page
    assert 'name="holiday-0-opens" value="10:00"' in page
    assert phone.post(address, typed | {"holidays": "sunday", "make_up": "yes"}).status_code == 303
    rows.refresh(store)
    assert "holidays" not in store.hours


@pytest.mark.parametrize("path", ["pause", "hours", "give", "resume"])
def test_another_dealers_store_is_not_there(phone, rows, store, path):
    other = make.store(rows, name="金丝雀店")
    beside = make.store(rows, store, name="姊妹店")  # the same dealer's, where the manager does not work
    rows.commit()
    for place in (other, beside):
        address = f"/dealer/store/{place.store_id}/{path}"
        form = {"until": "2099-01-01", "mon-0-opens": "9:00", "mon-0-closes": "18:00"}
        assert phone.post(address, form).status_code == 404
        assert place.name not in phone.get(f"/dealer/store?store={place.store_id}").text


def test_figures_stand_beside_the_median_and_a_weak_one_leads_to_where_it_is_lost(phone, rows, store, now):
    for measure, value, median in (("response", 12.0, 26.0), ("in_time", 0.92, 0.81), ("won", 0.08, 0.19)):
        figure = {"measure": measure, "whole": 50, "part": 4, "value": value, "median": median}
        place = {"dealer_id": store.dealer_id, "store_id": store.store_id}
        rows.add(StoreFigure(**place, **figure, province_code="330000", reckoned_at=now))
    rows.commit()
    page = phone.get("/dealer/store").text
    assert "浙江" in page
    assert "show=lost" in page
    assert "show=missed" not in page
    assert "比中位 26 分钟快 14 分钟" in page


@pytest.mark.parametrize("path", ["inbox", "leads", "leads?show=lost", "leads?q=0000", "store", "pulse"])
def test_a_page_takes_few_statements_however_much_lies_there(phone, rows, store, faces, now, path):
    by = make.staff(rows, [store], Role.SALESPERSON).user_id
    for stage in (Stage.CLAIMED, Stage.APPOINTMENT, Stage.LOST) * 4:
        held = make.claimed(rows, store, stage=stage, now=now, assignee=by)
        make.follow_up(rows, held, by=by, next_at=now + timedelta(hours=1), at=now)
        make.offered(rows, store, now=now)
    rows.commit()
    sent: list[str] = []
    engine = faces.dealer.extensions["koi_engine"]
    event.listen(engine, "before_cursor_execute", count := lambda *told: sent.append(told[2]))
    try:
        assert phone.get(f"/dealer/{path}").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(sent) <= (5 if path == "pulse" else 12), len(sent)
