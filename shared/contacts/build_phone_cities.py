"""Rebuild `phone_cities.bin` from phonenumbers (Apache-2.0, see shared/regions/NOTICE).

`python -m shared.contacts.build_phone_cities`.
The library's own geocoder takes 2.8 s and 130 MB to load in every process; this table takes 1.4 MB.
"""

from __future__ import annotations

import sys
import zlib
from array import array

from shared.contacts.phone_city import FIRST, PAST, TABLE
from shared.regions.resolve import resolve


def build() -> int:
    """Write each prefix's city as four digits, 0 where unknown. Returns the known ones."""
    from phonenumbers.geodata import GEOCODE_DATA

    codes = array("H", bytes(2 * (PAST - FIRST)))
    mobile = [prefix[2:] for prefix in GEOCODE_DATA if prefix.startswith("861") and len(prefix) > 4]
    for prefix in sorted(mobile, key=len):  # longer prefixes overrule shorter ones
        code = _city_digits(GEOCODE_DATA["86" + prefix].get("zh", ""))
        width = 10 ** (7 - len(prefix))
        start = int(prefix) * width - FIRST
        if code and 0 <= start < PAST - FIRST:
            codes[start : start + width] = array("H", [code] * width)
    if sys.byteorder == "big":
        codes.byteswap()
    TABLE.write_bytes(zlib.compress(codes.tobytes(), 9))
    return sum(map(bool, codes))


_seen: dict[str, int] = {}


def _city_digits(name: str) -> int:
    if name not in _seen:
        division = _division(name)
        _seen[name] = int(division[:4]) if division else 0
        if not division:
            print("unknown:", name, file=sys.stderr)
    return _seen[name]


def _division(name: str) -> str | None:
    """`广东省深圳市`: the province's name is its beginning."""
    for length in range(len(name), 1, -1):
        province = resolve(name[:length])
        if province and province.level == "province":
            found = resolve(name[:length], name[length:])
            return found.code if found else None
    return None


if __name__ == "__main__":
    print(build())
