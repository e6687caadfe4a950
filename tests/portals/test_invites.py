"""Links by which people get in: once, for a week, and only the newest."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest

from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity import accounts, invites, realms
from shared.identity.actor import system
from shared.identity.errors import InviteUnusable
from shared.identity.models import HqUser, Staff
from shared.identity.permissions import Role
from tests.portals.conftest import PASSWORD, sign_in

NEW = "一个 新的 密码 here"
_LINK = re.compile(r"https?://[^\s<\"]*(/(?:hq|dealer)/invite/[\w-]+)")


def _links(page):
    return list(dict.fromkeys(_LINK.findall(page)))


def _accept(browser, link, password=NEW):
    here = browser()
    page = here.get(link)
    return page if page.status_code != 200 else here.post(link, {"password": password, "again": password})


@pytest.fixture
def admin(browser, hq_person):
    """A browser in which an administrator is signed in."""
    here = browser()
    sign_in(here, "/hq", hq_person().login)
    here.get("/hq/users")
    return here


def test_an_administrator_invites_a_colleague_who_chooses_a_password(admin, browser):
    page = admin.post("/hq/users", {"name": "周敏", "login": "zhoumin@example.com", "role": "content_editor"})
    (link,) = _links(page.text)

    assert page.status_code == 200
    assert "<svg" in page.text
    assert "zhoumin@example.com" not in page.text
    assert "zh***@example.com" in page.text
    assert _accept(browser, link).status_code == 303
    assert sign_in(browser(), "/hq", "ZhouMin@example.com", NEW).status_code == 303


def test_a_link_works_once(admin, browser):
    (link,) = _links(admin.post("/hq/users", {"name": "甲", "login": "jia1", "role": "operator"}).text)
    _accept(browser, link)

    again = _accept(browser, link, "另一个 密码 is here")

    assert again.status_code == 410
    assert "链接已失效" in again.text
    assert sign_in(browser(), "/hq", "jia1", NEW).status_code == 303


def test_a_new_link_replaces_the_old_one(admin, browser, as_hq):
    page = admin.post("/hq/users", {"name": "乙", "login": "yi02", "role": "operator"})
    (old,) = _links(page.text)
    user_id = as_hq(lambda session, _now: session.query(HqUser).filter_by(name="乙").one().user_id)
    (new,) = _links(admin.post(f"/hq/users/{user_id}/invite").text)

    assert _accept(browser, old).status_code == 410
    assert _accept(browser, new).status_code == 303


def test_a_link_is_dead_after_a_week(admin, browser, as_hq):
    (link,) = _links(admin.post("/hq/users", {"name": "丙", "login": "bing3", "role": "operator"}).text)

    def age(session, now):
        session.query(HqUser).filter_by(name="丙").one().invite_expires_at = now - timedelta(seconds=1)

    as_hq(age)

    assert _accept(browser, link).status_code == 410


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_a_link_that_lies_around_dies_when_its_owner_changes_the_password(
    portal, admin, browser, hq_person, staff_person
):
    person = hq_person() if portal == "/hq" else staff_person()
    ticked = {"person": f"{person.dealer_id}:{person.user_id}"}
    path = f"users/{person.user_id}/invite" if portal == "/hq" else "staff/invite"
    (link,) = _links(admin.post(f"/hq/{path}", ticked).text)
    here = browser()
    sign_in(here, portal, person.login)
    here.get(f"{portal}/account")
    assert here.post(f"{portal}/account/password", {"old": PASSWORD, "password": NEW, "again": NEW}).status_code == 303

    assert _accept(browser, link).status_code == 410


def test_disabling_kills_the_link(admin, browser, as_hq):
    (link,) = _links(admin.post("/hq/users", {"name": "丁", "login": "ding4", "role": "operator"}).text)
    user_id = as_hq(lambda session, _now: session.query(HqUser).filter_by(name="丁").one().user_id)
    admin.get("/hq/users")
    admin.post(f"/hq/users/{user_id}/disable")

    assert _accept(browser, link).status_code == 410


@pytest.mark.parametrize("token", ["x", "AAAA", "%F0%9F%98%80", "A" * 75])
@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_a_made_up_link_says_so(portal, token, browser, settings):
    assert browser().get(f"{portal}/invite/{token}").status_code == 410


def test_of_two_who_press_at_once_one_wins(hq_person, settings):
    person = hq_person()
    engine = make_engine(settings.role_urls["hq"], pool_size=4)
    with unit_of_work(engine) as session:
        link = invites.issue(
            session, accounts.hq_user(session, person.user_id), actor=system("test"), now=now_of(session)
        )
    outcomes, start = [], threading.Barrier(4)

    def press(number):
        start.wait()
        try:
            with unit_of_work(engine) as session:
                invites.accept(
                    session,
                    realms.HQ,
                    link,
                    password=f"racing for it {number}",
                    blind_key=settings.hq().keys.blind,
                    address="",
                    now=now_of(session),
                )
            outcomes.append("in")
        except InviteUnusable:
            outcomes.append("late")

    threads = [threading.Thread(target=press, args=(number,)) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    engine.dispose()

    assert sorted(outcomes) == ["in", "late", "late", "late"]


def test_staff_get_their_letters_in_bulk(admin, browser, staff_person, as_hq):
    people = [staff_person() for _ in range(3)]

    def forget(session, _now):
        for person in people:
            row = session.get(Staff, (person.dealer_id, person.user_id))
            row.status, row.password_hash = "invited", None

    as_hq(forget)
    admin.get("/hq/staff")
    page = admin.post("/hq/staff/invite", {"person": [f"{p.dealer_id}:{p.user_id}" for p in people]})
    links = _links(page.text)

    assert len(links) == 3
    assert all(_accept(browser, link).status_code == 303 for link in links)
    assert sign_in(browser(), "/dealer", people[0].login, NEW).status_code == 303


def test_an_operator_adds_a_person_to_a_dealer(browser, hq_person, staff_person):
    at = staff_person()
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get(f"/hq/staff/{at.dealer_id}/new")
    page = here.post(
        f"/hq/staff/{at.dealer_id}/new",
        {"name": "新店员", "login": "139 1111 2222", "role": "salesperson", "stores": [str(at.store_id)]},
    )

    (link,) = _links(page.text)
    assert _accept(browser, link).status_code == 303
    assert sign_in(browser(), "/dealer", "+8613911112222", NEW).status_code == 303


def test_somebody_elses_login_is_refused_beside_its_field(admin, hq_person):
    taken = hq_person(login="taken@example.com")

    page = admin.post("/hq/users", {"name": "又一个", "login": taken.login.upper(), "role": "operator"})

    assert page.status_code == 409
    assert "已经有人用了" in page.text
    assert 'value="又一个"' in page.text


def test_nobody_disables_themselves_or_the_last_administrator(browser, hq_person):
    person = hq_person()
    here = browser()
    sign_in(here, "/hq", person.login)
    here.get("/hq/users")

    assert here.post(f"/hq/users/{person.user_id}/disable").status_code == 409
    assert here.get("/hq/users").status_code == 200


def test_people_without_the_permission_see_no_users(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)

    answer = here.get("/hq/users")

    assert answer.status_code == 403
    assert "你的角色没有这项权限" in answer.text
    assert "/hq/users" not in here.get("/hq/account").text


def test_every_change_of_an_account_is_in_the_audit_log(admin, as_hq, browser):
    from shared.audit.models import AuditEntry

    (link,) = _links(admin.post("/hq/users", {"name": "戊", "login": "wu05", "role": "operator"}).text)
    _accept(browser, link)
    user_id = as_hq(lambda session, _now: session.query(HqUser).filter_by(name="戊").one().user_id)
    admin.get("/hq/users")
    admin.post(f"/hq/users/{user_id}/role", {"role": "analyst"})
    admin.post(f"/hq/users/{user_id}/disable")
    admin.post(f"/hq/users/{user_id}/enable")

    def acts(session, _now):
        rows = session.query(AuditEntry).filter_by(subject=f"user:{user_id}").order_by(AuditEntry.at)
        return {row.action for row in rows}

    assert as_hq(acts) >= {"user:add", "user:invite", "user:accept", "user:role", "user:disable", "user:enable"}


def test_the_password_of_a_colleague_is_not_kept_in_clear(hq_person, as_hq):
    person = hq_person(login="13812345678")

    def columns(session, _now):
        user = session.get(HqUser, person.user_id)
        return [str(getattr(user, column.key)) for column in HqUser.__table__.columns]

    kept = " ".join(as_hq(columns))

    assert "13812345678" not in kept
    assert PASSWORD not in kept
    assert "138****5678" in kept


def test_everybody_of_a_dealer_who_has_no_password_gets_a_link(admin, browser, staff_person, as_hq):
    first = staff_person()
    waiting = [staff_person(dealer_id=first.dealer_id) for _ in range(2)]
    elsewhere = staff_person()

    def forget(session, _now):
        for person in [*waiting, elsewhere]:
            row = session.get(Staff, (person.dealer_id, person.user_id))
            row.status, row.password_hash = "invited", None

    as_hq(forget)
    admin.get("/hq/staff")

    assert len(_links(admin.post("/hq/staff/invite", {"every": str(first.dealer_id)}).text)) == 2
    admin.get("/hq/staff")
    assert len(_links(admin.post("/hq/staff/invite", {"every": ""}).text)) == 3


def test_staff_are_listed_per_dealer_and_store(admin, staff_person):
    here = staff_person()
    colleague = staff_person(dealer_id=here.dealer_id)
    stranger = staff_person()
    everybody = admin.get("/hq/staff").text
    dealer = admin.get(f"/hq/staff?dealer={here.dealer_id}").text
    store = admin.get(f"/hq/staff?dealer={here.dealer_id}&store={here.store_id}").text

    assert all(person.name in everybody for person in (here, colleague, stranger))
    assert (here.name in dealer, colleague.name in dealer, stranger.name in dealer) == (True, True, False)
    assert (here.name in store, colleague.name in store) == (True, False)


def test_a_long_list_of_staff_comes_in_pages(admin, staff_person):
    first = staff_person()
    people = [first, *(staff_person(dealer_id=first.dealer_id) for _ in range(54))]
    page = admin.get("/hq/staff").text
    following = re.search(r'href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")
    rest = admin.get(following).text
    names = [person.name + "<" for person in people]

    assert sum(name in page for name in names) == 50
    assert sum(name in rest for name in names) == 5
    assert admin.get("/hq/staff?after=made-up").status_code == 400
