"""The city where a mobile number was sold, from its first seven digits. Numbers may have been carried elsewhere."""

from __future__ import annotations

import sys
import zlib
from array import array
from functools import cache
from pathlib import Path

from shared.regions.divisions import Division, division_of

TABLE = Path(__file__).with_name("phone_cities.bin")
FIRST, PAST = 1_300_000, 2_000_000  # the seven-digit prefixes that the table covers


@cache
def _cities() -> array[int]:
    """Per prefix the first four digits of the city's code, 0 where unknown (1.4 MB)."""
    codes = array("H")
    codes.frombytes(zlib.decompress(TABLE.read_bytes()))
    if sys.byteorder == "big":
        codes.byteswap()
    return codes


def city_of(phone: str) -> Division | None:
    """The city (a municipality as such; the province for counties directly under it) of an E.164 number.

    None for prefixes newer than the table (166, 19x and most of 17x).
    """
    prefix = phone.removeprefix("+86")[:7]
    if not (prefix.isascii() and prefix.isdigit() and FIRST <= int(prefix) < PAST):
        return None
    code = _cities()[int(prefix) - FIRST]
    return division_of(f"{code}00") if code else None
