"""The stores whose values content is filled with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal, select
from sqlalchemy.orm import Session

from content_library.copy import StoreValues
from content_library.poster import PosterFacts
from content_library.sign_up_link import IN_COPY, ON_POSTER, poster_facts, sign_up_link
from shared.dealers.models import Dealer, Store
from shared.identity.models import Staff, StaffStore
from shared.platform.errors import Missing
from shared.regions.divisions import names_of

NO_MANAGER: Final = "~"  # no store has this code: the sample without a manager where every store has one


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStore:
    """A store that headquarters looks at content as."""

    code: str
    values: StoreValues
    why: str = ""  # what makes it a hard case: longest_name, no_manager, longest_address


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnValues:
    """A store's values, and its code for links."""

    code: str
    values: StoreValues

    def linked(self, base_url: str, campaign_code: str | None) -> StoreValues:
        """With the store's own link to a campaign's sign-up page."""
        return replace(self.values, link=sign_up_link(base_url, campaign_code, self.code, IN_COPY))

    def on_poster(self, base_url: str, campaign_code: str | None) -> PosterFacts:
        """What stands on the store's poster."""
        link = sign_up_link(base_url, campaign_code, self.code, ON_POSTER)
        return poster_facts(store=self.values.store, address=self.values.address, link=link)


def store_values(session: Session, *, dealer_id: UUID, store_id: UUID) -> OwnValues:
    """A store's own values for the copy.

    Raises:
        Missing: no such store, or another dealer's.
    """
    row = session.execute(_stores("").where(Store.dealer_id == dealer_id, Store.store_id == store_id)).first()
    if row is None:
        raise Missing(store=str(store_id))
    sample = _sample(row)
    return OwnValues(code=sample.code, values=sample.values)


def sample_stores(session: Session, *, also: str | None = None, limit: int = 12) -> list[SampleStore]:
    """Stores to look at content as: first those where it may go wrong (the longest name, no manager, the longest
    address), then some others, and the one with the code `also`. Closed ones are left out. Where every store has a
    manager, one stands in without hers.
    """
    open_stores = Store.status != "closed"
    hard = [
        _stores(why).where(open_stores).order_by(order, Store.store_id).limit(1)
        for why, order in (
            ("longest_name", func.length(Store.name).desc()),
            ("no_manager", _manager().is_not(None)),
            ("longest_address", func.length(Store.address).desc()),
        )
    ]
    wanted = [_stores("").where(open_stores).order_by(Store.code).limit(limit)]
    if also and "\0" not in also:  # no database keeps that sign
        wanted.append(_stores("").where(Store.code == also))
    parts = [part.subquery() for part in (*hard, *wanted)]
    rows = session.execute(select(parts[0]).union_all(*(select(part) for part in parts[1:]))).all()
    samples: dict[str, SampleStore] = {}
    for row in rows:
        sample = _without_manager(_sample(row))
        samples.setdefault(sample.code, sample)
    return list(samples.values())


def _without_manager(sample: SampleStore) -> SampleStore:
    """The store that stands for those without a manager, when every store has one."""
    if sample.why != "no_manager" or sample.values.manager is None:
        return sample
    return replace(sample, code=NO_MANAGER, values=replace(sample.values, manager=None))


def _stores(why: str) -> Select[str, str, str, str | None, str | None, str, str]:
    return select(
        Store.code,
        Store.name,
        Store.address,
        _manager().label("manager"),
        Store.city_code,
        Dealer.name.label("dealer"),
        literal(why).label("why"),
    ).join(Dealer, Dealer.dealer_id == Store.dealer_id)


def _manager() -> ColumnElement[str | None]:
    return (
        select(Staff.name)
        .join(StaffStore, (StaffStore.dealer_id == Staff.dealer_id) & (StaffStore.user_id == Staff.user_id))
        .where(
            Staff.dealer_id == Store.dealer_id,
            StaffStore.store_id == Store.store_id,
            Staff.role == "store_manager",
            Staff.status != "disabled",
        )
        .order_by(Staff.created_at, Staff.user_id)
        .limit(1)
        .correlate(Store)
        .scalar_subquery()
    )


def _sample(row: Row[str, str, str, str | None, str | None, str, str]) -> SampleStore:
    code, name, address, manager, city_code, dealer, why = row
    city = names_of([city_code]).get(city_code, "") if city_code else ""
    values = StoreValues(store=name, manager=manager, address=address, city=city, dealer=dealer)
    return SampleStore(code=code, values=values, why=why)
