"""Headquarters looks after accounts: many at once, one by one, and nobody locks everybody out."""

from __future__ import annotations

import base64
import io
import re

import pytest
from sqlalchemy import func, select

from shared.audit.models import AuditEntry
from shared.dealers.models import Store
from shared.identity.models import HqUser, Staff, StaffStore
from shared.identity.permissions import Role
from shared.leads.models import Assignment
from tests import factories as make
from tests.portals.conftest import PASSWORD, sign_in

_LINK = re.compile(r"https?://[^\s<\"]*(/(?:hq|dealer)/invite/[\w-]+)")


def links(page: str) -> list[str]:
    return list(dict.fromkeys(_LINK.findall(page)))


@pytest.fixture
def desk(browser, hq_person):
    """A browser in which an administrator is signed in."""
    here = browser()
    sign_in(here, "/hq", hq_person().login)
    here.get("/hq/staff/bulk")
    return here


@pytest.fixture
def store(rows):
    made = make.store(rows)
    rows.commit()
    return made


def people(rows):
    return rows.scalars(select(Staff).order_by(Staff.name).execution_options(populate_existing=True)).all()


def test_a_list_is_shown_line_by_line_before_anything_is_made(desk, rows, store):
    text = f"王芳,138 0000 0001,{store.code},店长\n李雷,0571-88886666,{store.code}\n韩梅,13800000003,S9999"
    page = desk.post("/hq/staff/bulk", {"lines": text})
    assert page.status_code == 200
    for words in ("会邀请", "座机", "没有门店 S9999", "3 行里 1 行可以邀请", "138 0000 0001"):
        assert words in page.text
    assert people(rows) == []


def test_the_good_lines_get_accounts_with_links_and_the_others_are_named(desk, browser, rows, store):
    text = f"王芳,13800000001,{store.code},店长\n李雷,13800000002,{store.code}\n韩梅,13800000003,S9999"
    page = desk.post("/hq/staff/bulk", {"lines": text, "confirm": "1"}).text
    first, second = links(page)
    assert (first.startswith("/dealer/invite/"), page.count("k-qr")) == (True, 2)
    assert "没有门店 S9999" in page
    assert "7 天内打开" in page
    assert {(one.name, one.role) for one in people(rows)} == {("王芳", "store_manager"), ("李雷", "salesperson")}
    assert rows.scalar(select(func.count()).select_from(StaffStore)) == 2
    here = browser()
    for _ in range(3):  # a preview in a chat opens the link too: only the form uses it up
        here.get(second)
    assert here.post(second, {"password": "一个 新的 密码 here", "again": "一个 新的 密码 here"}).status_code == 303
    assert "13800000001" not in page


def test_sent_twice_nobody_is_twice(desk, rows, store):
    said = {"lines": f"王芳,13800000001,{store.code}", "confirm": "1"}
    desk.post("/hq/staff/bulk", said)
    desk.get("/hq/staff/bulk")
    again = desk.post("/hq/staff/bulk", said)
    assert "已有账号" in again.text
    assert links(again.text) == []
    assert len(people(rows)) == 1


def test_all_links_come_as_one_file_without_formulas(desk, store):
    page = desk.post("/hq/staff/bulk", {"lines": f"=王芳,13800000001,{store.code}", "confirm": "1"}).text
    encoded = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', page)[1]
    text = base64.b64decode(encoded).decode("utf-8-sig")
    assert "'=王芳" in text
    assert links(text) == links(page)


def test_a_spreadsheet_becomes_lines_that_can_be_put_right(desk, rows, store):
    body = f"姓名,手机号,门店编号,角色\n王芳,13800000001,{store.code},店长\n李雷,1380000,{store.code},销售\n"
    page = desk.post("/hq/staff/bulk", {"lines": "", "file": (io.BytesIO(body.encode("gb18030")), "名单.csv")})
    assert "2 行里 1 行可以邀请" in page.text
    assert "王芳\t13800000001" in page.text


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.xlsx", b"%PDF-1.7", "PDF"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 64, "xls"),
        ("a.xlsx", b"\x89PNG\r\n", "PNG"),
    ],
)
def test_a_file_that_is_none_is_said_in_words_and_the_lines_stay(desk, name, body, words):
    page = desk.post("/hq/staff/bulk", {"lines": "王芳 139", "file": (io.BytesIO(body), name)})
    assert page.status_code == 422
    assert words in page.text
    assert "王芳 139" in page.text


def test_two_hundred_people_cost_a_handful_of_statements(desk, rows, store):
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    count = 0

    def tick(*_args):
        nonlocal count
        count += 1

    text = "\n".join(f"店员{n},138{n:08},{store.code}" for n in range(200))
    event.listen(Engine, "before_cursor_execute", tick)
    page = desk.post("/hq/staff/bulk", {"lines": text, "confirm": "1"})
    event.remove(Engine, "before_cursor_execute", tick)
    assert len(links(page.text)) == 200
    assert count < 30


def test_a_link_can_be_revoked(desk, browser, rows, store):
    page = desk.post("/hq/staff/bulk", {"lines": f"王芳,13800000001,{store.code}", "confirm": "1"})
    (link,) = links(page.text)
    (person,) = people(rows)
    at = f"/hq/staff/{person.dealer_id}/{person.user_id}"
    assert "链接有效" in desk.get(at).text
    desk.post(f"{at}/revoke")
    assert browser().get(link).status_code == 410
    assert "没有有效链接" in desk.get(at).text


def test_somebody_moves_to_another_store_and_their_leads_stay(desk, rows, staff_person):
    who = staff_person(Role.SALESPERSON)
    old = rows.get(Store, (who.dealer_id, who.store_id))
    new = make.store(rows, of=rows.get(type(old), (who.dealer_id, who.store_id)))
    given = make.claimed(rows, old, assignee=who.user_id)
    rows.commit()
    at = f"/hq/staff/{who.dealer_id}/{who.user_id}"
    assert "手里有 1 条线索" in desk.get(at).text
    assert desk.post(f"{at}/stores", {"stores": [str(new.store_id)]}).status_code == 303
    assert "1 条线索留在原门店" in desk.get(at).text
    lead = rows.get(Assignment, (given.dealer_id, given.assignment_id), populate_existing=True)
    assert (lead.assignee, lead.store_id) == (None, old.store_id)


def test_nobody_is_moved_to_a_store_of_another_dealer(desk, rows, staff_person, store):
    who = staff_person()
    desk.get(f"/hq/staff/{who.dealer_id}/{who.user_id}")
    answer = desk.post(f"/hq/staff/{who.dealer_id}/{who.user_id}/stores", {"stores": [str(store.store_id)]})
    assert answer.status_code == 422
    assert rows.scalars(select(StaffStore.store_id).where(StaffStore.user_id == who.user_id)).all() == [who.store_id]


def test_a_changed_number_ends_sign_ins_and_keeps_the_password(desk, browser, rows, staff_person):
    who, phone = staff_person(), browser()
    sign_in(phone, "/dealer", who.login)
    at = f"/hq/staff/{who.dealer_id}/{who.user_id}"
    desk.get(at)
    assert desk.post(f"{at}/login", {"login": "139 9999 0001"}).status_code == 303
    assert phone.get("/dealer/inbox").status_code == 303
    assert sign_in(browser(), "/dealer", "13999990001", PASSWORD).status_code == 303
    told = rows.scalars(select(AuditEntry.details).where(AuditEntry.action == "user:login")).one()
    assert told["login"][1] == "139****0001"
    taken = staff_person()
    desk.get(at)
    refused = desk.post(f"{at}/login", {"login": taken.login})
    assert refused.status_code == 409
    assert "已经有人用了" in refused.text


def test_a_link_that_went_to_the_wrong_number_dies_with_it(desk, browser, rows, store):
    (link,) = links(desk.post("/hq/staff/bulk", {"lines": f"王芳,13800000001,{store.code}", "confirm": "1"}).text)
    (person,) = people(rows)
    at = f"/hq/staff/{person.dealer_id}/{person.user_id}"
    desk.get(at)
    assert desk.post(f"{at}/login", {"login": "13800000002"}).status_code == 303
    assert browser().get(link).status_code == 410


def test_sign_ins_are_seen_and_ended_from_headquarters(desk, browser, staff_person):
    who, phone, laptop = staff_person(), browser(), browser()
    for here in (phone, laptop):
        sign_in(here, "/dealer", who.login)
    at = f"/hq/staff/{who.dealer_id}/{who.user_id}"
    page = desk.get(at).text
    one = re.search(rf'action="({at}/sessions/[0-9a-f-]+/end)"', page)[1]
    desk.post(one)
    assert sorted(here.get("/dealer/inbox").status_code for here in (phone, laptop)) == [200, 303]
    desk.get(at)
    desk.post(f"{at}/sessions/end")
    assert {here.get("/dealer/inbox").status_code for here in (phone, laptop)} == {303}


def test_disabling_can_be_undone_at_once(desk, rows, staff_person):
    who = staff_person()
    at = f"/hq/staff/{who.dealer_id}/{who.user_id}"
    desk.get(at)
    desk.post(f"{at}/disable")
    assert f'action="{at}/enable"' in desk.get(at).text
    desk.post(f"{at}/enable")
    assert rows.get(Staff, (who.dealer_id, who.user_id), populate_existing=True).status == "active"


def test_the_last_administrator_stays_one(desk, rows, hq_person):
    other = hq_person()
    at = f"/hq/users/{other.user_id}"
    desk.get(at)
    desk.post(f"{at}/role", {"role": "analyst"})
    (admin,) = rows.scalars(select(HqUser.user_id).where(HqUser.role == "administrator")).all()
    desk.get(f"/hq/users/{admin}")
    assert desk.post(f"/hq/users/{admin}/role", {"role": "analyst"}).status_code == 409
    assert desk.post(f"/hq/users/{admin}/disable").status_code == 409


def test_the_role_table_is_readable(desk):
    page = desk.get("/hq/users/roles").text
    for words in ("派单、撤回、关闭线索", "领取线索", "店长", "管理员"):
        assert words in page


def test_an_operator_sees_staff_and_no_users(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    assert here.get("/hq/staff").status_code == 200
    assert here.get("/hq/users/roles").status_code == 403
