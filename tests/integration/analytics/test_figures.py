"""The overview's numbers: each counts exactly the rows that its list shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from hq.analytics import jobs, keeping, measure
from hq.analytics.models import Counted
from shared.campaigns.standing import CODE
from shared.leads import metrics
from tests import factories as make
from tests.factories.counting import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def counted(rows, campaign_round):
    return measure.count(rows, campaign_round.campaign.campaign_id, until=NOW)


def listed(rows, condition, **values):
    query = f"SELECT count(*) FROM leads WHERE campaign_id = :campaign AND {condition}"
    return rows.execute(text(query), {"at_store": None, **values}).scalar_one()


def test_each_step_counts_what_it_says(counted):
    steps = ("signups", "people", "qualified", "offered", "claimed", "in_time", "contacted", "visited", "won", "silent")
    assert [counted[name] for name in steps] == [7, 7, 6, 5, 3, 2, 2, 1, 1, 1]


def test_each_number_is_the_length_of_its_list(rows, campaign_round, counted):
    campaign = {"campaign": campaign_round.campaign.campaign_id}
    for step in ("offered", "claimed", "in_time", "contacted", "visited", "won", "silent"):
        assert (step, listed(rows, metrics.STEPS[step], **campaign)) == (step, counted[step])
    for touchpoint, (_signups, _fakes, leads, _won) in counted["touchpoints"].items():
        condition = f"coalesce({metrics.FIRST_TOUCHPOINT}, '') = :touchpoint"
        assert listed(rows, condition, touchpoint=touchpoint, **campaign) == leads
    for province, (leads, *_rest) in counted["provinces"].items():
        assert listed(rows, f"coalesce({metrics.PROVINCE}, '') = :province", province=province, **campaign) == leads
    for store_id, (offered, claimed, late, *_rest) in counted["stores"].items():
        at = {**campaign, "at_store": store_id}
        assert [listed(rows, metrics.STEPS[step], **at) for step in ("offered", "claimed", "late")] == [
            offered,
            claimed,
            late,
        ]


def test_what_became_of_the_sign_ups_and_the_touchpoints_add_up(counted):
    assert sum(counted["became"].values()) == counted["signups"]
    lines = list(zip(*counted["touchpoints"].values(), strict=True))
    totals = [counted["signups"], counted["became"]["rejected"], counted["qualified"], counted["won"]]
    assert [sum(line) for line in lines] == totals


def test_the_last_campaign_is_counted_at_the_same_age(rows, campaign_round):
    lines = keeping.campaigns(rows)
    kept = keeping.count(rows, campaign_round.campaign.campaign_id, lines, now=NOW)
    assert kept.figures["before_name"] == "上一轮"
    assert kept.figures["before"]["signups"] == 1  # the other came when it was older than this one is now
    assert kept.figures["later_s"] == 48 * 3600


def test_a_campaign_that_takes_long_to_count_is_counted_by_the_drain(rows, campaign_round):
    campaign_id, lines = campaign_round.campaign.campaign_id, keeping.campaigns(rows)
    keeping.count(rows, campaign_id, lines, now=NOW)
    rows.query(Counted).update({"took_ms": keeping.QUICK_MS + 1})
    make.signup(rows, campaign_round.campaign, accepted_at=NOW)
    rows.commit()
    soon, later = NOW + timedelta(seconds=5), NOW + timedelta(seconds=30)
    assert keeping.current(rows, campaign_id, lines, now=soon).as_of == NOW
    assert rows.execute(jobs.watched(soon)).all() == []
    jobs.count_again(rows, rows.execute(jobs.watched(later)).all(), later)
    rows.expire_all()
    again = keeping.current(rows, campaign_id, lines, now=later)
    assert (again.as_of, again.figures["now"]["signups"]) == (later, 8)


def test_nobody_counts_what_nobody_looks_at(rows, campaign_round):
    keeping.count(rows, campaign_round.campaign.campaign_id, keeping.campaigns(rows), now=NOW)
    assert rows.execute(jobs.watched(NOW + 2 * HOUR)).all() == []


def test_people_who_came_by_themselves_are_no_round_to_compare_with(rows, campaign_round):
    began = {"created_at": NOW - 50 * HOUR, "starts_at": None}
    standing = make.campaign(rows, code=CODE, name="到店/电话", status="draft", **began)
    lines = keeping.campaigns(rows)
    before = keeping.before(lines, campaign_round.campaign.campaign_id)
    assert before is not None
    assert before.name == "上一轮"
    assert keeping.before(lines, standing.campaign_id) is None
