"""What PostgreSQL's own catalogue must say about tenancy, as findings: an empty list is good.

The mutants run the same findings on a broken database and expect at least one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg

from shared.db import functions, rls
from shared.db.roles import APP_ROLES, DEALER, OWNER

#: The claim itself: whoever inserts the lead's row has it, so its key is the lead alone.
KEY_EXCEPTIONS = {"holds"}
_NOT_OF_AN_EXTENSION = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
_TENANT_SETTING = "current_setting('app.dealer_id'::text, true)"


def findings(connection: psycopg.Connection) -> list[str]:
    """All that is wrong, each as one sentence."""
    checks = (_row_security, _dealer_policies, _tenant_keys, _grants, _roles, _owners, _views, _functions)
    return [found for check in checks for found in check(connection)]


def tenant_tables(connection: psycopg.Connection) -> set[str]:
    """Tables with a `dealer_id`, and those that dealers are granted at all."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'dealer_id' "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    ).fetchall()
    return {name for (name,) in rows} | {table for table, roles in rls.GRANTS.items() if DEALER in roles}


def _row_security(connection: psycopg.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    ).fetchall()
    state = {name: (enabled, forced) for name, enabled, forced in rows}
    for table in sorted(tenant_tables(connection)):
        if state[table] != (True, True):
            yield f"{table}: row level security is not enabled and forced"


def _dealer_policies(connection: psycopg.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT tablename, cmd, permissive, qual, with_check FROM pg_policies WHERE schemaname = 'public' "
        "AND roles && ARRAY[%s, 'public']::name[]",
        (DEALER,),
    ).fetchall()
    by_table: dict[str, list[tuple[str, ...]]] = {}
    for table, *rest in rows:
        by_table.setdefault(table, []).append(tuple(rest))
    for table in sorted(tenant_tables(connection)):
        found = by_table.pop(table, [])
        if len(found) != 1:
            yield f"{table}: {len(found)} policies for dealers instead of one"
        for command, permissive, using, check in found:
            if (command, permissive) != ("ALL", "PERMISSIVE"):
                yield f"{table}: the dealers' policy is {permissive} for {command}"
            for name, condition in (("USING", using), ("WITH CHECK", check)):
                if _TENANT_SETTING not in (condition or "") or re.search(r"\bOR\b", condition or ""):
                    yield f"{table}: {name} is {condition!r}, which does not confine a dealer"
    for table in by_table:
        yield f"{table}: a policy for dealers on a table that is not theirs"


def _tenant_keys(connection: psycopg.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT c.relname, a.attnotnull, a.attnum = ANY (i.indkey) FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'dealer_id' "
        "LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    ).fetchall()
    for table, not_null, in_key in rows:
        if not not_null or not (in_key or table in KEY_EXCEPTIONS):
            yield f"{table}: dealer_id may be NULL or is not part of the primary key"


def _grants(connection: psycopg.Connection) -> Iterator[str]:
    actual = _actual_grants(connection)
    wanted = set(_wanted_grants())
    for table, role, privilege in sorted(actual - wanted):
        yield f"{table}: {role} may {privilege}, which rls.py does not say"
    for table, role, privilege in sorted(wanted - actual):
        yield f"{table}: {role} may not {privilege}, which rls.py says"


def _actual_grants(connection: psycopg.Connection) -> set[tuple[str, str, str]]:
    whole = connection.execute(
        "SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type FROM pg_class c "
        "CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version' "
        "AND c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> c.relowner"
        f" AND {_NOT_OF_AN_EXTENSION}"
    ).fetchall()
    columns = connection.execute(
        "SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), x.privilege_type || ' ' || a.attname FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL "
        "CROSS JOIN aclexplode(a.attacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee "
        "WHERE c.relnamespace = 'public'::regnamespace AND x.grantee <> c.relowner"
    ).fetchall()
    return set(whole) | set(columns)


def _wanted_grants() -> Iterator[tuple[str, str, str]]:
    for table, roles in rls.GRANTS.items():
        for role, privileges in roles.items():
            for privilege in privileges:
                name, _, listed = privilege.partition(" (")
                if listed:
                    yield from ((table, role, f"{name} {column}") for column in listed.rstrip(")").split(", "))
                else:
                    yield table, role, privilege


def _roles(connection: psycopg.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = ANY (%s)",
        (list(APP_ROLES),),
    ).fetchall()
    if {row[0] for row in rows} != set(APP_ROLES):
        yield "not every role exists"
    for name, *powers in rows:
        if any(powers):
            yield f"{name} is superuser, bypasses policies, or may make roles or databases"
    memberships = connection.execute(
        "SELECT m.rolname, r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member "
        "JOIN pg_roles r ON r.oid = a.roleid WHERE m.rolname = ANY (%s)",
        (list(APP_ROLES),),
    ).fetchall()
    yield from (f"{member} is a member of {role}" for member, role in memberships)


def _owners(connection: psycopg.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' AND tableowner <> %s", (OWNER,)
    ).fetchall()
    yield from (f"{table} belongs to {owner}" for table, owner in rows)


def _views(connection: psycopg.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT relname, relkind, reloptions FROM pg_class c "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm') "
        f"AND {_NOT_OF_AN_EXTENSION}"
    ).fetchall()
    for name, kind, options in rows:
        if kind == "m" or "security_invoker=true" not in (options or []):
            yield f"{name}: a view that does not ask as its reader"


def _functions(connection: psycopg.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT p.proname, coalesce(array_to_string(p.proconfig, ','), ''), coalesce(p.proacl::text, '') "
        "FROM pg_proc p "
        "WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
    ).fetchall()
    for name, settings, grants in rows:
        if name not in functions.AS_OWNER:
            yield f"{name}: a function that runs as its owner"
        if not settings.startswith("search_path=pg_catalog"):
            yield f"{name}: no fixed search_path"
        readers = set(re.findall(r"(\w*)=X", grants)) - {OWNER}
        if readers != functions.AS_OWNER.get(name, frozenset()):
            yield f"{name}: may be called by {sorted(readers)}"
