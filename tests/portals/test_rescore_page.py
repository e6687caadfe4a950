"""The page about scoring everybody anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hq.qualification.rescore.models import RescorePage, RescoreRun
from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.identity.permissions import Role
from shared.platform.ids import NIL
from tests import factories as make
from tests.portals.conftest import Browser, Person, sign_in

PAGE = "/hq/rules/scorecard/rescore"


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person], as_hq: Any) -> Callable[..., Browser]:
    """People of a role, signed in; the rules that Koi comes with are in force."""
    as_hq(lambda session, now: ensure_defaults(session, defaults(), now=now))

    def come(role: Role = Role.OPERATOR) -> Browser:
        visitor = browser()
        sign_in(visitor, "/hq", hq_person(role).login)
        return visitor

    return come


def state(rows: Any) -> list[str]:
    rows.rollback()
    return [run.state for run in rows.query(RescoreRun).all()]


def test_a_run_is_begun_stopped_and_gone_on_with_on_the_page(operator, rows):
    make.contact(rows)
    rows.commit()
    visitor = operator()
    assert "data-poll" not in visitor.get(PAGE).text
    visitor.post(PAGE)
    assert "data-poll" in visitor.get(PAGE).text
    assert visitor.post(PAGE).status_code == 409  # it is under way
    run = rows.query(RescoreRun).one()
    assert visitor.post(f"{PAGE}/{run.run_id}/stop").status_code == 303
    assert state(rows) == ["stopped"]
    assert visitor.post(f"{PAGE}/{run.run_id}/stop").status_code == 409
    visitor.get(PAGE)
    assert visitor.post(f"{PAGE}/{run.run_id}/resume").status_code == 303
    assert state(rows) == ["running"]


def test_who_only_reads_rules_changes_nothing(operator, rows):
    visitor = operator(Role.ANALYST)
    page = visitor.get(PAGE)
    assert page.status_code == 200
    assert 'method="post" action="/hq/rules' not in page.text
    assert visitor.post(PAGE).status_code in (400, 403)
    assert state(rows) == []


def test_a_run_that_does_not_exist_is_not_found(operator):
    visitor = operator()
    visitor.get(PAGE)
    assert visitor.post(f"{PAGE}/{NIL}/stop").status_code == 404


def test_a_run_that_cannot_end_says_so_and_where_to_go(operator, rows):
    make.contact(rows)
    rows.commit()
    visitor = operator()
    visitor.get(PAGE)
    visitor.post(PAGE)
    assert "/hq/work" not in visitor.get(PAGE).text.partition('id="rescore"')[2]
    rows.query(RescorePage).update({"aside_at": make.NOW})
    rows.commit()
    assert "/hq/work" in visitor.get(PAGE).text.partition('id="rescore"')[2]
