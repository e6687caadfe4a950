"""The overview as people use it: each number leads to the list that it counts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from hq.rules.models import RuleSet
from shared.identity.permissions import Role
from shared.platform.clock import beijing_day
from shared.platform.ids import new_id
from shared.walkins.models import WalkIn
from tests import factories
from tests.integration.analytics.conftest import campaign_round  # noqa: F401  fixture
from tests.portals.conftest import sign_in

_NUMBER = re.compile(r'<a [^>]*href="(/hq/(?:leads|signups|contacts)\?[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
_ROWS = re.compile(r"<tr[ >]")


@pytest.fixture
def here(browser, hq_person):
    """A browser in which an administrator is signed in."""
    opened = browser()
    sign_in(opened, "/hq", hq_person(Role.ADMINISTRATOR).login)
    return opened


def rows_of(page):
    return len(_ROWS.findall(page.text.partition("<tbody>")[2].partition("</tbody>")[0]))


def numbers_on(page):
    """Addresses and the number that stands in each."""
    for address, inside in _NUMBER.findall(page.text):
        data = re.search(r'value="(\d+)"', inside) or re.search(r"(\d+)\s*$", re.sub("<[^>]+>", "", inside))
        if data:
            yield unescape(address), int(data[1])


def test_every_number_has_as_many_rows_behind_it(here, campaign_round):  # noqa: F811  the fixture
    found = dict(numbers_on(here.get(f"/hq/overview?campaign={campaign_round.campaign.campaign_id}")))
    assert len(found) > 20
    assert {address: rows_of(here.get(address)) for address in found} == found


def test_what_needs_attention_leads_to_as_many_rows(here, rows, campaign_round):  # noqa: F811  the fixture
    factories.signup(rows, campaign_round.campaign, state="decided", outcome="quarantined")
    full = factories.store(rows, cap=0)
    factories.open_day(rows, full, day=beijing_day(datetime.now(UTC)))
    rows.commit()
    page = here.get("/hq/overview").text
    todos = re.findall(r'id="todo-(\w+)" href="([^"]+)"><span class="k-todo-n num">(\d+)', page)
    assert {"quarantined", "desk", "waiting", "full_stores"} <= {kind for kind, _address, _count in todos}
    for kind, address, count in todos:
        led_to = here.get(unescape(address))
        in_rings = re.search(r"(\d+) 条报名", led_to.text) if kind == "quarantined" else None
        assert (kind, int(in_rings[1]) if in_rings else rows_of(led_to)) == (kind, int(count))


def test_who_came_to_another_store_leads_to_the_lead_that_is_left_alone(here, rows, campaign_round):  # noqa: F811
    now = datetime.now(UTC)
    there, other = factories.store(rows), factories.store(rows)
    by = factories.staff(rows, [other]).user_id
    for hours in (3, 1):  # before the customer came to the other store, and after it
        held = factories.claimed(rows, there, now=now - timedelta(hours=hours))
        signup = factories.signup(rows, campaign_round.campaign, contact_id=held.contact_id)
        rows.add(
            WalkIn(
                dealer_id=other.dealer_id, walk_in_id=new_id(now), store_id=other.store_id, user_id=by,
                touchpoint="walk_in", name_masked="林*", phone_masked="139****5678", phone_bidx=b"x", sealed=None,
                region={}, interest={}, consent_text="", consent_how="spoken", entered_at=now - timedelta(hours=2),
                state="refused", code="known", signup_id=signup.signup_id, assignment_id=None,
                decided_at=now - timedelta(hours=2), aside_at=None,
            )
        )  # fmt: skip
    rows.commit()
    page = here.get("/hq/overview").text
    (address, count) = re.search(r'id="todo-elsewhere" href="([^"]+)"><span class="k-todo-n num">(\d+)', page).groups()
    assert (int(count), rows_of(here.get(unescape(address)))) == (1, 1)


def _pool(page):
    found = re.search(r'<dl class="k-stats" id="pool">(.*?)</dl>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<dd.*?</dd>", found[1])] if found else None


def test_the_open_pool_is_counted_and_leads_to_its_list(here, rows, campaign_round):  # noqa: F811  the fixture
    now = datetime.now(UTC)
    store = factories.store(rows)
    for hours in (1, 5):
        entered = now - timedelta(hours=hours)
        factories.pooled(rows, store, entered_at=entered, open_from=entered, until=now + timedelta(days=1))
    day = factories.open_day(rows, store, day=beijing_day(now))
    day.pool_claims = 3
    rows.commit()
    page = here.get("/hq/overview").text
    assert _pool(page) == ["2", "3", "5 小时"]
    assert rows_of(here.get("/hq/desk/pool")) == 2
    assert 'href="/hq/desk/pool"' in page


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({}, False),
        ({"after_hops": "to_pool"}, True),
        ({"strategy": "pool"}, True),
        ({"by_campaign": {"KOI1": {"strategy": "pool"}}}, True),
    ],
)
def test_a_brand_without_a_pool_sees_no_figure_of_it(here, rows, body, shown):
    now = datetime.now(UTC)
    given = {"rule_set_id": new_id(now), "kind": "routing", "version": 1, "status": "active", "body": body}
    kept = {"note": "", "author": "o", "created_at": now, "revision": 1, "changed_by": "o", "changed_at": now}
    rows.add(RuleSet(**given, **kept))
    rows.commit()
    assert _pool(here.get("/hq/overview").text) == (["0", "0", "–"] if shown else None)


def test_the_numbers_come_again_without_the_page(here, campaign_round):  # noqa: F811  the fixture
    address = f"/hq/overview/numbers?campaign={campaign_round.campaign.campaign_id}"
    part = here.get(address)
    assert "<html" not in part.text
    assert f'hx-get="{address}"' in part.text


def test_all_campaigns_can_be_seen_together(here, campaign_round):  # noqa: F811  the fixture
    page = here.get("/hq/overview?campaign=all").text
    assert "<h1>全部活动" in page
    assert '<data value="9"' in page


def test_each_reader_has_the_figures_named_in_their_own_language(here, campaign_round):  # noqa: F811  the fixture
    assert "按时领取" in here.get("/hq/overview?campaign=all&lang=zh").text
    english = here.get("/hq/overview?campaign=all&lang=en").text
    assert "Claimed in time" in english
    assert "虚假" not in english
