"""Engines and the unit of work: one transaction that knows its tenant and its time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry

# The one statement that opens every transaction. The tenant is announced even when there is none, so that
# nothing of the pool's former user can show through.
_ANNOUNCE = text("SELECT set_config('app.dealer_id', :dealer_id, true), now()")


def make_engine(url: str, *, pool_size: int = 5, max_overflow: int = 0, pooled_by_pgbouncer: bool = True) -> Engine:
    """An engine for one database role.

    Args:
        url: `postgresql://role:password@host/database`, driver psycopg 3.
        pool_size: connections kept open.
        max_overflow: connections allowed beyond `pool_size`.
        pooled_by_pgbouncer: leave prepared statements off; those break under PgBouncer's transaction mode.
    """
    arguments: dict[str, object] = {"prepare_threshold": None} if pooled_by_pgbouncer else {}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=max_overflow,
        hide_parameters=True,  # parameters hold personal data; they must not reach a log
        connect_args=arguments,
        json_deserializer=_read_json,
    )
    event.listen(engine, "checkin", _left)
    event.listen(engine, "checkout", _asked_again)
    return engine


_IDLE_S = 1.0
_LEFT = "left_at"


def _left(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_LEFT] = time.monotonic()


def _asked_again(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that was idle whether it is still there; one that was just in use is taken at its word, as the
    question is a way to the database and back.

    Raises:
        DisconnectionError: it is gone; the pool takes another.
    """
    left = record.info.get(_LEFT)
    if left is None or time.monotonic() - left < _IDLE_S:
        return
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.OperationalError as error:
        raise DisconnectionError from error


_JSON = json.JSONDecoder()


def _read_json(value: bytes) -> Any:
    """What jsonb sends is UTF-8 without space around it: nothing has to be guessed, as `json.loads` would."""
    return _JSON.raw_decode(value.decode())[0]


class KoiSession(Session):
    """A session whose transactions announce `info["dealer_id"]` and read `info["now"]`."""


@event.listens_for(KoiSession, "after_begin")
def _announce(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    dealer_id = session.info.get("dealer_id")
    row = connection.execute(_ANNOUNCE, {"dealer_id": str(dealer_id) if dealer_id else ""}).one()
    session.info["now"] = row[1]


def now_of(session: Session) -> datetime:
    """The database's time at the start of the session's transaction (opens one if none is open)."""
    session.connection()
    moment: datetime = session.info["now"]
    return moment


def set_tenant(session: Session, dealer_id: UUID) -> None:
    """Announce the tenant in the middle of a transaction: sign-in learns it there."""
    session.info["dealer_id"] = dealer_id
    session.execute(_ANNOUNCE, {"dealer_id": str(dealer_id)})


@contextmanager
def unit_of_work(engine: Engine, *, dealer_id: UUID | None = None) -> Iterator[Session]:
    """One transaction: committed when the block ends, rolled back when it raises.

    Args:
        engine: of the role that acts.
        dealer_id: the tenant, for the dealer role; None for all others.
    """
    with KoiSession(engine, expire_on_commit=False, info={"dealer_id": dealer_id}) as session, session.begin():
        session.connection()  # announce at once, so that `now` is there for the caller
        yield session


def moment_of(url: str) -> datetime:
    """The time of the database at an address, for a command that acts through several roles."""
    engine = make_engine(url, pool_size=1)
    try:
        with unit_of_work(engine) as session:
            return now_of(session)
    finally:
        engine.dispose()
