"""How far a learning is, told beside the worker's transaction, and the word that it is to stop."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from hq.qualification.fits.models import FitStep
from hq.qualification.scoring.steps import Tell


class Stopped(Exception):
    """Somebody wants no card of this learning any more."""


def teller(beside: Connection, fit_id: UUID, *, now: datetime) -> Tell:
    """A function that writes steps down, each at once for everybody to see.

    Args:
        beside: commits every statement by itself.

    Raises:
        Stopped: when it is called after somebody asked for the end.
    """

    def tell(step: str, done: int, total: int) -> None:
        told = {"step": step, "done": done, "total": total, "begun_at": now}
        row = insert(FitStep).values(fit_id=fit_id, **told)
        written = row.on_conflict_do_update(index_elements=["fit_id"], set_=told).returning(FitStep.stop_by)
        if beside.execute(written).scalar_one() is not None:
            raise Stopped

    return tell
