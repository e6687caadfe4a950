"""The stores with what they were given and what they made of it in thirty days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from hq.network.store_list import DEALER_FILTER, WORDS
from shared.dealers.models import Dealer, Store, StoreFigure
from shared.identity.permissions import Permission
from shared.regions import divisions
from shared.web import formats
from shared.web.tables import Choice, Column, Flag, Search, Table, View

_Load, _InTime, _Won, _Pool = (aliased(StoreFigure) for _ in range(4))
_FULL, _IDLE = 0.9, 0.3  # of the limit a day
_SLOW = 0.15  # below the neighbours' share claimed in time
_ENOUGH = 10  # offers from which on a share says something


@dataclass(frozen=True, slots=True)
class FairLine:
    """A store; shares from 0 to 1, None with nothing to reckon with; `*_median`: of the stores around."""

    store: Store
    dealer: str
    load: Any
    in_time: Any
    won: Any
    pool: Any

    @property
    def offered(self) -> int:
        """Offers of thirty days."""
        return self.load.whole if self.load else 0

    @property
    def claimed(self) -> int:
        """Of these, claimed."""
        return self.load.part if self.load else 0

    @property
    def pooled(self) -> int:
        """Claimed from the open pool in thirty days, besides the offers."""
        return self.pool.whole if self.pool else 0

    @property
    def sold(self) -> int:
        """Of these, sold."""
        return self.won.part if self.won else 0

    @property
    def hint(self) -> str | None:
        """What deserves a look, a code."""
        return hint(self.load, self.in_time)


def hint(load: Any, in_time: Any) -> str | None:
    """`full_slow`: full, and slower than its neighbours · `slow` · `raise`: full and quick, could take more · `idle`:
    quick, and much of its room unused."""
    if load is None or in_time is None or load.value is None or in_time.value is None or in_time.whole < _ENOUGH:
        return None
    slow = in_time.median is not None and in_time.value < in_time.median - _SLOW
    if load.value >= _FULL:
        return "full_slow" if slow else "raise"
    if slow:
        return "slow"
    return "idle" if load.value <= _IDLE else None


def _query() -> Select[Any]:
    columns: tuple[Any, ...] = (Store, Dealer.name.label("dealer"), _Load, _InTime, _Won, _Pool)
    asked = select(*columns).join(Dealer, Dealer.dealer_id == Store.dealer_id)
    for figure, measure in ((_Load, "load"), (_InTime, "in_time"), (_Won, "won"), (_Pool, "pool")):
        of_store = and_(figure.dealer_id == Store.dealer_id, figure.store_id == Store.store_id)
        asked = asked.outerjoin(figure, and_(of_store, figure.measure == measure))
    return asked.where(Store.status != "closed")


def _lines(_session: Any, rows: Any) -> list[FairLine]:
    return [FairLine(*row[:6]) for row in rows]


def _slow() -> ColumnElement[bool]:
    return and_(_InTime.value < _InTime.median - _SLOW, _InTime.whole >= _ENOUGH)


def _share(figure: Any) -> str:
    return "" if figure is None or figure.value is None else formats.percent(figure.value)


def _median(figure: Any) -> str:
    return "" if figure is None or figure.median is None else formats.percent(figure.median)


FAIRNESS = Table(
    name="fairness",
    title=_l("Fairness"),
    unit=lambda number, shown: ngettext("%(count)s store", "%(count)s stores", number, count=shown),
    permission=Permission.STORES_READ,
    query=_query,
    key=Store.store_id,
    sort="-load",
    cells="network/fair_cells.html",
    address=lambda line: url_for("network.show", store_id=line.store.store_id),
    lines=_lines,
    columns=(
        Column("name", _l("Store"), sort=Store.name, head=True, text=lambda line: line.store.name),
        Column("dealer", _l("Dealer"), shown=False, text=lambda line: line.dealer),
        Column(
            "capacity",
            _l("Leads a day"),
            number=True,
            sort=Store.daily_capacity,
            nullable=True,
            text=lambda line: line.store.daily_capacity,
        ),
        Column(
            "weight", _l("Weight"), number=True, sort=Store.weight, descending=True, text=lambda line: line.store.weight
        ),
        Column(
            "offered",
            _l("Offered"),
            number=True,
            sort=_Load.whole,
            nullable=True,
            descending=True,
            text=lambda line: line.offered,
        ),
        Column("claimed", _l("Claimed"), number=True, text=lambda line: line.claimed),
        Column(
            "pool",
            _l("Pool"),
            cell="pool",
            number=True,
            sort=_Pool.whole,
            nullable=True,
            descending=True,
            text=lambda line: line.pooled,
        ),
        Column(
            "load",
            _l("Load"),
            cell="load",
            number=True,
            sort=_Load.value,
            nullable=True,
            descending=True,
            text=lambda line: _share(line.load),
        ),
        Column(
            "in_time",
            _l("Claimed in time"),
            cell="in_time",
            number=True,
            sort=_InTime.value,
            nullable=True,
            text=lambda line: _share(line.in_time),
        ),
        Column("in_time_around", _l("In time around"), number=True, text=lambda line: _median(line.in_time)),
        Column(
            "won",
            _l("Sold of claimed"),
            cell="won",
            number=True,
            sort=_Won.value,
            nullable=True,
            descending=True,
            text=lambda line: _share(line.won),
        ),
        Column("won_around", _l("Sold around"), number=True, shown=False, text=lambda line: _median(line.won)),
        Column("hint", _l("Note"), cell="hint"),
    ),
    filters=(
        Choice(
            "province",
            _l("Province"),
            [(one.code, one.name) for one in divisions.provinces()],
            lambda code: Store.province_code == code,
        ),
        Flag("full", _l("Often full"), lambda: _Load.value >= _FULL),
        Flag("slow", _l("Slower than around"), _slow),
        Flag("idle", _l("Much room unused"), lambda: and_(_Load.value <= _IDLE, _Load.whole >= 0)),
        Flag("none", _l("Nothing offered"), lambda: or_(_Load.whole == 0, _Load.whole.is_(None))),
        DEALER_FILTER,
    ),
    search=Search(_l("Store, code, dealer or address"), words=WORDS),
    views=(
        View("all", _l("All")),
        View("full_slow", _l("Full and slow"), "full=1&slow=1"),
        View("slow", _l("Slower than around"), "slow=1&sort=in_time"),
        View("idle", _l("Much room unused"), "idle=1&sort=load"),
        View("none", _l("Nothing offered"), "none=1"),
    ),
    empty=(_l("No stores yet"), _l("Add one by hand, or import a spreadsheet of dealers and stores.")),
)
