"""Filters of lists: read from an address, said in words, turned into SQL conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from shared.campaigns.queries import all_campaigns
from shared.contacts.crypto import BlindIndex
from shared.dealers.models import Store
from shared.platform.clock import BEIJING, beijing_day
from shared.web.words import listing

Values = tuple[str, ...]
Options = Sequence[tuple[str, Any]]
Args = MultiDict[str, str]
_LONGEST = 80


@dataclass(slots=True)
class Asked:
    """What a filter may use to become words or a condition; `values` are those of all filters of the list."""

    session: Session
    now: datetime
    blind: BlindIndex
    values: Mapping[str, Values] = field(default_factory=dict)
    _options: dict[str, Options] = field(default_factory=dict)

    def options_of(self, choice: Choice) -> Options:
        """A choice's options."""
        if not callable(choice.options):
            return choice.options
        if choice.key not in self._options:
            self._options[choice.key] = choice.options(self.session)
        return self._options[choice.key]


class Filter(Protocol):
    """One condition in the address. `kind` names the macro that shows its form fields."""

    @property
    def key(self) -> str:
        """Names it in the address."""
        ...

    @property
    def label(self) -> Any:
        """What it is called, lazy gettext."""
        ...

    @property
    def kind(self) -> str:
        """The macro of its fields: choice, dates, flag, text; or hidden."""
        ...

    def read(self, args: Args) -> Values:
        """The values asked for, those that make sense; empty for none."""
        ...

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """The condition."""
        ...

    def words(self, values: Values, asked: Asked) -> str:
        """The values, as a person says them."""
        ...


class Choice:
    """One of some words, or several with `many`."""

    def __init__(
        self,
        key: str,
        label: Any,
        options: Options | Callable[[Session], Options],
        where: Callable[[Any], ColumnElement[bool]],
        *,
        many: bool = False,
        shown: bool = True,
    ) -> None:
        """Declare it.

        Args:
            key: its name in the address.
            label: what it is called, lazy gettext.
            options: (value, label) pairs, or a function of a session that reads them.
            where: makes the condition of the value, or with `many` of a tuple of values, such as `Lead.grade.in_`.
            many: several may be chosen.
            shown: offered among the filters; False for one that only views and links use.
        """
        self.key, self.label, self.options, self.many = key, label, options, many
        self.kind = "choice" if shown else "hidden"
        self._where = where

    def read(self, args: Args) -> Values:
        """The values asked for, those that are options."""
        given = [value for value in args.getlist(self.key) if value and tidy(value)]
        if not callable(self.options):
            known = {value for value, _label in self.options}
            given = [value for value in given if value in known]
        return tuple(dict.fromkeys(given if self.many else given[:1]))

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """The condition."""
        return self._where(values if self.many else values[0])

    def words(self, values: Values, asked: Asked) -> str:
        """The labels of the values."""
        named = {value: str(label) for value, label in asked.options_of(self)}
        return listing(named.get(value, value) for value in values)


class InCampaign(Choice):
    """One campaign, by a column with its id."""

    def __init__(self, column: Any, *, key: str = "campaign", label: Any = None) -> None:
        """Declare it."""
        super().__init__(key, label or _l("Campaign"), _campaign_options, where=lambda value: column == UUID(value))

    def read(self, args: Args) -> Values:
        """The id asked for."""
        return tuple(value for value in super().read(args) if _uuid(value))


def _campaign_options(session: Session) -> Options:
    return [(str(each.campaign_id), each.name) for each in all_campaigns(session)]


class Flag:
    """On or not: `?late=1`."""

    kind = "flag"

    def __init__(self, key: str, label: Any, where: Callable[[], ColumnElement[bool]]) -> None:
        """Declare it; `where` makes the condition."""
        self.key, self.label, self._where = key, label, where

    def read(self, args: Args) -> Values:
        """`1` when it is on."""
        return ("1",) if args.get(self.key) == "1" else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """The condition."""
        return self._where()

    def words(self, values: Values, asked: Asked) -> str:
        """Nothing: its label says all."""
        return ""


_PRESETS: Mapping[str, tuple[int, Any]] = {
    "today": (0, _l("today")),
    "yesterday": (1, _l("yesterday")),
    "7d": (6, _l("last 7 days")),
    "30d": (29, _l("last 30 days")),
}
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})?\.\.(\d{4}-\d{2}-\d{2})?")


class Dates:
    """A range of Beijing days of a moment: today, yesterday, 7d, 30d, or 2026-11-01..2026-11-20, either end open."""

    kind = "dates"
    presets: Options = tuple((name, label) for name, (_back, label) in _PRESETS.items())

    def __init__(self, key: str, label: Any, column: Any) -> None:
        """Declare it, over a column with a moment."""
        self.key, self.label, self._column = key, label, column

    def read(self, args: Args) -> Values:
        """The range, also from two fields `key.from` and `key.to`."""
        value = args.get(self.key, "")
        if value in _PRESETS or (_SPAN.fullmatch(value) and _days(value) is not None):
            return (value,)
        span = f"{args.get(f'{self.key}.from', '')}..{args.get(f'{self.key}.to', '')}"
        return (span,) if _SPAN.fullmatch(span) and _days(span) is not None else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """From the first midnight to the last, in Beijing."""
        first, last = self.bounds(values[0], beijing_day(asked.now))
        after = self._column >= _midnight(first) if first else true()
        if last is None or last == date.max:  # nothing comes after the last day that there is
            return and_(after, true())
        return and_(after, self._column < _midnight(last + timedelta(days=1)))

    def words(self, values: Values, asked: Asked) -> str:
        """The range in words."""
        value = values[0]
        if value in _PRESETS:
            return str(_PRESETS[value][1])
        first, last = value.split("..")
        if first and last:
            return first if first == last else f"{first} \N{EN DASH} {last}"
        return str(_("from %(day)s", day=first) if first else _("until %(day)s", day=last))

    @staticmethod
    def bounds(value: str, today: date) -> tuple[date | None, date | None]:
        """First and last day, both inside; None where the range is open."""
        if value in _PRESETS:
            first = today - timedelta(days=_PRESETS[value][0])
            return first, first if value == "yesterday" else today
        return _days(value) or (None, None)


def _days(span: str) -> tuple[date | None, date | None] | None:
    try:
        first, last = (date.fromisoformat(part) if part else None for part in span.split(".."))
    except ValueError:
        return None
    return None if first is None and last is None else (first, last)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


class OfStore:
    """A store, by id (links) or by words (a part of its name, or its code)."""

    kind = "text"

    def __init__(self, where: Callable[[Any], ColumnElement[bool]], *, key: str = "store", label: Any = None) -> None:
        """Declare it; `where` gets what stands after IN: a list of one id, or a query of ids."""
        self.key, self.label, self._where = key, label or _l("Store"), where

    def read(self, args: Args) -> Values:
        """The id or the words."""
        value = args.get(self.key, "").strip()
        return (value,) if value and tidy(value) else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """The condition."""
        store_id = _uuid(values[0])
        return self._where([store_id] if store_id else select(Store.store_id).where(_named(values[0])))

    def words(self, values: Values, asked: Asked) -> str:
        """The store's name, or the words."""
        store_id = _uuid(values[0])
        name: str | None = (
            asked.session.scalar(select(Store.name).where(Store.store_id == store_id)) if store_id else None
        )
        return name or ("?" if store_id else values[0])


def _named(words: str) -> ColumnElement[bool]:
    return or_(Store.name.contains(words, autoescape=True), Store.code == words)


def tidy(value: str) -> bool:
    """Whether a value may reach the database: short, and without signs that it refuses."""
    return len(value) <= _LONGEST and value.isprintable()


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
