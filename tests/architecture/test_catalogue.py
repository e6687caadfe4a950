"""The database's catalogue says what `shared/db/rls.py` says, and each way of breaking it is noticed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from shared.db import rls
from shared.db.roles import DEALER
from tests.architecture.catalogue import findings

TENANT_TABLES = sorted(table for table, roles in rls.GRANTS.items() if DEALER in roles)
HOUSE_TABLES = sorted(set(rls.GRANTS) - set(TENANT_TABLES))
POLICY_MUTANTS = {
    "dropped": "DROP POLICY tenant ON {table}",
    "disabled": "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "not forced": "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "using true": "ALTER POLICY tenant ON {table} USING (true)",
    "check true": "ALTER POLICY tenant ON {table} WITH CHECK (true)",
    "or true": "CREATE POLICY wide ON {table} FOR SELECT TO PUBLIC USING (true)",
}


@pytest.fixture
def superuser(superuser_url: str) -> Iterator[psycopg.Connection]:
    """A connection whose changes are never kept."""
    with psycopg.connect(superuser_url) as connection:
        yield connection
        connection.rollback()


def test_the_catalogue_is_as_designed(superuser):
    assert findings(superuser) == []


@pytest.mark.parametrize("mutation", POLICY_MUTANTS)
@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_broken_policy_is_noticed(superuser, table, mutation):
    superuser.execute(POLICY_MUTANTS[mutation].format(table=table))
    assert any(found.startswith(f"{table}:") for found in findings(superuser))


@pytest.mark.parametrize("table", TENANT_TABLES + HOUSE_TABLES)
def test_one_extra_grant_is_noticed(superuser, table):
    held = " ".join(rls.GRANTS[table].get(DEALER, ()))
    extra = next(name for name in ("SELECT", "DELETE", "TRUNCATE") if name not in held)
    superuser.execute(f"GRANT {extra} ON {table} TO {DEALER}")
    assert any(found.startswith(f"{table}: {DEALER} may {extra}") for found in findings(superuser))


@pytest.mark.parametrize(
    "mutation",
    [
        "GRANT TRUNCATE ON leads TO koi_worker",
        "ALTER ROLE koi_dealer BYPASSRLS",
        "GRANT pg_read_all_data TO koi_hq",
        "GRANT koi_worker TO koi_dealer",
        "ALTER TABLE leads OWNER TO koi_hq",
        "CREATE VIEW everybody AS SELECT * FROM customer_cards",
        "CREATE MATERIALIZED VIEW everybody AS SELECT * FROM customer_cards",
        "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM holds'",
        "GRANT EXECUTE ON FUNCTION koi_sign_in(bytea) TO PUBLIC",
        "ALTER FUNCTION koi_sign_in(bytea) RESET search_path",
        "CREATE TABLE visits (dealer_id uuid, visit_id uuid PRIMARY KEY)",
    ],
)
def test_a_hole_beside_the_policies_is_noticed(superuser, mutation):
    superuser.execute(mutation)
    assert findings(superuser)
