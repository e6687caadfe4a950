"""A store's people on their phones: decide, claim, call, write down."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import select

from shared.dealers.hours import ALL_DAY
from shared.dealers.models import Store, StoreDay
from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment, FollowUp, Hold
from shared.notifications.models import Notification
from shared.platform.clock import beijing_day
from shared.platform.ids import new_id
from shared.web.formats import moment
from tests import factories as make
from tests.portals.conftest import sign_in


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
    opened.get("/dealer/account")  # for the token of its forms
    return opened


@pytest.fixture
def store(rows, manager, now):
    """The manager's store, whose day is open."""
    found = rows.get(Store, (manager.dealer_id, manager.store_id))
    make.open_day(rows, found, day=beijing_day(now), cap=3)
    rows.commit()
    return found


def another(rows, now, cap=3):
    made = make.store(rows)
    make.open_day(rows, made, day=beijing_day(now), cap=cap)
    return made


def follow(browser, answer):
    assert answer.status_code == 303, answer.text
    return browser.get(urlsplit(answer.headers["Location"]).path)


def stage(rows, assignment):
    rows.rollback()
    rows.expire_all()
    return rows.get(Assignment, (assignment.dealer_id, assignment.assignment_id)).stage


def test_an_empty_day_says_what_comes_next(phone, store):
    page = phone.get("/dealer/inbox")
    assert page.status_code == 200
    assert "koi-empty" in page.text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["inbox", "leads", "leads?show=untouched&q=陈", "leads?show=won", "store", "notices"])
def test_every_list_opens_with_something_in_it(phone, rows, store, now, path, lang):
    make.offered(rows, store, now=now)
    make.offered(rows, store, now=now, minutes=5)
    held = make.claimed(rows, store, now=now)
    make.claimed(rows, store, stage=Stage.WON, now=now)
    by = make.staff(rows, [store]).user_id
    make.follow_up(rows, held, by=by, kind="call", result="interested", next_at=now - timedelta(hours=1), at=now)
    coming = make.claimed(rows, store, stage=Stage.APPOINTMENT, now=now)
    make.follow_up(rows, coming, by=by, result="appointment", next_at=now + timedelta(days=1), at=now)
    rows.commit()
    page = phone.get(f"/dealer/{path}{'&' if '?' in path else '?'}lang={lang}")
    assert page.status_code == 200, page.text


def test_an_offer_is_claimed_called_and_won(phone, rows, store, now):
    (offer,) = make.offered(rows, store, now=now, phone="+8613812345678", name="陈小明")
    rows.commit()
    address = f"/dealer/offers/{offer.assignment_id}"
    page = phone.get(address)
    assert "138****5678" in page.text
    assert "陈小明" not in page.text

    lead = follow(phone, phone.post(f"{address}/claim"))
    assert "陈小明" in lead.text
    assert 'href="tel:+8613812345678"' in lead.text
    assert "X-Koi-Keep" not in lead.headers
    again = phone.get(f"/dealer/leads/{offer.assignment_id}")
    assert "13812345678" not in again.text.replace(" ", "")
    assert "X-Koi-Keep" in again.headers

    shown = phone.post(f"/dealer/leads/{offer.assignment_id}/reveal")
    assert "138 1234 5678" in shown.text
    assert 'href="tel:+8613812345678"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "138 1234 5678" not in phone.get(f"/dealer/leads/{offer.assignment_id}").text

    form = phone.get(f"/dealer/leads/{offer.assignment_id}/follow-up")
    tomorrow = re.findall(r'name="next_step" value="(2[^"]+)"', form.text)[0]
    report = {"follow_up_id": str(uuid4()), "outcome": "interested", "next_step": tomorrow, "note": "想要白色"}
    for _ in range(2):
        saved = follow(phone, phone.post(f"/dealer/leads/{offer.assignment_id}/follow-up", report))
    assert "想要白色" in saved.text
    assert rows.scalars(select(FollowUp).filter_by(kind="call")).one().result == "interested"

    won = follow(phone, phone.post(f"/dealer/leads/{offer.assignment_id}/won", {"note": "S1"}))
    assert won.status_code == 200
    assert stage(rows, offer) == Stage.WON


def test_a_store_that_plans_too_far_ahead_is_told_when_the_lead_goes_back(phone, rows, store, now):
    by = make.staff(rows, [store]).user_id
    back = now + timedelta(days=19)
    warned, kept, friend = (make.claimed(rows, store, stage=Stage.CONTACTED, now=now) for _ in range(3))
    for one, taken_back in ((warned, back), (kept, now + timedelta(days=95)), (friend, None)):
        make.follow_up(rows, one, by=by, result="interested", next_at=now + timedelta(days=90), at=now)
        one.recycle_at, one.settled_at = taken_back, one.moved_at
    rows.commit()
    said = f"到 {moment(back, now, 'zh')} 还没有跟进，线索照样会被收回"
    pages = [phone.get(f"/dealer/leads/{one.assignment_id}").text for one in (warned, kept, friend)]
    assert [said in page for page in pages] == [True, False, False]
    assert "every 2s" not in pages[0]
    warned.moved_at = now + timedelta(seconds=1)  # a report that headquarters has not followed yet
    rows.commit()
    page = phone.get(f"/dealer/leads/{warned.assignment_id}").text
    assert (said in page, "every 2s" in page) == (False, True)


def test_deadlines_stand_in_words_with_the_working_time_that_is_left_or_over(phone, rows, store, now):
    store.hours = ALL_DAY.to_json()
    (offer,) = make.offered(rows, store, minutes=150, now=now)
    ahead = make.claimed(rows, store, now=now, due_kind="contact", due_at=now + timedelta(minutes=125, seconds=30))
    late = make.claimed(rows, store, now=now, due_kind="contact", due_at=now - timedelta(minutes=41))
    again = make.claimed(
        rows, store, now=now, stage=Stage.CONTACTED, due_kind="follow_up", due_at=now - timedelta(hours=2)
    )
    rows.commit()
    for where in ("inbox", f"offers/{offer.assignment_id}"):
        assert re.search(r"\d+:\d\d 前领取，还剩 2 小时 \d+ 分（营业时间）", phone.get(f"/dealer/{where}").text)
    pages = [phone.get(f"/dealer/leads/{each.assignment_id}").text for each in (ahead, late, again)]
    assert re.search(r"\d+:\d\d 前联系，还剩 2 小时 \d 分（营业时间）", pages[0])
    assert re.search(r'koi-late">.{0,300}已超时 41 分（营业时间），应在.*\d+:\d\d 前联系', pages[1], re.DOTALL)
    assert re.search(r"已超时 2 小时（营业时间），应在.*\d+:\d\d 前再次跟进", pages[2])
    assert "已超时 41 分" in phone.get("/dealer/inbox").text


def test_a_double_click_claims_once_and_the_back_button_shows_the_lead(phone, rows, store, now):
    (offer,) = make.offered(rows, store, now=now)
    rows.commit()
    for _ in range(2):
        assert phone.post(f"/dealer/offers/{offer.assignment_id}/claim").status_code == 303
    assert follow(phone, phone.get(f"/dealer/offers/{offer.assignment_id}")).status_code == 200
    assert rows.scalar(select(StoreDay.taken).filter_by(store_id=store.store_id)) == 1


def test_a_lead_that_another_store_claimed_says_so_and_shows_the_next(phone, rows, store, now):
    rival = another(rows, now)
    offer, theirs = make.offered(rows, store, rival, now=now)
    (waiting,) = make.offered(rows, store, now=now)
    make.hold(rows, theirs)
    rows.commit()
    answer = phone.post(f"/dealer/offers/{offer.assignment_id}/claim")
    assert answer.status_code == 409
    assert "koi-sheet-big" in answer.text
    assert str(waiting.assignment_id) in answer.text
    assert stage(rows, offer) == Stage.OFFERED


def test_a_full_day_and_a_passed_deadline_have_their_own_pages(phone, rows, store, now):
    held = [make.offered(rows, store, now=now)[0] for _ in range(4)]
    (late,) = make.offered(rows, store, now=now - timedelta(hours=1))
    rows.commit()
    for offer in held[:3]:
        assert phone.post(f"/dealer/offers/{offer.assignment_id}/claim").status_code == 303
    full = phone.post(f"/dealer/offers/{held[3].assignment_id}/claim")
    assert full.status_code == 409
    assert "0:00" in full.text
    assert rows.get(Hold, held[3].lead_id) is None
    for answer in (
        phone.post(f"/dealer/offers/{late.assignment_id}/claim"),
        phone.get(f"/dealer/offers/{late.assignment_id}"),
    ):
        assert answer.status_code == 409


def test_an_offer_goes_back_with_a_reason_only(phone, rows, store, now):
    (offer,) = make.offered(rows, store, now=now)
    rows.commit()
    address = f"/dealer/offers/{offer.assignment_id}/decline"
    assert phone.get(address).status_code == 200
    refused = phone.post(address, {"note": "太远"})
    assert refused.status_code == 422
    assert "太远" in refused.text
    assert follow(phone, phone.post(address, {"reason": "too_far"})).status_code == 200
    assert stage(rows, offer) == Stage.DECLINED
    assert phone.get(f"/dealer/offers/{offer.assignment_id}").status_code == 409


def test_a_claimed_lead_goes_back_or_is_lost_with_a_reason(phone, rows, store, now):
    wrong, lost = make.claimed(rows, store, now=now), make.claimed(rows, store, now=now)
    rows.commit()
    for assignment, act, reason, after in (
        (wrong, "give-back", "wrong_number", Stage.DECLINED),
        (lost, "lost", "price", Stage.LOST),
    ):
        address = f"/dealer/leads/{assignment.assignment_id}/{act}"
        assert phone.get(address).status_code == 200
        assert phone.post(address, {"reason": "nonsense"}).status_code == 422
        assert follow(phone, phone.post(address, {"reason": reason})).status_code == 200
        assert stage(rows, assignment) == after
        page = phone.get(f"/dealer/leads/{assignment.assignment_id}")
        assert page.status_code == 200
        assert "陈小明" not in page.text
        assert phone.post(f"/dealer/leads/{assignment.assignment_id}/reveal").status_code == 409


def test_a_report_that_says_too_little_comes_back_with_what_was_typed(phone, rows, store, now):
    held = make.claimed(rows, store, now=now)
    rows.commit()
    address = f"/dealer/leads/{held.assignment_id}/follow-up"
    one = {"follow_up_id": str(uuid4()), "note": "说周末来"}
    for form in (one, one | {"outcome": "appointment"}, one | {"outcome": "interested", "next_step": "pick"}):
        refused = phone.post(address, form)
        assert refused.status_code == 422
        assert "说周末来" in refused.text
        assert "koi-field-error" in refused.text
    day = (now + timedelta(days=3)).date().isoformat()
    picked = one | {"outcome": "appointment", "next_step": "pick", "day": day, "clock": "14:30"}
    assert phone.post(address, picked).status_code == 303
    assert stage(rows, held) == Stage.APPOINTMENT


def test_a_phones_queue_sends_the_same_report_twice_and_is_told_why_one_cannot_be_stored(phone, rows, store, now):
    held, gone = make.claimed(rows, store, now=now), make.claimed(rows, store, stage=Stage.RECALLED, now=now)
    rows.commit()
    asked = {"headers": {"Accept": "application/json"}}
    known = phone.get("/dealer/leads/token", **asked).json
    written = (now - timedelta(minutes=31)).isoformat()
    one = {"follow_up_id": str(uuid4()), "outcome": "interested", "written_at": written, "csrf_token": known["token"]}
    for _ in range(2):
        assert phone.post(f"/dealer/leads/{held.assignment_id}/follow-up", one, **asked).json == {"stored": True}
    assert rows.scalars(select(FollowUp.written_at)).all() == [now - timedelta(minutes=31)]
    taken_back = one | {"follow_up_id": str(uuid4())}
    refused = phone.post(f"/dealer/leads/{gone.assignment_id}/follow-up", taken_back, **asked)
    assert (refused.status_code, refused.json["code"]) == (409, "not_held")
    assert refused.json["detail"]
    unclear = phone.post(f"/dealer/leads/{held.assignment_id}/follow-up", one | {"outcome": "appointment"}, **asked)
    assert (unclear.status_code, unclear.json["code"]) == (422, "bad_next_step")


def test_a_spoken_note_is_kept_as_it_is_and_one_that_is_too_long_comes_back_whole(phone, rows, store, now):
    held = make.claimed(rows, store, now=now)
    rows.commit()
    address, spoken = f"/dealer/leads/{held.assignment_id}/follow-up", "嗯她说老公也要来看想要白色的😀" * 60
    assert phone.post(address, {"follow_up_id": str(uuid4()), "outcome": "noted", "note": spoken}).status_code == 303
    assert rows.scalars(select(FollowUp.note)).one() == spoken
    refused = phone.post(address, {"follow_up_id": str(uuid4()), "outcome": "noted", "note": spoken * 4})
    assert refused.status_code == 422
    assert spoken * 4 in refused.text


@pytest.mark.parametrize(("outcome", "after"), [("won", Stage.WON), ("lost", Stage.LOST)])
def test_a_follow_up_may_end_the_lead(phone, rows, store, now, outcome, after):
    held = make.claimed(rows, store, now=now)
    rows.commit()
    address = f"/dealer/leads/{held.assignment_id}/follow-up"
    if outcome == "lost":
        assert phone.post(address, {"outcome": outcome, "note": "嫌贵"}).status_code == 422
    assert phone.post(address, {"outcome": outcome, "reason": "price"}).status_code == 303
    assert stage(rows, held) == after


def test_the_pulse_changes_when_something_does(phone, rows, store, now):
    before = phone.get("/dealer/pulse").json
    (offer,) = make.offered(rows, store, now=now)
    make.offered(rows, another(rows, now), now=now)
    rows.commit()
    offered = phone.get("/dealer/pulse").json
    assert (before["offers"], offered["offers"]) == (0, 1)
    assert f'data-mark="{offered["mark"]}"' in phone.get("/dealer/inbox").text
    phone.post(f"/dealer/offers/{offer.assignment_id}/claim")
    assert len({before["mark"], offered["mark"], phone.get("/dealer/pulse").json["mark"]}) == 3


def test_who_searches_finds_by_the_last_four_digits_or_a_part_of_the_name_in_every_list(phone, rows, store, now):
    make.claimed(rows, store, now=now, name="欧阳锋")
    make.claimed(rows, store, stage=Stage.LOST, now=now, name="黄药师")
    rows.commit()
    assert "欧阳锋" in phone.get("/dealer/leads?q=阳").text
    both = phone.get("/dealer/leads?q=0000&show=won").text
    assert both.count("data-lead=") == 2
    for nobody in ("9999", "139 0013 0000"):
        assert "koi-empty" in phone.get(f"/dealer/leads?q={nobody}").text
    assert "欧阳锋" in phone.get("/dealer/leads?q=138 0013 0000").text


def test_the_app_can_be_installed_and_what_a_phone_keeps_for_everybody_names_nobody(phone, browser, manager):
    shown = browser().get("/dealer/manifest.webmanifest").json
    assert (shown["scope"], shown["display"]) == ("/dealer/", "standalone")
    for icon in shown["icons"]:
        with phone.get(icon["src"]) as picture:
            assert picture.mimetype == "image/png"
    worker = browser().get("/dealer/worker.js")
    assert (worker.mimetype, worker.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert manager.name not in phone.get("/dealer/leads/follow-up").text
    assert "X-Koi-Keep" not in browser().get("/dealer/offline").headers


def test_a_manager_gives_a_lead_to_a_salesperson_who_then_sees_it(phone, browser, rows, store, staff_person, now):
    held = make.claimed(rows, store, now=now)
    seller = make.staff(rows, [store], Role.SALESPERSON)
    rows.commit()
    address = f"/dealer/leads/{held.assignment_id}/give"
    assert seller.name in phone.get(address).text
    given = phone.post(address, {"to": str(seller.user_id), "reason": "off"})
    assert seller.name in follow(phone, given).text
    colleague = staff_person(Role.SALESPERSON, dealer_id=store.dealer_id)
    theirs = browser()
    sign_in(theirs, "/dealer", colleague.login)
    assert theirs.get(f"/dealer/leads/{held.assignment_id}").status_code == 404


def test_messages_are_counted_until_they_are_read(phone, rows, store, now):
    for number, kind in enumerate(("expired", "taken", "recalled", "offered")):
        rows.add(
            Notification(
                dealer_id=store.dealer_id,
                notification_id=new_id(now),
                audience="store",
                store_id=store.store_id,
                user_id=None,
                kind=kind,
                details={},
                idempotency_key=str(number),
                at=now,
                read_at=None,
            )
        )
    rows.commit()
    before = phone.get("/dealer/pulse")
    assert before.json["unread"] == 3
    same = {"If-None-Match": before.headers["ETag"]}
    assert phone.get("/dealer/pulse", headers=same).status_code == 304
    assert follow(phone, phone.post("/dealer/notices/read")).status_code == 200
    assert phone.get("/dealer/pulse", headers=same).json["unread"] == 0


@pytest.mark.parametrize("elsewhere", ["another dealer", "another store"])
def test_somebody_elses_lead_is_not_there_by_any_address(phone, rows, store, now, elsewhere):
    place = another(rows, now)
    if elsewhere == "another store":
        place = make.store(rows, store)
        make.open_day(rows, place, day=beijing_day(now))
    (offer,) = make.offered(rows, place, now=now, name="欧阳锋")
    held = make.claimed(rows, place, now=now, name="欧阳锋")
    rows.commit()
    for assignment in (offer, held):
        id_ = assignment.assignment_id
        for path in (f"offers/{id_}", f"offers/{id_}/decline", f"leads/{id_}", f"leads/{id_}/follow-up"):
            assert phone.get(f"/dealer/{path}").status_code == 404
        posts = ("won", "reveal", "give")
        for path in (f"offers/{id_}/claim", *(f"leads/{id_}/{act}" for act in posts)):
            assert phone.post(f"/dealer/{path}", {"reason": "price"}).status_code == 404
        reason = {"reason": "price", "follow_up_id": str(uuid4()), "outcome": "noted"}
        for path in (f"leads/{id_}/lost", f"leads/{id_}/follow-up"):
            assert phone.post(f"/dealer/{path}", reason).status_code == 404
    for path in ("inbox", "leads", "store"):
        page = phone.get(f"/dealer/{path}")
        assert "欧阳" not in page.text
        assert place.name not in page.text


def test_an_owner_decides_for_every_store_and_sees_whose_it_is(browser, staff_person, rows, now):
    owner = staff_person(Role.DEALER_OWNER)
    first = rows.get(Store, (owner.dealer_id, owner.store_id))
    second = make.store(rows, first)
    make.open_day(rows, second, day=beijing_day(now))
    (offer,) = make.offered(rows, second, now=now)
    rows.commit()
    opened = browser()
    sign_in(opened, "/dealer", owner.login)
    assert second.name in opened.get("/dealer/inbox").text
    assert second.name in follow(opened, opened.post(f"/dealer/offers/{offer.assignment_id}/claim")).text
    assert second.name in opened.get("/dealer/leads").text
    store_page = opened.get("/dealer/store").text
    assert first.name in store_page
    assert second.name in store_page


def test_an_old_page_does_not_send_back_what_was_claimed_meanwhile(phone, store, rows, now):
    (offer,) = make.offered(rows, store, now=now)
    rows.commit()
    address = f"/dealer/offers/{offer.assignment_id}/decline"
    phone.get(address)
    phone.post(f"/dealer/offers/{offer.assignment_id}/claim")  # in another window, or by a colleague
    answer = phone.post(address, {"reason": "busy"})
    assert (answer.status_code, answer.location) == (303, f"/dealer/leads/{offer.assignment_id}")
    assert stage(rows, offer) == "claimed"
