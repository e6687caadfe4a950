"""An RQ worker that hears the doorbell. Each job runs in a forked work-horse with connections of its own."""

from __future__ import annotations

import logging
import signal
import time
from typing import Final

import redis
from rq import Queue, Worker
from rq.exceptions import StopRequested

from shared.platform.settings import WorkerSettings
from shared.work import jobs
from shared.work.doorbell import QUEUE, connect

_AGAIN_S: Final = 0.5
_TIMEOUT_S: Final = 15.0
_LOG = logging.getLogger("koi.work")


class Listener(Worker):
    """RQ's forking worker, which asks for a lost Redis every second rather than every minute."""

    max_connection_wait_time = 1.0
    log_result_lifespan = False
    log_job_description = False

    asked_to_stop = False  # whether a signal asked this worker to stop

    def handle_warm_shutdown_request(self) -> None:
        """Remember the signal: RQ itself forgets it when it comes while no job is running."""
        self.asked_to_stop = True


def run(settings: WorkerSettings, *, name: str = "1") -> None:
    """Work until SIGTERM or SIGINT; a Redis that went away is waited for. `name` is for the log."""
    jobs.prepare(settings)
    try:
        while not _listen(settings, name):
            time.sleep(_AGAIN_S)
    except StopRequested:
        return


def _listen(settings: WorkerSettings, name: str) -> bool:
    """Be a worker until told to stop (True), or until Redis is lost in a way that RQ does not get over."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)  # until RQ puts its own in place
    worker: Listener | None = None
    try:
        worker = listener(settings.redis_url)
        worker.work(logging_level="WARNING")
    except redis.RedisError as error:
        _LOG.warning("worker %s: %s", name, type(error).__name__)
    return worker is not None and worker.asked_to_stop


def _stop(*_signal: object) -> None:
    raise StopRequested


def listener(redis_url: str) -> Listener:
    """A worker on Koi's queue.

    The intervals are short, so that RQ's own book-keeping of a killed worker is cleared within a minute or so; the
    work itself does not wait for it.
    """
    connection = connect(redis_url, timeout_s=_TIMEOUT_S + 15)
    queue = Queue(QUEUE, connection=connection, serializer="json")
    return Listener(
        [queue],
        connection=connection,
        serializer="json",
        worker_ttl=30,
        job_monitoring_interval=10,
        maintenance_interval=10,
        default_result_ttl=0,
    )
