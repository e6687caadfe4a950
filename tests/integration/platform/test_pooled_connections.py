"""A pooled connection that was idle is asked whether it is still there; one that was just in use is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from shared.db import session
from shared.db.session import make_engine, unit_of_work


@pytest.fixture
def engine(settings) -> Iterator[Engine]:
    made = make_engine(settings.role_urls["hq"], pool_size=1)
    yield made
    made.dispose()


def end_its_connection(engine: Engine, rows) -> None:
    with unit_of_work(engine) as work:
        pid = work.scalar(text("SELECT pg_backend_pid()"))
    rows.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_one_that_went_away_while_idle_is_replaced_unnoticed(engine, rows, monkeypatch):
    end_its_connection(engine, rows)
    monkeypatch.setattr(session, "_IDLE_S", -1.0)
    with unit_of_work(engine) as work:
        assert work.scalar(text("SELECT 1")) == 1


def test_one_that_was_just_in_use_and_went_away_fails_once(engine, rows, monkeypatch):
    end_its_connection(engine, rows)
    monkeypatch.setattr(session, "_IDLE_S", 1e9)
    with pytest.raises(OperationalError), unit_of_work(engine):
        pass
    with unit_of_work(engine) as work:
        assert work.scalar(text("SELECT 1")) == 1
