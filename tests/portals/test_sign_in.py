"""Who may enter, and what everybody else is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shared.identity import accounts, passwords, realms
from shared.identity.actor import system
from shared.identity.models import HqSession, HqUser, Staff, StaffSession
from shared.identity.permissions import Role
from shared.platform.settings import CHECKOUT
from tests.portals.conftest import PASSWORD, sign_in

NEW_PASSWORD = "新的 密码 很长 ok"


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_somebody_with_the_right_password_enters(portal, browser, hq_person, staff_person):
    person = hq_person() if portal == "/hq" else staff_person()
    here = browser()

    answer = sign_in(here, portal, person.login)

    assert answer.status_code == 303
    assert answer.location == f"{portal}/account"
    page = here.get(f"{portal}/account")
    assert page.status_code == 200
    assert person.name in page.text


def test_a_phone_may_be_typed_in_any_form(browser, staff_person):
    person = staff_person()
    spaced = f"+86 {person.login[:3]} {person.login[3:7]} {person.login[7:]}"

    assert sign_in(browser(), "/dealer", spaced).status_code == 303


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_unknown_wrong_invited_and_disabled_get_the_same_answer(portal, browser, hq_person, staff_person, as_hq):
    make = hq_person if portal == "/hq" else staff_person
    known, invited, disabled = make(), make(), make()
    _set_status(as_hq, invited, "invited")
    _set_status(as_hq, disabled, "disabled")
    answers = [
        sign_in(browser(), portal, known.login, "not the password"),
        sign_in(browser(), portal, "13900000000"),
        sign_in(browser(), portal, invited.login),
        sign_in(browser(), portal, disabled.login),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({_without_what_differs(answer.text) for answer in answers}) == 1


def _set_status(as_hq, person, status):
    def change(session, _now):
        account = session.get(Staff, (person.dealer_id, person.user_id)) if person.dealer_id else None
        (account or session.get(HqUser, person.user_id)).status = status

    as_hq(change)


def _without_what_differs(text):
    lines = [line for line in text.splitlines() if "csrf_token" not in line and "data-now" not in line]
    return "\n".join(line for line in lines if 'name="login"' not in line)


def test_unknown_logins_take_as_long_as_known_ones(browser, hq_person, as_hq, settings):
    person = hq_person()
    known = _seconds_to_refuse(browser, person.login)
    unknown = _seconds_to_refuse(browser, "nobody@example.com")

    # argon2 alone is ~30 ms; without it an unknown login would take a tenth
    assert 0.6 < known / unknown < 1.6


def _seconds_to_refuse(browser, login):
    taken = []
    for _ in range(5):
        here = browser()
        here.get("/hq/sign-in")
        started = time.thread_time()  # the processor's time: other work on the machine does not count
        here.post("/hq/sign-in", {"login": login, "password": "wrong"})
        taken.append(time.thread_time() - started)
    return min(taken)


def test_a_login_that_cannot_be_one_is_just_wrong(browser, settings):
    answer = sign_in(browser(), "/hq", "😀")

    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text


def test_what_was_typed_stays_except_the_password(browser, settings):
    answer = sign_in(browser(), "/hq", "typed@example.com", "secret-secret")

    assert 'value="typed@example.com"' in answer.text
    assert "secret-secret" not in answer.text


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/hq/users?x=1", "/hq/users?x=1"),
        ("https://evil.example/", "/hq/"),
        ("//evil.example/hq/", "/hq/"),
        ("/\\evil.example", "/hq/"),
        ("/dealer/", "/hq/"),
        ("javascript:alert(1)", "/hq/"),
    ],
)
def test_after_signing_in_people_stay_on_the_portal(target, lands, browser, hq_person):
    here = browser()
    here.get("/hq/sign-in")

    answer = here.post("/hq/sign-in", {"login": hq_person().login, "password": PASSWORD, "next": target})

    assert answer.location == lands


def test_eleven_tries_for_one_account_are_too_many(browser, hq_person):
    person = hq_person()
    here = browser()
    tries = [sign_in(here, "/hq", person.login, "wrong").status_code for _ in range(10)]

    refused = sign_in(here, "/hq", person.login)

    assert tries == [401] * 10
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "15 分钟后再试" in refused.text


def test_the_limit_of_one_account_does_not_touch_another(browser, hq_person):
    tired, fresh = hq_person(), hq_person()
    for _ in range(11):
        sign_in(browser(), "/hq", tired.login, "wrong")

    assert sign_in(browser(), "/hq", fresh.login).status_code == 303


def test_one_address_may_not_try_many_accounts(browser, settings):
    here = browser()
    statuses = [sign_in(here, "/hq", f"guess{number}@example.com").status_code for number in range(61)]

    assert statuses[-1] == 429
    assert statuses.count(401) == 60


_WITHOUT_REDIS = """
import os, re
from hq.app import create_hq_app
from shared.platform.settings import Settings

app = create_hq_app(Settings.from_env(os.environ).hq())
client = app.test_client()
for _ in range(11):
    page = client.get("/sign-in").text
    token = re.search('name="csrf_token" value="([^"]+)"', page)[1]
    answer = client.post("/sign-in", data={"csrf_token": token, "login": "nobody", "password": "wrong"})
    print("status", answer.status_code)
"""


def test_without_redis_the_limits_are_kept_in_memory(settings):
    environment = {
        **os.environ,
        "DATABASE_URL": settings.owner_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "KOI_SECRET_KEY": settings.secret_text,
    }
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_REDIS],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )
    statuses = re.findall(r"^status (\d+)$", done.stdout, re.MULTILINE)

    assert statuses == ["401"] * 10 + ["429"], done.stderr


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser, hq_person):
    answer = sign_in(browser(), "/hq", hq_person().login)
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("koi_hq="))

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/hq" in cookie


def test_a_sign_in_of_one_portal_is_none_on_the_other(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person().login)

    assert here.get("/dealer/account").status_code == 303


def test_a_forged_or_foreign_ticket_opens_nothing(browser, hq_person, faces):
    here = browser()
    sign_in(here, "/hq", hq_person().login)
    cookie = here.client.get_cookie("koi_hq", path="/hq")
    here.client.set_cookie("koi_hq", cookie.value[:-2] + "xx", path="/hq")

    assert here.get("/hq/account").status_code == 303


def test_a_disabled_person_is_out_with_the_next_request(browser, hq_person, as_hq):
    person = hq_person(Role.OPERATOR)
    here = browser()
    sign_in(here, "/hq", person.login)
    as_hq(lambda session, now: _disable(session, person, now))

    answer = here.get("/hq/account")

    assert answer.status_code == 303
    assert "登录已过期" in here.get(answer.location).text


def _disable(session, person, now):
    user = session.get(HqUser, person.user_id)
    accounts.disable(session, realms.HQ, account=user, actor=system("test"), now=now)


def test_staff_of_a_closed_dealer_are_out(browser, staff_person, as_hq):
    from shared.dealers.models import Dealer

    person = staff_person()
    here = browser()
    sign_in(here, "/dealer", person.login)
    as_hq(lambda session, _now: setattr(session.get(Dealer, person.dealer_id), "status", "closed"))

    assert here.get("/dealer/account").status_code == 303
    assert sign_in(browser(), "/dealer", person.login).status_code == 401


def test_a_sign_in_ends_when_it_is_not_used(browser, hq_person, as_hq):
    person = hq_person()
    here = browser()
    sign_in(here, "/hq", person.login)

    def age(session, now):
        for row in session.query(HqSession).filter_by(user_id=person.user_id):
            row.seen_at = now - realms.HQ.idle

    as_hq(age)

    assert here.get("/hq/account").status_code == 303


def test_signing_out_ends_the_sign_in_and_not_only_the_cookie(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person().login)
    cookie = here.client.get_cookie("koi_hq", path="/hq").value
    here.get("/hq/account")
    here.post("/hq/sign-out")
    here.client.set_cookie("koi_hq", cookie, path="/hq")

    assert here.get("/hq/account").status_code == 303


def test_changing_the_password_ends_the_other_sign_ins(browser, hq_person):
    person = hq_person()
    desk, phone = browser(), browser()
    sign_in(desk, "/hq", person.login)
    sign_in(phone, "/hq", person.login)
    desk.get("/hq/account")

    answer = desk.post("/hq/account/password", {"old": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert answer.status_code == 303
    assert desk.get("/hq/account").status_code == 200
    assert phone.get("/hq/account").status_code == 303
    assert sign_in(browser(), "/hq", person.login).status_code == 401
    assert sign_in(browser(), "/hq", person.login, NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("not it", NEW_PASSWORD, "现在的密码不对"),
        (PASSWORD, "short", "至少 10 个字符"),
        (PASSWORD, "password123", "很多人在用"),
        (PASSWORD, "1234567890", "很多人在用"),
        (PASSWORD, "abcdefghijkl", "很多人在用"),
        (PASSWORD, "changer@example.com", "不能和姓名或账号一样"),
    ],
)
def test_a_password_that_will_not_do_is_refused_beside_its_field(old, new, says, browser, hq_person):
    person = hq_person(login="changer@example.com")
    here = browser()
    sign_in(here, "/hq", person.login)
    here.get("/hq/account")

    answer = here.post("/hq/account/password", {"old": old, "password": new, "again": new})

    assert answer.status_code == 422
    assert says in answer.text


def test_the_present_password_cannot_be_guessed_forever(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person().login)
    here.get("/hq/account")
    wrong = {"old": "not it", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    statuses = [here.post("/hq/account/password", wrong).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]


def test_people_see_and_end_their_own_sign_ins(browser, staff_person):
    person = staff_person()
    here, elsewhere = browser(), browser()
    sign_in(here, "/dealer", person.login)
    sign_in(elsewhere, "/dealer", person.login)
    page = here.get("/dealer/account").text
    action = page.split('action="/dealer/account/sessions/')[1].split('"')[0]

    assert here.post(f"/dealer/account/sessions/{action}").status_code == 303
    assert elsewhere.get("/dealer/account").status_code == 303
    assert here.get("/dealer/account").status_code == 200


def test_nobody_ends_somebody_elses_sign_in(browser, hq_person, as_hq):
    mine, other = hq_person(), hq_person()
    here, there = browser(), browser()
    sign_in(here, "/hq", mine.login)
    sign_in(there, "/hq", other.login)
    foreign = as_hq(lambda session, _now: session.query(HqSession).filter_by(user_id=other.user_id).one().session_id)
    here.get("/hq/account")

    assert here.post(f"/hq/account/sessions/{foreign}/end").status_code == 404
    assert there.get("/hq/account").status_code == 200


def test_hashes_are_argon2id_with_the_chosen_cost():
    made = passwords.hash_password("whatever it is")

    assert made.startswith("$argon2id$")
    assert "m=19456,t=2,p=1" in made
    assert passwords.matches(made, "whatever it is")
    assert not passwords.matches(made, "another")
    assert not passwords.matches(None, "another")


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
@pytest.mark.parametrize("what", ["disabled", "new password"])
def test_who_is_shut_out_while_signing_in_does_not_get_in(
    portal, what, browser, hq_person, staff_person, as_hq, monkeypatch
):
    """The account changes between the reading of the password and the beginning of the session."""
    person = hq_person() if portal == "/hq" else staff_person()
    truly = passwords.matches

    def change(session, now):
        place = {"user_id": person.user_id}
        account = session.query(HqUser if portal == "/hq" else Staff).filter_by(**place).one()
        if what == "disabled":
            realm = accounts.realm_of(account)
            accounts.disable(session, realm, account=account, actor=system("test"), now=now)
        else:
            accounts.give_password(account, NEW_PASSWORD, now=now)

    def meanwhile(password_hash, password):
        fits = truly(password_hash, password)
        as_hq(change)
        return fits

    monkeypatch.setattr(passwords, "matches", meanwhile)
    if what == "disabled" and portal == "/hq":
        hq_person()  # an administrator must be left
    assert sign_in(browser(), portal, person.login).status_code == 401


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_two_pages_opened_at_once_have_forms_that_both_work(portal, browser, hq_person, staff_person):
    person = hq_person() if portal == "/hq" else staff_person()
    here = browser()
    sign_in(here, portal, person.login)
    kept = here.client.get_cookie(f"koi_{portal[1:]}", path=portal)
    page = here.get(f"{portal}/account")
    assert kept is not None
    assert "Set-Cookie" not in page.headers  # nothing that a slower answer could overwrite
    assert here.post(f"{portal}/account/language", {"locale": "zh"}).status_code == 303


def test_a_hidden_page_that_asks_by_itself_does_not_count_as_being_there(browser, staff_person, rows):
    person = staff_person()
    here = browser()
    sign_in(here, "/dealer", person.login)

    def last_seen():
        rows.rollback()
        return rows.scalars(select(StaffSession.seen_at).filter_by(user_id=person.user_id)).one()

    long_ago = last_seen() - timedelta(hours=1)
    rows.execute(update(StaffSession).values(seen_at=long_ago))
    rows.commit()
    assert here.client.get("/dealer/pulse", headers={"X-Koi-Hidden": "1"}).status_code == 200
    assert last_seen() == long_ago
    assert here.client.get("/dealer/pulse").status_code == 200
    assert last_seen() > long_ago
