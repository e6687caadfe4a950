"""Statements that give no rows, sent without waiting: while the database writes, the next ones are prepared.

`sends_ahead(engine)` turns it on for an engine, `send` uses it (elsewhere `send` simply executes). The next statement
that is waited for, and the commit, first wait for all that was sent; what went wrong is raised there, as the error of
the statement that it was in. Order and transaction are as ever: it is libpq's pipeline mode.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, Executable, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_SENT: Final = "koi_sent"
_OPEN: Final = "koi_pipeline"


def send(session: Session, statement: Executable, values: Mapping[str, Any]) -> None:
    """Execute a statement that gives no rows; when the engine sends ahead, without waiting for it."""
    session.execute(statement, values, execution_options={_SENT: True})


def sends_ahead(engine: Engine) -> Engine:
    """Turn it on; gives the engine back."""
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "commit", _before_commit)
    event.listen(engine, "rollback", _before_rollback)
    return engine


def _before(
    connection: Connection, _cursor: object, _statement: str, _parameters: object, context: Any, _many: bool
) -> None:
    if not context.execution_options.get(_SENT):
        _wait(connection)
    elif _OPEN not in connection.info:
        driver: Any = connection.connection.driver_connection
        opened = contextlib.ExitStack()
        opened.enter_context(driver.pipeline())
        connection.info[_OPEN] = opened


def _before_commit(connection: Connection) -> None:
    try:
        _wait(connection)
    except psycopg.Error as error:
        # Raised outside of any statement, where SQLAlchemy does not look.
        raise DBAPIError.instance("COMMIT", None, error, psycopg.Error, hide_parameters=True) from error


def _before_rollback(connection: Connection) -> None:
    if connection.invalidated:  # lost, and with it all that was sent
        return
    with contextlib.suppress(psycopg.Error):  # it is rolled back because of that, or of something that came before
        _wait(connection)


def _wait(connection: Connection) -> None:
    """Wait for all that was sent."""
    opened = connection.info.pop(_OPEN, None)
    if opened is not None:
        opened.close()
