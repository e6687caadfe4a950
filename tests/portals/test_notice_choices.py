"""How people say where and how they are told, what headquarters decides, and what did not arrive."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from shared.audit.models import AuditEntry
from shared.identity.permissions import Role
from shared.mail.models import MailMessage
from shared.notifications.addresses import open_address
from shared.notifications.kinds import KINDS
from shared.notifications.models import Delivery, NoticePerson
from shared.notifications.people import open_asked
from shared.platform.ids import new_id
from shared.sms.models import SmsMessage
from shared.sms.send import unseal
from tests.factories.counting import NOW, RING
from tests.portals.conftest import sign_in

PHONE = "+8613800138000"


@pytest.fixture
def manager(staff_person):
    return staff_person(Role.STORE_MANAGER)


@pytest.fixture
def phone(browser, manager):
    opened = browser()
    sign_in(opened, "/dealer", manager.login)
    opened.get("/dealer/account/notices")
    return opened


@pytest.fixture
def desk(browser, hq_person):
    opened = browser()
    sign_in(opened, "/hq", hq_person(Role.OPERATOR).login)
    opened.get("/hq/notices/settings")
    return opened


def stored(rows, person):
    rows.rollback()
    rows.expire_all()
    return rows.get(NoticePerson, (person.dealer_id, person.user_id))


def follow(browser, answer):
    assert answer.status_code == 303, answer.text
    return browser.get(urlsplit(answer.headers["Location"]).path)


def ticked(page):
    return {part.split('"')[0] for part in page.text.split('type="checkbox" name="')[1:] if "checked" in part[:60]}


def test_only_what_differs_from_the_brand_is_kept(phone, rows, manager):
    usual = ticked(phone.get("/dealer/account/notices"))
    assert {"offered.sms", "offered.portal", "taken.portal"} <= usual
    assert not usual & {"taken.sms", "desk.portal"}
    wanted = dict.fromkeys(usual - {"offered.sms", "taken.portal"}, "on") | {"expired.sms": "on"}
    page = follow(phone, phone.post("/dealer/account/notices", {**wanted, "quiet": "store", "pace": ""}))
    assert ticked(page) == set(wanted)
    assert stored(rows, manager).choices["ways"] == {
        "offered": {"sms": False},
        "taken": {"portal": False},
        "expired": {"sms": True},
    }


@pytest.mark.parametrize(
    "form", [{"quiet": "own", "quiet_from": "25:00"}, {"quiet": "loud"}, {"quiet": "never", "pace": "x"}]
)
def test_what_cannot_be_read_changes_nothing(phone, rows, manager, form):
    assert phone.post("/dealer/account/notices", form).status_code == 422
    assert stored(rows, manager) is None


def test_a_number_counts_once_its_code_was_brought(phone, rows, manager):
    page = phone.get("/dealer/account/notices/phone")
    use = page.text.split('name="use"')[1].split('value="')[1].split('"')[0]
    typed = {"phone": "138 0013 8000", "use": use}
    assert "138****8000" in phone.post("/dealer/account/notices/phone", {**typed, "do": "send"}).text
    assert phone.post("/dealer/account/notices/phone", {**typed, "code": "000000"}).status_code == 422
    message = rows.scalars(select(SmsMessage)).one()
    told = unseal(message.sealed, message_id=message.message_id, template=message.template, keys=RING.sms)
    page = follow(phone, phone.post("/dealer/account/notices/phone", {**typed, "code": told.params["code"]}))
    assert "138****8000" in page.text
    person = stored(rows, manager)
    assert open_address(person.phone_sealed, person.dealer_id, person.user_id, "sms", RING.sms) == PHONE
    assert b"13800138000" not in person.phone_sealed
    follow(phone, phone.post("/dealer/account/notices/sms/forget"))
    assert stored(rows, manager).phone_sealed is None


def test_an_address_counts_once_its_code_was_brought_within_five_tries(phone, rows, manager):
    typed = {"mail": "wu@Example.com"}
    assert phone.post("/dealer/account/notices/mail", {**typed, "do": "send"}).status_code == 200
    assert phone.post("/dealer/account/notices/mail", {**typed, "do": "send"}).status_code == 429
    person = stored(rows, manager)
    code = open_asked(person.mail_asked, person.dealer_id, person.user_id, RING.sms)["code"]
    for _time in range(4):
        assert phone.post("/dealer/account/notices/mail", {**typed, "code": f"x{code}"}).status_code == 200
    assert stored(rows, manager).mail_sealed is None
    page = follow(phone, phone.post("/dealer/account/notices/mail", {**typed, "code": code}))
    assert "w***@example.com" in page.text
    assert phone.post("/dealer/account/notices/mail", {**typed, "code": code}).status_code == 422


@pytest.mark.parametrize("address", ["", "wu", "wu@example", "a@b.com\nBcc: c@d.com", "a" * 300 + "@b.com"])
def test_what_is_no_address_is_refused(phone, rows, manager, address):
    answer = phone.post("/dealer/account/notices/mail", {"mail": address, "do": "send"})
    assert answer.status_code == 422
    assert stored(rows, manager) is None


def test_what_the_brand_decides_holds_for_who_decided_nothing(desk, phone):
    form = {"escalated.sms": "on", "taken.mail": "on", "grade.A": "on", "spacing": "30", "pace": "hourly"}
    page = follow(desk, desk.post("/hq/notices/settings", {**form, "digest_at": "07:45"}))
    assert ticked(page) == {"escalated.sms", "taken.mail", "grade.A"}
    theirs = ticked(phone.get("/dealer/account/notices"))
    assert {name for name in theirs if not name.endswith(".portal")} == {"escalated.sms", "taken.mail"}


@pytest.mark.parametrize(
    "form", [{"spacing": "-1"}, {"spacing": "300"}, {"spacing": "5", "pace": "daily", "digest_at": "8"}], ids=str
)
def test_settings_that_cannot_be_read_are_refused(desk, rows, form):
    assert desk.post("/hq/notices/settings", form).status_code == 422
    assert rows.scalars(select(AuditEntry.action).where(AuditEntry.action == "notices:settings")).all() == []


def test_who_may_not_decide_is_refused(browser, hq_person):
    opened = browser()
    sign_in(opened, "/hq", hq_person(Role.ANALYST).login)
    assert opened.get("/hq/account/notices").status_code == 200
    assert opened.get("/hq/notices/settings").status_code == 403
    assert opened.get("/hq/notices/failed").status_code == 403


def lost(table, about, state, **values):
    at = NOW
    return table(
        message_id=new_id(at),
        key=str(new_id(at)),
        template=about,
        sealed=b"",
        state=state,
        tries=values.pop("tries", 1),
        due_at=at,
        expires_at=at + timedelta(minutes=5),
        answered_at=at,
        answer=values.pop("answer", {}),
        purge_at=at + timedelta(days=2),
        created_at=at,
        aside_at=None,
    )


def test_what_did_not_arrive_is_shown_with_its_reason_and_sent_again_unless_it_is_a_code(desk, rows, manager):
    code = lost(SmsMessage, "code_signup", "failed", answer={"status": 422})
    mail = lost(MailMessage, "notices", "uncertain", answer={"error": "no_answer_noted"}, tries=2)
    rows.add_all([code, mail])
    rows.add(
        Delivery(
            dealer_id=manager.dealer_id,
            delivery_id=new_id(NOW),
            notification_id=new_id(NOW),
            user_id=manager.user_id,
            channel="mail",
            state="composed",
            why=None,
            due_at=NOW,
            message_id=mail.message_id,
            composed_at=NOW,
            aside_at=None,
        )
    )
    rows.commit()
    page = desk.get("/hq/notices/failed?lang=en")
    for words in ("Code to sign up", "The server refused it (422)", manager.name, "perhaps arrived"):
        assert words in page.text
    assert page.text.count("Send again") == 1
    follow(desk, desk.post(f"/hq/notices/failed/{code.message_id}/again"))
    follow(desk, desk.post("/hq/notices/failed/again"))
    rows.expire_all()
    assert (rows.get(SmsMessage, code.message_id).state, rows.get(MailMessage, mail.message_id).state) == (
        "failed",
        "due",
    )
    assert rows.get(MailMessage, mail.message_id).tries == 6  # the numbers of its next tries are new ones


def test_muted_kinds_do_not_count_as_unread(as_hq, phone, rows, manager):
    from shared.notifications.notices import Notice, notify

    about = (manager.dealer_id, manager.store_id, new_id(NOW))
    as_hq(lambda session, at: notify(session, [Notice("taken", *about), Notice("expired", *about)], now=at))
    on = {f"{kind}.{way}": "on" for kind in KINDS for way in ("portal", "sms") if kind != "taken"}
    phone.post("/dealer/account/notices", {**on, "quiet": "brand", "pace": ""})
    assert phone.get("/dealer/pulse").json["unread"] == 1
