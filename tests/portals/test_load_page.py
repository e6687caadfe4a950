"""Tomorrow's load: what falls due at each store, hour by hour, and what waits near it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.platform.clock import beijing_day, day_start
from tests import factories as make
from tests.portals.conftest import sign_in


@pytest.fixture
def busy(rows):
    """A store with an offer due tomorrow at 9, a first contact at 15, a planned call at 15, and three leads waiting."""
    now = datetime.now(UTC)
    tomorrow = day_start(beijing_day(now)) + timedelta(days=1)
    store = make.store(rows, name="忙店", lng=120.12, lat=30.25, province_code="330000")
    by = make.staff(rows, [store]).user_id
    make.offered(rows, store, deadline_at=tomorrow + timedelta(hours=9), now=now)
    contact = {"due_kind": "contact", "due_at": tomorrow + timedelta(hours=15)}
    make.claimed(rows, store, now=now, **contact)
    planned = make.claimed(rows, store, now=now, stage=Stage.CONTACTED)
    make.follow_up(rows, planned, by=by, next_at=tomorrow + timedelta(hours=15), at=now)
    changed = make.claimed(rows, store, now=now, stage=Stage.CONTACTED)  # planned, and then planned for another day
    make.follow_up(rows, changed, by=by, next_at=tomorrow + timedelta(hours=15), at=now - timedelta(hours=2))
    make.follow_up(rows, changed, by=by, next_at=tomorrow + timedelta(days=3), at=now - timedelta(hours=1))
    make.offered(rows, store, deadline_at=tomorrow - timedelta(seconds=1), now=now)
    for _ in range(3):
        make.lead(rows, dealers=[store])
    make.store(rows, name="闲店", lng=114.0, lat=22.5, province_code="440000")
    rows.commit()
    return store


@pytest.fixture
def desk(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    return here


def line(page: str, name: str) -> list[str]:
    """The cells of a store's row, without tags."""
    row = next(row for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if name in row)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]


def test_a_store_shows_what_falls_due_by_kind_and_hour_and_what_waits_near(desk, busy):
    page = desk.get("/hq/load").text
    assert [cell for cell in line(page, "忙店") if cell.isdigit()] == ["3", "1", "1", "1", "3"]
    assert 'aria-label="9:00 1  15:00 2"' in page
    assert [cell for cell in line(page, "闲店") if cell.isdigit()] == ["0"] * 5


def test_the_load_is_searched_filtered_by_province_and_exported(desk, busy):
    for query in ("province=330000", "due=1"):
        page = desk.get(f"/hq/load?{query}").text
        assert "闲店" not in page
        assert "共 1 家门店" in page
    page = desk.get("/hq/load?lang=en").text
    assert "Tomorrow&#39;s load" in page or "Tomorrow's load" in page


def test_the_load_is_sorted_by_the_leads_that_wait_near_over_pages_and_in_the_export(desk, busy, rows):
    south = {"lng": 114.0, "lat": 22.5}
    for _ in range(2):
        make.lead(rows, place=south)
    for number in range(60):
        make.store(rows, name=f"远店{number:02}", lng=87.6, lat=43.8)
    rows.commit()
    down = desk.get("/hq/load?sort=-waiting").text
    assert 'aria-sort="descending"' in down
    assert down.index("忙店") < down.index("闲店") < down.index("远店")
    assert line(down, "闲店")[-2] == "2"
    up = desk.get("/hq/load?sort=waiting").text
    assert "忙店" not in up
    after = re.search(r'href="([^"]*after=[^"]*)"', up).group(1).replace("&amp;", "&")
    last = desk.get(f"/hq/load{after}" if after.startswith("?") else after).text
    assert last.index("闲店") < last.index("忙店")
    file = desk.post("/hq/load/list/export", {"kind": "csv", "query": "sort=-waiting&cols=waiting"}).data.decode()
    assert [row.split(",")[-1] for row in file.splitlines()[1:4]] == ["3", "2", "0"]


def test_who_may_not_read_stores_sees_no_load(browser, hq_person, busy):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.CONTENT_EDITOR).login)
    assert here.get("/hq/load").status_code == 403
