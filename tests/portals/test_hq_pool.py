"""The open pool on headquarters' pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from shared.audit.models import AuditEntry
from shared.dealers.models import Series
from shared.identity.permissions import Role
from shared.leads.models import Lead
from shared.leads.pool.models import PoolEntry, PoolView
from shared.platform.ids import new_id
from tests import factories as make
from tests.portals.conftest import sign_in


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def desk(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get("/hq/account")
    return here


def state(rows, lead):
    rows.rollback()
    return rows.get(Lead, lead.lead_id, populate_existing=True).state


def looked(rows, entry, store, now):
    who = make.staff(rows, [store])
    at = {"view_id": new_id(now), "of_dealer_id": store.dealer_id, "store_id": store.store_id}
    rows.add(PoolView(**at, lead_id=entry.lead_id, user_id=who.user_id, at=now))


def test_the_list_tells_since_when_until_when_who_sees_it_and_who_looked(desk, rows, now):
    one, two, other = make.store(rows, name="甲店"), make.store(rows), make.store(rows, lng=100.0)
    lead = make.lead(rows, dealers=[one, two, other], state="pooled", state_reason={"code": "pool"})
    entry = make.pooled(rows, of=lead, km=30.0, now=now - timedelta(hours=2))
    looked(rows, entry, one, now)
    rows.commit()
    page = desk.get("/hq/desk/pool")
    assert page.status_code == 200
    row = page.text[page.text.index(f"/hq/leads/{lead.lead_id}") :]
    assert re.findall(r'<td class="num[^"]*"[^>]*>\s*(\d+)\s*</td>', row)[-2:] == ["2", "1"]
    about = desk.get(f"/hq/leads/{lead.lead_id}").text
    assert "2 家门店可见" in about
    assert "甲店" in about


def test_a_lead_of_the_desk_is_put_there_and_taken_out_again(desk, rows):
    store = make.store(rows)
    lead = make.lead(rows, dealers=[store], state="desk", state_reason={"code": "too_far"})
    rows.commit()
    answer = desk.post(f"/hq/desk/{lead.lead_id}/pool")
    assert answer.status_code == 303
    assert state(rows, lead) == "pooled"
    assert desk.post(f"/hq/desk/{lead.lead_id}/recall", {"reason": "mistake"}).status_code == 303
    assert state(rows, lead) == "desk"
    assert rows.scalar(select(func.count()).select_from(PoolEntry)) == 0
    assert "lead:pool" in rows.scalars(select(AuditEntry.action)).all()


def test_undo_takes_it_out_again(desk, rows):
    lead = make.lead(rows, dealers=[make.store(rows)], state="desk", state_reason={"code": "too_far"})
    rows.commit()
    desk.post(f"/hq/desk/{lead.lead_id}/pool")
    at = re.search(r'name="at" value="([^"]+)"', desk.get(f"/hq/leads/{lead.lead_id}").text)[1]
    assert desk.post(f"/hq/desk/{lead.lead_id}/undo", {"act": "pool", "at": at}).status_code == 303
    assert state(rows, lead) == "desk"


def test_what_no_store_could_claim_stays_and_the_reader_is_told_why(desk, rows, now):
    rows.add(Series(code="S", name="S", models=["S1"], created_at=now, changed_at=now))
    lead = make.lead(rows, dealers=[make.store(rows, series=["X"])], state="desk", state_reason={"code": "not_sold"})
    rows.commit()
    answer = desk.post(f"/hq/desk/{lead.lead_id}/pool")
    assert "不能放入公海，保持原样" in desk.get(answer.location).text
    assert state(rows, lead) == "desk"


def test_many_are_put_there_and_taken_out_to_the_rules_at_once(desk, rows):
    store = make.store(rows)
    leads = [make.lead(rows, dealers=[store], state="desk", state_reason={"code": "too_far"}) for _ in range(3)]
    rows.commit()
    ids = [str(each.lead_id) for each in leads]
    assert desk.post("/hq/desk/many/pool", {"table": "desk", "id": ids}).status_code == 303
    assert [state(rows, each) for each in leads] == ["pooled"] * 3
    assert desk.post("/hq/desk/many/return", {"table": "pool", "id": ids}).status_code == 303
    assert [state(rows, each) for each in leads] == ["waiting"] * 3
