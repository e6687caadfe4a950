"""Cursors: the sort key of a row, packed and signed. Nobody can make one up, and it says little to a reader.

`shared.web.tables.keyset` pages with them: the next page begins after the last row shown, however the list has grown.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import current_app

from shared.platform.errors import DomainError

Key = tuple[Any, ...]
_MAC_BYTES = 12


class BadCursor(DomainError):
    """The address names a place in the list that we did not give out."""

    code = "bad_request"
    status = 400


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
