"""Time-ordered identifiers (UUIDv7, RFC 9562, section 5.7): new rows stay together in an index."""

from __future__ import annotations

import itertools
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


_made = itertools.count()


def next_id(now: datetime) -> UUID:
    """A UUIDv7 that sorts after the one that this process made before it, also within one moment.

    Rows of one transaction share its time; where their order matters, ids tell it. A counter fills the bits after
    the time: 12, then (past the two bits of the variant) 14 more.
    """
    number = next(_made)
    value = (int(now.timestamp() * 1000) & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (number >> 14 & 0xFFF) << 64
    value |= 0x2 << 62 | (number & 0x3FFF) << 48 | int.from_bytes(os.urandom(6), "big")
    return UUID(int=value)
