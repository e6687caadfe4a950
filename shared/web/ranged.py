"""Stored files as answers: whole, or the part that a player asks for (RFC 9110, section 14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flask import Response, request

from shared.platform.storage import Storage

_PIECE: Final = 256 * 1024
#: For files under an address that names their content: the reader's own browser keeps them, nobody between does.
KEPT: Final = "private, max-age=31536000, immutable"


def keep(response: Response) -> Response:
    """Let the reader's browser keep this answer for a year; its address must name its content."""
    response.headers["Cache-Control"] = KEPT
    return response


def send_stored(storage: Storage, key: str, *, media_type: str) -> Response:
    """A stored file, piece by piece, and only the range that the request names.

    Raises:
        Missing: nothing lies there.
    """
    size = storage.size(key)
    asked = request.range
    found = asked.range_for_length(size) if asked is not None and asked.units == "bytes" else None
    if asked is not None and found is None:
        response = Response(status=416, mimetype=media_type)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    start, end = found or (0, size)
    response = Response(_pieces(storage, key, start, end), status=206 if found else 200, mimetype=media_type)
    if found:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    response.content_length = end - start
    return response


def _pieces(storage: Storage, key: str, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        piece = storage.part(key, start, min(_PIECE, end - start))
        if not piece:
            return
        yield piece
        start += len(piece)
