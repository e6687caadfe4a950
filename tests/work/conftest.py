"""A small drain of the tests' own on real sign-ups: it decides each as its name says."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, select, text, update
from sqlalchemy.orm import Session

from shared.platform.settings import Settings
from shared.signups.models import Signup
from shared.work import drains
from shared.work.aside import Aside, sift
from shared.work.doorbell import Doorbell
from shared.work.drains import Batch, Drain, drain, find
from shared.work.place import Place, at_work
from tests.factories import people

NAME = "test.decide"


def due(now: datetime) -> Select[Any]:
    """Sign-ups of the test's drain that wait."""
    waiting = select(Signup.signup_id, Signup.name, Signup.accepted_at)
    waiting = waiting.where(Signup.state == "received", Signup.aside_at.is_(None), Signup.accepted_at <= now)
    return waiting.order_by(Signup.accepted_at, Signup.signup_id)


class PatientBell(Doorbell):
    """Waits for Redis as long as a busy test machine needs."""

    wait_s = 5.0


class Poisoned(Exception):
    """What a pure decision raises on a poison row; its words quote the person."""


@dataclass
class Story:
    """What the test's drain was called with, and what it is to do."""

    batches: list[list[str]] = field(default_factory=list)
    before: list[Callable[[Session, Batch], None]] = field(default_factory=list)

    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]


def decide(name: str) -> str:
    if name == "poison":
        raise Poisoned("13812345678")
    return "below_threshold"


@pytest.fixture
def no_drains() -> Iterator[None]:
    """No drain is known but those that the test declares. What is imported meanwhile stays declared."""
    registry = drains._DRAINS
    kept = dict(registry)
    registry.clear()
    yield
    kept |= {name: each for name, each in registry.items() if not name.startswith("test.")}
    registry.clear()
    registry.update(kept)


@pytest.fixture
def story(no_drains: None) -> Story:
    """Declares the test's drain, and no other."""
    told = Story()

    def work(session: Session, batch: Batch, now: datetime) -> Aside:
        told.batches.append([row.name for row in batch])
        for step in told.before:
            step(session, batch)
        decided, aside = sift(((row.signup_id, row.name) for row in batch), decide)
        for row in batch:
            if row.name == "sql":
                session.execute(text("SELECT 1 / 0"))
            if row.name == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
        session.execute(
            update(Signup.__table__)
            .where(Signup.signup_id.in_(decided))
            .values(state="decided", outcome="below_threshold", decided_at=now, runs=Signup.runs + 1)
        )
        return aside

    drain(NAME, due=due, key=Signup.signup_id, since=Signup.accepted_at)(work)
    return told


@pytest.fixture
def the_drain(story: Story) -> Drain:
    return find(NAME)


@pytest.fixture
def place(settings: Settings) -> Iterator[Place]:
    with at_work(settings.worker()) as here:
        yield here


@pytest.fixture
def sign_up(rows: Session) -> Callable[..., list[UUID]]:
    """`sign_up(3, "poison")`: three good ones and one of that name; committed."""
    campaign = people.campaign(rows)

    def make(good: int, *others: str) -> list[UUID]:
        names = ["陈小明"] * (good // 2) + list(others) + ["陈小明"] * (good - good // 2)
        made = [people.signup(rows, campaign, name=name).signup_id for name in names]
        rows.commit()
        return made

    return make


@pytest.fixture
def counts(rows: Session) -> Callable[[], dict[str, int]]:
    """How many sign-ups are decided, waiting, aside."""

    def count() -> dict[str, int]:
        rows.rollback()
        found = rows.execute(
            text(
                "SELECT CASE WHEN aside_at IS NOT NULL THEN 'aside' ELSE state END AS what, count(*) FROM signups"
                " GROUP BY 1"
            )
        ).all()
        return dict(found)

    return count
