"""Answers travel compressed: built files as they lie beside themselves (`name.gz`), pages as they are made.

A page holds both the form's token and words that its address carries, so its length must not tell how well the two fit
together (BREACH): each compressed page has up to 100 random bytes in its header, as Django does it; and the session's
cookie, being SameSite, does not come with requests that another site makes.
"""

from __future__ import annotations

import gzip
import io
import mimetypes
import secrets
from pathlib import Path

from flask import Flask, Response, request, send_from_directory
from werkzeug.utils import secure_filename

_TEXTS = frozenset({"text/html", "text/plain", "text/css", "text/csv", "application/json", "application/problem+json"})
_SMALLEST = 1024
_LEVEL = 5  # a page of 60 kB in about a millisecond; the last levels cost three times that for 2 %
_PADDING = 100


def send_built(folder: Path, name: str) -> Response:
    """A built file, in its compressed form where the browser takes that.

    Raises:
        NotFound: no such file.
    """
    packed = _accepted() and (folder / f"{secure_filename(name)}.gz").is_file()
    answer = send_from_directory(folder, f"{name}.gz" if packed else name, mimetype=mimetypes.guess_type(name)[0])
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    return answer


def register(app: Flask) -> None:
    """Compress the pages of an application."""
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    if not _worth_it(response):
        return response
    response.vary.add("Accept-Encoding")
    if not _accepted():
        return response
    packed = io.BytesIO()
    padding = secrets.token_hex(_PADDING // 2)[: secrets.randbelow(_PADDING + 1)]
    with gzip.GzipFile(padding, "wb", _LEVEL, packed, mtime=0) as body:
        body.write(response.get_data())
    response.set_data(packed.getvalue())
    response.headers["Content-Encoding"] = "gzip"
    return response


def _worth_it(response: Response) -> bool:
    if response.direct_passthrough or response.is_streamed or "Content-Encoding" in response.headers:
        return False
    return response.mimetype in _TEXTS and (response.content_length or 0) >= _SMALLEST


def _accepted() -> bool:
    return request.accept_encodings.quality("gzip") > 0
