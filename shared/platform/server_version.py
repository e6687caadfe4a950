"""Which PostgreSQL servers Koi takes.

Older ones let a dump restore run foreign code (CVE-2025-8713 and its neighbours), and lack what the schema uses.
"""

from __future__ import annotations

import psycopg

from shared.platform.settings import BadSetting

_FIRST_GOOD = {15: 150014, 16: 160010, 17: 170006}
_OLDEST_MAJOR = 15


def refusal(version: int) -> str | None:
    """Why a server with this `server_version_num` (150014 is 15.14) is not taken; None when it is."""
    major = version // 10000
    first_good = _FIRST_GOOD.get(major, 0)
    if major >= _OLDEST_MAJOR and version >= first_good:
        return None
    floor = ", ".join(f"{number // 10000}.{number % 10000}" for number in _FIRST_GOOD.values())
    return f"PostgreSQL {major}.{version % 10000} is too old: Koi needs {floor}, 18.0 or newer."


def check_server(url: str) -> None:
    """See that a server can be reached and is new enough.

    Raises:
        BadSetting: it is not, or cannot be reached.
    """
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            reason = refusal(connection.info.server_version)
    except psycopg.OperationalError as error:
        raise BadSetting(f"DATABASE_URL: the server cannot be reached: {error}") from error
    if reason is not None:
        raise BadSetting(f"DATABASE_URL: {reason}")
