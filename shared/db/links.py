"""Connections for statements that are transactions of their own (autocommit), kept open beside the request's.

A pool of its own, without the ping before and the rollback after each use of SQLAlchemy's (each would be a round
trip); and whoever holds the request's connection never waits here for another one of the same pool.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.errors import LockNotAvailable, QueryCanceled
from sqlalchemy import URL

from shared.platform.errors import DomainError

_WAIT_S = 5
_CONNECT_S = 5
_RETRY_AFTER_S = 2
T = TypeVar("T")
Link = psycopg.Cursor[Any]  # kept as long as its connection: making one costs a third of using it


class Busy(DomainError):
    """The database did not answer in time; the same may be sent again. `params["retry_after"]`: seconds."""

    code = "busy"
    status = 503


class Links:
    """Lends a connection at a time. Safe to share between threads; opens its connections when first used.

    A connection that was lost shows when it is used, so what runs on one must be harmless to run again.
    """

    def __init__(self, url: URL, *, connections: int) -> None:
        """`url`: the login of a face's role; `connections`: at most so many at once."""
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._places: queue.LifoQueue[Link | None] = queue.LifoQueue()
        for _place in range(connections):
            self._places.put(None)

    def run(self, work: Callable[[Link], T]) -> T:
        """Do something with a cursor in autocommit.

        Raises:
            Busy: a lock, a free connection or the database itself was waited for too long.
        """
        try:
            try:
                with self._link() as link:
                    return work(link)
            except (LockNotAvailable, QueryCanceled):
                raise
            except psycopg.OperationalError:
                # Connections of before a restart of the server: none of them is good any more.
                self.close()
                with self._link() as link:
                    return work(link)
        except (psycopg.OperationalError, queue.Empty):
            raise Busy(retry_after=_RETRY_AFTER_S) from None

    def close(self) -> None:
        """Close what is open and not in use."""
        idle = []
        with contextlib.suppress(queue.Empty):
            while True:
                idle.append(self._places.get_nowait())
        for link in idle:
            if link is not None:
                link.connection.close()
            self._places.put(None)

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def _link(self) -> Iterator[Link]:
        link = self._places.get(timeout=_WAIT_S)
        try:
            if link is None:
                link = self._open()
            yield link
        finally:
            self._places.put(None if link is None or link.connection.closed else link)

    def _open(self) -> Link:
        connection = psycopg.connect(
            self._address, autocommit=True, prepare_threshold=None, connect_timeout=_CONNECT_S, client_encoding="UTF8"
        )
        link = connection.cursor()
        # PgBouncer gives a number of its own instead of the server process's. Behind it prepared statements may not
        # work (before 1.21); straight to the server they save a third of its time.
        if link.execute("SELECT pg_backend_pid()").fetchone() == (connection.info.backend_pid,):
            connection.prepare_threshold = 0
        return link
