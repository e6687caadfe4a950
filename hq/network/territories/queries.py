"""Territories as headquarters reads them, and what covers what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import Session

from hq.network.territories.coverage import Coverage
from shared.dealers import territory_rows
from shared.dealers.models import Dealer, Store, Territory
from shared.platform.errors import Missing
from shared.regions import divisions

WINDOW = timedelta(days=90)
_LEADS = text(
    """
    SELECT place ->> 'code' AS code, count(*) AS leads FROM leads
    WHERE opened_at > :since AND place ->> 'code' IS NOT NULL GROUP BY 1
    """
)
_CONSENTS = text(
    """
    SELECT EXISTS (
        SELECT 1 FROM scopes s JOIN consent_texts t USING (scope_id) JOIN campaigns c USING (campaign_id)
        WHERE s.dealer_id = :dealer AND t.kind = 'share' AND c.status <> 'closed'
          AND t.version = (SELECT max(o.version) FROM consent_texts o
                           WHERE o.campaign_id = t.campaign_id AND o.kind = 'share')
    ) AS named, EXISTS (
        SELECT 1 FROM consent_texts t JOIN campaigns c USING (campaign_id)
        WHERE t.kind = 'share' AND c.status <> 'closed'
    ) AS asked
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryFacts:
    """A territory with whom it is for and the stores that serve it (closed ones left out)."""

    territory: Territory
    dealer: Dealer
    store: Store | None
    stores: Sequence[Store]

    @property
    def whom(self) -> str:
        """The name of its holder."""
        return self.store.name if self.store is not None else self.dealer.name

    @property
    def code(self) -> str:
        """The code of its holder."""
        return self.store.code if self.store is not None else self.dealer.code


def one(session: Session, territory_id: UUID) -> TerritoryFacts:
    """A territory, also a removed one (two statements).

    Raises:
        Missing: there is none.
    """
    row = session.execute(joined().where(Territory.territory_id == territory_id)).first()
    if row is None:
        raise Missing(territory=str(territory_id))
    return TerritoryFacts(
        territory=row.Territory,
        dealer=row.Dealer,
        store=row.Store,
        stores=stores_of(session, row.Territory.for_dealer_id, row.Territory.for_store_id),
    )


def joined() -> Select[Any]:
    """Territories with their dealer and store."""
    columns: tuple[Any, ...] = (Territory, Dealer, Store)
    return (
        select(*columns)
        .join(Dealer, Dealer.dealer_id == Territory.for_dealer_id)
        .outerjoin(Store, (Store.dealer_id == Territory.for_dealer_id) & (Store.store_id == Territory.for_store_id))
    )


def stores_of(session: Session, dealer_id: UUID, store_id: UUID | None) -> Sequence[Store]:
    """The stores of a dealer, or the one, that are not closed."""
    chosen = select(Store).where(Store.dealer_id == dealer_id, Store.status != "closed")
    if store_id is not None:
        chosen = chosen.where(Store.store_id == store_id)
    return session.scalars(chosen.order_by(Store.code)).all()


def of_dealer(session: Session, dealer_id: UUID, store_id: UUID | None = None) -> Sequence[Territory]:
    """The territories of a dealer and its stores, or only those that one of the stores serves."""
    chosen = select(Territory).where(Territory.for_dealer_id == dealer_id, Territory.removed_at.is_(None))
    if store_id is not None:
        chosen = chosen.where(or_(Territory.for_store_id.is_(None), Territory.for_store_id == store_id))
    return session.scalars(chosen.order_by(Territory.name, Territory.territory_id)).all()


def names(session: Session, territory_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Names of territories with whom they are for."""
    rows = session.execute(joined().where(Territory.territory_id.in_(territory_ids)))
    return {
        row.Territory.territory_id: f"{row.Territory.name} · {row.Store.name if row.Store else row.Dealer.name}"
        for row in rows
    }


def leads_by_county(session: Session, *, now: datetime) -> Mapping[str, int]:
    """Leads of the last 90 days by the code of their place: a county, or more where no more is known."""
    return {row.code: row.leads for row in session.execute(_LEADS, {"since": now - WINDOW})}


def consent_names(session: Session, dealer_id: UUID) -> bool:
    """Whether people are asked to share their data with this dealer now; True while nobody is asked at all."""
    named, asked = session.execute(_CONSENTS, {"dealer": dealer_id}).one()
    return bool(named or not asked)


def store_points(session: Session, province: str | None = None) -> list[tuple[float, float]]:
    """Where the stores are that are not closed: all, or those of one province by its code."""
    chosen = select(Store.lng, Store.lat).where(Store.status != "closed")
    if province is not None:
        chosen = chosen.where(Store.province_code == province)
    return points_of(session.execute(chosen))


def points_of(stores: Iterable[Any]) -> list[tuple[float, float]]:
    """Where stores are, those left out whose place nobody knows."""
    return [(store.lng, store.lat) for store in stores if store.lng is not None and store.lat is not None]


def division_names(codes: Sequence[str]) -> list[str]:
    """Divisions as `read_division` reads them: from the province down."""
    said = []
    for code in codes:
        division = divisions.by_code(code)
        if division is not None:
            above = [division.province_code, division.city_code, division.code]
            said.append(" ".join(dict.fromkeys(divisions.names_of(filter(None, above)).values())))
    return said


class CoverageKeeper:
    """Keeps the last coverage, so that a page reckons it only after a change."""

    def __init__(self) -> None:
        self._seen: tuple[Any, ...] | None = None
        self._coverage: Coverage | None = None

    def coverage(self, session: Session) -> Coverage:
        """What covers what now; one statement, two after a change."""
        seen = territory_rows.fingerprint(session)
        if self._coverage is None or seen != self._seen:
            self._coverage = Coverage.of(territory_rows.rows(session))
            self._seen = seen
        return self._coverage


COVERAGE = CoverageKeeper()
"""Of this process; checked before each use."""
