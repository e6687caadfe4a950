"""A list as a page shows it, and the rows that somebody picked out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from shared.contacts.crypto import BlindIndex
from shared.identity.permissions import Permission
from shared.platform.errors import Conflict, DomainError, Invalid
from shared.web.access import may
from shared.web.tables import counting, keyset, saved, state
from shared.web.tables.counting import Count
from shared.web.tables.declare import HOMES, Act, Column, Table, View
from shared.web.tables.filters import Asked, Filter
from shared.web.tables.models import SavedView
from shared.web.tables.saved import Kept
from shared.web.tables.state import State
from shared.web.words import tell

tell(
    "too_many_rows",
    _l("Too many rows at once"),
    _l("At most %(most)s can be done at once. Narrow the filters, or tick some."),
)


tell(
    "more_rows_than_shown",
    _l("More rows match now than you were shown"),
    _l("You were asked about %(shown)s, now there are %(count)s. Nothing was changed. Look at the list again."),
)


class MoreThanShown(Conflict):
    """More rows match than somebody said yes to; `params`: count, shown."""

    code = "more_rows_than_shown"


class TooMany(DomainError):
    """More rows than an act takes at once; `params`: count, most."""

    code = "too_many_rows"
    status = 422


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its key, and what cells get."""

    key: Any
    row: Any


@dataclass(frozen=True, slots=True)
class Tab:
    """A view above the list. `own`: the reader's, who may change it; `changed`: the address asks for something else."""

    label: Any
    query: str
    current: bool
    count: Count | None = None
    saved: SavedView | None = None
    own: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A filter that is set: its words, and the query string without it."""

    filter: Filter
    words: str
    without: str


class Seen:
    """A list as one request sees it; what the page does not show is not read."""

    def __init__(self, table: Table, wanted: State, fixed: Mapping[str, str]) -> None:
        """Read habits and rows; counts and words when the page asks for them."""
        self.table, self.fixed = table, fixed
        self.asked = asked()
        self.kept = saved.of_list(g.session, table.name, g.actor.user_id)
        self.state = wanted
        self.dense = self.kept.dense
        self.columns = chosen_columns(table, wanted, self.kept)
        self._rows = keyset.page(
            g.session,
            self.query,
            order_of(wanted),
            size=table.size,
            after=wanted.after,
            before=wanted.before,
        )
        lines = table.lines(g.session, self._rows.rows) if self._rows.rows else []
        self.lines = [Line(key, line) for key, line in zip(self._rows.keys, lines, strict=True)]

    @property
    def path(self) -> str:
        """The list's own address, without what it is asked for."""
        return request.script_root + request.path

    @property
    def as_cards(self) -> bool:
        """Whether it shows as pictures."""
        return self.table.cards is not None and not self.state.rows

    def endpoint(self, name: str, **values: Any) -> str:
        """The address of one of the list's own endpoints."""
        return url_for(f"{HOMES[self.table.name]}.{self.table.name}_{name}", **values)

    @property
    def export_address(self) -> str | None:
        """Where to export what is seen; None for who may not."""
        if not self.table.export or not may(Permission.EXPORTS_TAKE):
            return None
        query = self.state.query()
        return self.endpoint("export_form") + (f"?{query}" if query else "")

    @property
    def title(self) -> Any:
        """What the list is called."""
        return self.table.title

    @property
    def query(self) -> Select[Any]:
        """All rows that match."""
        return matching(self.state, self.asked)

    @cached_property
    def _counts(self) -> tuple[Count, list[Count | None]]:
        """All rows that match, and those of each view that counts; a view that the reader is in is counted once."""
        views = [view for view in self.table.views if view.count]
        tabs = [self._tab_rows(view) for view in views]
        filters = [state.parse(self.table, view.query, self.fixed).values for view in views]
        same = filters.index(self.state.values) if self.state.values in filters else None
        own = [] if same is not None else [counted(self.state, self.asked)]
        found = counting.several(g.session, [*tabs, *own])
        counts = iter(found)
        shown = [next(counts) if view.count else None for view in self.table.views]
        return found[-1 if same is None else same], shown

    def _tab_rows(self, view: View) -> Select[Any]:
        if view.counted is not None and not self.fixed:
            rows: Select[Any] = view.counted()
            return rows
        return counted(state.parse(self.table, view.query, self.fixed), self.asked)

    @property
    def total(self) -> Count:
        """Rows that match, up to the limit of counting."""
        return self._counts[0]

    @property
    def total_words(self) -> str:
        """The total with what it counts, such as "64 stores"."""
        return self.table.unit(self.total.rows, str(self.total))

    @cached_property
    def tabs(self) -> Sequence[Tab]:
        """The views: those of the list, then shared and own ones."""
        return [*self._built_in(), *map(self._kept_tab, self.kept.views)]

    def _built_in(self) -> Iterator[Tab]:
        here = replace(self.state, view=None).query()
        for view, count in zip(self.table.views, self._counts[1], strict=True):
            query = state.parse(self.table, view.query, self.fixed).query()
            yield Tab(view.label, query, self.state.view is None and query == here, count)

    def _kept_tab(self, view: SavedView) -> Tab:
        there = replace(state.parse(self.table, view.query, self.fixed), view=view.view_id)
        current = self.state.view == view.view_id
        return Tab(
            view.name,
            there.query(),
            current,
            saved=view,
            own=view.owner_id == g.actor.user_id,
            changed=current and self.state.query() != there.query(),
        )

    @property
    def tab(self) -> Tab | None:
        """The saved view that the reader is in."""
        return next((tab for tab in self.tabs if tab.current and tab.saved), None)

    @cached_property
    def words(self) -> Sequence[Word]:
        """The filters that are set."""
        filters = [each for each in self.table.every_filter() if each.key in self.state.values]
        return [
            Word(each, each.words(self.state.values[each.key], self.asked), self.state.query(without=each.key))
            for each in filters
            if each.key not in self.fixed
        ]

    @property
    def orders(self) -> Sequence[tuple[str, Any]]:
        """What it can be sorted by, for a list without heads to press."""
        return [
            (f"-{each.key}" if each.descending else each.key, each.label)
            for each in self.table.columns
            if each.sort is not None
        ]

    @property
    def more_filters(self) -> Sequence[Filter]:
        """The filters that could be set."""
        return [
            each
            for each in self.table.filters
            if each.kind != "hidden" and each.key not in self.state.values and each.key not in self.fixed
        ]

    def options(self, choice: Any) -> Sequence[tuple[str, Any]]:
        """A choice's options."""
        return self.asked.options_of(choice)

    @property
    def acts(self) -> Sequence[Act]:
        """What the reader may do with rows."""
        return [act for act in self.table.acts if may(act.permission)]

    @property
    def may_share(self) -> bool:
        """Whether the reader may share views."""
        return may(Permission.VIEWS_SHARE)

    @property
    def first(self) -> int | None:
        """Place of the first row, from 1, where it is known."""
        return self._rows.first

    @property
    def after(self) -> str | None:
        """Cursor of the next page."""
        return self._rows.after

    @property
    def before(self) -> str | None:
        """Cursor of the page before."""
        return self._rows.before


@dataclass(frozen=True, slots=True)
class Picked:
    """Rows that somebody picked. `back`: the address of the list as it was."""

    ids: Sequence[Any]
    back: str


def read(table: Table, *, fixed: Mapping[str, str] | None = None) -> Seen:
    """The list that the request asks for, `fixed` filters in force whatever the address says."""
    return Seen(table, state.read(table, request.args, fixed), fixed or {})


def beside(table: Table, query: str, key: Any, *, among: Select[Any] | None = None) -> tuple[Any, Any]:
    """The keys before and after a row in the list that a query string asks for; None where there is none.

    `among`: where the row is looked up that may have left the list meanwhile; else it must be one of the table's.
    """
    wanted = state.parse(table, query)
    order = order_of(wanted)
    rows = table.query() if among is None else among
    place = rows.add_columns(order.by.label("koi_sort"), order.key.label("koi_key"))
    row = g.session.execute(place.where(table.key == key)).first()
    return keyset.beside(g.session, matching(wanted, asked()), order, row) if row else (None, None)


def picked(*tables: Table) -> Picked:
    """The rows that a posted form names: `id` fields, or `all=1` and the `query` of the list.

    Args:
        tables: lists that the act stands on.

    Raises:
        TooMany: more than the table lets an act take.
        MoreThanShown: of all that match, where `matched` of the form says how many those were.
        Invalid: none, an id that is none, or another list.
    """
    table = next((each for each in tables if each.name == request.form.get("table")), None)
    if table is None:
        raise Invalid(field="table")
    wanted = state.parse(table, request.form.get("query", ""))
    everything = request.form.get("all") == "1"
    ids = _all_ids(wanted) if everything else ticked(table)
    if not ids:
        raise Invalid(field="id")
    if len(ids) > table.most:
        raise TooMany(most=table.most)
    shown = request.form.get("matched", type=int)
    if everything and shown is not None and len(ids) > shown:
        raise MoreThanShown(count=len(ids), shown=shown)
    return Picked(ids, back_to(wanted))


def back_to(wanted: State) -> str:
    """The address of a list that a form of it was sent from."""
    query = wanted.query()
    path = request.script_root + request.path.partition("/list/")[0]
    origin = request.form.get("list", "")
    path = (
        origin if origin.startswith(f"{request.script_root}/") and "//" not in origin and "\\" not in origin else path
    )
    return f"{path}?{query}" if query else path


def ticked(table: Table) -> list[Any]:
    """The keys that a form names.

    Raises:
        Invalid: one is none.
    """
    kind = table.key.type.python_type
    try:
        return [kind(value) for value in dict.fromkeys(request.form.getlist("id"))]
    except ValueError:
        raise Invalid(field="id") from None


def _all_ids(wanted: State) -> list[Any]:
    query = counted(wanted, asked()).with_only_columns(wanted.table.key, maintain_column_froms=True)
    return list(g.session.scalars(query.order_by(wanted.table.key).limit(wanted.table.most + 1)))


def chosen_columns(table: Table, wanted: State, kept: Kept) -> Sequence[Column]:
    """The columns of the address, else those chosen last, else those that show by themselves."""
    chosen = wanted.columns or kept.columns
    return [column for column in table.columns if column.head or (column.key in chosen if chosen else column.shown)]


def matching(wanted: State, using: Asked) -> Select[Any]:
    """The rows that an address asks for."""
    return _narrowed(wanted.table.query(), wanted, using)


def counted(wanted: State, using: Asked) -> Select[Any]:
    """The same rows, without what is only shown."""
    return _narrowed((wanted.table.counted or wanted.table.query)(), wanted, using)


def _narrowed(query: Select[Any], wanted: State, using: Asked) -> Select[Any]:
    using = replace(using, values=wanted.values)
    if wanted.table.always is not None:
        query = query.where(wanted.table.always(wanted.values))
    for each in wanted.table.every_filter():
        if each.key in wanted.values:
            query = query.where(each.where(wanted.values[each.key], using))
    return query


def asked() -> Asked:
    """What filters may use in this request."""
    return Asked(g.session, g.now, BlindIndex(current_app.extensions["koi_keys"].blind))


def order_of(wanted: State) -> keyset.Order:
    """The order that an address asks for."""
    column = wanted.sorted_by
    return keyset.Order(wanted.sort, column.sort, wanted.table.key, wanted.descending, column.nullable)
