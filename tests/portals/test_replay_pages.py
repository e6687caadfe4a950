"""The pages that try a scorecard on the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

import hq.replay.jobs  # noqa: F401  the drain is declared
from hq.replay import queries
from hq.replay.models import Replay, ReplayMove
from hq.replay.people import tally
from hq.rules import service as rules
from hq.rules.defaults import defaults
from hq.rules.models import RuleSet
from hq.rules.service import ensure_defaults
from shared.identity.actor import system
from shared.identity.permissions import Role
from shared.leads.models import Lead
from shared.platform.clock import beijing_day
from shared.platform.ids import NIL
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.portals.conftest import Browser, Person, sign_in
from tests.working import at_work


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person], as_hq: Any) -> Callable[..., Browser]:
    """People of a role, signed in; version 2 is a draft."""

    def act(session: Any, now: Any) -> None:
        ensure_defaults(session, defaults(), now=now)
        body = {**defaults()["scorecard"], "base_odds": 0.01}
        what: dict[str, Any] = {"kind": "scorecard", "actor": system("x"), "now": now}
        rules.draft(session, source=1, **what)
        rules.edit(session, version=2, seen=1, body=body, **what)

    as_hq(act)

    def come(role: Role = Role.OPERATOR) -> Browser:
        visitor = browser()
        sign_in(visitor, "/hq", hq_person(role).login)
        return visitor

    return come


@pytest.fixture
def period(rows: Any) -> dict[str, str]:
    """Days with somebody who became a lead."""
    made = make.lead(rows)
    made.points = 90
    campaign = make.campaign(rows)
    told = {"interest": {"purchase_horizon": "3m"}, "outcome": "in_lead", "state": "decided", "runs": 1}
    make.signup(rows, campaign, contact_id=made.contact_id, lead_id=made.lead_id, **told)
    rows.commit()
    day = beijing_day(made.opened_at)
    return {"since": (day - timedelta(days=3)).isoformat(), "until": day.isoformat()}


def test_a_draft_is_tried_and_the_page_says_who_leaves(operator, period, rows, settings):
    visitor = operator()
    assert "/hq/rules/scorecard/2/replay" in visitor.get("/hq/rules/scorecard/2").text
    visitor.get("/hq/rules/scorecard/2/replay")
    answer = visitor.post("/hq/rules/scorecard/2/replay", period)
    assert answer.status_code == 303
    assert "data-poll" in visitor.get(answer.location).text
    with at_work(settings.worker()) as place:
        run(place, find("hq.replay"))
    page = visitor.get(answer.location).text
    assert "data-poll" not in page
    lead = rows.query(Lead).one()
    assert f"/hq/leads/{lead.lead_id}" in page
    assert "data-chart" in page
    assert "/hq/rules/scorecard/2/activate" in page


def test_the_list_of_who_leaves_has_pages(operator, period, rows, monkeypatch):
    monkeypatch.setattr(queries, "MOVES", 2)
    visitor = operator()
    visitor.get("/hq/rules/scorecard/2/replay")
    where = visitor.post("/hq/rules/scorecard/2/replay", period).location
    replay = rows.query(Replay).one()
    lead = rows.query(Lead).one()
    told = {"points_before": 120, "points": 90, "became": "won", "at": make.NOW, "way": "leave"}
    told |= {"before": "in_lead", "after": "below_threshold", "reasons": []}
    who = {"replay_id": replay.replay_id, "contact_id": lead.contact_id, "lead_id": lead.lead_id}
    rows.add_all(ReplayMove(number=number, **who, **told) for number in (1, 2, 3))
    counted: dict[str, Any] = {**tally.empty(), "cards": {figure: [3, 0] for figure in tally.FIGURES}}
    rows.execute(update(Replay).values(state="done", tally=counted))
    rows.commit()
    first = visitor.get(where).text
    assert "?leave=2#h-leave" in first
    second = visitor.get(f"{where}?leave=2").text
    assert (first.count(f"/hq/leads/{lead.lead_id}"), second.count(f"/hq/leads/{lead.lead_id}")) == (2, 1)


def test_an_empty_period_is_refused_in_words_and_nothing_begins(operator, period, rows):
    visitor = operator()
    visitor.get("/hq/rules/scorecard/2/replay")
    for days in ({"since": "2001-01-01", "until": "2001-01-02"}, {"since": "x", "until": ""}):
        refused = visitor.post("/hq/rules/scorecard/2/replay", days)
        assert refused.status_code == 422
        assert 'role="alert"' in refused.text
    assert rows.query(Replay).count() == 0


def test_who_only_reads_rules_begins_nothing(operator, period, rows):
    visitor = operator(Role.ANALYST)
    page = visitor.get("/hq/rules/scorecard/2/replay")
    assert page.status_code == 200
    assert 'type="date"' not in page.text
    assert visitor.post("/hq/rules/scorecard/2/replay", period).status_code in (400, 403)
    assert rows.query(Replay).count() == 0


def test_a_replay_is_found_only_under_its_own_version(operator, period, rows):
    visitor = operator()
    visitor.get("/hq/rules/scorecard/2/replay")
    visitor.post("/hq/rules/scorecard/2/replay", period)
    replay = rows.query(Replay).one()
    assert visitor.get(f"/hq/rules/scorecard/1/replay/{replay.replay_id}").status_code == 404
    assert visitor.get(f"/hq/rules/scorecard/2/replay/{NIL}").status_code == 404
    assert visitor.get("/hq/rules/scorecard/99/replay").status_code == 404
    nonsense = visitor.get(f"/hq/rules/scorecard/2/replay/{replay.replay_id}?enter=-1&leave=99999999999999")
    assert nonsense.status_code == 200


def test_a_replay_that_broke_off_says_so(operator, period, rows):
    visitor = operator()
    visitor.get("/hq/rules/scorecard/2/replay")
    where = visitor.post("/hq/rules/scorecard/2/replay", period).location
    rows.execute(update(Replay).values(aside_at=make.NOW))
    rows.commit()
    page = visitor.get(where).text
    assert "data-poll" not in page
    assert "k-note-warn" in page


@pytest.fixture
def quick(operator, rows, settings) -> str:
    """Version 2 of screening is a draft that stops somebody who bought: the address of its trial, which is over."""
    made = make.lead(rows)
    made.state, made.closed_at = "won", made.opened_at
    said = {"outcome": "in_lead", "state": "decided", "runs": 1, "actions": {"seconds_to_act": 30}}
    said |= {"phone_bidx": bytes(32), "interest": {"purchase_horizon": "now", "current_vehicle": "none"}}
    campaign = make.campaign(rows)
    signup = make.signup(rows, campaign, contact_id=made.contact_id, lead_id=made.lead_id, **said)
    signup.share_text_id = make.share_text(rows, campaign, []).text_id
    rows.commit()
    visitor = operator()
    visitor.get("/hq/rules/screening/1")
    visitor.post("/hq/rules/screening/1/draft")
    body = {**defaults()["screening"], "acted_at_once": {"effect": "quarantine", "seconds": 60}}
    rows.execute(update(RuleSet).where(RuleSet.kind == "screening", RuleSet.version == 2).values(body=body))
    rows.commit()
    day = beijing_day(signup.accepted_at).isoformat()
    visitor.get("/hq/rules/screening/2/replay")
    where = visitor.post("/hq/rules/screening/2/replay", {"since": day, "until": day}).location
    with at_work(settings.worker()) as place:
        run(place, find("hq.replay"))
    return where


def test_a_draft_of_screening_shows_whom_it_stops_with_the_reason_and_what_became_of_them(operator, quick, rows):
    page = operator().get(f"{quick}?lang=en").text
    lead = rows.query(Lead).one()
    assert f"/hq/leads/{lead.lead_id}" in page
    assert "Took part within 30 s of signing up" in page
    assert "Sold 1" in page
    assert 'id="h-limits"' in page


def test_the_question_whether_to_put_a_draft_in_force_says_what_was_tried(operator, quick, rows):
    visitor = operator()
    asked = visitor.get("/hq/rules/screening/2/activate").text
    assert quick in asked
    assert "k-meta" not in asked.split(quick)[1].split("</section>")[0]
    rows.execute(update(RuleSet).where(RuleSet.kind == "screening", RuleSet.version == 2).values(revision=9))
    rows.commit()
    changed = visitor.get("/hq/rules/screening/2/activate").text
    assert "k-meta" in changed.split(quick)[1].split("</section>")[0]
    assert '"/hq/rules/scorecard/2/replay"' in visitor.get("/hq/rules/scorecard/2/activate").text
    assert 'name="note"' in visitor.get("/hq/rules/scorecard/2/activate").text


def test_a_comparison_is_stopped_once_and_only_by_who_may_change_rules(operator, period, rows):
    visitor = operator()
    visitor.get("/hq/rules/scorecard/2/replay")
    where = visitor.post("/hq/rules/scorecard/2/replay", period).location
    reader = operator(Role.ANALYST)
    assert f"{where}/stop" not in reader.get(where).text
    assert reader.post(f"{where}/stop").status_code in (400, 403)
    assert f"{where}/stop" in visitor.get(where).text
    assert visitor.post(f"{where.replace('/scorecard/', '/screening/')}/stop").status_code == 404
    assert visitor.post(f"{where}/stop").status_code == 303
    assert visitor.post(f"{where}/stop").status_code == 409
    page = visitor.get(where).text
    assert "data-poll" not in page
    assert "k-note-warn" in page or "k-empty" in page


def test_a_draft_of_thresholds_is_tried_as_well(operator, period, rows, settings):
    visitor = operator()
    visitor.get("/hq/rules/thresholds/1")
    visitor.post("/hq/rules/thresholds/1/draft")
    assert '"/hq/rules/thresholds/2/replay"' in visitor.get("/hq/rules/thresholds/2/activate").text
    visitor.get("/hq/rules/thresholds/2/replay")
    where = visitor.post("/hq/rules/thresholds/2/replay", period).location
    with at_work(settings.worker()) as place:
        run(place, find("hq.replay"))
    page = visitor.get(where).text
    assert 'id="h-all"' in page
    assert 'id="h-rules"' not in page
