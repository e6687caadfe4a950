"""What was changed about a store or a dealer, by whom, from what to what: out of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.audit.models import AuditEntry
from shared.dealers.hours import DAY_KEYS, WeeklyHours
from shared.regions import divisions
from shared.web import words
from shared.web.holidays import holidays_words
from shared.web.words import tell

_MOST = 20
_FIELDS = {
    "name": _l("Name"),
    "address": _l("Address"),
    "province_code": _l("Province"),
    "city_code": _l("City"),
    "county_code": _l("District"),
    "lng": _l("Longitude"),
    "lat": _l("Latitude"),
    "point_source": _l("Position from"),
    "daily_capacity": _l("Leads a day"),
    "weekly_capacity": _l("Leads a week"),
    "weight": _l("Weight"),
    "series": _l("Series it may sell"),
    "hours": _l("Opening hours"),
    "closed_days": _l("Days shut"),
    "models": _l("Models"),
    "mode": _l("Kind"),
    "divisions": _l("Divisions"),
    "radius_km": _l("Radius, km"),
    "whom": _l("For"),
    "status": _l("State"),
    "giving": _l("New leads go to"),
}
#: What nothing means, and the family of words of fields that hold a code.
_NOTHING = {"daily_capacity": "no_limit", "weekly_capacity": "no_limit", "series": "every_series"}
_CODES = {"status": "store", "mode": "territory_mode", "point_source": "point", "giving": "giving_way"}
tell("giving_way.claim", _l("whoever claims"))
tell("giving_way.manager", _l("whom the manager chooses"))
tell("giving_way.turn", _l("each in turn on duty"))
for _name, _label in _FIELDS.items():
    tell(f"store_field.{_name}", _label)


@dataclass(frozen=True, slots=True)
class Change:
    """One field, from and to in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One act. `details` are the reason and other words beside the changes."""

    at: datetime
    who: str
    role: str
    action: str
    changes: tuple[Change, ...]
    reason: str


def of(session: Session, subject: str) -> list[Line]:
    """The latest acts on `store:…` or `dealer:…`."""
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == subject)
        .order_by(AuditEntry.at.desc(), AuditEntry.entry_id.desc())
        .limit(_MOST)
    )
    return [_line(entry) for entry in entries]


def field_words(name: str) -> str:
    """What a field is called."""
    return words.say(f"store_field.{name}") if words.knows(f"store_field.{name}") else name


def hours_words(stored: Mapping[str, Any]) -> str:
    """Stored opening hours, day by day, and what a store does on holidays where it says so."""
    days = [f"{words.say(f'day.{day}')} {words.listing(stored[day])}" for day in DAY_KEYS if day in stored]
    if {"holidays", "make_up"} & stored.keys():
        days.append(f"{_('Public holidays')} {holidays_words(WeeklyHours.from_json(stored))}")
    return "；".join(days)


def _line(entry: AuditEntry) -> Line:
    who, _bracket, role = entry.actor.partition(" (")
    details = entry.details
    changes = tuple(
        _change(name, *value) for name, value in details.items() if isinstance(value, list) and len(value) == 2
    )
    return Line(entry.at, who, role.rstrip(")"), entry.action, changes, str(details.get("reason", "")))


def _change(name: str, before: Any, after: Any) -> Change:
    return Change(field_words(name), _said(name, before), _said(name, after))


def _said(name: str, value: Any) -> str:
    """A value as people say it."""
    if value is None and name in _NOTHING:
        return words.say(_NOTHING[name])
    if value in (None, "", [], {}):
        return "–"
    if name.endswith("_code"):
        return "".join(divisions.names_of([value]).values()) or str(value)
    if name in _CODES:
        return words.say(f"{_CODES[name]}.{value}")
    if name == "divisions":
        return words.listing(divisions.names_of(value).values())
    if isinstance(value, Mapping):
        return hours_words(value) if name == "hours" else str(value)
    if isinstance(value, list):
        return words.listing(value)
    return str(value)
