"""What stands on the lists of screening, as a list."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.sql import func

from hq.qualification.lists.models import PURPOSES, WHATS, Listed
from shared.identity.permissions import Permission
from shared.web.tables import Act, Choice, Column, Dates, Search, Sought, Table, View
from shared.web.words import later


def _query() -> Select[Any]:
    return select(Listed)


def _state(name: str) -> ColumnElement[bool]:
    over = Listed.expires_at.is_not(None) & (Listed.expires_at <= func.now())
    return {
        "stands": Listed.removed_at.is_(None) & or_(Listed.expires_at.is_(None), Listed.expires_at > func.now()),
        "over": Listed.removed_at.is_(None) & over,
        "off": Listed.removed_at.is_not(None),
    }[name]


def _of_phone(sought: Sought) -> ColumnElement[bool]:
    if sought.whole is None:
        return false()  # of the last four digits nothing is kept
    return (Listed.what == "phone") & (Listed.value_bidx == sought.whole)


LISTED = Table(
    name="listed",
    title=_l("Lists of screening"),
    unit=lambda number, shown: ngettext("%(count)s entry", "%(count)s entries", number, count=shown),
    permission=Permission.SCREENING_DECIDE,
    query=_query,
    counted=lambda: select(Listed.entry_id),
    key=Listed.entry_id,
    sort="-added",
    cells="lists/cells.html",
    columns=(
        Column("shown", _l("Value"), cell="shown", head=True, text=lambda row: row.Listed.shown),
        Column("what", _l("Type of value"), cell="what", text=lambda row: str(later(f"listed_what.{row.Listed.what}"))),
        Column("purpose", _l("List"), cell="purpose", text=lambda row: str(later(f"listed.{row.Listed.purpose}"))),
        Column("why", _l("Why"), cell="why", text=lambda row: row.Listed.why),
        Column("by", _l("Added by"), text=lambda row: row.Listed.added_by),
        Column(
            "added",
            _l("Added on"),
            when=True,
            sort=Listed.added_at,
            descending=True,
            text=lambda row: row.Listed.added_at,
        ),
        Column("until", _l("Stands until"), cell="until", text=lambda row: row.Listed.last_day),
        Column("file", _l("File"), text=lambda row: row.Listed.file_name, shown=False),
    ),
    filters=(
        Choice("purpose", _l("List"), [(name, later(f"listed.{name}")) for name in PURPOSES], Listed.purpose.__eq__),
        Choice(
            "what", _l("Type of value"), [(name, later(f"listed_what.{name}")) for name in WHATS], Listed.what.__eq__
        ),
        Choice(
            "state",
            _l("State"),
            [(name, later(f"listed_state.{name}")) for name in ("stands", "over", "off")],
            _state,
        ),
        Dates("added", _l("Added on"), Listed.added_at),
    ),
    search=Search(
        _l("Reason, file or who added it"),
        words=lambda words: or_(
            Listed.why.contains(words, autoescape=True),
            Listed.file_name.contains(words, autoescape=True),
            Listed.added_by.contains(words, autoescape=True),
        ),
        phone=_of_phone,
    ),
    views=(
        View("stands", _l("In force"), "state=stands", count=False),
        View("blocked", _l("Blocked"), "purpose=blocked&state=stands", count=False),
        View("all", _l("All"), count=False),
    ),
    acts=(Act("off", _l("Take off"), endpoint="lists.take_off", permission=Permission.SCREENING_DECIDE),),
    empty=(
        _l("Nothing on any list"),
        _l("Put numbers, WeChat accounts, devices or addresses here that screening should know."),
    ),
)
