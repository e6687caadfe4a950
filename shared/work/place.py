"""Where drains run: the worker role's engine, and what the worker may know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from shared.db.sending import sends_ahead
from shared.db.session import make_engine, unit_of_work
from shared.platform.settings import WorkerSettings

_SETTINGS, _PLACE = "worker_settings", "place"


class NotAtWork(RuntimeError):
    """The session is not a drain's."""


@dataclass(frozen=True, slots=True)
class Place:
    """An engine of `koi_worker` and the settings that drains may ask for with `settings_of`.

    `now` replaces the database's clock, for demonstrations and tests.
    """

    engine: Engine
    settings: WorkerSettings
    now: datetime | None = None
    _beside: list[Connection] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One unit of work of a drain."""
        with unit_of_work(self.engine) as session:
            session.info[_SETTINGS] = self.settings
            session.info[_PLACE] = self
            if self.now is not None:
                session.info["now"] = self.now
            yield session

    def beside(self) -> Connection:
        """A second connection, each statement of which is committed by itself; kept until `leave`."""
        if not self._beside:
            self._beside.append(self.engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
        return self._beside[0]

    def leave(self) -> None:
        """Give the second connection back."""
        while self._beside:
            self._beside.pop().close()


@contextmanager
def at_work(settings: WorkerSettings, *, now: datetime | None = None) -> Iterator[Place]:
    """A place of one's own, whose connections end with the block."""
    engine = sends_ahead(make_engine(settings.database_url, pool_size=2))
    place = Place(engine, settings, now)
    try:
        yield place
    finally:
        place.leave()
        engine.dispose()


def settings_of(session: Session) -> WorkerSettings:
    """What the drain that owns this session may know: keys, storage folder, addresses.

    Raises:
        NotAtWork: the session was not opened by `Place.transaction`.
    """
    found = session.info.get(_SETTINGS)
    if not isinstance(found, WorkerSettings):
        raise NotAtWork
    return found


def beside_of(session: Session) -> Connection:
    """A connection beside the transaction of the drain that owns this session: what is written there is seen at once,
    and stays when the batch is rolled back. For telling how far long work is.

    Raises:
        NotAtWork: the session was not opened by `Place.transaction`.
    """
    found = session.info.get(_PLACE)
    if not isinstance(found, Place):
        raise NotAtWork
    return found.beside()
