"""`/readyz`: ready with its database up to date; without Redis still ready."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from hq.app import create_hq_app
from shared.db import heads
from shared.platform.settings import Settings
from shared.web import metrics
from shared.work import doorbell
from shared.work.models import WorkRun
from tests.factories.counting import NOW
from wsgi import make_app


def test_a_face_is_ready_when_the_database_is_as_new_as_the_code(settings: Settings, rows: Session):
    app = create_hq_app(settings.hq())
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "up", "redis": "up"})
    rows.execute(text("DELETE FROM alembic_version"))
    rows.commit()
    try:
        answer = app.test_client().get("/readyz")
        assert (answer.status_code, answer.json["database"]) == (503, "behind")
    finally:
        rows.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": heads.newest()})
        rows.commit()
        app.extensions["koi_engine"].dispose()


def test_a_face_without_redis_is_ready_and_says_so(settings: Settings, tmp_path: Path):
    app = create_hq_app(replace(settings.hq(), redis_url=f"unix://{tmp_path}/nobody.sock"))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "up", "redis": "down"})
    app.extensions["koi_engine"].dispose()


def test_a_face_without_its_database_is_not_ready(settings: Settings, tmp_path: Path):
    app = create_hq_app(replace(settings.hq(), database_url=f"postgresql://koi_hq:x@/koi?host={tmp_path}"))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "down")
    app.extensions["koi_engine"].dispose()


def test_the_newest_revision_is_alembics():
    scripts = ScriptDirectory(str(Path(heads.__file__).parent / "migrations"))
    assert [heads.newest()] == scripts.get_heads()
    assert heads.known() == {each.revision for each in scripts.walk_revisions()}


def test_metrics_say_what_waits_also_while_the_database_is_away(
    settings: Settings, rows: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_drains: None
):
    monkeypatch.setattr(metrics, "_EXTRA", [])
    rows.add(WorkRun(drain="hq.qualify", rows=7, batches=1, waiting=3, oldest_at=NOW, aside=0, looked_at=NOW))
    rows.commit()
    away = {**settings.role_urls, "dealer": f"postgresql://koi_dealer:x@/koi?host={tmp_path}"}
    made = make_app(replace(settings, role_urls=away))
    whole = Client(made)
    try:
        for face in ("", "/hq"):
            answer = whole.get(f"{face}/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"})
            assert 'koi_work_waiting{drain="hq.qualify"} 3.0' in answer.text
        assert "koi_work_waiting{" not in whole.get("/dealer/metrics").text
    finally:
        doorbell.remove()
        for face in (made.app, *made.mounts.values()):
            face.extensions["koi_engine"].dispose()
