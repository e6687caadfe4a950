"""How much a request may bring: what is not a file stays in memory, and a form of a million fields takes 300 MB."""

from __future__ import annotations

from typing import Final

from flask import g, request

FIELDS_LIMIT: Final = 512 * 1024  # bytes


def limit() -> None:
    """Leave the face's own limit to files of people who are signed in; runs before a form is read."""
    if g.get("actor") is None or request.mimetype != "multipart/form-data":
        most = request.max_content_length
        request.max_content_length = FIELDS_LIMIT if most is None else min(most, FIELDS_LIMIT)
