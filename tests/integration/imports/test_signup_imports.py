"""A sign-up list becomes sign-ups: every row accepted or rejected with its reason, none lost, none twice."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hq.intake.imports import jobs, service
from hq.intake.imports.models import Import, ImportReject, ImportSample
from hq.intake.imports.tally import counts_in
from hq.intake.imports.upload import AlreadyImported, Upload, lay_down
from shared.contacts.crypto import BlindIndex
from shared.db.session import now_of, unit_of_work
from shared.platform.errors import Missing
from shared.signups.models import Signup, SignupPayload
from shared.signups.rows import Sealer
from shared.work.attempt import attempt
from shared.work.drains import find
from shared.work.place import Place
from shared.work.place import at_work as place_of_its_own
from shared.work.runs import run
from tests import factories as make
from tests.integration.imports.conftest import OPERATOR
from tests.unit.intake.workbooks import ANNA, BORIS, HEADINGS, csv_bytes, xlsx_bytes
from tests.working import at_work

BAD = ["S3", "DRAW", "王短", "1380013", "", "", "", "", "2026/11/10 9:07", "是", "=1+1"]
TABLE = [["名单"], HEADINGS, ANNA, BORIS, BAD, [], ["合计", "3"]]


@pytest.fixture
def draw(rows):
    campaign = make.campaign(rows, code="DRAW", name="金秋抽奖季")
    make.share_text(rows, campaign, [make.dealer(rows)])
    rows.commit()
    return campaign


def signups(rows):
    rows.rollback()
    return rows.scalars(select(Signup).order_by(Signup.import_row)).all()


@pytest.mark.parametrize(("write", "name"), [(csv_bytes, "名单.csv"), (xlsx_bytes, "名单.xlsx")])
def test_every_row_ends_accepted_or_rejected_with_its_reason(draw, upload, work, found, rows, settings, write, name):
    import_id = upload(write(TABLE), file_name=name)
    assert found(import_id).state == "waiting"
    work()

    job = found(import_id)
    assert (job.state, job.rows, job.accepted, job.rejected) == ("done", 3, 2, 1)
    assert counts_in(job.notes)["reasons"] == {"phone_length": 1}
    anna, boris = signups(rows)
    assert (anna.import_id, anna.import_row, anna.external_id) == (import_id, 3, "S1")
    assert (anna.campaign_id, anna.source, anna.state) == (draw.campaign_id, "import", "received")
    assert anna.phone_bidx == BlindIndex(settings.worker().keys.blind).phone("+8613800138000")
    assert anna.share_text_id is not None
    assert boris.share_text_id is None
    sealed = rows.get_one(SignupPayload, anna.signup_id).sealed
    assert Sealer(settings.worker().keys).open(anna.signup_id, sealed)["phone"] == "+8613800138000"


def test_rejected_rows_are_kept_sealed_with_row_and_reason(draw, upload, work, rows, files):
    import_id = upload(csv_bytes(TABLE))
    work()
    (row,) = rows.scalars(select(ImportReject))
    assert (row.row, row.reason) == (5, {"code": "phone_length", "params": {}})
    assert b"1380013" not in bytes(row.sealed)
    assert files.open_row(import_id, row.row, row.sealed) == BAD


def test_nothing_plain_is_left_on_the_disk(draw, upload, settings):
    upload(csv_bytes(TABLE))
    stored = [path.read_bytes() for path in (settings.var / "files").rglob("*") if path.is_file()]
    assert stored
    assert not any(b"13800138000" in content for content in stored)


def test_the_campaign_column_wins_by_code_or_by_name(draw, upload, work, found, rows):
    other = make.campaign(rows, code="RIDE", name="千店试骑")
    make.campaign(rows, code="OLD", name="旧活动", status="closed")
    make.campaign(rows, code="NEXT", name="下个活动", status="draft")
    rows.commit()
    named = ["", "RIDE", "千店试骑", "没有的活动", "旧活动", "NEXT"]
    table = [HEADINGS, *([f"S{i}", name, *ANNA[2:]] for i, name in enumerate(named))]
    import_id = upload(csv_bytes(table), campaign_id=draw.campaign_id)
    work()
    assert [row.campaign_id for row in signups(rows)] == [draw.campaign_id, other.campaign_id, other.campaign_id]
    reasons = counts_in(found(import_id).notes)["reasons"]
    assert reasons == {"campaign_unknown": 1, "campaign_closed": 1, "campaign_draft": 1}


def test_without_any_campaign_a_row_is_rejected(upload, work, found):
    import_id = upload(csv_bytes([HEADINGS, ["S1", "", *ANNA[2:]]]))
    work()
    assert counts_in(found(import_id).notes)["reasons"] == {"campaign_missing": 1}


def test_a_yes_is_to_the_words_of_its_time(draw, upload, work, rows):
    dealer = make.dealer(rows)
    later = make.share_text(rows, draw, [dealer], version=2)
    later.created_at = make.NOW + timedelta(days=300)
    rows.commit()
    upload(csv_bytes([HEADINGS, ANNA]))
    work()
    (anna,) = signups(rows)
    assert anna.share_text_id not in (None, later.text_id)


def test_a_file_that_is_none_is_written_down_as_refused_and_not_kept(upload, work, found, files):
    import_id = upload(b"<!DOCTYPE html><html></html>")
    key = found(import_id).file_key
    work()
    job = found(import_id)
    assert (job.state, job.refusal["code"], job.file_key) == ("refused", "web_page", None)
    with pytest.raises(Missing):
        files.get(import_id, key)


def test_a_missing_column_says_what_was_looked_for_and_what_is_there(upload, work, found):
    import_id = upload(csv_bytes([["姓名", "城市"], ["陈", "广州"]]))
    work()
    refusal = found(import_id).refusal
    assert (refusal["code"], refusal["params"]["name"]) == ("column_missing", "手机号")
    assert refusal["params"]["saw"] == ["姓名", "城市"]


def test_the_same_file_again_is_refused_unless_wanted(draw, upload, rows):
    upload(csv_bytes(TABLE))
    with pytest.raises(AlreadyImported) as caught:
        upload(csv_bytes(TABLE))
    assert caught.value.params["file_name"] == "名单.csv"
    upload(csv_bytes(TABLE), campaign_id=draw.campaign_id)
    upload(csv_bytes(TABLE), again=True)
    assert rows.scalar(select(func.count()).select_from(Import)) == 3


def test_two_uploads_of_one_file_at_once_are_one_import(draw, upload, race, rows):
    outcomes = race(lambda _: upload(csv_bytes(TABLE)), list(range(8)))
    assert sum(isinstance(outcome, AlreadyImported) for outcome in outcomes) == 7
    assert rows.scalar(select(func.count()).select_from(Import)) == 1


def many(count: int) -> bytes:
    return csv_bytes([HEADINGS, *([f"S{i}", "DRAW", "某", f"138{i:08}", *ANNA[4:]] for i in range(count))])


def numbers(rows) -> list[str]:
    return [row.external_id for row in signups(rows)]


def test_another_process_goes_on_where_the_last_one_stopped(draw, upload, settings, found, rows, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 10)
    import_id = upload(many(35))
    for accepted in (0, 10, 20, 30, 35):  # first it is looked through
        jobs._READERS.clear()  # what a new process knows
        with at_work(settings.worker()) as place:
            attempt(place, find("hq.imports"))
        assert found(import_id).accepted == accepted
    assert found(import_id).state == "done"
    assert numbers(rows) == [f"S{i}" for i in range(35)]


def test_a_chunk_that_fails_is_read_again_from_its_cursor(draw, upload, place, found, rows, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 10)
    import_id = upload(many(35))
    for _ in range(2):
        attempt(place, find("hq.imports"))
    kept, failures = service.store_signups, iter([True])

    def fails_once(*args, **kwargs):
        tally = kept(*args, **kwargs)
        if next(failures, False):
            raise RuntimeError("cut")
        return tally

    monkeypatch.setattr(service, "store_signups", fails_once)
    attempt(place, find("hq.imports"))
    assert found(import_id).accepted == 10
    run(place, find("hq.imports"))
    assert numbers(rows) == [f"S{i}" for i in range(35)]


def _die_in_the_third_chunk(settings) -> None:
    kept, calls = service.store_signups, itertools.count(1)

    def dies(*args, **kwargs):
        tally = kept(*args, **kwargs)
        if next(calls) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return tally

    service.store_signups = dies
    jobs._READERS.clear()
    with place_of_its_own(settings.worker()) as place:
        run(place, find("hq.imports"))


def test_a_worker_killed_in_the_middle_of_a_chunk_loses_and_repeats_nothing(
    draw, upload, settings, work, found, rows, monkeypatch
):
    monkeypatch.setattr(service, "CHUNK", 10)
    import_id = upload(many(35))
    worker = multiprocessing.get_context("fork").Process(target=_die_in_the_third_chunk, args=(settings,))
    worker.start()
    worker.join(60)
    assert worker.exitcode == -signal.SIGKILL
    assert found(import_id).accepted == 20
    assert len(numbers(rows)) == 20
    work()
    job = found(import_id)
    assert (job.state, job.accepted) == ("done", 35)
    assert numbers(rows) == [f"S{i}" for i in range(35)]


def test_two_workers_never_read_the_same_rows(draw, upload, settings, race, found, rows, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 7)
    import_id = upload(many(100))

    def worker(_):
        with at_work(settings.worker()) as own:
            for _ in range(150):  # many find all rows in the others' hands
                attempt(own, find("hq.imports"))

    assert race(worker, [1, 2, 3]) == [None] * 3
    assert found(import_id).accepted == 100
    assert numbers(rows) == [f"S{i}" for i in range(100)]


def test_past_its_date_the_file_and_the_rejected_rows_are_gone(draw, upload, work, place, found, rows, files):
    import_id = upload(csv_bytes(TABLE))
    work()
    key = found(import_id).file_key
    run(place, find("hq.purge_imports"))
    assert found(import_id).file_key == key
    later = Place(place.engine, place.settings, found(import_id).purge_at + timedelta(seconds=1))
    run(later, find("hq.purge_imports"))
    job = found(import_id)
    assert (job.file_key, job.rejected) == (None, 1)
    assert rows.scalar(select(func.count()).select_from(ImportReject)) == 0
    with pytest.raises(Missing):
        files.get(import_id, key)


def test_the_first_rows_of_an_upload_are_kept_sealed_and_go_with_its_file(draw, place, found, rows, hq_engine, files):
    with unit_of_work(hq_engine) as session:
        given = Upload(kind="signups", file_name="名单.csv", content=csv_bytes(TABLE))
        import_id = lay_down(session, upload=given, files=files, actor=OPERATOR, now=now_of(session))
    run(place, find("hq.check_imports"))
    sealed = bytes(rows.get_one(ImportSample, import_id).sealed)
    assert "陈安娜".encode() not in sealed
    assert b"13800138000" not in sealed
    rows.rollback()
    later = Place(place.engine, place.settings, found(import_id).purge_at)
    run(later, find("hq.purge_imports"))
    assert rows.scalar(select(func.count()).select_from(ImportSample)) == 0
    assert (found(import_id).state, found(import_id).refusal["code"]) == ("refused", "purged")


def test_an_import_that_was_put_aside_is_purged_too(draw, upload, place, found, rows):
    import_id = upload(csv_bytes(TABLE))
    rows.get_one(Import, import_id).aside_at = make.NOW
    rows.commit()
    later = Place(place.engine, place.settings, found(import_id).purge_at)
    run(later, find("hq.purge_imports"))
    assert (found(import_id).state, found(import_id).file_key) == ("refused", None)


def test_notes_say_what_was_done_to_the_file(draw, upload, work, found):
    import_id = upload(csv_bytes(TABLE, encoding="gb18030"))
    work()
    codes = {note["code"] for note in found(import_id).notes}
    assert {"encoding", "title_above_heading", "total_ignored", "headings", "reasons"} <= codes
    assert "138" not in json.dumps(found(import_id).notes)
