"""The doorbell: an RQ job that only says "there is work in X". Losing every job loses nothing.

Ringing costs the caller a microsecond: a thread takes the rings of the last moments to Redis. There a flag per drain,
put up by the ring and taken down by the job when it begins, keeps rings together: while a job waits, further rings
add nothing; while one runs, the next ring queues another. The flag is used rather than RQ's unique job ids, since
those refuse a ring while the job runs, and for minutes after a worker was killed.
"""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import threading
import time
from typing import Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.db.session import KoiSession

QUEUE: Final = "koi"
JOB: Final = "shared.work.jobs.answer"
JOB_TIMEOUT_S: Final = 120

_LOG = logging.getLogger("koi.work")
_SPACING_S: Final = 0.02  # between two calls of one process
_REST_S: Final = 1.0  # after Redis did not answer
_FLAG_MS: Final = 3000  # a job that was lost keeps the flag up for no longer
_ENOUGH: Final = 64  # jobs in the queue; more would say nothing new
_RINGS: Final = "rings"


class Doorbell:
    """Rings for one Redis; safe to use from any thread and after a fork."""

    wait_s = 0.05  # for Redis to answer

    def __init__(self, redis_url: str) -> None:
        self.url = redis_url
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._pid = os.getpid()
        self._pending: set[str] = set()
        self._asked = threading.Event()
        self._starting = threading.Lock()
        self._sending = threading.Lock()
        self._thread: threading.Thread | None = None
        self._redis: redis.Redis | None = None
        self._rest_until = 0.0

    def ring(self, drain: str) -> None:
        """Say that there may be work; returns at once and never raises."""
        if self._pid != os.getpid():
            self._begin_anew()
        self._pending.add(drain)
        if not self._asked.is_set():
            self._start()
            self._asked.set()

    def ring_now(self, *drains: str) -> bool:
        """Ring on this thread, waiting at most 50 ms for Redis; False when it does not answer."""
        if self._pid != os.getpid():
            self._begin_anew()
        with self._sending:
            return all(self._tell(drain) for drain in drains)

    def flush(self) -> bool:
        """Send what was rung for and not sent yet, on this thread; False when Redis does not answer."""
        with self._sending:
            while self._pending:
                if not self._tell(self._pending.pop()):
                    self._pending.clear()  # the ticker will find the work
                    return False
        return True

    def answered(self, drain: str) -> None:
        """Take the flag down: whoever rings from now on is heard by another job."""
        try:
            self._client().delete(_flag(drain))
        except redis.RedisError as error:
            _LOG.info("doorbell: %s", type(error).__name__)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._carry, name="doorbell", daemon=True)
                self._thread.start()

    def _carry(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            time.sleep(_SPACING_S if self.flush() else _REST_S)

    def _tell(self, drain: str) -> bool:
        if time.monotonic() < self._rest_until:
            return False
        try:
            client = self._client()
            if client.set(_flag(drain), "1", nx=True, px=_FLAG_MS):
                self._enqueue(client, drain)
        except redis.RedisError as error:
            _LOG.info("doorbell: %s; the ticker will find the work", type(error).__name__)
            self._rest_until = time.monotonic() + _REST_S
            return False
        return True

    def _enqueue(self, client: redis.Redis, drain: str) -> None:
        queue = Queue(QUEUE, connection=client, serializer="json")
        if queue.count < _ENOUGH:
            queue.enqueue_call(
                JOB,
                args=(drain,),
                timeout=JOB_TIMEOUT_S,
                result_ttl=0,
                failure_ttl=60,
                ttl=60,
                description=drain,
                job_id=f"{drain.replace('.', '-')}-{secrets.token_hex(6)}",
            )

    def _client(self) -> redis.Redis:
        if self._redis is None:
            self._redis = connect(self.url, timeout_s=self.wait_s)
        return self._redis


def connect(url: str, *, timeout_s: float) -> redis.Redis:
    """A client that gives up after `timeout_s` and does not try again by itself."""
    return redis.Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0)
    )


_INSTALLED: list[Doorbell] = []


def install(redis_url: str, kind: type[Doorbell] = Doorbell) -> Doorbell:
    """Give this process its doorbell; without one, rings are silent and the ticker finds the work."""
    _INSTALLED[:] = [kind(redis_url)]
    atexit.unregister(flush)
    atexit.register(flush)  # the thread does not outlive a short command
    return _INSTALLED[0]


def remove() -> None:
    """Take the doorbell away again."""
    _INSTALLED.clear()
    atexit.unregister(flush)


def ring(drain: str) -> None:
    """Ring this process's doorbell, after the work was committed. Prefer `ring_after_commit`."""
    for bell in _INSTALLED:
        bell.ring(drain)


def flush() -> None:
    """Send the last rings of a process that is about to end."""
    for bell in _INSTALLED:
        bell.flush()


def ring_after_commit(session: Session, *drains: str) -> None:
    """Ring when the session's transaction has been committed; a rollback forgets it."""
    session.info.setdefault(_RINGS, set()).update(drains)


@event.listens_for(KoiSession, "after_commit")
def _committed(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint is released: nothing is there for others to see
        return
    for drain in sorted(session.info.pop(_RINGS, ())):
        ring(drain)


@event.listens_for(KoiSession, "after_rollback")
def _rolled_back(session: Session) -> None:
    session.info.pop(_RINGS, None)


def _flag(drain: str) -> str:
    return f"koi:rung:{drain}"
