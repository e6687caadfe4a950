"""Reading filters out of an address; what cannot be read asks for everything."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import request


def one_of(name: str, known: Collection[str]) -> str | None:
    """The argument when it is one of the known words."""
    value = request.args.get(name)
    return value if value in known else None


def uuid_of(name: str) -> UUID | None:
    """The argument when it is an id."""
    try:
        return UUID(request.args[name])
    except (KeyError, ValueError):
        return None


def uuids_of(name: str) -> list[UUID]:
    """All arguments of this name that are ids."""
    found = []
    for value in request.args.getlist(name):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
