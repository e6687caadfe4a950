"""The columns of a store that a dealer list writes, as JSON: what a list changed, and what it found."""

from __future__ import annotations

COLUMNS = (
    "name",
    "province_code",
    "city_code",
    "county_code",
    "address",
    "lng",
    "lat",
    "point_source",
    "hours",
    "daily_capacity",
    "weekly_capacity",
    "weight",
    "series",
)
#: Of a store `s` and its dealer `d`, as they are now.
_PAIRS = ", ".join(f"'{name}', s.{name}" for name in COLUMNS)
NOW_VALUES = f"jsonb_build_object({_PAIRS}, 'dealer_name', d.name)"
_TYPES = {
    "lng": "double precision",
    "lat": "double precision",
    "hours": "jsonb",
    "daily_capacity": "integer",
    "weekly_capacity": "integer",
    "weight": "integer",
    "series": "jsonb",
}
#: Sets a store back to the value `c.before`.
SET_BACK = ", ".join(
    f"{name} = NULLIF(c.before -> '{name}', 'null')"
    if _TYPES.get(name) == "jsonb"
    else f"{name} = CAST(c.before ->> '{name}' AS {_TYPES.get(name, 'text')})"
    for name in COLUMNS
)
