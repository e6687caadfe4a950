"""Rows that cannot be done: put aside with a reason that names the mistake and never the person."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from shared.db.races import sqlstate
from shared.platform.errors import DomainError

Reason: TypeAlias = dict[str, Any]  # {"error": class, "message": where or which rule}; JSON values only
Aside: TypeAlias = Mapping[UUID, Reason]

NOTHING: Aside = {}
PROCESS_DIED: Reason = {"error": "ProcessDied", "message": "the worker died each time it had this row"}

_CHECKOUT = Path(__file__).resolve().parents[2]
_Item = TypeVar("_Item")
_Decision = TypeVar("_Decision")


def sift(
    items: Iterable[tuple[UUID, _Item]], decide: Callable[[_Item], _Decision]
) -> tuple[dict[UUID, _Decision], dict[UUID, Reason]]:
    """Decide each item by itself; one that raises does not keep the others.

    Args:
        items: row keys and their facts.
        decide: a pure decision.

    Returns:
        the decisions, and the reasons of the rows to put aside.
    """
    decided: dict[UUID, _Decision] = {}
    aside: dict[UUID, Reason] = {}
    for key, item in items:
        try:
            decided[key] = decide(item)
        except Exception as error:  # noqa: BLE001 (poison: a pure decision may fail in any way; the row says how)
            aside[key] = reason_of(error)
    return decided, aside


def reason_of(error: BaseException) -> Reason:
    """What may be stored and logged of an error. Messages quote values, so only names and places are kept."""
    if isinstance(error, DBAPIError):
        return {"error": type(error.orig or error).__name__, "message": _in_database(error)}
    if isinstance(error, DomainError):
        return {"error": type(error).__name__, "message": f"{error.code}, {_place(error)}"}
    return {"error": type(error).__name__, "message": _place(error)}


def _in_database(error: DBAPIError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    names = [
        getattr(diagnosis, field, None) for field in ("constraint_name", "table_name", "column_name", "datatype_name")
    ]
    return ", ".join(part for part in (sqlstate(error), *names, _place(error)) if part)


def _place(error: BaseException) -> str:
    """The last line of ours that the error came through, as `file:line`."""
    ours = [
        f"{Path(frame.filename).relative_to(_CHECKOUT)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_CHECKOUT) and ".venv" not in frame.filename
    ]
    return ours[-1] if ours else ""
