"""One row per dealer in every table that dealers can reach, and a probe that looks for the wrong dealer's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table

import content_library.models  # noqa: F401  the tables must be known
import shared.audit.models
import shared.campaigns.models
import shared.contacts.models
import shared.dealers.models
import shared.identity.models
import shared.leads.models
import shared.leads.sellers.models
import shared.notifications.models
import shared.walkins.models  # noqa: F401
from shared.db import rls
from shared.db.base import Base
from shared.db.roles import DEALER

OWN, OTHER = UUID(int=0xA), UUID(int=0xB)
TABLES = sorted(table for table, roles in rls.GRANTS.items() if DEALER in roles)
_VALUES: dict[type, Any] = {
    int: 1,
    float: 1.5,
    bool: True,
    datetime: datetime(2026, 11, 20, tzinfo=UTC),
    date: date(2026, 11, 23),  # a Monday, as weeks begin
    object: Jsonb({}),  # JSONB
}


def plant(connection: psycopg.Connection) -> None:
    """Put one row per dealer into every table of `TABLES`; needs a superuser, keeps nothing by itself."""
    connection.execute("SET LOCAL session_replication_role = replica")  # rows stand alone: no foreign keys
    for table in TABLES:
        for dealer in (OWN, OTHER):
            row = canary(Base.metadata.tables[table], dealer)
            connection.execute(insertion(table, row), list(row.values()))
    connection.execute("SET LOCAL session_replication_role = origin")


def insertion(table: str, row: dict[str, Any]) -> sql.Composed:
    """The INSERT of a row."""
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(row))
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks)


def canary(table: Table, dealer: UUID) -> dict[str, Any]:
    """A row that fits the columns' types and lists of words; every uuid in it is the dealer's own."""
    words = _words(table)
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.computed is not None or (column.nullable and column.name not in ("campaign_id", "store_id")):
            continue
        kind = column.type.python_type
        if column.name in words:
            row[column.name] = words[column.name]
        elif kind is UUID:
            row[column.name] = dealer
        elif kind is str:
            row[column.name] = f"canary {dealer}"
        elif kind is bytes:
            row[column.name] = dealer.bytes
        else:
            row[column.name] = _VALUES[kind]
    return row


def _words(table: Table) -> dict[str, str]:
    found = {}
    for constraint in table.constraints:
        text = str(getattr(constraint, "sqltext", ""))
        if match := re.match(r"(\w+) IN \('(\w+)'", text):
            found[match[1]] = match[2]
    return found


def leaks(connection: psycopg.Connection) -> Iterator[str]:
    """What a dealer can do with another's rows, as sentences. The connection is in a transaction with canaries."""
    for table in TABLES:
        yield from _reads(connection, table)
        yield from _writes(connection, table)


def as_dealer(connection: psycopg.Connection, dealer: UUID | None) -> None:
    """Go on as `koi_dealer` with this tenant announced."""
    connection.execute(f"SET LOCAL ROLE {DEALER}")
    connection.execute("SELECT set_config('app.dealer_id', %s, true)", (str(dealer) if dealer else "",))


def _reads(connection: psycopg.Connection, table: str) -> Iterator[str]:
    if "SELECT" not in rls.GRANTS[table][DEALER]:
        return
    key = _tenant_column(table)
    count = sql.SQL("SELECT count(*) FILTER (WHERE {0} = %s), count(*) FILTER (WHERE {0} <> %s) FROM {1}").format(
        sql.Identifier(key), sql.Identifier(table)
    )
    as_dealer(connection, OWN)
    own, foreign = _one(connection, count)
    if foreign:
        yield f"{table}: {foreign} foreign rows are read"
    if own != 1:
        yield f"{table}: {own} own rows are read instead of one"
    as_dealer(connection, None)
    if any(_one(connection, count)):
        yield f"{table}: rows are read with no dealer announced"
    connection.execute("RESET ROLE")


def _writes(connection: psycopg.Connection, table: str) -> Iterator[str]:
    privileges = rls.GRANTS[table][DEALER]
    as_dealer(connection, OWN)
    if "INSERT" in privileges:
        if _inserts(connection, table, OTHER):
            yield f"{table}: a foreign row is written"
        if not _inserts(connection, table, OWN):
            yield f"{table}: an own row cannot be written"
    for privilege in privileges:
        if privilege.startswith("UPDATE ("):
            column = privilege.removeprefix("UPDATE (").rstrip(")").split(", ")[0]
            changed = connection.execute(
                sql.SQL("UPDATE {0} SET {1} = {1} WHERE {2} = %s").format(
                    sql.Identifier(table), sql.Identifier(column), sql.Identifier(_tenant_column(table))
                ),
                (OTHER,),
            )
            if changed.rowcount:
                yield f"{table}: a foreign row is changed"
    connection.execute("RESET ROLE")


def _inserts(connection: psycopg.Connection, table: str, dealer: UUID) -> bool:
    row = canary(Base.metadata.tables[table], dealer)
    fresh = {name: UUID(int=0xC) if name.endswith("_id") and name != "dealer_id" else v for name, v in row.items()}
    try:
        with connection.transaction():
            connection.execute(insertion(table, fresh), list(fresh.values()))
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True  # the policy let it through, and only a key stopped it
    return True


def _tenant_column(table: str) -> str:
    """`dealer_id`, or for what is shown by the shelf the key that the canaries share with their dealer."""
    columns = Base.metadata.tables[table].columns
    return "dealer_id" if "dealer_id" in columns else next(iter(Base.metadata.tables[table].primary_key.columns)).name


def _one(connection: psycopg.Connection, query: sql.Composed) -> tuple[int, int]:
    row = connection.execute(query, (OWN, OWN)).fetchone()
    assert row is not None
    return row[0], row[1]
