"""The stores whose values content is filled with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from content_library.copy import StoreValues
from shared.dealers.models import Store
from shared.identity.models import Staff, StaffStore
from shared.platform.errors import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStore:
    """A store that headquarters looks at content as."""

    code: str
    values: StoreValues


def store_values(session: Session, *, dealer_id: UUID, store_id: UUID) -> StoreValues:
    """A store's own values for the copy.

    Raises:
        Missing: no such store, or another dealer's.
    """
    row = session.execute(_stores().where(Store.dealer_id == dealer_id, Store.store_id == store_id)).first()
    if row is None:
        raise Missing(store=str(store_id))
    return _sample(row).values


def sample_stores(session: Session, *, also: str | None = None, limit: int = 12) -> list[SampleStore]:
    """Stores to look at content as: first those where it may go wrong (the longest name, no manager, the longest
    address), then some others; and the one with the code `also`. Closed ones are left out.
    """
    open_stores = Store.status != "closed"
    hard = [
        _stores().where(open_stores).order_by(order, Store.store_id).limit(1)
        for order in (func.length(Store.name).desc(), _manager().is_not(None), func.length(Store.address).desc())
    ]
    wanted = [_stores().where(open_stores).order_by(Store.code).limit(limit)]
    if also and "\0" not in also:  # no database keeps that sign
        wanted.append(_stores().where(Store.code == also))
    parts = [part.subquery() for part in (*hard, *wanted)]
    rows = session.execute(select(parts[0]).union_all(*(select(part) for part in parts[1:]))).all()
    return list({row[0]: _sample(row) for row in rows}.values())


def _stores() -> Select[str, str, str, str | None]:
    return select(Store.code, Store.name, Store.address, _manager().label("manager"))


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


def _sample(row: Row[str, str, str, str | None]) -> SampleStore:
    code, name, address, manager = row
    return SampleStore(code=code, values=StoreValues(store=name, manager=manager, address=address))
