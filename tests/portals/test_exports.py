"""Exports of lists: what is seen, masked unless somebody may have more and says why."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from shared.audit.models import AuditEntry
from shared.dealers.models import Store
from shared.identity.permissions import Role
from tests import factories
from tests.portals.conftest import sign_in

PHONES = [f"1380000{number:04}" for number in range(3)]
_PLAIN = re.compile(r"1[3-9]\d{9}")


@pytest.fixture
def leads(rows):
    """Three leads of named people with numbers, of grades A, B and A."""
    store = factories.store(rows)
    made = [
        factories.lead(
            rows,
            dealers=[store],
            person=factories.contact(rows, phone=f"+86{phone}", name=name),
            grade=grade,
            opened_at=factories.NOW + timedelta(minutes=number),
        )
        for number, (phone, name, grade) in enumerate(zip(PHONES, ("陈小明", "=李四", "王五"), "ABA", strict=True))
    ]
    rows.commit()
    return made


@pytest.fixture
def here(browser, hq_person):
    return _signed_in(browser, hq_person, Role.ADMINISTRATOR)


def _signed_in(browser, hq_person, role):
    opened = browser()
    sign_in(opened, "/hq", hq_person(role).login)
    opened.get("/hq/leads")
    return opened


def _table(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def _send(here, **fields):
    return here.post("/hq/leads/list/export", {"kind": "csv", **fields})


def test_an_export_has_the_filters_order_and_columns_of_the_list(here, leads):
    answer = _send(here, query="grade=A&sort=opened&cols=grade,phone")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="koi-leads-')
    assert _table(answer) == [
        ["等级", "客户", "手机号"],
        ["A", "陈**", "138****0000"],
        ["A", "王*", "138****0002"],
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("page", ["leads", "signups", "contacts", "desk", "audit"])
def test_a_masked_export_holds_no_plain_number_and_no_whole_name(here, rows, leads, page, kind):
    here.get(f"/hq/{page}")
    answer = here.post(f"/hq/{page}/list/export", {"kind": kind, "numbers": "masked"})
    assert answer.status_code == 200
    text = answer.data.decode("latin-1") if kind == "csv" else _unzipped(answer.data)
    assert not _PLAIN.search(text)
    assert "陈小明" not in answer.data.decode("utf-8", "replace")


def _unzipped(data):
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_plain_numbers_need_a_reason_and_are_on_record_with_it(here, rows, leads):
    query = "grade=A&cols=phone&sort=opened"
    refused = _send(here, query=query, numbers="plain")
    assert refused.status_code == 422
    assert "写明手机号的用途" in refused.text
    assert 'value="plain" checked' in refused.text
    answer = _send(here, query=query, numbers="plain", reason="回访 13800000000 抽样")
    assert _table(answer) == [["客户", "手机号"], ["陈小明", PHONES[0]], ["王五", PHONES[2]]]
    entry = rows.query(AuditEntry).filter_by(action="export:phones").one()
    assert entry.subject == "export:leads"
    assert entry.details["rows"] == 2
    assert entry.details["reason"] == "回访 138****0000 抽样"
    assert entry.details["filter"] == ["等级 A"]
    assert "导出含手机号的列表" in here.get("/hq/audit?action=export:phones").text


def test_only_administrators_get_plain_numbers_and_analysts_no_export(browser, hq_person, rows, leads):
    operator = _signed_in(browser, hq_person, Role.OPERATOR)
    assert 'value="plain"' not in operator.get("/hq/leads/list/export").text
    assert _send(operator, numbers="plain", reason="x").status_code == 422
    assert _send(operator).status_code == 200
    analyst = _signed_in(browser, hq_person, Role.ANALYST)
    assert "/hq/leads/list/export" not in analyst.get("/hq/leads").text
    assert analyst.get("/hq/leads/list/export").status_code == 403
    assert _send(analyst).status_code == 403
    assert rows.query(AuditEntry).filter_by(action="export:phones").count() == 0


def test_ticked_rows_alone_are_exported(here, leads):
    ids = [str(leads[1].lead_id)]
    form = here.post("/hq/leads/list/export/ticked", {"id": ids, "query": "cols=grade", "table": "leads"})
    assert f'name="id" value="{ids[0]}"' in form.text
    assert [row[0] for row in _table(_send(here, query="cols=grade", id=ids))[1:]] == ["B"]


def test_a_name_that_was_searched_for_is_masked_on_record(here, rows, leads):
    assert len(_table(_send(here, query="q=陈小明&cols=grade"))) == 2
    entry = rows.query(AuditEntry).filter_by(action="export:take").one()
    assert "陈小明" not in str(entry.details)
    assert entry.details["rows"] == 1


def test_rows_without_a_deadline_come_last_in_the_file_too(here, rows, leads):
    lead = leads[2]
    factories.offered(rows, rows.scalars(select(Store)).one(), of=lead)
    rows.commit()
    cells = _table(_send(here, query="sort=deadline&cols=grade,deadline"))
    assert [bool(row[-1]) for row in cells[1:]] == [True, False, False]
