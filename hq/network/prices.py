"""What a place at each store is worth now, and why, as headquarters reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing import queries as routing
from hq.routing.network import ATLAS, Network
from hq.routing.policy import Room, StoreFacts
from hq.routing.prices.models import PriceRun
from hq.routing.prices.queries import WINDOW
from shared.dealers.models import Dealer, Store
from shared.regions.plane import albers
from shared.web import formats
from shared.web.locale import language

MOST = 200
NEAR_KM = 50.0
_SCARCE = 0.2  # of a store's room of the day left: nearly full
_MARGIN = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A store with a price, km. `left` of `most` places today (None: no limit); `near` stores within 50 km, of which
    so many are `tight`: full or nearly so."""

    store: Store
    dealer: str
    km: float
    left: int | None
    most: int | None
    near: int
    tight: int

    @property
    def why(self) -> str:
        """The price in words."""
        worth = _("A place is worth %(km)s", km=formats.kilometres(self.km, language()))
        if not self.near:
            return str(_("%(worth)s: no other store is within %(far)s km", worth=worth, far=int(NEAR_KM)))
        if self.tight == self.near:
            told = ngettext(
                "%(worth)s: the %(num)s store nearby is nearly full too",
                "%(worth)s: all %(num)s stores nearby are nearly full",
                self.near,
                worth=worth,
            )
            return str(told)
        if self.tight:
            return str(
                ngettext(
                    "%(worth)s: %(tight)s of %(near)s stores nearby is nearly full",
                    "%(worth)s: %(tight)s of %(near)s stores nearby are nearly full",
                    self.tight,
                    worth=worth,
                    tight=self.tight,
                    near=self.near,
                )
            )
        return str(_("%(worth)s: more people come from around here than it can take", worth=worth))


@dataclass(frozen=True, slots=True)
class Spot:
    """A store on the picture; `km` its price, 0 for none."""

    name: str
    km: float
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices in force, the dearest first.

    Attributes:
        used: whether the rules in force weigh prices, and by how many `percent`.
        run: what they were reckoned from; None: never yet.
        since: the first sign-up they may be of.
        stores: at most `MOST` with a price, of `scarce`.
    """

    percent: float
    run: PriceRun | None
    since: datetime | None
    stores: Sequence[Priced]
    scarce: int
    spots: Sequence[Spot]
    box: str


def of_all(session: Session, *, province: str = "", now: datetime) -> Prices:
    """All prices in force (six statements)."""
    rules, _version = routing.rules_in_force(session)
    run = session.scalars(select(PriceRun).where(PriceRun.prices.is_not(None))).one()
    if run.solved_at.year < 2000:
        return Prices(rules.price_percent, None, None, (), 0, (), "0 0 1 1")
    network, found = ATLAS.network(session), {UUID(key): value for key, value in (run.prices or {}).items()}
    room = routing.room_of(session, network, rules, now=now)
    query = (
        select(Store, Dealer.name.label("dealer"))
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.store_id.in_(found))
    )
    if province:
        query = query.where(Store.province_code == province)
    rows = sorted(session.execute(query), key=lambda row: (-found[row.Store.store_id], row.Store.name))
    shown = [
        _priced(row, found[row.Store.store_id], network, room)
        for row in rows[:MOST]
        if row.Store.store_id in network.stores
    ]
    names = {each.store.store_id: each.store.name for each in shown}
    picture = [store for store in network.stores.values() if store.lng is not None and store.active]
    chosen = {row.Store.store_id for row in rows}
    if province:
        around = _around([store for store in picture if store.store_id in chosen])
        picture = [store for store in picture if around and _inside(store, around)]
    spots, box = _spots(picture, found, names)
    return Prices(rules.price_percent, run, run.solved_at - WINDOW, shown, len(rows), spots, box)


def of_store(session: Session, store_id: UUID, *, now: datetime) -> Priced | None:
    """The price of one store; None: it has none, or prices are not used (five statements at most)."""
    rules, _version = routing.rules_in_force(session)
    if not rules.price_percent:
        return None
    run = session.scalars(select(PriceRun).where(PriceRun.prices.is_not(None))).one()
    km, network = (run.prices or {}).get(str(store_id)), ATLAS.network(session)
    if not km or store_id not in network.stores:
        return None
    room = routing.room_of(session, network, rules, now=now)
    row = session.execute(
        select(Store, Dealer.name.label("dealer"))
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.store_id == store_id)
    ).one()
    return _priced(row, km, network, room)


def _priced(row: object, km: float, network: Network, room: Room) -> Priced:
    store: Store = row.Store  # type: ignore[attr-defined]  # a row of the query above
    dealer: str = row.dealer  # type: ignore[attr-defined]  # as above
    facts = network.stores[store.store_id]
    near: list[StoreFacts] = []
    if facts.lng is not None and facts.lat is not None:
        within = takewhile(lambda each: each[0] <= NEAR_KM, network.near(facts.lng, facts.lat))
        near = [other for _km, other in within if other.active and other is not facts]
    tight = sum(_is_tight(other, network, room) for other in near)
    left = room.left_of(facts)
    return Priced(
        store=store,
        dealer=dealer,
        km=km,
        left=None if left is None else max(0, left),
        most=network.capacity.get(store.store_id),
        near=len(near),
        tight=tight,
    )


def _is_tight(store: StoreFacts, network: Network, room: Room) -> bool:
    left, most = room.left_of(store), network.capacity.get(store.store_id)
    return left is not None and left <= _SCARCE * (most or 0)


def _around(stores: Sequence[StoreFacts]) -> tuple[float, float, float, float] | None:
    lngs, lats = [each.lng or 0.0 for each in stores], [each.lat or 0.0 for each in stores]
    return (min(lngs) - 1, min(lats) - 1, max(lngs) + 1, max(lats) + 1) if stores else None


def _inside(store: StoreFacts, box: tuple[float, float, float, float]) -> bool:
    return box[0] <= (store.lng or 0.0) <= box[2] and box[1] <= (store.lat or 0.0) <= box[3]


def _spots(
    stores: Sequence[StoreFacts], prices: Mapping[UUID, float], names: Mapping[UUID, str]
) -> tuple[list[Spot], str]:
    if not stores:
        return [], "0 0 1 1"
    points = [albers(store.lng or 0.0, store.lat or 0.0) for store in stores]
    west, north = min(x for x, _y in points), min(y for _x, y in points)
    east, south = max(x for x, _y in points), max(y for _x, y in points)
    wide = max(east - west, south - north, 2.0)
    unit, top = wide / 130, max(prices.values(), default=1.0) or 1.0
    spots = []
    for store, (x, y) in zip(stores, points, strict=True):
        km = prices.get(store.store_id, 0.0)
        radius = unit * (0.7 + 2.3 * (km / top) ** 0.5) if km else unit * 0.6
        spots.append(Spot(names.get(store.store_id, store.code), km, round(x, 2), round(y, 2), round(radius, 3)))
    spots.sort(key=lambda spot: spot.km)
    margin = unit * 4
    box = f"{west - margin:.1f} {north - margin:.1f} {east - west + 2 * margin:.1f} {south - north + 2 * margin:.1f}"
    return spots, box


def is_old(run: PriceRun, now: datetime) -> bool:
    """Whether the prices should have been reckoned anew long ago."""
    return now > run.next_at + timedelta(minutes=10)
