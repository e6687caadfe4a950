"""Long lists a page at a time, by key: the next page begins after the last row shown, however the list has grown.

A cursor is the sort key of a row, packed and signed: nobody can make one up, and it says nothing to a reader.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

from flask import current_app, request
from sqlalchemy import ColumnElement, tuple_

from shared.platform.errors import DomainError

T = TypeVar("T")
Key = tuple[Any, ...]
_MAC_BYTES = 12
PAGE = 50


class BadCursor(DomainError):
    """The address names a place in the list that we did not give out."""

    code = "bad_request"
    status = 400


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list.

    Attributes:
        items: the rows.
        after: cursor of the next page; None on the last.
        first: whether this is the first page.
        total: rows in the whole list, where somebody counted.
    """

    items: Sequence[T]
    after: str | None
    first: bool = True
    total: int | None = None


def wanted() -> str | None:
    """The cursor that the request asks for."""
    return request.args.get("after") or None


def page_of(
    rows: Sequence[T], key: Callable[[T], Key], *, limit: int = PAGE, after: str | None = None, total: int | None = None
) -> Page[T]:
    """Cut a page out of up to `limit + 1` rows; the one too many only says that there are more."""
    items = rows[:limit]
    more = encode(key(items[-1]), secret()) if len(rows) > limit else None
    return Page(items, more, first=after is None, total=total)


def beyond(columns: Sequence[Any], cursor: str, *, descending: bool = True) -> ColumnElement[bool]:
    """The condition that rows come after a cursor, for rows ordered by these columns.

    Raises:
        BadCursor: made up, or of another list.
    """
    key = decode(cursor, secret())
    if len(key) != len(columns):
        raise BadCursor
    place = tuple_(*columns)
    return place < key if descending else place > key


def encode(key: Key, secret: bytes) -> str:
    """A key as a cursor."""
    packed = json.dumps([_pack(part) for part in key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(packed, secret) + packed).decode().rstrip("=")


def decode(cursor: str, secret: bytes) -> Key:
    """The key in a cursor.

    Raises:
        BadCursor: not one of ours.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise BadCursor from None
    mac, packed = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(packed, secret)):
        raise BadCursor
    return tuple(_unpack(part) for part in json.loads(packed))


def secret() -> bytes:
    """What signs this application's cursors."""
    key = current_app.secret_key
    return sha256(b"cursor" + (key if isinstance(key, bytes) else str(key).encode())).digest()


def _mac(packed: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, packed, sha256)[:_MAC_BYTES]


_KINDS: Mapping[str, Callable[[str], object]] = {
    "t": datetime.fromisoformat,
    "u": UUID,
    "d": date.fromisoformat,
    "n": Decimal,
}


def _pack(part: object) -> object:
    if isinstance(part, datetime):
        return {"t": part.isoformat()}
    if isinstance(part, UUID):
        return {"u": part.hex}
    if isinstance(part, date):
        return {"d": part.isoformat()}
    if isinstance(part, Decimal):
        return {"n": str(part)}
    return part


def _unpack(part: Any) -> object:
    if isinstance(part, dict):
        ((kind, text),) = part.items()
        return _KINDS[kind](text)
    return part
