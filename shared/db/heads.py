"""Whether a database is as new as this code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

_MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def _ours() -> tuple[frozenset[str], frozenset[str]]:
    """The newest revisions that this code brings, and all of them."""
    scripts = ScriptDirectory(str(_MIGRATIONS))
    return frozenset(scripts.get_heads()), frozenset(each.revision for each in scripts.walk_revisions())


def newest() -> str:
    """The newest revision that this code brings."""
    (only,) = _ours()[0]
    return only


def is_up_to_date(connection: Connection) -> bool:
    """Whether every migration of this code has run, and perhaps later ones: during an upgrade the old processes go on
    answering. Any role may ask."""
    there = frozenset(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    heads, known = _ours()
    return bool(there) and (heads <= there or not there <= known)
