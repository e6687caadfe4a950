"""Files as an operator uploads them, and the worker that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import hq.intake.imports.jobs  # noqa: F401  declares the drains
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.models import Import
from hq.intake.imports.upload import Upload, take_in
from shared.db.session import now_of, unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.platform.settings import Settings
from shared.work.drains import find
from shared.work.place import Place
from shared.work.runs import Ran, run
from tests.working import at_work

OPERATOR = Actor(kind=ActorKind.HQ, name="操作员")


@pytest.fixture
def files(settings: Settings) -> ImportFiles:
    return ImportFiles.below(settings.var, settings.worker().keys)


@pytest.fixture
def upload(hq_engine: Engine, files: ImportFiles) -> Callable[..., UUID]:
    """`upload(content, kind=…, campaign_id=…)`: as HQ's role, committed; gives the import's id."""

    def take(content: bytes, *, kind: str = "signups", file_name: str = "名单.csv", **values: Any) -> UUID:
        given = Upload(kind=kind, file_name=file_name, content=content, **values)
        with unit_of_work(hq_engine) as session:
            return take_in(session, upload=given, files=files, actor=OPERATOR, now=now_of(session)).import_id

    return take


@pytest.fixture
def place(settings: Settings) -> Iterator[Place]:
    with at_work(settings.worker()) as made:
        yield made


@pytest.fixture
def work(place: Place) -> Callable[[], Ran]:
    """Read every waiting import to its end, as a worker does."""
    return lambda: run(place, find("hq.imports"))


@pytest.fixture
def found(rows: Session) -> Callable[[UUID], Import]:
    """An import as it stands now."""

    def read(import_id: UUID) -> Import:
        rows.rollback()
        rows.expire_all()
        return rows.get_one(Import, import_id)

    return read
