"""Headquarters' pages of rules: what is in force, drafts, putting in force, and two people at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.rules.defaults import defaults
from hq.rules.models import RULE_KINDS, RuleSet
from hq.rules.service import ensure_defaults
from shared.identity.permissions import Role
from tests.portals.conftest import Browser, Person, sign_in

Operators = Callable[..., Browser]
ROUTING = {
    "strategy": "one",
    "several_stores": "3",
    "counts": "offers",
    "max_km": "300",
    "max_hops": "3",
    "sla_minutes": "30",
    "first_contact_minutes": "540",
    "idle_minutes": "2700",
    "plan_days": "14",
    "visit_days": "30",
    "remind_percent": "50",
    "owner_minutes": "60",
    "hq_minutes": "120",
    "recycle_minutes": "270",
    "price_percent": "100",
    "km_per_hour": "1",
    "km_for_record": "10",
    "km_when_full": "0",
    "equal_km": "1",
    "open_within_hours": "96",
    "protect_days": "30",
    "own_dealer_stores": "1",
    "after_hops": "to_pool",
    "pool_km": "50",
    "pool_days": "3",
    "pool_cool_minutes": "10",
    "pool_former_days": "7",
    "pool_protect_hours": "48",
    "pool_claims_per_day": "5",
    "pool_views_per_day": "30",
}


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person], as_hq: Any) -> Operators:
    """Makes people of a role, signed in; the rules that Koi comes with are in force."""
    as_hq(lambda session, now: ensure_defaults(session, defaults(), now=now))

    def make(role: Role = Role.OPERATOR) -> Browser:
        visitor = browser()
        sign_in(visitor, "/hq", hq_person(role).login)
        return visitor

    return make


def _states(rows: Session, kind: str = "routing") -> dict[int, str]:
    rows.rollback()
    return {each.version: each.status for each in rows.scalars(select(RuleSet).where(RuleSet.kind == kind))}


def _draft(visitor: Browser, **changes: str) -> int:
    """A draft of routing rules made on pages."""
    visitor.get("/hq/rules/routing")
    edit = visitor.post("/hq/rules/routing/1/draft").location
    visitor.get(edit)
    assert visitor.post(edit, {**ROUTING, "revision": "1", **changes}).status_code == 303
    return int(edit.split("/")[-2])


def test_a_draft_is_changed_compared_and_put_in_force_with_a_reason(operator: Operators, rows: Session) -> None:
    visitor = operator()
    version = _draft(visitor, max_hops="5", **{"sla_by_grade.A": "15"})
    question = visitor.get(f"/hq/rules/routing/{version}/activate")
    assert "几家门店放弃后交给总部：3 家 → 5 家" in question.text
    assert "2 处不同" in question.text
    sent = {"revision": "2", "instead_of": "1", "note": "旺季门店忙"}
    assert visitor.post(f"/hq/rules/routing/{version}/activate", sent).status_code == 303
    assert _states(rows) == {1: "retired", version: "active"}
    body = rows.scalar(select(RuleSet.body).where(RuleSet.kind == "routing", RuleSet.version == version))
    assert (body["max_hops"], body["sla_by_grade"]) == (5, {"A": 15})
    assert "旺季门店忙" in visitor.get("/hq/rules").text


def test_nothing_is_put_in_force_without_a_reason(operator: Operators, rows: Session) -> None:
    visitor = operator()
    version = _draft(visitor)
    visitor.get(f"/hq/rules/routing/{version}/activate")
    sent = {"revision": "1", "instead_of": "1", "note": " "}
    refused = visitor.post(f"/hq/rules/routing/{version}/activate", sent)
    assert refused.status_code == 422
    assert "请写明原因" in refused.text
    assert _states(rows) == {1: "active", version: "draft"}


def test_who_comes_second_sees_the_comparison_with_what_is_in_force_meanwhile(
    operator: Operators, rows: Session
) -> None:
    first, second = operator(), operator()
    early, late = _draft(first, max_hops="5"), _draft(second, sla_minutes="60")
    for visitor, version in ((first, early), (second, late)):
        visitor.get(f"/hq/rules/routing/{version}/activate")
    sent = {"revision": "2", "instead_of": "1", "note": "更快"}
    assert first.post(f"/hq/rules/routing/{early}/activate", sent).status_code == 303
    refused = second.post(f"/hq/rules/routing/{late}/activate", {**sent, "note": "更慢"})
    assert refused.status_code == 409
    assert f"启用中的版本已经变成 v{early}" in refused.text
    assert "5 家 → 3 家" in refused.text  # what the other one changed would be gone
    assert "更慢" in refused.text  # what was written stays
    assert f'name="instead_of" value="{early}"' in refused.text
    assert _states(rows) == {1: "retired", early: "active", late: "draft"}


def test_two_people_who_put_in_force_at_once_leave_one_version_in_force(operator: Operators, rows: Session) -> None:
    people = [operator(), operator()]
    drafts = [_draft(visitor, max_hops=str(hops)) for visitor, hops in zip(people, (4, 5), strict=True)]
    for visitor, version in zip(people, drafts, strict=True):
        visitor.get(f"/hq/rules/routing/{version}/activate")
    sent = {"revision": "2", "instead_of": "1", "note": "同时"}

    def go(each: tuple[Browser, int]) -> int:
        return each[0].post(f"/hq/rules/routing/{each[1]}/activate", sent).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(go, zip(people, drafts, strict=True)))
    assert answers == [303, 409]
    assert sorted(_states(rows).values()) == ["active", "draft", "retired"]


def test_a_draft_that_somebody_saved_meanwhile_is_not_overwritten(operator: Operators, rows: Session) -> None:
    first, second = operator(), operator()
    version = _draft(first, max_hops="5")
    edit = f"/hq/rules/routing/{version}/edit"
    second.get(edit)
    refused = second.post(edit, {**ROUTING, "max_hops": "9", "revision": "1"})
    assert refused.status_code == 409
    assert "刚刚保存过这份草稿" in refused.text
    assert 'value="9"' in refused.text
    assert (
        rows.scalar(select(RuleSet.body).where(RuleSet.kind == "routing", RuleSet.version == version))["max_hops"] == 5
    )


def test_a_setting_that_makes_no_sense_is_refused_at_its_field(operator: Operators, rows: Session) -> None:
    visitor = operator()
    visitor.get("/hq/rules/routing")
    edit = visitor.post("/hq/rules/routing/1/draft").location
    refused = visitor.post(edit, {**ROUTING, "sla_minutes": "-3", "max_hops": "", "revision": "1"})
    assert refused.status_code == 422
    assert re.findall(r'name="(\w+)"[^>]*aria-invalid', refused.text) == ["max_hops", "sla_minutes"]
    assert rows.scalar(select(RuleSet.revision).where(RuleSet.kind == "routing", RuleSet.status == "draft")) == 1


def test_going_back_puts_a_copy_in_force(operator: Operators, rows: Session) -> None:
    visitor = operator()
    version = _draft(visitor, max_hops="5")
    visitor.post(f"/hq/rules/routing/{version}/activate", {"revision": "2", "instead_of": "1", "note": "试试"})
    assert "5 家 → 3 家" in visitor.get("/hq/rules/routing/1/back").text
    sent = {"instead_of": str(version), "note": "门店忙不过来"}
    gone = visitor.post("/hq/rules/routing/1/back", sent)
    assert gone.status_code == 303
    assert _states(rows) == {1: "retired", version: "retired", version + 1: "active"}
    again = visitor.post("/hq/rules/routing/1/back", sent)
    assert again.status_code == 409
    assert _states(rows) == {1: "retired", version: "retired", version + 1: "active"}  # no half-made copy


def test_a_discarded_draft_is_not_put_in_force(operator: Operators, rows: Session) -> None:
    visitor = operator()
    version = _draft(visitor)
    assert visitor.post(f"/hq/rules/routing/{version}/discard", {"revision": "1"}).status_code == 303
    sent = {"revision": "1", "instead_of": "1", "note": "x"}
    assert visitor.post(f"/hq/rules/routing/{version}/activate", sent).status_code == 409
    assert _states(rows) == {1: "active", version: "discarded"}


@pytest.mark.parametrize("kind", RULE_KINDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_analyst_reads_every_version_and_changes_none(operator: Operators, kind: str, lang: str) -> None:
    visitor = operator(Role.ANALYST)
    assert visitor.get(f"/hq/rules?lang={lang}").status_code == 200
    assert visitor.get(f"/hq/rules/{kind}").status_code == 200
    page = visitor.get(f"/hq/rules/{kind}/1")
    assert page.status_code == 200
    assert f"/hq/rules/{kind}/1/draft" not in page.text
    assert visitor.post(f"/hq/rules/{kind}/1/draft").status_code == 403
    assert visitor.get(f"/hq/rules/{kind}/1/activate").status_code == 403


def test_an_editor_of_content_does_not_see_rules(operator: Operators) -> None:
    assert operator(Role.CONTENT_EDITOR).get("/hq/rules").status_code == 403


def test_a_version_that_does_not_exist_is_not_found(operator: Operators) -> None:
    visitor = operator()
    for path in ("routing/99", "weather/1", "routing/99/activate", "routing/99/edit"):
        assert visitor.get(f"/hq/rules/{path}").status_code == 404


def _screening(visitor: Browser) -> tuple[str, dict[str, str]]:
    """A draft of screening opened in its form, and what the form would send."""
    visitor.get("/hq/rules/screening")
    edit = visitor.post("/hq/rules/screening/1/draft").location
    page = visitor.get(edit).text
    numbers = dict(re.findall(r'<input class="form-control[^>]* name="([^"]+)" value="([^"]*)"', page))
    chosen = re.findall(r'<select[^>]* name="([^"]+)".*?<option value="(\w+)" selected', page)
    return edit, {"revision": "1", **numbers, **dict(chosen)}


def test_rules_of_screening_are_turned_off_and_get_other_numbers(operator: Operators, rows: Session) -> None:
    visitor = operator()
    edit, form = _screening(visitor)
    changed = {"many_draws.effect": "off", "device_many_people.people": "5"}
    saved = visitor.post(edit, {**form, **changed})
    assert saved.status_code == 303
    body = rows.scalar(select(RuleSet.body).where(RuleSet.kind == "screening", RuleSet.status == "draft"))
    assert (body["many_draws"]["effect"], body["device_many_people"]["people"]) == ("off", 5)
    assert "2 处不同" in visitor.get(f"{saved.location}/activate").text


def test_what_is_not_touched_in_the_form_of_screening_is_no_change(operator: Operators, rows: Session) -> None:
    visitor = operator()
    edit, form = _screening(visitor)
    assert visitor.post(edit, form).status_code == 303
    assert rows.scalar(select(RuleSet.revision).where(RuleSet.kind == "screening", RuleSet.status == "draft")) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("wechat_risk.rank", "9"), ("many_draws.effect", "explode"), ("too_far.km", "0")]
)
def test_a_nonsense_number_or_effect_of_a_rule_is_refused_at_its_field(
    operator: Operators, rows: Session, field: str, value: str
) -> None:
    visitor = operator()
    edit, form = _screening(visitor)
    refused = visitor.post(edit, {**form, field: value})
    assert refused.status_code == 422
    assert re.findall(r'name="([\w.]+)"[^>]*aria-invalid', refused.text) == [field]
    assert rows.scalar(select(RuleSet.revision).where(RuleSet.kind == "screening", RuleSet.status == "draft")) == 1
