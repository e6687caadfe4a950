"""Headquarters takes a population table over, replaces it, and takes it away."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hq.intake.imports.files import ImportFiles
from hq.network.population import jobs, queries, service  # noqa: F401  the drain
from hq.network.population.models import PopulationDraft
from shared.audit.models import AuditEntry
from shared.db.session import moment_of, unit_of_work
from shared.platform.errors import Missing
from shared.population.models import PopulationTable
from shared.population.people import PeopleKeeper
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.working import at_work

XIHU, GONGSHU = "330106", "330105"
FIRST = "代码,2020年人口\n330106,1112992\n330105,1120985\n999999,5000\n"
SECOND = "代码,人口\n330106,2000\n"


@pytest.fixture
def files(settings):
    return ImportFiles.below(settings.var, settings.worker().keys)


@pytest.fixture
def at_hq(hq_engine, rows, files):
    """`at_hq(service.drop, …)`: in a transaction of its own, as `koi_hq`."""
    actor = make.actor_of(rows, make.hq_user(rows))
    rows.commit()

    def run(act, **arguments):
        with unit_of_work(hq_engine) as session:
            return act(session, **{"actor": actor, "now": make.NOW, **arguments})

    return run


@pytest.fixture
def bring(at_hq, files, rows):
    """Lay a file down and take it over."""

    def run(text, *, source="普查", seen=None):
        draft_id = at_hq(service.lay_down, content=text.encode(), file_name="人口.csv", files=files)
        with_source(rows, draft_id, source)
        token = queries.token(queries.in_force(rows)) if seen is None else seen
        rows.commit()
        return at_hq(service.take_over, draft_id=draft_id, seen=token, files=files)

    return run


def with_source(rows, draft_id, source):
    draft = rows.get(PopulationDraft, draft_id)
    draft.source, draft.as_of = source, 2020
    rows.commit()


def people(rows):
    rows.commit()
    return PeopleKeeper().people(rows)


def logged(rows, action):
    return list(rows.scalars(select(AuditEntry.details).where(AuditEntry.action == action)))


def test_nothing_is_in_force_before_it_is_taken_over(at_hq, files, rows):
    draft_id = at_hq(service.lay_down, content=FIRST.encode(), file_name="C:\\人口.csv", files=files)
    draft = rows.get(PopulationDraft, draft_id)
    assert (draft.columns, draft.unit, draft.as_of, draft.file_name) == (
        {"code": 0, "people": 1},
        None,
        2020,
        "人口.csv",
    )
    assert people(rows) == {}


def test_a_table_taken_over_has_its_source_its_people_and_an_entry_in_the_log(bring, files, rows):
    bring(FIRST)
    assert people(rows) == {XIHU: 1_112_992, GONGSHU: 1_120_985}
    table = rows.scalars(select(PopulationTable)).one()
    assert (table.source, table.as_of, table.counties, table.people) == ("普查", 2020, 2, 2_233_977)
    assert table.left_out == 1
    assert logged(rows, "population:take_over") == [{"source": "普查", "as_of": "2020", "districts": 2, "left_out": 1}]
    assert rows.scalars(select(PopulationDraft)).all() == []


def test_the_next_table_takes_the_place_of_the_first(bring, rows):
    bring(FIRST)
    bring(SECOND, source="年鉴")
    assert people(rows) == {XIHU: 2_000}
    assert "普查 2020" in [details.get("replaced") for details in logged(rows, "population:take_over")]


def test_a_table_that_came_into_force_meanwhile_is_not_replaced_unseen(bring, rows):
    bring(FIRST)
    with pytest.raises(service.Replaced):
        bring(SECOND, seen="none")
    assert len(people(rows)) == 2


def test_of_two_who_take_over_at_once_one_is_told_of_the_other(at_hq, files, rows, race):
    drafts = [
        at_hq(service.lay_down, content=text.encode(), file_name="人口.csv", files=files) for text in (FIRST, SECOND)
    ]
    for draft_id in drafts:
        with_source(rows, draft_id, "普查")
    answers = race(lambda each: at_hq(service.take_over, draft_id=each, seen="none", files=files), drafts)
    assert sorted(type(answer).__name__ for answer in answers) == ["Replaced", "Understood"]
    assert len(rows.scalars(select(PopulationTable)).all()) == 1


def test_a_file_without_any_district_takes_the_place_of_nothing(bring, rows):
    bring(FIRST)
    with pytest.raises(service.NothingRead):
        bring("代码,人口\n999999,5000\n")
    assert len(people(rows)) == 2


def test_a_table_is_taken_away_with_an_entry_in_the_log(at_hq, bring, rows):
    bring(FIRST)
    token = queries.token(queries.in_force(rows))
    rows.commit()
    at_hq(service.remove, seen=token)
    assert people(rows) == {}
    assert logged(rows, "population:remove") == [{"source": "普查", "as_of": "2020", "districts": 2}]
    with pytest.raises(Missing):
        at_hq(service.remove, seen=token)


def test_an_upload_that_is_thrown_away_leaves_no_file(at_hq, files, rows):
    draft_id = at_hq(service.lay_down, content=FIRST.encode(), file_name="人口.csv", files=files)
    key = rows.get(PopulationDraft, draft_id).file_key
    rows.commit()
    at_hq(service.drop, draft_id=draft_id, files=files)
    rows.expire_all()
    assert rows.get(PopulationDraft, draft_id) is None
    with pytest.raises(Missing):
        files.get(draft_id, key)


def test_the_worker_removes_an_upload_that_nobody_took_over_within_a_day(at_hq, files, rows, settings):
    now = moment_of(settings.worker().database_url)
    old = at_hq(service.lay_down, content=FIRST.encode(), file_name="人口.csv", files=files, now=now - service.KEPT)
    new = at_hq(service.lay_down, content=FIRST.encode(), file_name="人口.csv", files=files, now=now)
    key = rows.get(PopulationDraft, old).file_key
    rows.commit()
    with at_work(settings.worker()) as place:
        run(place, find("hq.purge_population"))
    rows.expire_all()
    assert rows.scalars(select(PopulationDraft.draft_id)).all() == [new]
    with pytest.raises(Missing):
        files.get(old, key)


def test_an_uploaded_file_is_not_readable_in_the_storage(at_hq, files, rows, settings):
    at_hq(service.lay_down, content=FIRST.encode(), file_name="人口.csv", files=files)
    stored = [path.read_bytes() for path in (settings.var / "files" / "imports").rglob("*") if path.is_file()]
    assert stored
    assert not any(b"1112992" in content for content in stored)
