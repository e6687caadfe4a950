"""Imports as an operator sees them."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest

import hq.intake.imports.jobs  # noqa: F401  declares the drain
from shared.audit.models import AuditEntry
from shared.identity.permissions import Role
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import run
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.unit.intake.workbooks import ANNA, HEADINGS, csv_bytes

BAD = ["S2", "DRAW", "=王短", "+861380013", *ANNA[4:]]


@pytest.fixture
def operator(browser, hq_person, rows):
    make.campaign(rows, code="DRAW", name="金秋抽奖季")
    rows.commit()
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get("/hq/imports")
    return here


def send(here, content: bytes, name: str = "名单.csv", **form):
    given = {"kind": "signups", "campaign": "", **form, "file": (io.BytesIO(content), name)}
    return here.post("/hq/imports", given, content_type="multipart/form-data")


def work(settings) -> None:
    with at_work(settings.worker()) as place:
        run(place, find("hq.imports"))


def test_an_upload_leads_to_its_page_which_follows_it_to_the_end(operator, settings):
    answer = send(operator, csv_bytes([HEADINGS, ANNA, BAD]))
    assert answer.status_code == 303
    before = operator.get(answer.location).text
    assert "hx-get" in before
    assert "0 / –" in before
    work(settings)
    after = operator.get(answer.location + "/progress").text
    assert "2 / 2" in after
    assert "hx-get" not in after
    assert "手机号位数" in after or "too few or too many digits" in after


def test_a_file_that_cannot_be_used_says_what_is_wrong_and_what_to_do(operator, settings):
    answer = send(operator, b"<!DOCTYPE html><html></html>")
    work(settings)
    page = operator.get(answer.location, headers={"Accept-Language": "en"}).text
    assert answer.status_code == 303
    assert re.search("web page|网页", page)


def test_the_same_file_again_keeps_the_form_and_says_so(operator):
    content = csv_bytes([HEADINGS, ANNA])
    send(operator, content)
    again = send(operator, content)
    assert again.status_code == 409
    assert 'name="again"' in again.text
    assert send(operator, content, again="y").status_code == 303


def test_without_a_file_the_form_says_so(operator):
    answer = operator.post("/hq/imports", {"kind": "signups", "campaign": ""}, content_type="multipart/form-data")
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_rejected_rows_come_as_text_with_row_and_reason_and_leave_a_trace(operator, settings, rows, kind):
    address = send(operator, csv_bytes([HEADINGS, ANNA, BAD])).location
    work(settings)
    operator.get(address)
    answer = operator.post(f"{address}/rejected.{kind}")
    assert answer.status_code == 200
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
        lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert sheet["E2"].data_type == "s"
        assert lines[1][4] == "=王短"
    else:
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert lines[1][4] == "'=王短"
        assert lines[1][5] == "'+861380013"
    assert lines[0][2:] == HEADINGS
    assert int(lines[1][0]) == 3
    assert rows.query(AuditEntry).filter_by(action="import:take_rejected").count() == 1


def test_the_corrected_file_of_rejected_rows_can_be_uploaded_as_it_is(operator, settings, rows):
    address = send(operator, csv_bytes([HEADINGS, BAD])).location
    work(settings)
    operator.get(address)
    taken = operator.post(f"{address}/rejected.xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(taken))
    book.active["F2"] = "13800138000"
    out = io.BytesIO()
    book.save(out)
    operator.get("/hq/imports")
    again = send(operator, out.getvalue(), "corrected.xlsx").location
    work(settings)
    assert "1 / 1" in operator.get(again).text


def test_an_analyst_sees_no_imports(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)
    assert here.get("/hq/imports").status_code == 403
    assert here.post("/hq/imports").status_code == 403
