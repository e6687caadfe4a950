"""Headquarters puts values on the lists of screening, by hand and by file, and takes them off."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from hq.qualification.lists.models import Listed
from shared.identity.permissions import Role
from tests.portals.conftest import sign_in


@pytest.fixture
def desk(browser, hq_person):
    """A browser in which an operator is signed in."""
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get("/hq/lists/add")
    return here


def form(**values):
    return {"purpose": "blocked", "what": "auto", "lines": "", "why": "sold codes", "days": "90", **values}


def standing(rows):
    query = select(Listed).order_by(Listed.entry_id).execution_options(populate_existing=True)
    return [each for each in rows.scalars(query) if each.removed_at is None]


def test_lines_become_entries_with_a_reason_and_an_end(desk, rows):
    answer = desk.post("/hq/lists/add", form(lines="13800138000\n203.0.113.0/24"))
    assert answer.status_code == 303
    assert [(each.what, each.why, each.expires_at is not None) for each in standing(rows)] == [
        ("phone", "sold codes", True),
        ("address", "sold codes", True),
    ]
    page = desk.get("/hq/lists").text
    assert "203.0.113.0/24" in page
    assert "13800138000" not in page


def test_the_same_again_on_the_same_day_is_not_added_twice(desk, rows):
    for _ in range(2):
        assert desk.post("/hq/lists/add", form(lines="13800138000")).status_code == 303
    assert len(standing(rows)) == 1
    assert "1 条原本就在名单上" in desk.get("/hq/lists").text


def test_bad_lines_are_shown_before_anything_is_added_and_can_be_left_out(desk, rows):
    answer = desk.post("/hq/lists/add", form(lines="13800138000\nhello"))
    assert answer.status_code == 422
    assert standing(rows) == []
    answer = desk.post("/hq/lists/add", form(lines="13800138000\nhello", confirm="1"))
    assert answer.status_code == 303
    assert len(standing(rows)) == 1


def test_the_first_column_of_a_file_is_read_also_without_a_heading(desk, rows):
    for text in ("手机号,备注\n13800138000,x\n", "13900139000,y\n13700137000,z\n"):
        upload = (io.BytesIO(text.encode("gb18030")), "黑名单.csv")
        answer = desk.post("/hq/lists/add", form(file=upload), content_type="multipart/form-data")
        assert answer.status_code == 303
    assert len(standing(rows)) == 3
    assert {each.file_name for each in standing(rows)} == {"黑名单.csv"}


def test_without_a_reason_nothing_is_added(desk, rows):
    assert desk.post("/hq/lists/add", form(lines="13800138000", why=" ")).status_code == 422
    assert standing(rows) == []


def test_ticked_entries_are_taken_off_and_put_back(desk, rows):
    desk.post("/hq/lists/add", form(lines="13800138000"))
    (entry,) = standing(rows)
    desk.get("/hq/lists")
    desk.post("/hq/lists/off", {"table": "listed", "list": "/hq/lists", "query": "", "id": str(entry.entry_id)})
    assert standing(rows) == []
    at = rows.scalars(select(Listed).execution_options(populate_existing=True)).one().removed_at
    desk.post("/hq/lists/back", {"at": at.isoformat()})
    assert len(standing(rows)) == 1


def test_an_analyst_sees_no_lists(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)
    assert here.get("/hq/lists").status_code == 403
    assert here.get("/hq/lists/add").status_code == 403
