"""The list of stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Date, Select, and_, cast, exists, false, func, or_, select, text
from sqlalchemy.orm import Session

from shared.dealers.models import STORE_STATES, Dealer, Store, StoreDay, StoreWeek
from shared.dealers.series import book
from shared.identity.permissions import Permission
from shared.leads.models import Assignment
from shared.regions import divisions
from shared.web.counted import Counted
from shared.web.tables import Act, Choice, Column, Flag, Pick, Search, Table, View
from shared.web.words import later, say

_DAY = text("interval '1 day'")
_WEEK = text("interval '7 days'")
_TODAY = cast(func.timezone("Asia/Shanghai", func.now()), Date)
# Offers that ran out in the last day; looked for among those of a week, which an index finds.
_LATE = (
    select(Assignment.store_id, func.count().label("late"))
    .where(
        Assignment.offered_at > func.now() - _WEEK,
        Assignment.stage == "expired",
        Assignment.ended_at > func.now() - _DAY,
    )
    .group_by(Assignment.store_id)
    .subquery()
)
_MONDAY = cast(func.date_trunc("week", func.timezone("Asia/Shanghai", func.now())), Date)
_LATE_COUNT = func.coalesce(_LATE.c.late, 0)
_CAPACITIES = (5, 10, 15, 20, 30, 50)
_WEEKLY = (20, 30, 50, 70, 100, 150, 200)
_WEIGHTS = (1, 2, 3, 4, 5)
EVERY_SERIES = "*"


@dataclass(frozen=True, slots=True)
class StoreLine:
    """A store in the list; `taken`, `offers` are of today, `week_taken` since Monday, `late` of the last 24 hours."""

    store: Store
    dealer: str
    late: int
    taken: int
    week_taken: int
    offers: int
    series: str

    @property
    def place(self) -> str:
        """City and county, or what is known."""
        codes = dict.fromkeys(code for code in (self.store.city_code, self.store.county_code) if code)
        return " ".join(divisions.names_of(codes or [self.store.province_code or ""]).values())

    @property
    def room(self) -> str:
        """Claimed today of what it takes."""
        cap = self.store.daily_capacity
        return f"{self.taken} / {cap if cap is not None else say('no_limit')}"

    @property
    def week_room(self) -> str:
        """Claimed this week of what it takes."""
        cap = self.store.weekly_capacity
        return f"{self.week_taken} / {cap if cap is not None else say('no_limit')}"


def _query() -> Select[Any]:
    columns: tuple[Any, ...] = (Store, Dealer.name.label("dealer"), _LATE_COUNT.label("late"))
    return (
        select(*columns)
        .outerjoin(Dealer, Dealer.dealer_id == Store.dealer_id)
        .outerjoin(_LATE, _LATE.c.store_id == Store.store_id)
    )


def _lines(session: Session, rows: Sequence[Any]) -> list[StoreLine]:
    ids = [row.Store.store_id for row in rows]
    days = select(StoreDay.store_id, StoreDay.taken).where(StoreDay.day == _TODAY, StoreDay.store_id.in_(ids))
    taken = {row.store_id: row.taken for row in session.execute(days)}
    weeks = select(StoreWeek.store_id, StoreWeek.taken).where(StoreWeek.week == _MONDAY, StoreWeek.store_id.in_(ids))
    week_taken = {row.store_id: row.taken for row in session.execute(weeks)}
    series = book(session)
    offers = {
        row.store_id: row.offers
        for row in session.execute(
            select(Assignment.store_id, func.count().label("offers"))
            .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
            .where(Store.store_id.in_(ids), Assignment.stage == "offered", Assignment.ended_at.is_(None))
            .group_by(Assignment.store_id)
        )
    }
    return [
        StoreLine(
            row.Store,
            row.dealer,
            row.late,
            taken.get(key, 0),
            week_taken.get(key, 0),
            offers.get(key, 0),
            series.write(row.Store.series) or say("every_series"),
        )
        for key, row in zip(ids, rows, strict=True)
    ]


def _full() -> ColumnElement[bool]:
    day = and_(StoreDay.dealer_id == Store.dealer_id, StoreDay.store_id == Store.store_id, StoreDay.day == _TODAY)
    week = and_(StoreWeek.dealer_id == Store.dealer_id, StoreWeek.store_id == Store.store_id, StoreWeek.week == _MONDAY)
    return or_(
        exists().where(day, StoreDay.taken >= StoreDay.cap), exists().where(week, StoreWeek.taken >= StoreWeek.cap)
    )


def _series(session: Session) -> list[tuple[str, str]]:
    return list(book(session).names.items())


def _every_series(session: Session) -> list[tuple[str, Any]]:
    return [(EVERY_SERIES, say("every_series")), *_series(session)]


def _may_sell(code: str) -> ColumnElement[bool]:
    return or_(Store.series.is_(None), Store.series.contains([code]))


def _dealers(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Dealer.dealer_id, Dealer.name).order_by(Dealer.name))
    return [(str(row.dealer_id), row.name) for row in rows]


def _of_dealer(value: str) -> ColumnElement[bool]:
    try:
        return Store.dealer_id == UUID(value)
    except ValueError:
        return false()


def _words(words: str) -> ColumnElement[bool]:
    return or_(
        Store.name.contains(words, autoescape=True),
        Store.code.istartswith(words, autoescape=True),
        Dealer.name.contains(words, autoescape=True),
        Store.address.contains(words, autoescape=True),
    )


#: For other lists of stores.
DEALER_FILTER = Choice("dealer", _l("Dealer"), _dealers, _of_dealer)
WORDS = _words

STORES = Table(
    name="stores",
    title=_l("Stores"),
    unit=lambda number, shown: ngettext("%(count)s store", "%(count)s stores", number, count=shown),
    permission=Permission.STORES_READ,
    query=_query,
    key=Store.store_id,
    sort="code",
    cells="network/cells.html",
    address=lambda line: url_for("network.show", store_id=line.store.store_id),
    lines=_lines,
    columns=(
        Column("name", _l("Store"), sort=Store.name, head=True, text=lambda line: line.store.name),
        Column("code", _l("Code"), sort=Store.code, text=lambda line: line.store.code),
        Column("dealer", _l("Dealer"), cell="dealer", text=lambda line: line.dealer),
        Column("place", _l("Place"), cell="place", text=lambda line: line.place),
        Column("address", _l("Address"), shown=False, text=lambda line: line.store.address),
        Column("room", _l("Claimed today"), number=True, text=lambda line: line.room),
        Column(
            "capacity",
            _l("Leads a day"),
            number=True,
            shown=False,
            sort=Store.daily_capacity,
            nullable=True,
            text=lambda line: line.store.daily_capacity,
        ),
        Column("week_room", _l("Claimed this week"), number=True, shown=False, text=lambda line: line.week_room),
        Column(
            "weekly",
            _l("Leads a week"),
            number=True,
            shown=False,
            sort=Store.weekly_capacity,
            nullable=True,
            text=lambda line: line.store.weekly_capacity,
        ),
        Column(
            "weight",
            _l("Weight"),
            number=True,
            shown=False,
            sort=Store.weight,
            descending=True,
            text=lambda line: line.store.weight,
        ),
        Column("series", _l("Series"), shown=False, text=lambda line: line.series),
        Column("offers", _l("Open offers"), number=True, text=lambda line: line.offers),
        Column(
            "late",
            _l("Late in 24 hours"),
            cell="late",
            number=True,
            sort=_LATE_COUNT,
            descending=True,
            text=lambda line: line.late,
        ),
        Column("status", _l("State"), cell="status", text=lambda line: say(f"store.{line.store.status}")),
        Column(
            "changed",
            _l("Changed"),
            when=True,
            shown=False,
            sort=Store.changed_at,
            descending=True,
            text=lambda line: line.store.changed_at,
        ),
    ),
    filters=(
        Choice(
            "status",
            _l("State"),
            [(state, later(f"store.{state}")) for state in STORE_STATES],
            Store.status.in_,
            many=True,
        ),
        Choice(
            "province",
            _l("Province"),
            [(one.code, one.name) for one in divisions.provinces()],
            lambda code: Store.province_code == code,
        ),
        Flag("late", _l("Late in 24 hours"), lambda: _LATE_COUNT > 0),
        Flag("full", _l("Full"), _full),
        Choice("series", _l("May sell"), _series, _may_sell),
        Flag("unplaced", _l("Without position"), lambda: Store.lng.is_(None)),
        Flag("unsure", _l("Position not certain"), lambda: Store.point_source != "as_given"),
        DEALER_FILTER,
    ),
    search=Search(_l("Store, code, dealer or address"), words=_words),
    views=(
        View("all", _l("All")),
        View("late", _l("Late first"), "late=1&sort=-late"),
        View("paused", _l("Paused"), "status=paused"),
        View("unplaced", _l("Without position"), "unplaced=1"),
        View("closed", _l("Closed"), "status=closed", count=False),
    ),
    acts=(
        Act(
            "pause",
            _l("Pause…"),
            endpoint="network.pause_many",
            permission=Permission.STORES_WRITE,
            confirm=Counted(
                "Pause %(count)s store? New leads pass over it; it keeps what it holds and may claim open offers.",
                "Pause %(count)s stores? New leads pass over them; they keep what they hold and may claim open offers.",
            ),
        ),
        Act(
            "resume",
            _l("Open again"),
            endpoint="network.resume_many",
            permission=Permission.STORES_WRITE,
            confirm=Counted(
                "Open %(count)s store again? New leads go to it from now on.",
                "Open %(count)s stores again? New leads go to them from now on.",
            ),
        ),
        Act(
            "capacity",
            _l("Leads a day…"),
            endpoint="network.capacity_many",
            permission=Permission.STORES_WRITE,
            pick=Pick(
                "number",
                _l("Leads a day"),
                [*((str(number), str(number)) for number in _CAPACITIES), ("0", "0"), ("none", _l("no limit"))],
            ),
            confirm=Counted(
                "Change the leads a day of %(count)s store? It can be undone right after.",
                "Change the leads a day of %(count)s stores? It can be undone right after.",
            ),
        ),
        Act(
            "weekly",
            _l("Leads a week…"),
            endpoint="network.weekly_many",
            permission=Permission.STORES_WRITE,
            pick=Pick(
                "number",
                _l("Leads a week"),
                [*((str(number), str(number)) for number in _WEEKLY), ("0", "0"), ("none", _l("no limit"))],
            ),
            confirm=Counted(
                "Change the leads a week of %(count)s store? It can be undone right after.",
                "Change the leads a week of %(count)s stores? It can be undone right after.",
            ),
        ),
        Act(
            "weight",
            _l("Weight…"),
            endpoint="network.weight_many",
            permission=Permission.STORES_WRITE,
            pick=Pick("number", _l("Weight"), [(str(number), str(number)) for number in _WEIGHTS]),
            confirm=Counted(
                "Change the weight of %(count)s store? It counts among stores that are equal otherwise.",
                "Change the weight of %(count)s stores? It counts among stores that are equal otherwise.",
            ),
        ),
        Act(
            "series",
            _l("Series…"),
            endpoint="network.series_many",
            permission=Permission.STORES_WRITE,
            pick=Pick("code", _l("May sell"), _every_series),
            confirm=Counted(
                "Change what %(count)s store may sell? What it holds stays with it.",
                "Change what %(count)s stores may sell? What they hold stays with them.",
            ),
        ),
    ),
    empty=(_l("No stores yet"), _l("Add one by hand, or import a spreadsheet of dealers and stores.")),
)
