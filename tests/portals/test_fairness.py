"""The page about fairness: its figures are those of plain counting."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

import hq.benchmarks.jobs  # noqa: F401 (declares its drain)
from hq.network.fairness import spread
from hq.network.fairness.table import hint
from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.working import at_work


def gini(numbers: list[int]) -> float:
    """By its definition: the mean difference of all pairs over twice the mean."""
    pairs = [abs(one - other) for one in numbers for other in numbers]
    return sum(pairs) / len(pairs) / (2 * sum(numbers) / len(numbers))


def offers(rows, store, count, **values):
    for _ in range(count):
        make.offered(rows, store, **values)


def test_ginis_coefficient_counts_the_stores_that_got_nothing(rows):
    stores = [make.store(rows, cap=cap) for cap in (5, 10, 30, 5)]
    make.store(rows, status="paused")
    for store, count in zip(stores, (1, 4, 6, 0), strict=True):
        offers(rows, store, count)
    rows.commit()
    seen = spread.of_days(rows, now=make.NOW + timedelta(hours=1))
    assert [(each.leads, each.served) for each in seen.days] == [(11, 3)]
    assert seen.gini == seen.days[0].gini == pytest.approx(gini([0, 1, 4, 6]))
    assert seen.of_limits == pytest.approx(gini([5, 5, 10, 30]))
    assert (seen.stores, seen.most, seen.over) == (4, 50, 0)


def test_without_stores_and_leads_there_is_nothing_to_divide_by(rows):
    seen = spread.of_days(rows, now=make.NOW)
    assert (seen.days, seen.gini, seen.of_limits, seen.most) == ([], None, None, 0)


@pytest.mark.parametrize(
    ("load", "in_time", "around", "expected"),
    [
        (0.95, 0.5, 0.8, "full_slow"),
        (0.95, 0.8, 0.8, "raise"),
        (0.5, 0.5, 0.8, "slow"),
        (0.1, 0.8, None, "idle"),
        (0.5, 0.8, 0.8, None),
        (None, 0.8, 0.8, None),
    ],
)
def test_what_deserves_a_look_is_said(load, in_time, around, expected):
    load = SimpleNamespace(value=load, median=None, whole=40, part=30)
    assert hint(load, SimpleNamespace(value=in_time, median=around, whole=30, part=0)) == expected


def test_few_offers_say_nothing_about_a_store():
    load = SimpleNamespace(value=0.95, median=None, whole=4, part=1)
    assert hint(load, SimpleNamespace(value=0.1, median=0.9, whole=4, part=1)) is None


def test_the_page_shows_each_stores_load_as_the_worker_reckoned_it(browser, hq_person, rows, settings):
    now = datetime.now(UTC)
    store = make.store(rows, cap=4, name="西湖店", created_at=now - timedelta(days=2))
    offers(rows, store, 6, now=now - timedelta(hours=1))
    rows.commit()
    with at_work(settings.worker(), now=now) as place:
        run(place, find("hq.benchmarks"))
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    page = here.get("/hq/fairness").text
    assert "西湖店" in page
    assert "75.0%" in page.replace(" ", "").replace("\u2009", "")


def test_what_a_store_claims_from_the_pool_has_a_column_of_its_own_and_is_exported(browser, hq_person, rows, settings):
    now = datetime.now(UTC)
    store = make.store(rows, cap=4, name="公海店", created_at=now - timedelta(days=2))
    lately = now - timedelta(hours=1)
    by = make.staff(rows, [store]).user_id
    for code in ("pool", "pool", "nearest"):
        held = make.claimed(rows, store, now=lately, offer={"why": {"code": code}})
        make.follow_up(rows, held, by=by, kind="claim", at=lately)
    offers(rows, store, 1, now=lately)
    make.claimed(rows, store, stage=Stage.EXPIRED, now=lately)
    rows.commit()
    with at_work(settings.worker(), now=now) as place:
        run(place, find("hq.benchmarks"))
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    page = here.get("/hq/fairness?sort=-pool").text
    row = [each for each in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "公海店" in each][-1]  # after the chart's
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]
    assert [cell for cell in cells if cell][3:6] == ["3", "1", "2"]  # offered, claimed, from the pool
    assert "50.0%" in "".join(cells).replace("\u2009", "").replace(" ", "")
    file = here.post("/hq/fairness/list/export", {"kind": "csv", "query": "cols=offered,claimed,pool,in_time"})
    assert file.data.decode("utf-8-sig").splitlines()[:2] == [
        "门店,派单,已领取,公海领取,按时领取",
        "公海店,3,1,2,50.0%",
    ]
    spread_ = spread.of_days(rows, now=now)
    assert sum(each.leads for each in spread_.days) == 3


def test_who_may_not_see_stores_does_not_see_how_fair_it_is(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.CONTENT_EDITOR).login)
    assert here.get("/hq/fairness").status_code == 403
