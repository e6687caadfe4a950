"""What waits, for Prometheus. The clock looks every ten seconds and writes it down, so that a scrape costs one small
read, which every face's role may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.work import queries
from shared.work.drains import Rows
from shared.work.models import WorkRun

_GAUGES: Final = {
    "koi_work_waiting": "Rows that were due when the clock last looked",
    "koi_work_oldest_seconds": "How long the oldest due row had waited",
    "koi_work_aside": "Rows put aside",
    "koi_work_rows_total": "Rows done since the beginning",
    "koi_work_looked_at_seconds": "When the clock last looked, seconds since 1970",
}


def write_down(session: Session, *, now: datetime) -> None:
    """Note for every drain what waits now."""
    rows = [
        {
            "drain": each.drain,
            "rows": 0,
            "batches": 0,
            "waiting": each.waiting,
            "oldest_at": each.oldest_at,
            "aside": each.aside,
            "looked_at": now,
        }
        for each in queries.standings(session, now=now)
    ]
    if rows:
        new = insert(WorkRun).values(rows)
        changed = {name: new.excluded[name] for name in ("waiting", "oldest_at", "aside", "looked_at")}
        session.execute(new.on_conflict_do_update(index_elements=["drain"], set_=changed))


class WorkGauges(Collector):
    """Reads what the clock wrote down.

    Args:
        connect: opens a connection of any role that may read `work_runs`.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._connect = connect

    def describe(self) -> Iterable[Metric]:
        """Nothing is read when the collector is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """One sample per drain and gauge."""
        columns = (WorkRun.drain, WorkRun.waiting, WorkRun.oldest_at, WorkRun.aside, WorkRun.rows, WorkRun.looked_at)
        gauges = {name: GaugeMetricFamily(name, text, labels=["drain"]) for name, text in _GAUGES.items()}
        for run in self._runs(select(*columns).where(WorkRun.looked_at.is_not(None))):
            waited = (run.looked_at - run.oldest_at).total_seconds() if run.oldest_at else 0.0
            values = (run.waiting, waited, run.aside, run.rows, run.looked_at.timestamp())
            for gauge, value in zip(gauges.values(), values, strict=True):
                gauge.add_metric([run.drain], value)
        yield from gauges.values()

    def _runs(self, query: Rows) -> Sequence[Row[*tuple[Any, ...]]]:
        try:
            with self._connect() as connection:
                return connection.execute(query).all()
        except SQLAlchemyError:
            return ()  # the other figures are wanted most when the database is away
