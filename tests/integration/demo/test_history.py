"""The demo's past, small: everything went through the pipeline, and the books are even."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import redis
from sqlalchemy import func, select

import wsgi
from dealer.demo.shop import Shops
from hq.demo import brand
from hq.demo.history import History
from hq.intake.imports.models import Import
from hq.qualification.books import balance
from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.db.session import make_engine, unit_of_work
from shared.leads.models import Assignment, Lead
from shared.notifications.models import NoticePerson
from shared.platform.ids import NIL
from shared.signups.models import Signup
from shared.walkins.models import WalkIn

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # a Friday, half past five in Beijing


@pytest.fixture(scope="module")
def lived(kept_settings, _emptier):
    """Headquarters' engine, after a history of 110 people, in two days; tests only read it."""
    wsgi._know_all_work()
    engine = make_engine(kept_settings.role_urls["hq"], pool_size=1)
    with unit_of_work(engine) as session:
        ensure_defaults(session, defaults(), now=NOW)
        made = brand.make(session, kept_settings, now=NOW, days=2)
    with Shops(kept_settings) as shops:
        steps = list(History(kept_settings, made, now=NOW, people=110).live(shops, stopping=lambda: False))
    assert steps[-1][0] == steps[-1][1] > 90
    yield engine
    engine.dispose()
    _emptier.empty()
    with redis.Redis.from_url(kept_settings.redis_url) as client:
        client.flushdb()


def test_a_history_leaves_leads_at_every_stage_and_even_books(lived):
    with unit_of_work(lived) as session:
        assert balance(session).difference == 0
        stages = set(session.scalars(select(Assignment.stage)))
        spread = session.execute(select(func.min(Signup.accepted_at), func.max(Signup.accepted_at))).one()
        states = set(session.scalars(select(Lead.state)))
    assert {"contacted", "lost", "expired"} <= stages
    assert {"placed", "lost"} <= states
    assert (spread[1] - spread[0]).days >= 1


def test_people_who_came_by_themselves_are_leads_of_the_store_that_wrote_them_down(lived):
    with unit_of_work(lived) as session:
        held = session.scalars(select(WalkIn.state).distinct().order_by(WalkIn.state)).all()
        offered = select(Assignment.offer["why"]["code"].astext).where(
            Assignment.offer["why"]["code"].astext == "store"
        )
        assert "held" in held
        assert session.scalars(offered).all()


def test_a_list_waits_for_somebody_and_another_was_imported(lived):
    with unit_of_work(lived) as session:
        states = session.scalars(select(Import.state).order_by(Import.state)).all()
    assert states == ["done", "mapping"]


def test_headquarters_has_read_the_notices_of_the_days_before(lived):
    with unit_of_work(lived) as session:
        seen = session.scalars(select(NoticePerson.seen_until).where(NoticePerson.dealer_id == NIL)).all()
    assert len(seen) == 4
    assert all(NOW - timedelta(hours=24) < each < NOW - timedelta(hours=6) for each in seen)
