"""Bring a database to the present: roles, tables, grants and policies, in one transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text

from shared.db import functions, rls
from shared.db.roles import APP_ROLES, DEALER, OWNER, ROLES
from shared.platform.keys import Secret, database_password

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6B6F69  # one migration at a time, whoever starts first


def migrate(owner_url: str, secret: Secret) -> None:
    """Create or upgrade everything that Koi keeps in PostgreSQL; safe to run at each start.

    Args:
        owner_url: a login that is `koi_owner`, or may become it (superuser, or CREATEROLE on an empty database).
        secret: the passwords of the application's roles derive from it.
    """
    engine = create_engine(owner_url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            _roles(connection, secret)
            connection.execute(text(f"SET LOCAL ROLE {OWNER}"))
            upgrade(connection)
            if _access_on_record(connection) != rls.fingerprint():
                apply_access(connection)
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` on a connection that acts as the owner."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_current(engine: Engine) -> bool:
    """Whether the database has seen a migration at all (the faces refuse to start without)."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT to_regclass('public.alembic_version') IS NOT NULL")).scalar_one() is True


def _roles(connection: Connection, secret: Secret) -> None:
    known = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    if OWNER not in known:
        connection.execute(text(f"CREATE ROLE {OWNER} NOLOGIN NOSUPERUSER NOBYPASSRLS"))
    me, database = connection.execute(text("SELECT current_user, current_database()")).one()
    member = connection.execute(text("SELECT pg_has_role(current_user, :role, 'MEMBER')"), {"role": OWNER}).scalar_one()
    if me != OWNER and not member:
        connection.execute(text(f'GRANT {OWNER} TO "{me}"'))
    if me != OWNER:
        connection.execute(text(f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}"))
    for role in ROLES:
        _app_role(connection, role.name, exists=role.name in known, password=database_password(secret, role.name))
        connection.execute(text(f'GRANT CONNECT ON DATABASE "{database}" TO {role.name}'))
        for setting, value in role.settings.items():
            connection.execute(text(f"ALTER ROLE {role.name} SET {setting} = '{value}'"))


def _app_role(connection: Connection, name: str, *, exists: bool, password: str) -> None:
    """Create the role or renew its password; the password is hex, so it needs no quoting."""
    verb = "ALTER" if exists else "CREATE"
    connection.execute(text(f"{verb} ROLE {name} LOGIN PASSWORD '{password}'"))


def apply_access(connection: Connection) -> None:
    """Make grants, policies and functions agree with `rls` and `functions`, whatever stood there before."""
    tables = set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    tables.discard("alembic_version")
    if missing := tables ^ set(rls.GRANTS):
        raise AssertionError(f"shared/db/rls.py and the migrations disagree on tables: {sorted(missing)}")
    everyone = ", ".join(APP_ROLES)
    connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {everyone}"))
    # REVOKE on a table leaves the grants on its columns alone.
    for table, role, columns in connection.execute(text(_COLUMN_GRANTS)).all():
        connection.execute(text(f"REVOKE ALL ({columns}) ON {table} FROM {role}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {everyone}"))
    for table, roles in rls.GRANTS.items():
        for role, privileges in roles.items():
            connection.execute(text(f"GRANT {', '.join(privileges)} ON {table} TO {role}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {everyone}"))
    _policies(connection)
    for statement in functions.STATEMENTS:
        connection.execute(text(statement))
    connection.execute(text(f"COMMENT ON TABLE alembic_version IS 'access {rls.fingerprint()}'"))


def _access_on_record(connection: Connection) -> str | None:
    """The fingerprint of the grants and policies applied last: a restart need not lock every table again."""
    comment = connection.execute(text("SELECT obj_description('alembic_version'::regclass)")).scalar_one()
    return comment.removeprefix("access ") if comment else None


_COLUMN_GRANTS = f"""
SELECT table_name, grantee, string_agg(DISTINCT column_name, ', ')
FROM information_schema.column_privileges
WHERE table_schema = 'public' AND grantee IN ({", ".join(f"'{role}'" for role in APP_ROLES)})
GROUP BY table_name, grantee
"""


def _policies(connection: Connection) -> None:
    with_dealer = frozenset(connection.execute(text(_WITH_DEALER)).scalars())
    for table, policy in connection.execute(
        text("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'")
    ).all():
        connection.execute(text(f'DROP POLICY "{policy}" ON {table}'))
    for table in rls.protected(with_dealer):
        connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
        connection.execute(text(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"))
        for policy in rls.policies(table):
            connection.execute(text(policy.sql()))


_WITH_DEALER = """
SELECT c.relname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'dealer_id' AND NOT a.attisdropped
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r'
"""

__all__ = ["DEALER", "apply_access", "is_current", "migrate", "upgrade"]
