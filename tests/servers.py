"""One PostgreSQL and one Valkey for the whole test run, and one database of each for every xdist worker.

The migrations run once, into the database `koi`; every worker gets a copy of it. Tests commit for real, and `Emptier`
puts the copy back to what the migrations left.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from shared.platform.embedded.binaries import postgres_bin
from shared.platform.embedded.postgres import UNSAFE_FAST
from shared.platform.embedded.servers import DATABASE, OWNER, Servers, make_database, under
from shared.platform.keys import Secret, database_password
from shared.platform.settings import Settings

SECRET_TEXT = base64.b64encode(hashlib.sha256(b"the tests' secret").digest()).decode()
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
_MIGRATED_ONLY = ("alembic_version",)


def programs() -> Path:
    """PostgreSQL's programs: the wheel's, or Debian's version 15 when KOI_TEST_DATABASE=debian15."""
    chosen = os.environ.get("KOI_TEST_DATABASE", "")
    if chosen == "debian15":
        return DEBIAN_15
    if chosen:
        raise ValueError(f"KOI_TEST_DATABASE must be debian15 or nothing, not {chosen!r}")
    return postgres_bin()


def new_folder() -> Path:
    """A short-named folder that PostgreSQL's own account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="koi-test-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def new_servers(folder: Path, *, durable: bool = False) -> Servers:
    """Servers of a test run's own, not started. `durable`: with fsync, for tests that pull the plug."""
    settings = {} if durable else dict(UNSAFE_FAST)
    return under(folder, programs=programs(), settings=settings, secret=SECRET_TEXT)


def migrated_environment(servers: Servers, folder: Path) -> dict[str, str]:
    """Start the servers, run the migrations, and say how to reach them (see `shared.platform.settings`)."""
    from shared.db.migrate import migrate

    servers.start()
    environment = {**servers.environment(), "KOI_VAR": str(folder)}
    migrate(environment["DATABASE_URL"], Secret.parse(SECRET_TEXT))
    return environment


@dataclass(frozen=True, slots=True)
class Shared:
    """What the process that starts the servers tells the xdist workers; plain strings only.

    Attributes:
        superuser_url, owner_url, redis_url: addresses of the databases `postgres`, `koi` and 0.
        folder: everything temporary of this run.
    """

    folder: str
    superuser_url: str
    owner_url: str
    redis_url: str

    def on(self, database: str) -> Shared:
        """The same server with another database."""
        return Shared(
            self.folder,
            self.superuser_url.replace("/postgres?", f"/{database}?"),
            self.owner_url.replace(f"/{DATABASE}?", f"/{database}?"),
            self.redis_url,
        )


class Host:
    """Starts the servers when they are first asked for, and removes them at the end."""

    def __init__(self) -> None:
        self._servers: Servers | None = None
        self._folder: Path | None = None
        self._shared: Shared | None = None

    def shared(self) -> Shared:
        if self._shared is None:
            self._folder = new_folder()
            self._servers = new_servers(self._folder)
            environment = migrated_environment(self._servers, self._folder)
            remember_seeds(self._servers.postgres.url(DATABASE))
            self._shared = Shared(
                str(self._folder),
                self._servers.postgres.url(),
                environment["DATABASE_URL"],
                environment["REDIS_URL"],
            )
        return self._shared

    def close(self) -> None:
        if self._servers is not None:
            self._servers.valkey.stop(kill=True)
            self._servers.postgres.stop("immediate")
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def worker_settings(shared: Shared, worker: str) -> tuple[Settings, str]:
    """A database for this worker: its settings, and the superuser's address of it. `worker`: `master`, `gw0`, …"""
    name = f"koi_{worker}"
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    with psycopg.connect(shared.superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        make_database(connection, name, template=DATABASE)
    own = shared.on(name)
    folder = Path(shared.folder) / worker
    folder.mkdir(exist_ok=True)
    environment = {
        "DATABASE_URL": own.owner_url,
        "REDIS_URL": own.redis_url.replace("?db=0", f"?db={number}"),
        "KOI_SECRET_KEY": SECRET_TEXT,
        "KOI_VAR": str(folder),
        "KOI_BASE_URL": "http://localhost",
        "KOI_SMS_URL": "log",
        "KOI_MAIL_URL": "log",
    }
    return Settings.from_env(environment), own.superuser_url


def remember_seeds(url: str) -> None:
    """Copy the rows that the migrations wrote into the schema `seed`."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA seed")
        for table in _filled(connection, _tables(connection)):
            connection.execute(sql.SQL("CREATE TABLE seed.{0} AS TABLE public.{0}").format(sql.Identifier(table)))


class Emptier:
    """Puts a worker's database back to what the migrations left: fast, since it looks only at tables with rows."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        # A superuser's right: no foreign keys and no triggers, so that the order does not matter.
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute("SET lock_timeout = '20s'")
        seeded = self._connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'seed'").fetchall()
        self._seeded = {name for (name,) in seeded}

    def empty(self) -> None:
        tables = _tables(self._connection)
        filled = set(_filled(self._connection, tables))
        for table in tables:
            if table in self._seeded:
                self._restore(table)
            elif table in filled:
                self._connection.execute(sql.SQL("DELETE FROM public.{}").format(sql.Identifier(table)))

    def close(self) -> None:
        self._connection.close()

    def _restore(self, table: str) -> None:
        name = sql.Identifier(table)
        changed = sql.SQL(
            "SELECT EXISTS (TABLE public.{0} EXCEPT TABLE seed.{0}) OR EXISTS (TABLE seed.{0} EXCEPT TABLE public.{0})"
        ).format(name)
        row = self._connection.execute(changed).fetchone()
        if row is not None and row[0]:
            columns = sql.SQL(", ").join(map(sql.Identifier, _written_columns(self._connection, table)))
            self._connection.execute(sql.SQL("DELETE FROM public.{}").format(name))
            self._connection.execute(
                sql.SQL("INSERT INTO public.{0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM seed.{0}").format(
                    name, columns
                )
            )


def owner_login(settings: Settings) -> tuple[str, str]:
    """Name and password of the tables' owner."""
    return OWNER, database_password(settings.secret, OWNER)


def _tables(connection: psycopg.Connection) -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in found if name not in _MIGRATED_ONLY]


def _filled(connection: psycopg.Connection, tables: list[str]) -> list[str]:
    if not tables:
        return []
    checks = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM public.{})").format(sql.Literal(table), sql.Identifier(table))
        for table in tables
    ]
    return [name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(checks)).fetchall()]


def _written_columns(connection: psycopg.Connection, table: str) -> list[str]:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s "
        "AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    ).fetchall()
    return [name for (name,) in found]
