"""Both servers of the default start under one folder, and the environment that points Koi at them."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from shared.platform.embedded.binaries import postgres_bin, valkey_server
from shared.platform.embedded.postgres import Postgres, ServerFailed
from shared.platform.embedded.valkey import Valkey
from shared.platform.keys import Secret, database_password

OWNER = "koi_owner"
DATABASE = "koi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """PostgreSQL and Valkey that belong together.

    `environment()` is what a child needs to reach them, in the words of `shared.platform.settings`.
    """

    postgres: Postgres
    valkey: Valkey
    secret_text: str = field(repr=False)

    def start(self) -> None:
        """Start both; make the owner and the empty database if they are not there.

        Raises:
            ServerFailed: one of them did not start.
            Unavailable: they cannot run on this machine.
        """
        self.postgres.start()
        self.valkey.start()
        prepare(self.postgres, Secret.parse(self.secret_text))

    def stop(self) -> None:
        """Stop both cleanly."""
        self.valkey.stop()
        self.postgres.stop()

    def locate(self) -> None:
        """Settle both addresses, so that `environment` can be told before the servers run."""
        self.postgres.locate()
        self.valkey.locate()

    def attach(self) -> None:
        """Know the addresses of servers that somebody else started in the same folder."""
        self.postgres.attach()
        self.valkey.attach()

    def environment(self) -> dict[str, str]:
        """How to reach them, as environment variables."""
        secret = Secret.parse(self.secret_text)
        return {
            "DATABASE_URL": self.postgres.url(DATABASE, OWNER, database_password(secret, OWNER)),
            "REDIS_URL": self.valkey.url,
            "KOI_SECRET_KEY": self.secret_text,
            "KOI_EMBEDDED": "1",
        }


def under(
    var: Path, *, programs: Path | None = None, settings: Mapping[str, str] | None = None, secret: str | None = None
) -> Servers:
    """The servers of a folder, not started. `programs`: PostgreSQL's programs if not the wheel's."""
    var.mkdir(mode=0o755, parents=True, exist_ok=True)
    text = secret or secret_of(var)
    return Servers(
        postgres=Postgres(
            folder=var / "postgres",
            programs=programs or postgres_bin(),
            password=database_password(Secret.parse(text), "postgres"),
            log=var / "log" / "postgres.log",
            settings=settings or {},
        ),
        valkey=Valkey(folder=var / "valkey", program=valkey_server(), log=var / "log" / "valkey.log"),
        secret_text=text,
    )


def secret_of(var: Path) -> str:
    """The secret in `secret.key` of the folder, base64; made with mode 0600 when there is none."""
    path = var / "secret.key"
    if not path.exists():
        new = var / f"secret.key.{os.getpid()}"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode())
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    return path.read_text(encoding="ascii").strip()


def prepare(postgres: Postgres, secret: Secret) -> None:
    """Make the owner and the database, and see that Chinese can be searched.

    Raises:
        ServerFailed: the server's locale cannot tell Chinese letters.
    """
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", OWNER):
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(
                    sql.Identifier(OWNER), sql.Literal(database_password(secret, OWNER))
                )
            )
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            make_database(connection, DATABASE)
        # It counts for all databases; kept out of ours, so that nothing there is a superuser's.
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    with psycopg.connect(postgres.url(DATABASE), autocommit=True) as connection:
        for extension in ("pg_trgm", "btree_gist"):
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        row = connection.execute("SELECT show_trgm('中文')").fetchone()
        if row is None or not row[0]:
            raise ServerFailed("PostgreSQL does not know Chinese letters: the cluster was not made with C.UTF-8")


def make_database(connection: psycopg.Connection, name: str, template: str | None = None) -> None:
    """A database of the owner's."""
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template1")
        )
    )


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None
