"""Where sign-ups from outside come in: connections of their own for the one statement, in autocommit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection

from shared.platform.errors import DomainError
from shared.signups import acceptance
from shared.signups.acceptance import Accepted, Offer, Refused

_CONNECTIONS = 8  # per process; more would only make PostgreSQL's processes wait for each other
_POOL_WAIT_S = 5
_RETRY_AFTER_S = 2
T = TypeVar("T")


class Busy(DomainError):
    """The database did not answer in time; the same sign-up may be sent again. `params["retry_after"]`: seconds."""

    code = "busy"
    status = 503


class Door:
    """Stores one sign-up at a time. Safe to share between threads; opens its connections when first used."""

    def __init__(self, url: URL) -> None:
        """`url`: the public role's login.

        No ping before use and no rollback after it (each would be a round trip): a connection that was lost shows
        when it is used, and the key makes it harmless to send the statement again.
        """
        self._engine = create_engine(
            url,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=_POOL_WAIT_S,
            pool_use_lifo=True,
            pool_reset_on_return=None,
            hide_parameters=True,
            connect_args={"autocommit": True, "prepare_threshold": None},
        )

    def accept(self, offer: Offer) -> Accepted | Refused:
        """Store a sign-up, or find what its key stored before.

        Raises:
            Busy: a twin with the same key is still being stored, or the database is away.
        """
        return self._on_connection(lambda connection: acceptance.accept(connection, offer))

    def look(self, token_hash: bytes, campaign_code: str) -> Refused | None:
        """What stands against a sign-up with this token for this campaign, whatever its body says.

        Raises:
            Busy: the database is away.
        """
        return self._on_connection(lambda connection: acceptance.look(connection, token_hash, campaign_code))

    def close(self) -> None:
        """Close what is open."""
        self._engine.dispose()

    def _on_connection(self, work: Callable[[psycopg.Connection[Any]], T]) -> T:
        try:
            try:
                return self._once(work)
            except psycopg.OperationalError as error:
                if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.QueryCanceled):
                    raise
                # Connections of before a restart of the server: none of them is good any more.
                self._engine.dispose()
                return self._once(work)
        except (psycopg.OperationalError, OperationalError, PoolTimeout):
            raise Busy(retry_after=_RETRY_AFTER_S) from None

    def _once(self, work: Callable[[psycopg.Connection[Any]], T]) -> T:
        pooled: PoolProxiedConnection = self._engine.raw_connection()
        try:
            connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]  # psycopg's own
            try:
                return work(connection)
            finally:
                if connection.closed:
                    pooled.invalidate()
        finally:
            pooled.close()
