"""Time-ordered identifiers (UUIDv7, RFC 9562, section 5.7): new rows stay together in an index."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

NIL = UUID(int=0)


def new_id(now: datetime, random_bytes: bytes | None = None) -> UUID:
    """A UUIDv7 of `now` (milliseconds) and 10 random bytes; pass them to make it repeatable."""
    noise = int.from_bytes(random_bytes or os.urandom(10), "big")
    value = (int(now.timestamp() * 1000) & ((1 << 48) - 1)) << 80 | noise & ((1 << 80) - 1)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
