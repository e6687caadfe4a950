"""Tomorrow's load: per store, and hour by hour, what falls due, and how many leads wait for the morning near it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Integer, Select, column, func, literal_column, select, text
from sqlalchemy.orm import Session

from hq.network.store_list import STORES
from hq.routing.network import ATLAS, Network
from shared.dealers.models import Dealer, Store
from shared.identity.permissions import Permission
from shared.regions import divisions
from shared.web.tables import Choice, Column, Flag, Table, View

KINDS = ("claim", "contact", "follow_up")
_DAY = "date_trunc('day', timezone('Asia/Shanghai', now()))"
_FROM, _UNTIL = (f"timezone('Asia/Shanghai', {_DAY} + interval '{days} days')" for days in (1, 2))
# An alarm comes before what it is about, so the index on alarms finds what is due before a moment. A lead whose next
# step is planned falls due then; one without a plan at its deadline.
_DUE = f"""
    SELECT store_id, 'claim' AS kind, deadline_at AS at FROM assignments
    WHERE stage = 'offered' AND ended_at IS NULL AND deadline_at >= {_FROM} AND deadline_at < {_UNTIL}
    UNION ALL
    SELECT store_id, due_kind, due_at FROM assignments
    WHERE alarm_at < {_UNTIL} AND due_kind = 'contact' AND ended_at IS NULL AND due_at >= {_FROM} AND due_at < {_UNTIL}
    UNION ALL
    SELECT a.store_id, 'follow_up', f.next_at
    FROM follow_ups f JOIN assignments a ON a.dealer_id = f.dealer_id AND a.assignment_id = f.assignment_id
    WHERE f.next_at >= {_FROM} AND f.next_at < {_UNTIL} AND a.ended_at IS NULL AND a.stage <> 'won'
      AND NOT EXISTS (SELECT 1 FROM follow_ups n WHERE n.dealer_id = f.dealer_id
                      AND n.assignment_id = f.assignment_id AND n.at > f.at AND n.kind NOT IN ('note', 'reveal'))
"""  # noqa: S608 (constants of this module)
_SUMS = ", ".join(f"count(*) FILTER (WHERE kind = '{kind}') AS {kind}" for kind in KINDS)
_LOAD = (
    text(f"SELECT store_id, count(*) AS due, {_SUMS} FROM ({_DUE}) d GROUP BY store_id")  # noqa: S608 (as above)
    .columns(Store.store_id, *(func.count().label(name) for name in ("due", *KINDS)))
    .subquery("load")
)
_HOURS = text(
    f"""
    SELECT store_id, extract(hour FROM timezone('Asia/Shanghai', at))::int AS hour, count(*) AS due
    FROM ({_DUE}) d WHERE CAST(:stores AS uuid[]) IS NULL OR store_id = ANY(CAST(:stores AS uuid[])) GROUP BY 1, 2
    """  # noqa: S608 (as above)
)
_TOTALS = text(f"SELECT kind, count(*) FROM ({_DUE}) d GROUP BY kind")  # noqa: S608 (as above)
_WAITING = text(
    """
    SELECT (place ->> 'lng')::float8 AS lng, (place ->> 'lat')::float8 AS lat, store_code, count(*) AS leads
    FROM leads WHERE state = 'waiting' AND aside_at IS NULL GROUP BY 1, 2, 3
    """
)
# What `waiting_near` counted, as rows: nearest is found in memory, and sorted by in the database.
_NEAR = text(
    "SELECT * FROM unnest(CAST(:near_stores AS uuid[]), CAST(:near_leads AS int[])) AS counted (store_id, leads)"
)
_WAITING_NEAR = func.coalesce(literal_column("near.leads", Integer), 0)
_COUNT = {name: func.coalesce(_LOAD.c[name], 0) for name in ("due", *KINDS)}


@dataclass(frozen=True, slots=True)
class LoadLine:
    """A store tomorrow.

    Attributes:
        due: what falls due, of which `parts` by kind.
        hours: how much of it in each hour of the Beijing day.
        waiting: leads that wait for room and are nearest to it, or scanned its code.
    """

    store: Store
    dealer: str
    due: int
    parts: Mapping[str, int]
    hours: Sequence[int]
    waiting: int

    @property
    def place(self) -> str:
        """City and county, or what is known."""
        codes = dict.fromkeys(code for code in (self.store.city_code, self.store.county_code) if code)
        return " ".join(divisions.names_of(codes or [self.store.province_code or ""]).values())

    @property
    def by_hour(self) -> str:
        """The hours in words: 9:00 12."""
        return "  ".join(f"{hour}:00 {due}" for hour, due in enumerate(self.hours) if due)


@dataclass(frozen=True, slots=True)
class Tomorrow:
    """All stores together."""

    parts: Mapping[str, int]
    hours: Sequence[int]
    waiting: int


def tomorrow(session: Session) -> Tomorrow:
    """What falls due tomorrow at all stores (three statements)."""
    parts = {row[0]: row[1] for row in session.execute(_TOTALS)}
    waiting = sum(row.leads for row in session.execute(_WAITING))
    return Tomorrow({kind: parts.get(kind, 0) for kind in KINDS}, _all_hours(_by_hour(session, None)), waiting)


def waiting_near(session: Session, network: Network) -> Counter[UUID]:
    """Per store the leads that wait: who scanned its code, and who is nearest to it; by place, so few are measured."""
    found: Counter[UUID] = Counter()
    for row in session.execute(_WAITING):
        store = network.by_code.get(row.store_code) if row.store_code else None
        if store is None and row.lng is not None and row.lat is not None:
            store = next((near for _km, near in network.near(row.lng, row.lat) if near.active), None)
        if store is not None:
            found[store.store_id] += row.leads
    return found


def _by_hour(session: Session, stores: Sequence[UUID] | None) -> dict[UUID, list[int]]:
    hours: dict[UUID, list[int]] = defaultdict(lambda: [0] * 24)
    for row in session.execute(_HOURS, {"stores": stores}):
        hours[row.store_id][row.hour] += row.due
    return hours


def _all_hours(hours: Mapping[UUID, Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*hours.values(), strict=True)] or [0] * 24


def _counted() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Store,
        Dealer.name.label("dealer"),
        *(count.label(name) for name, count in _COUNT.items()),
    )
    return (
        select(*columns)
        .outerjoin(Dealer, Dealer.dealer_id == Store.dealer_id)
        .outerjoin(_LOAD, _LOAD.c.store_id == Store.store_id)
        .where(Store.status != "closed")
    )


def _query() -> Select[Any]:
    found = _waiting_now()
    counted = _NEAR.bindparams(near_stores=list(found), near_leads=list(found.values()))
    near = counted.columns(Store.store_id, column("leads", Integer)).subquery("near")
    waiting = _WAITING_NEAR.label("waiting")
    return _counted().add_columns(waiting).outerjoin(near, near.c.store_id == Store.store_id)


def _waiting_now() -> Counter[UUID]:
    """The leads that wait near each store, counted once for a page or an export."""
    if "waiting_near" not in g:
        g.waiting_near = waiting_near(g.session, ATLAS.network(g.session))
    found: Counter[UUID] = g.waiting_near
    return found


def _lines(session: Session, rows: Sequence[Any]) -> list[LoadLine]:
    hours = _by_hour(session, [row.Store.store_id for row in rows])
    return [
        LoadLine(
            row.Store,
            row.dealer,
            row.due,
            {kind: getattr(row, kind) for kind in KINDS},
            hours.get(row.Store.store_id, [0] * 24),
            row.waiting,
        )
        for row in rows
    ]


def _column(name: str, title: Any, *, cell: str = "") -> Column:
    return Column(
        name,
        title,
        cell=cell,
        number=True,
        sort=_COUNT[name],
        descending=True,
        text=lambda line: line.due if name == "due" else line.parts[name],
    )


LOAD = Table(
    name="load",
    title=_l("Tomorrow's load"),
    unit=lambda number, shown: ngettext("%(count)s store", "%(count)s stores", number, count=shown),
    permission=Permission.STORES_READ,
    query=_query,
    counted=_counted,
    key=Store.store_id,
    sort="-due",
    cells="network/load_cells.html",
    address=lambda line: url_for("network.show", store_id=line.store.store_id),
    lines=_lines,
    columns=(
        Column("name", _l("Store"), sort=Store.name, head=True, text=lambda line: line.store.name),
        Column("dealer", _l("Dealer"), shown=False, text=lambda line: line.dealer),
        Column("place", _l("Place"), text=lambda line: line.place),
        _column("due", _l("Due in all")),
        _column("claim", _l("To claim")),
        _column("contact", _l("First contacts")),
        _column("follow_up", _l("Planned follow-ups")),
        Column(
            "waiting",
            _l("Waiting near"),
            number=True,
            sort=_WAITING_NEAR,
            descending=True,
            text=lambda line: line.waiting,
        ),
        Column("hours", _l("By the hour"), cell="hours", text=lambda line: line.by_hour),
    ),
    filters=(
        Choice(
            "province",
            _l("Province"),
            [(one.code, one.name) for one in divisions.provinces()],
            lambda code: Store.province_code == code,
        ),
        Flag("due", _l("With something due"), lambda: _COUNT["due"] > 0),
    ),
    search=STORES.search,
    views=(View("all", _l("All")), View("due", _l("With something due"), "due=1&sort=-due", count=False)),
    empty=(_l("No stores here"), _l("Import the dealers' list.")),
)
