"""What the page of waiting leads reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from hq.desk import outlook
from hq.desk.jobs import AT_ONCE
from hq.desk.models import DeskOutlook
from hq.desk.outlook import NOWHERE, Outlook
from hq.leads.lead_list import SHOWN_PHONE
from hq.routing import queries as routing
from hq.routing.facts import WaitingLead
from shared.campaigns.models import Campaign
from shared.contacts.models import Contact
from shared.dealers.models import Dealer, Store
from shared.leads.models import Lead

_IN_TIME = text(
    """
    SELECT store_id, part, whole FROM store_figures
    WHERE measure = 'in_time' AND whole > 0 AND store_id = ANY(:stores)
    """
)
_WAITING = (Lead.state == "waiting", Lead.aside_at.is_(None))
_LATE = timedelta(minutes=10)  # by which the drain may be behind before what it foresaw says nothing any more
_ORDER = (Lead.grade, Lead.opened_at, Lead.lead_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """The leads that are looked at. `ids`: only these, whatever else is said."""

    county: str = ""
    province: str = ""
    campaign: str = ""
    grade: str = ""
    ids: tuple[UUID, ...] = ()

    def takes(self, county: str, campaign: str, grade: str) -> bool:
        """Whether leads of a county, a campaign and a grade are among them."""
        return (
            self.county in ("", county)
            and (not self.province or county[:2] == self.province[:2])
            and self.campaign in ("", campaign)
            and self.grade in ("", grade)
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """Of rows of `leads` and `campaigns`."""
        if self.ids:
            return [Lead.lead_id.in_(self.ids)]
        code = func.coalesce(Lead.place["code"].astext, NOWHERE)
        found: list[ColumnElement[bool]] = []
        if self.county:
            found.append(code == self.county)
        if self.province:
            found.append(func.left(code, 2) == self.province[:2])
        if self.campaign:
            found.append(Campaign.code == self.campaign)
        if self.grade:
            found.append(Lead.grade == self.grade)
        return found


def newest_outlook(session: Session, *, now: datetime) -> Outlook:
    """The outlook: of this moment where few leads wait, else the last one of the drain, else how many wait now."""
    some = select(Lead.lead_id).where(*_WAITING).limit(AT_ONCE + 1).subquery()
    if (session.scalar(select(func.count()).select_from(some)) or 0) <= AT_ONCE:
        return outlook.reckon(session, now=now)
    last = select(DeskOutlook.told).where(DeskOutlook.next_at > now - _LATE)
    told = session.scalar(last)
    return Outlook.from_json(told) if told else outlook.count(session, now=now)


def leads_of(session: Session, which: Which, *, most: int, lock: bool = False) -> list[WaitingLead]:
    """The best and oldest of those that wait (one statement, two with a lock)."""
    ids: Sequence[UUID] = session.scalars(
        select(Lead.lead_id)
        .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
        .where(*_WAITING, *which.conditions())
        .order_by(*_ORDER)
        .limit(most)
    ).all()
    if lock and ids:
        session.execute(
            select(Lead.lead_id).where(Lead.lead_id.in_(ids)).order_by(Lead.lead_id).with_for_update(key_share=True)
        )
    # a statement of its own: what the lock waited for must be seen by the one that reads
    rows = session.execute(routing.lead_rows().where(*_WAITING, Lead.lead_id.in_(ids)).order_by(*_ORDER))
    return [routing.as_lead(row) for row in rows]


def count_of(session: Session, which: Which) -> int:
    """How many of them wait."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Lead)
            .join(Campaign, Campaign.campaign_id == Lead.campaign_id)
            .where(*_WAITING, *which.conditions())
        )
        or 0
    )


def people(session: Session, lead_ids: Collection[UUID]) -> Sequence[Any]:
    """Who they are: the lead, the name, the masked number; in the order in which they go out."""
    return session.execute(
        select(Lead, Contact.name, SHOWN_PHONE.label("phone"))
        .outerjoin(Contact, Contact.contact_id == Lead.contact_id)
        .where(Lead.lead_id.in_(lead_ids))
        .order_by(*_ORDER)
    ).all()


def campaigns(session: Session) -> list[tuple[str, str]]:
    """Code and name of the campaigns, the newest first."""
    rows = session.execute(select(Campaign.code, Campaign.name).order_by(Campaign.created_at.desc())).all()
    return [(row.code, row.name) for row in rows]


def stores(session: Session, store_ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """Stores with their dealers' names."""
    rows = session.execute(
        select(Store, Dealer.name.label("dealer"))
        .join(Dealer, Dealer.dealer_id == Store.dealer_id)
        .where(Store.store_id.in_(store_ids))
    ).all()
    return {row.Store.store_id: row for row in rows}


def in_time(session: Session, store_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """Per store how many of its offers it claimed in time, and of how many."""
    rows = session.execute(_IN_TIME, {"stores": sorted(store_ids)})
    return {row.store_id: (row.part, row.whole) for row in rows}
