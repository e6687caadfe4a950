"""A dealer reads and writes only its own rows, in every table; and the probe that says so can fail."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.architecture.canaries import OTHER, OWN, TABLES, as_dealer, leaks, plant
from tests.architecture.test_catalogue import POLICY_MUTANTS

# NO FORCE exposes rows to the owner only, whom no face signs in as: the catalogue notices it, a dealer cannot.
_FELT_BY_DEALERS = [name for name in POLICY_MUTANTS if name not in ("not forced", "check true")]


@pytest.fixture
def planted(superuser_url: str) -> Iterator[psycopg.Connection]:
    """A superuser's transaction with one row per dealer in every table; never kept."""
    with psycopg.connect(superuser_url) as connection:
        plant(connection)
        yield connection
        connection.rollback()


def test_a_dealer_reads_and_writes_only_its_own_rows(planted):
    assert list(leaks(planted)) == []


@pytest.mark.parametrize("mutation", _FELT_BY_DEALERS)
@pytest.mark.parametrize("table", TABLES)
def test_the_probe_notices_a_broken_policy(planted, table, mutation):
    planted.execute(POLICY_MUTANTS[mutation].format(table=table))
    if table in ("quota_ledger", "audit_log") and mutation in ("using true", "or true"):
        planted.execute(f"ALTER POLICY tenant ON {table} WITH CHECK (true)")  # dealers only write these
    assert any(found.startswith(f"{table}:") for found in leaks(planted))


@pytest.mark.parametrize("table", ["holds", "follow_ups", "pulls", "staff_sessions", "quota_ledger", "audit_log"])
def test_the_probe_notices_a_check_that_lets_everything_in(planted, table):
    planted.execute(POLICY_MUTANTS["check true"].format(table=table))
    assert f"{table}: a foreign row is written" in list(leaks(planted))


def test_a_customer_card_is_read_only_with_the_hold(planted):
    planted.execute("DELETE FROM holds WHERE dealer_id = %s", (OWN,))
    as_dealer(planted, OWN)
    assert planted.execute("SELECT count(*) FROM customer_cards").fetchone() == (0,)


def test_the_former_tenant_of_a_connection_does_not_show_through(planted):
    as_dealer(planted, OTHER)
    assert planted.execute("SELECT count(*) FROM assignments").fetchone() == (1,)
    as_dealer(planted, None)
    assert planted.execute("SELECT count(*) FROM assignments").fetchone() == (0,)
