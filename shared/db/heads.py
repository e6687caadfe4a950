"""Whether a database is as new as this code."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
# Read as text: a face need not load Alembic for this.
_REVISION: Final = re.compile(r'^revision(?:: \w+)? = "(\w+)"', re.MULTILINE)
_BEFORE: Final = re.compile(r'^down_revision(?:: [\w |]+)? = "(\w+)"', re.MULTILINE)


@cache
def known() -> frozenset[str]:
    """Every revision that this code brings."""
    return frozenset(_REVISION.findall(_sources()))


@cache
def newest() -> str:
    """The newest revision that this code brings."""
    (only,) = known() - frozenset(_BEFORE.findall(_sources()))
    return only


def is_up_to_date(connection: Connection) -> bool:
    """Whether every migration of this code has run, and perhaps later ones: during an upgrade the old processes go on
    answering. Any role may ask."""
    there = frozenset(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    return bool(there) and (newest() in there or not there <= known())


def _sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(_VERSIONS.glob("*.py")))
