"""What a list is, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import ngettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from shared.identity.permissions import Permission
from shared.web.counted import Counted
from shared.web.tables.filters import Filter, Values
from shared.web.tables.search import Search

#: The blueprint that serves a list, by the list's name.
HOMES: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: names it in addresses and saved views.
        label: its head, lazy gettext.
        text: what an export writes and what shows where there is no macro: a text, a number or a moment.
        cell: macro of the table's `cells` template that shows it.
        sort: SQL expression to sort by; None: cannot be sorted by. nullable: it may be NULL.
        shown: by default; a head column always is.
        number: right-aligned figures. when: a moment. head: the row's header and link.
        descending: the first press on its head sorts downwards.
        plain: what an export with plain numbers writes instead of `text`, such as the whole name.
        phone: an export with plain numbers writes here what the table's `phones` finds.
    """

    key: str
    label: Any
    text: Callable[[Any], object] | None = None
    cell: str | None = None
    sort: Any = None
    nullable: bool = False
    shown: bool = True
    number: bool = False
    when: bool = False
    head: bool = False
    descending: bool = False
    plain: Callable[[Any], object] | None = None
    phone: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A view that comes with the list: a name for a query string.

    Attributes:
        count: show how many rows it has.
        counted: a shorter way to its rows than by its filters, for counting.
    """

    key: str
    label: Any
    query: str = ""
    count: bool = True
    counted: Callable[[], Any] | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A question that an act asks beside the rows, such as a reason; it arrives as `recall_reason`, after the act.

    Attributes:
        options: (value, label) pairs, or a function of a session that reads them.
    """

    name: str
    label: Any
    options: Sequence[tuple[str, Any]] | Callable[[Session], Sequence[tuple[str, Any]]]

    def choices(self, session: Session) -> Sequence[tuple[str, Any]]:
        """The options as they are now."""
        return self.options(session) if callable(self.options) else self.options


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with many rows.

    Attributes:
        endpoint: POST; calls `tables.picked(TABLE)`.
        permission: who is offered it; the endpoint checks for itself.
        confirm: asked before, of as many as were ticked; None for what can be undone.
        pick: what else has to be chosen.
        all_matching: may be done to all rows that match, not only to ticked ones.
    """

    key: str
    label: Any
    endpoint: str
    permission: Permission
    confirm: Counted | None = None
    pick: Pick | None = None
    all_matching: bool = True


def _as_they_are(_session: Session, rows: Sequence[Any]) -> Sequence[Any]:
    return rows


def _rows(number: int, shown: str) -> str:
    return str(ngettext("%(count)s row", "%(count)s rows", number, count=shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A list; `shared.web.tables` shows a whole one.

    Attributes:
        name: in saved views, files and the audit log; never changes.
        query: the rows, without order and limit; filters and keyset are added.
        key: unique, never NULL; UUID, text or number.
        counted: the same rows without what is only shown or sorted by, for counting; filters must fit it.
        always: a condition that holds whatever is asked for, by the filters that are set; for rows that are put away.
        size: rows of a page.
        unit: so many of them in words, given how many (for the plural) and the number as it is shown.
        lines: makes what cells get out of the rows of one page (or of 2,000, in an export), in the same order.
        cards: macro of the `cells` template that shows a line as a picture; such a list opens as a gallery, and as
            rows with `?as=rows`.
        phones: finds plain numbers for an export that may have them: row's key → number, E.164 or national.
        most: rows that an act may be done to at once.
    """

    name: str
    title: Any
    permission: Permission
    query: Callable[[], Any]
    key: Any
    columns: Sequence[Column]
    sort: str
    cells: str | None = None
    cards: str | None = None
    address: Callable[[Any], str] | None = None
    counted: Callable[[], Any] | None = None
    always: Callable[[Mapping[str, Values]], ColumnElement[bool]] | None = None
    size: int = 50
    unit: Callable[[int, str], str] = _rows
    lines: Callable[[Session, Sequence[Any]], Sequence[Any]] = _as_they_are
    filters: Sequence[Filter] = ()
    search: Search | None = None
    views: Sequence[View] = ()
    acts: Sequence[Act] = ()
    empty: tuple[Any, Any] = ("", "")
    export: bool = True
    phones: Callable[[Session, Sequence[Any]], Mapping[Any, str]] | None = None
    most: int = 500
    by_key: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {column.key: column for column in self.columns})
        if self.sort.removeprefix("-") not in self.by_key:
            raise ValueError(f"{self.name}: no column {self.sort} to sort by")

    @property
    def home(self) -> str:
        """The blueprint that serves it."""
        return HOMES[self.name]

    def filter(self, key: str) -> Filter | None:
        """The filter of this name."""
        return next((each for each in self.every_filter() if each.key == key), None)

    def every_filter(self) -> Sequence[Filter]:
        """The filters, and the search as two of them."""
        return (*self.filters, *(self.search.filters() if self.search else ()))
