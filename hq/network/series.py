"""The catalogue of the brand's series: reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hq.network.errors import CodeTaken, NameTaken, SeriesInUse
from hq.network.stale import stale
from shared.audit import service as audit
from shared.dealers.models import Series, Store
from shared.dealers.series import plain
from shared.identity.actor import Actor
from shared.platform.errors import Invalid, Missing


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A series; `stores`: how many that are not closed name it among what they may sell."""

    series: Series
    stores: int


def lines(session: Session) -> list[SeriesLine]:
    """All series by code (two statements)."""
    code = func.jsonb_array_elements_text(Store.series).label("code")
    named = select(code).where(Store.series.is_not(None), Store.status != "closed").subquery()
    counts = select(named.c.code, func.count().label("stores")).group_by(named.c.code)
    stores = {row.code: row.stores for row in session.execute(counts)}
    return [
        SeriesLine(each, stores.get(each.code, 0)) for each in session.scalars(select(Series).order_by(Series.code))
    ]


def one(session: Session, code: str) -> Series:
    """A series.

    Raises:
        Missing: there is none.
    """
    found = session.get(Series, code)
    if found is None:
        raise Missing(series=code)
    return found


def add(session: Session, *, code: str, name: str, models: Sequence[str], actor: Actor, now: datetime) -> None:
    """Add a series.

    Raises:
        CodeTaken: another one has the code.
        NameTaken: another one has the name or a model.
    """
    if session.scalar(select(Series.code).where(func.upper(Series.code) == code.upper())) is not None:
        raise CodeTaken(field="code")
    _refuse_taken(session, code, name, models)
    session.add(Series(code=code, name=name, models=list(models), created_at=now, changed_at=now))
    audit.record(session, actor, "series:add", f"series:{code}", at=now, name=name)


def edit(
    session: Session, *, code: str, seen: str, name: str, models: Sequence[str], actor: Actor, now: datetime
) -> bool:
    """Change a series; False when nothing was different.

    Args:
        seen: when it had been changed last as the form knew it, ISO.

    Raises:
        Missing: there is none.
        Stale: somebody changed it since.
        NameTaken: another one has the name or a model.
    """
    series = _lock(session, code)
    if series.changed_at.isoformat() != seen:
        raise stale(session, f"series:{code}", since=seen)
    _refuse_taken(session, code, name, models)
    changes = {}
    for column, value in (("name", name), ("models", list(models))):
        if getattr(series, column) != value:
            changes[column] = [getattr(series, column), value]
            setattr(series, column, value)
    if changes:
        series.changed_at = now
        audit.record(session, actor, "series:edit", f"series:{code}", at=now, details=changes)
    return bool(changes)


def remove(session: Session, *, code: str, actor: Actor, now: datetime) -> str:
    """Take a series out of the catalogue that no store names; gives its name.

    Raises:
        Missing: there is none.
        SeriesInUse: stores name it; `params["stores"]` says how many.
    """
    series = _lock(session, code)
    stores = session.scalar(select(func.count()).select_from(Store).where(Store.series.contains([code])))
    if stores:
        raise SeriesInUse(stores=stores)
    session.delete(series)
    audit.record(session, actor, "series:remove", f"series:{code}", at=now, name=series.name)
    return series.name


def hold(session: Session, codes: Sequence[str] | None) -> None:
    """Keep these series in the catalogue until the transaction that gives them to stores has ended.

    Raises:
        Invalid: there is none of one of them.
    """
    if codes:
        there = select(Series.code).where(Series.code.in_(codes)).order_by(Series.code).with_for_update(read=True)
        if set(session.scalars(there)) != set(codes):
            raise Invalid(field="series")


def _lock(session: Session, code: str) -> Series:
    # Whoever gives it to a store holds it until that is written (`hold`).
    found = session.scalars(
        select(Series).where(Series.code == code).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Missing(series=code)
    return found


def _refuse_taken(session: Session, code: str, name: str, models: Sequence[str]) -> None:
    others = session.execute(select(Series.code, Series.name, Series.models).where(Series.code != code)).all()
    taken = {plain(word): row.name for row in others for word in (row.code, row.name, *row.models)}
    for field, words in (("name", [name]), ("models", models)):
        for word in words:
            if (other := taken.get(plain(word))) is not None:
                raise NameTaken(field=field, text=word, other=other)
