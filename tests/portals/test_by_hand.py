"""Headquarters enters who called; nothing goes to a store without words that were read out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

import hq.qualification.jobs
import hq.routing.jobs  # noqa: F401  the drains must be known
from hq.leads import by_hand
from hq.qualification.books import balance
from shared.audit.models import AuditEntry
from shared.campaigns.models import Campaign, ConsentText, Scope
from shared.identity.permissions import Role
from shared.leads.models import Assignment, Lead
from shared.signups.models import Signup
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.portals.test_network import fields
from tests.working import at_work

PAGE = "/hq/leads/by-hand"


@pytest.fixture
def desk(browser, hq_person):
    """A browser in which an operator is signed in."""
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    return here


@pytest.fixture
def store(rows):
    made = make.store(rows, cap=10)
    rows.commit()
    return made


def first(desk, **said):
    """The form sent once, filled in."""
    form = fields(desk.get(PAGE).text)
    given = {"phone": "139 1234 5678", "name": "林静", "touchpoint": "phone_call", "horizon": "now"}
    return desk.post(PAGE, {**form, **given, **said})


def again(desk, page, **said):
    """The same form, as it came back, sent once more."""
    chosen = dict(re.findall(r'<input checked[^>]*name="(\w+)"[^>]*value="(\w+)"', page.text))
    return desk.post(PAGE, {**fields(page.text), **chosen, **said})


def work(settings, *drains):
    with at_work(settings.worker()) as place:
        for name in drains or ("hq.qualify", "hq.route"):
            assert run(place, find(name)).last_error is None


def test_the_words_are_shown_first_and_the_second_press_enters(desk, rows, store, settings):
    shown = first(desk, consent="store", store=store.code)
    assert shown.status_code == 409
    assert "念给客户听" in shown.text
    assert "接收方：" in shown.text
    assert rows.scalar(select(func.count()).select_from(Signup)) == 0

    entered = again(desk, shown, consent="store", touchpoint="phone_call")
    assert entered.status_code == 303
    work(settings)
    signup = rows.scalars(select(Signup)).one()
    text = rows.get(ConsentText, signup.share_text_id)
    assert (signup.source, signup.consent_how, signup.outcome, text.kind) == ("hand", "spoken", "in_lead", "store")
    assert rows.scalars(select(Scope.dealer_id).where(Scope.scope_id == text.scope_id)).all() == [store.dealer_id]
    given = rows.scalars(select(Assignment)).one()
    assert (given.store_id, given.stage, given.offer["why"]["code"]) == (store.store_id, "offered", "named")
    assert balance(rows).difference == 0
    assert desk.get(entered.location).location.endswith(f"/hq/leads/{signup.lead_id}")
    assert "口头同意" in desk.get(f"/hq/signups/{signup.signup_id}").text
    assert rows.scalars(select(AuditEntry.action).where(AuditEntry.action == "signup:enter")).all()


def test_by_the_rules_the_text_names_every_dealer(desk, rows, store, settings):
    make.store(rows)
    rows.commit()
    shown = first(desk, consent="dealers", district="浙江省 杭州市 西湖区")
    again(desk, shown, consent="dealers", touchpoint="phone_call")
    work(settings)
    signup = rows.scalars(select(Signup)).one()
    text = rows.get(ConsentText, signup.share_text_id)
    assert rows.scalar(select(func.count()).select_from(Scope).where(Scope.scope_id == text.scope_id)) == 2
    assert rows.get(Campaign, signup.campaign_id).code == "walk-in"
    assert signup.region == {"county_code": "330106"}


def test_without_consent_no_store_gets_the_number(desk, rows, store, settings):
    assert first(desk, consent="none", store=store.code).status_code == 303
    work(settings)
    assert rows.scalars(select(Signup.outcome)).all() == ["no_consent"]
    assert rows.scalar(select(func.count()).select_from(Lead)) == 0


def test_sent_twice_it_is_one(desk, rows, store):
    form = fields(desk.get(PAGE).text)
    said = {**form, "phone": "13912345678", "touchpoint": "walk_in", "consent": "none"}
    one, two = (desk.post(PAGE, said) for _ in range(2))
    assert one.location == two.location
    assert rows.scalar(select(func.count()).select_from(Signup)) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"phone": "0571-88886666"}, "座机"),
        ({"store": "没有这家店", "consent": "store"}, "没有"),
        ({"consent": "store", "store": ""}, "门店"),
        ({"consent": ""}, "这里要填"),
        ({"day": "2020-01-01"}, ""),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(desk, rows, store, said, words):
    answer = first(desk, **{"consent": "none", "note": "要留住的话", **said})
    assert answer.status_code == 422
    assert words in answer.text
    assert "要留住的话" in answer.text
    assert 'value="林静"' in unescape(answer.text)
    assert rows.scalar(select(func.count()).select_from(Signup)) == 0


def test_a_campaign_that_is_over_takes_nobody(desk, rows, store):
    over = make.campaign(rows, ends_at=datetime.now(UTC) - timedelta(days=1))
    rows.commit()
    assert str(over.campaign_id) not in desk.get(PAGE).text
    assert first(desk, consent="none", campaign=str(over.campaign_id)).status_code == 422


def test_nobody_signs_up_to_the_standing_campaign_from_outside(desk, browser, rows, store):
    first(desk, consent="none")
    assert browser().get("/c/walk-in").status_code == 404


def test_an_analyst_enters_nobody(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)
    assert here.get(PAGE).status_code == 403


def test_two_presses_at_the_same_moment_lead_to_the_same_person(desk, rows, monkeypatch):
    form = fields(desk.get(PAGE).text)
    said = {**form, "phone": "13912345678", "touchpoint": "phone_call", "consent": "none"}
    entered = desk.post(PAGE, said)
    assert entered.status_code == 303
    known, asked = by_hand._known, []

    def not_yet(*given):
        asked.append(given)
        return known(*given) if asked[1:] else None  # the first look was before the other press was stored

    monkeypatch.setattr(by_hand, "_known", not_yet)
    assert desk.post(PAGE, said).location == entered.location
    assert rows.scalar(select(func.count()).select_from(Signup)) == 1
    told = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "signup:enter")
    assert rows.scalar(told) == 1
