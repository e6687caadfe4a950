"""The life of rules: drafts, who may overtake whom, what is in force, and going back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hq.qualification.screening.rules import default_body
from hq.rules import cli, queries, service
from hq.rules.defaults import defaults
from hq.rules.errors import ActiveMoved, DraftMoved, NotADraft, NoteNeeded, NothingToGoBackTo
from hq.rules.models import RuleSet
from hq.rules.service import ensure_defaults
from shared.audit.models import AuditEntry
from shared.db.session import now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.errors import Invalid, Missing

STRICT = {**default_body(), "device_many_people": {"effect": "quarantine", "people": 3, "minutes": 60}}
WHO = system("沈清")


@pytest.fixture
def act(hq_engine: Engine) -> Callable[..., Any]:
    """Does one act of the service in a transaction of its own, on the kind `screening`."""
    with unit_of_work(hq_engine) as session:
        ensure_defaults(session, defaults(), now=now_of(session))

    def do(what: Callable[..., Any], **said: Any) -> Any:
        with unit_of_work(hq_engine) as session:
            return what(session, **{"kind": "screening", "actor": WHO, "now": now_of(session)} | said)

    return do


def _states(rows: Session) -> dict[int, str]:
    rows.rollback()
    found = rows.execute(select(RuleSet.version, RuleSet.status).filter_by(kind="screening"))
    return {row.version: row.status for row in found}


def test_a_draft_is_a_copy_that_changes_and_then_takes_the_place_of_the_active_one(act, rows, hq_engine):
    version = act(service.draft, source=1)
    assert act(service.edit, version=version, seen=1, body=STRICT) is True
    assert act(service.edit, version=version, seen=2, body=STRICT) is False  # nothing was different
    act(service.activate, version=version, seen=2, seen_active=1, note="羊毛党变多")
    assert _states(rows) == {1: "retired", 2: "active"}
    with unit_of_work(hq_engine) as session:
        active = queries.kind_of(session, "screening").active
    assert active is not None
    assert (active.body["device_many_people"]["people"], active.note, active.activated_by, active.based_on) == (
        3,
        "羊毛党变多",
        "沈清",
        1,
    )
    acts = rows.scalars(select(AuditEntry.action).order_by(AuditEntry.at)).all()
    assert acts == ["rules:draft", "rules:edit", "rules:activate"]


def test_who_edits_what_somebody_saved_meanwhile_is_told_and_overwrites_nothing(act, rows):
    version = act(service.draft, source=1)
    act(service.edit, version=version, seen=1, body=STRICT)
    with pytest.raises(DraftMoved) as refused:
        act(service.edit, version=version, seen=1, body={**STRICT, "many_draws": {"effect": "flag", "draws": 9}})
    assert refused.value.params["who"] == "沈清"
    assert (
        rows.scalar(select(RuleSet.body).filter_by(kind="screening", version=version))["device_many_people"]["people"]
        == 3
    )


def test_a_body_that_cannot_be_used_is_not_saved(act, rows):
    version = act(service.draft, source=1)
    with pytest.raises(Invalid):
        act(service.edit, version=version, seen=1, body={"many_draws": {"effect": "flag", "draws": "viele"}})
    assert rows.scalar(select(RuleSet.revision).filter_by(kind="screening", version=version)) == 1


def test_nothing_goes_in_force_without_a_reason_or_beside_what_was_looked_at(act, rows):
    version = act(service.draft, source=1)
    with pytest.raises(NoteNeeded):
        act(service.activate, version=version, seen=1, seen_active=1, note="  ")
    with pytest.raises(ActiveMoved):
        act(service.activate, version=version, seen=1, seen_active=7, note="x")
    assert _states(rows) == {1: "active", 2: "draft"}


def test_of_two_who_activate_at_once_one_wins_and_nothing_is_half_in_force(act, rows, race):
    drafts = [act(service.draft, source=1) for _ in range(2)]

    def put(version: int) -> str:
        try:
            act(service.activate, version=version, seen=1, seen_active=1, note="gleichzeitig")
        except ActiveMoved:
            return "moved"
        return "won"

    assert sorted(race(put, drafts)) == ["moved", "won"]
    assert sorted(_states(rows).values()) == ["active", "draft", "retired"]


def test_a_discarded_draft_stays_in_the_history_and_its_number_is_not_used_again(act, rows):
    version = act(service.draft, source=1)
    act(service.discard, version=version, seen=1)
    for again in (service.discard, service.edit):
        with pytest.raises(NotADraft):
            act(again, version=version, seen=1, **({"body": STRICT} if again is service.edit else {}))
    assert act(service.draft, source=1) == version + 1
    assert _states(rows)[version] == "discarded"


def test_going_back_puts_a_copy_in_force(act, rows):
    version = act(service.draft, source=1)
    act(service.activate, version=version, seen=1, seen_active=1, note="Versuch")
    with pytest.raises(NothingToGoBackTo):
        act(service.go_back, version=version, seen_active=version, note="?")
    assert act(service.go_back, version=1, seen_active=version, note="doch nicht") == 3
    assert _states(rows) == {1: "retired", 2: "retired", 3: "active"}


def test_a_kind_or_a_version_that_does_not_exist_is_missing(act):
    for said in ({"kind": "weather", "source": 1}, {"source": 99}):
        with pytest.raises(Missing):
            act(service.draft, **said)


@pytest.fixture
def console(act, settings, monkeypatch):
    """Runs `./koi rules …` on the tests' database."""
    monkeypatch.setattr("shared.platform.console.reached", lambda _environ: _Here(settings))
    return lambda *words: CliRunner().invoke(cli.rules, words)


class _Here:
    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def __enter__(self) -> Any:
        return self.settings

    def __exit__(self, *_error: object) -> None:
        pass


def test_a_card_from_a_file_is_put_in_force_and_taken_back_at_the_console(console, tmp_path):
    card = json.loads(console("show", "scorecard").stdout)
    card["base_odds"] = 0.04
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    done = console("put", "scorecard", str(tmp_path / "card.json"), "--instead-of", "1", "--note", "neu gelernt")
    assert done.exit_code == 0, done.output
    assert json.loads(console("show", "scorecard").stdout)["base_odds"] == 0.04
    assert console("back", "scorecard", "1", "--instead-of", "2", "--note", "zurück").exit_code == 0
    history = console("history", "scorecard").stdout.splitlines()
    assert [line.split()[:2] for line in history] == [["3", "active"], ["2", "retired"], ["1", "retired"]]


def test_a_card_that_cannot_be_used_changes_nothing_and_says_where(console, tmp_path):
    (tmp_path / "card.json").write_text('{"attributes": []}', encoding="utf-8")
    refused = console("put", "scorecard", str(tmp_path / "card.json"), "--instead-of", "1", "--note", "x")
    assert refused.exit_code == 1
    assert "Nothing was changed" in refused.output
    assert len(console("history", "scorecard").stdout.splitlines()) == 1


def test_the_console_says_what_is_different_between_two_versions(console, tmp_path):
    card = json.loads(console("show", "scorecard").stdout) | {"base_points": 80}
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    console("put", "scorecard", str(tmp_path / "card.json"), "--instead-of", "1", "--note", "fewer for the stores")
    assert console("show", "scorecard", "2", "--against", "1").stdout == "Points that everybody begins with: 100 → 80\n"
    assert console("show", "scorecard", "2", "--against", "9").exit_code == 1
