"""The migrations build exactly what the models say, from nothing and from any earlier step."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text

import wsgi
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard, probability
from hq.qualification.screening.rules import ScreeningRules
from hq.qualification.thresholds.rules import Thresholds
from shared.db import migrate, rls
from shared.db.base import Base

list(wsgi.every("models"))


@pytest.fixture
def connection(superuser_url):
    """As superuser; nothing is kept."""
    engine = create_engine(superuser_url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as opened:
        yield opened
        opened.rollback()


def test_the_migrations_build_what_the_models_say(connection):
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []


def test_every_table_of_the_models_has_its_grants(connection):
    assert set(Base.metadata.tables) == set(rls.GRANTS)


def test_there_is_one_line_of_migrations():
    script = ScriptDirectory(str(migrate._MIGRATIONS))
    assert len(script.get_heads()) == 1


def test_migrating_again_changes_nothing(settings, superuser_url):
    migrate.migrate(settings.owner_url, settings.secret)
    engine = create_engine(superuser_url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as opened:
        comment = opened.execute(text("SELECT obj_description('alembic_version'::regclass)")).scalar_one()
    assert comment == f"access {rls.fingerprint()}"


def test_screening_rules_of_the_older_form_are_rules_of_the_newer_one():
    step = ScriptDirectory(str(migrate._MIGRATIONS)).get_revision("0020").module
    old = {"device_people": 3, "address_people": None, "bare_address_people": 7, "many_draws": 6, "flags": 2}
    rules = ScreeningRules.parse(step._by_kind(old))
    assert rules.get("device_many_people").values == {"people": 3, "minutes": 72 * 60}
    assert rules.get("address_many_people") is None
    assert rules.get("bare_address_many_people").values == {"people": 7, "minutes": 60, "draws": 0}
    assert rules.get("invite_circle") is None


@pytest.mark.parametrize("head", [{}, {"base_points": 0, "threshold": -40}, {"base_odds": 9.0, "threshold": 110}])
def test_the_threshold_of_a_card_becomes_a_bar_that_the_same_people_pass(head):
    step = ScriptDirectory(str(migrate._MIGRATIONS)).get_revision("0027_thresholds").module
    card = {**DEFAULT_CARD, "threshold": 75, **head}
    least = Thresholds.parse(step._as_thresholds(card)).bar.least
    below, enough = (probability(card["threshold"] - less, Scorecard.parse(card)) for less in (1, 0))
    assert below < least <= enough
