"""The door's connections: straight to the server they keep the statement prepared, behind PgBouncer they must not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.campaigns.models import Campaign
from shared.db.session import make_engine
from shared.platform.settings import Settings
from shared.signups.acceptance import Accepted
from shared.signups.models import Signup
from shared.signups.reception import Envelope, Reception
from shared.signups.submission import Submission
from tests import factories as make
from tests.architecture import pgbouncer
from tests.portals.intake.calling import TOKEN


def take(reception: Reception, number: int) -> Any:
    """A sign-up of its own."""
    envelope = Envelope(
        token_hash=sha256(TOKEN.encode()).digest(),
        campaign_code="FRI",
        key=f"key-{number}",
        body=b"{}",
        marketing_version=1,
        share_version=None,
    )
    return reception.take(Submission(phone=make.phone_number()), envelope, now=datetime.now(UTC))


@pytest.mark.parametrize("through", ["server", "pgbouncer"])
def test_many_at_once_are_stored_once_each(
    through: str, settings: Settings, event: Campaign, rows: Session, race: Callable[..., list[Any]]
) -> None:
    url = settings.role_urls["public"]
    if through == "server":
        _crowd(url, settings, rows, race, prepared=True)
        return
    with pgbouncer.before(url, pool_size=2) as address:
        _crowd(address, settings, rows, race, prepared=False)


def _crowd(url: str, settings: Settings, rows: Session, race: Callable[..., list[Any]], *, prepared: bool) -> None:
    engine = make_engine(url)
    reception = Reception(engine, settings.public().keys)
    answers = race(lambda number: take(reception, number % 60), range(120))
    assert all(isinstance(answer, Accepted) for answer in answers), answers
    assert rows.scalar(select(func.count()).select_from(Signup)) == 60
    with reception.door._links._link() as link:
        assert (link.connection.prepare_threshold == 0) is prepared
    engine.dispose()
