"""Learning a scorecard on pages: the file, its columns, the report, and the draft made of it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.qualification.fits import jobs, service  # noqa: F401  the drains are declared
from hq.qualification.fits.models import ScorecardFit
from hq.qualification.fits.progress import Stopped, teller
from hq.rules.defaults import defaults
from hq.rules.models import RuleSet
from hq.rules.service import ensure_defaults
from shared.db.session import now_of
from shared.identity.permissions import Role
from shared.platform.settings import Settings
from shared.work.drains import find
from shared.work.place import beside_of
from shared.work.runs import run as run_drain
from tests.portals.conftest import Browser, Person, sign_in
from tests.working import at_work

HOME = "/hq/rules/scorecard/fit"
AS_FACTS = {"is-0": "store_km", "is-1": "model", "is-2": "out", "is-3": "outcome", "won": "成交", "purpose": "use"}


def past(facts: tuple[str, str] = ("store_km", "model"), leads: int = 400) -> bytes:
    """Past leads of whom those who live near buy more often, with what a store found out afterwards."""
    rows = []
    for i in range(leads):
        near = i % 2
        won = (i // 2) % (3 if near else 9) == 0
        said = ("shook hands", "成交") if won else ("no", "战败")
        rows.append(f"{5 if near else 40 + i % 7},{'K1' if i % 3 else 'K2'},{said[0]},{said[1]}")
    return "\n".join([f"{facts[0]},{facts[1]},remark,结果", *rows]).encode()


@pytest.fixture
def work(settings: Settings) -> Callable[[str], None]:
    """Runs a drain until nothing of it waits."""

    def run(name: str) -> None:
        with at_work(settings.worker()) as place:
            run_drain(place, find(name))

    return run


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person], as_hq: Any) -> Browser:
    """Somebody who may change rules."""
    as_hq(lambda session, now: ensure_defaults(session, defaults(), now=now))
    visitor = browser()
    sign_in(visitor, "/hq", hq_person(Role.OPERATOR).login)
    visitor.get(HOME)
    return visitor


def _uploaded(visitor: Browser, content: bytes, name: str = "old.csv") -> str:
    answer = visitor.post(HOME, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303
    return str(answer.location)


def _row(rows: Session) -> ScorecardFit:
    rows.rollback()
    return rows.scalars(select(ScorecardFit)).one()


def test_a_card_is_learnt_from_a_file_and_made_a_draft(
    operator: Browser, work: Callable[[str], None], rows: Session
) -> None:
    page = _uploaded(operator, past())
    assert _row(rows).state == "looking"
    work(service.LOOK)
    shown = operator.get(page)
    chosen = re.findall(r'id="is-\d".*?value="(\w+)" selected', shown.text, re.DOTALL)
    assert chosen == ["store_km", "model", "out", "outcome"]
    assert operator.post(page, AS_FACTS).status_code == 303
    work(service.LEARN)
    report = operator.get(page)
    assert "离最近门店" in report.text
    assert "AUC" in report.text
    assert 'data-chart="bars"' in report.text
    drafted = operator.post(f"{page}/draft")
    assert drafted.status_code == 303
    body = rows.scalar(select(RuleSet.body).where(RuleSet.kind == "scorecard", RuleSet.status == "draft"))
    assert "store_km" in {each.get("fact") for each in body["attributes"]}


def test_the_file_is_sealed_where_it_is_stored(operator: Browser, settings: Settings, rows: Session) -> None:
    _uploaded(operator, past())
    stored = (Path(settings.var) / "files" / str(_row(rows).file_key)).read_bytes()
    assert "成交".encode() not in stored
    assert b"store_km" not in stored


def test_a_column_that_was_known_too_late_is_named(operator: Browser, work: Callable[[str], None]) -> None:
    page = _uploaded(operator, past())
    work(service.LOOK)
    operator.get(page)
    operator.post(page, {**AS_FACTS, "is-2": "own", "purpose": "report"})
    work(service.LEARN)
    assert "remark" in operator.get(page).text.split('class="k-note k-note-warn"')[1][:400]


def test_a_card_of_foreign_columns_cannot_become_a_draft(
    operator: Browser, work: Callable[[str], None], rows: Session
) -> None:
    page = _uploaded(operator, past(("length", "bike")))
    work(service.LOOK)
    shown = operator.get(page).text
    assert re.findall(r'value="use"( checked)?( disabled)?', shown) == [("", " disabled")]
    assert "length、bike" in shown  # said before anything is learnt
    operator.post(page, {**AS_FACTS, "is-0": "own", "is-1": "own", "purpose": "report"})
    work(service.LEARN)
    assert f"{page}/draft" not in operator.get(page).text
    assert operator.post(f"{page}/draft").status_code == 422
    assert rows.scalars(select(RuleSet).where(RuleSet.status == "draft")).all() == []


def test_an_outcome_that_is_always_the_same_is_refused_and_can_be_asked_again(
    operator: Browser, work: Callable[[str], None], rows: Session
) -> None:
    page = _uploaded(operator, past().replace("战败".encode(), "成交".encode()))
    work(service.LOOK)
    operator.get(page)
    operator.post(page, AS_FACTS | {"won": ""})
    work(service.LEARN)
    shown = operator.get(page)
    assert _row(rows).state == "refused"
    assert "结果" in shown.text.split('class="k-note k-note-warn"')[1][:300]
    assert 'name="is-3"' in shown.text


def test_a_file_that_is_no_table_is_refused(operator: Browser, work: Callable[[str], None], rows: Session) -> None:
    refused = operator.post(
        HOME, {"file": (io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(50)), "a.csv")}, content_type="multipart/form-data"
    )
    assert refused.status_code == 422
    page = _uploaded(operator, b"\x1f\x8bnothing", "a.csv.gz")
    work(service.LOOK)
    assert _row(rows).state == "refused"
    assert operator.get(page).status_code == 200


def test_koi_without_past_leads_says_so(operator: Browser, work: Callable[[str], None], rows: Session) -> None:
    page = operator.post(f"{HOME}/own", {"since": "2026-01-01", "until": "", "split": "time"}).location
    work(service.LEARN)
    assert _row(rows).refusal["params"]["reason"] == "no_leads"
    assert operator.get(page).status_code == 200


@pytest.mark.parametrize("form", [{"since": "2026-02-01", "until": "2026-01-01"}, {"since": "yesterday"}])
def test_days_that_make_no_sense_are_refused_at_their_field(
    operator: Browser, rows: Session, form: dict[str, str]
) -> None:
    refused = operator.post(f"{HOME}/own", form)
    assert refused.status_code == 422
    assert "aria-invalid" in refused.text
    assert rows.scalars(select(ScorecardFit)).all() == []


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"is-0": "nowhere"},
        {"is-3": "outcome", "is-2": "outcome"},
        {"is-3": "outcome", "is-1": "model", "is-2": "model"},
    ],
)
def test_columns_that_make_no_sense_are_refused_and_stay_as_they_were_chosen(
    operator: Browser, work: Callable[[str], None], rows: Session, form: dict[str, str]
) -> None:
    page = _uploaded(operator, past(leads=20))
    work(service.LOOK)
    operator.get(page)
    refused = operator.post(page, form)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert _row(rows).state == "choosing"
    chosen = re.findall(r'id="is-\d".*?value="(\w+)" selected', refused.text, re.DOTALL)
    assert chosen == [form.get(f"is-{i}", "own").replace("nowhere", "own") for i in range(4)]


def crm() -> bytes:
    """An export of another system, in its own words."""
    lines = ["意向时间\t意向车型\t年龄\t线索结果"]
    for i in range(240):
        soon = i % 3
        won = (i // 3) % (2 + 3 * soon) == 0
        words = ("一周左右", "三个月内", "再考虑")
        lines.append(f"{words[soon]}\t{'K1' if i % 2 else 'K2'}\t{20 + i % 40}\t{'成交' if won else '战败'}")
    return "\n".join(lines).encode("gb18030")


def test_columns_of_another_system_are_guessed_mapped_and_remembered(
    operator: Browser, work: Callable[[str], None], rows: Session
) -> None:
    page = _uploaded(operator, crm())
    work(service.LOOK)
    shown = operator.get(page).text
    assert re.findall(r'id="is-\d".*?value="(\w+)" selected', shown, re.DOTALL) == [
        "purchase_horizon",
        "model",
        "own",
        "outcome",
    ]
    answers = dict(re.findall(r'k-clip">(\S+) <span.*?name="(w-0-purchase_horizon-\d)"', shown))
    assert set(answers) == {"一周左右", "三个月内", "再考虑"}
    looked = operator.post(page, {"do": "look", "is-0": "own", "is-3": "outcome"}).text
    assert "w-0-purchase_horizon" not in looked
    assert _row(rows).state == "choosing"  # looking asks for nothing
    form = {"is-0": "purchase_horizon", "is-1": "model", "is-2": "own", "is-3": "outcome", "purpose": "use"}
    assert operator.post(page, {**form, answers["再考虑"]: "none"}).status_code == 303
    work(service.LEARN)
    body = _row(rows).report["scorecard"]
    assert {word for each in body["attributes"][0]["bins"][:-1] for word in each["values"]} == {"now", "3m", "none"}
    assert operator.post(f"{page}/draft").status_code == 303
    again = _uploaded(operator, crm().replace("\t年龄".encode("gb18030"), "\t岁数".encode("gb18030")), "next.csv")
    work(service.LOOK)
    shown = operator.get(again).text
    assert "沿用上次" in shown
    assert re.findall(rf'name="{answers["再考虑"]}".*?value="(\w+)" selected', shown, re.DOTALL)[0] == "none"


def test_points_of_a_fact_only_fall_where_that_is_asked_for(
    operator: Browser, work: Callable[[str], None], rows: Session
) -> None:
    page = _uploaded(operator, past())
    work(service.LOOK)
    operator.get(page)
    assert operator.post(page, {**AS_FACTS, "turn-0": "down", "turn-1": "up"}).status_code == 303
    assert _row(rows).wishes["monotone"] == {"store_km": -1}  # words have no order: nothing is asked of them
    own = operator.post(f"{HOME}/own", {"facts": "1", "fact": ["store_km", "model"], "turn-store_km": "one"}).location
    wishes = rows.scalars(select(ScorecardFit.wishes).where(ScorecardFit.source == "own")).one()
    assert (wishes["monotone"], "hour" in wishes["exclude"]) == ({"store_km": 0}, True)
    assert operator.get(own).status_code == 200
    assert operator.post(f"{HOME}/own", {"facts": "1"}).status_code == 422


def test_what_a_worker_has_is_not_asked_again(operator: Browser, work: Callable[[str], None], rows: Session) -> None:
    page = _uploaded(operator, past(leads=20))
    work(service.LOOK)
    operator.get(page)
    assert operator.post(page, AS_FACTS).status_code == 303
    assert operator.post(page, AS_FACTS).status_code == 409


def test_a_learning_that_waits_is_stopped_at_once_and_asked_again(
    operator: Browser, work: Callable[[str], None], rows: Session
) -> None:
    page = _uploaded(operator, past(leads=80))
    work(service.LOOK)
    operator.get(page)
    operator.post(page, AS_FACTS)
    assert "等待处理" in operator.get(page).text
    assert operator.post(f"{page}/stop").status_code == 303
    work(service.LEARN)
    assert _row(rows).state == "stopped"
    assert "停止了学习" in operator.get(page).text
    operator.post(page, AS_FACTS)
    work(service.LEARN)
    assert _row(rows).state == "done"


def test_a_learning_that_a_worker_has_tells_its_steps_and_stops_at_the_next(
    operator: Browser, work: Callable[[str], None], rows: Session, settings: Settings
) -> None:
    page = _uploaded(operator, past(leads=80))
    work(service.LOOK)
    operator.get(page)
    operator.post(page, AS_FACTS)
    fit_id = _row(rows).fit_id
    with at_work(settings.worker()) as place, place.transaction() as session:
        session.execute(select(ScorecardFit.fit_id).with_for_update(key_share=True))
        tell = teller(beside_of(session), fit_id, now=now_of(session))
        tell("folds", 2, 5)
        shown = operator.get(page).text
        assert 'aria-valuenow="29"' in shown
        assert "3 / 5" in shown
        assert operator.post(page, AS_FACTS).status_code == 409  # nobody waits for the worker
        assert operator.post(f"{page}/stop").status_code == 303
        with pytest.raises(Stopped):
            tell("folds", 3, 5)
    assert _row(rows).state == "waiting"
    work(service.LEARN)  # as after a worker that was killed
    assert _row(rows).state == "stopped"


def test_a_learning_that_has_ended_is_not_stopped(
    operator: Browser, work: Callable[[str], None], rows: Session
) -> None:
    page = _uploaded(operator, past(leads=20))
    work(service.LOOK)
    operator.get(page)
    assert operator.post(f"{page}/stop").status_code == 303
    assert _row(rows).state == "choosing"
    assert operator.post(f"{HOME}/{UUID(int=7)}/stop").status_code == 404


def test_a_file_past_its_date_is_gone_and_the_page_says_so(
    operator: Browser, work: Callable[[str], None], rows: Session, settings: Settings
) -> None:
    page = _uploaded(operator, past(leads=20))
    key = _row(rows).file_key
    rows.execute(ScorecardFit.__table__.update().values(purge_at=ScorecardFit.asked_at))
    rows.commit()
    work("hq.purge_past")
    assert not (Path(settings.var) / "files" / str(key)).exists()
    assert "已到期删除" in operator.get(page).text


def test_an_analyst_reads_reports_and_learns_nothing(
    operator: Browser, browser: Callable[[], Browser], hq_person: Callable[..., Person], work: Callable[[str], None]
) -> None:
    page = _uploaded(operator, past(leads=20))
    work(service.LOOK)
    analyst = browser()
    sign_in(analyst, "/hq", hq_person(Role.ANALYST).login)
    assert analyst.get(HOME).status_code == 200
    assert analyst.get(page).status_code == 200
    assert analyst.post(page, AS_FACTS).status_code == 403
    assert analyst.post(f"{HOME}/own", {}).status_code == 403
    assert analyst.post(f"{page}/stop").status_code == 403


def test_a_report_that_there_is_not_is_not_found(operator: Browser) -> None:
    assert operator.get(f"{HOME}/{UUID(int=7)}").status_code == 404
