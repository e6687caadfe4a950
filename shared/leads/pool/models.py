"""What lies in the open pool, and which store looked at what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of
from shared.leads.models import GRADES


class PoolEntry(Base):
    """A lead in the pool. It is there as long as the lead is `pooled`: a trigger on leads takes it away.

    Stores within `reach_km` of the point may claim it, and those of `store_ids` wherever they are.
    """

    __tablename__ = "pool_entries"
    __table_args__ = (
        one_of("grade", GRADES),
        CheckConstraint("reach_km > 0", name="reach_positive"),
        CheckConstraint("reach_km IS NOT NULL OR cardinality(store_ids) > 0", name="reaches_something"),
        CheckConstraint("open_from >= entered_at AND until > entered_at", name="times_in_order"),
        Index("ix_pool_entries_point", "lat", "lng"),
        Index("ix_pool_entries_reach", "reach_km"),
        Index("ix_pool_entries_stores", "store_ids", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_pool_entries_due", "due_at", "lead_id"),
    )

    lead_id: Mapped[Key] = mapped_column(ForeignKey("leads.lead_id"))
    scope_id: Mapped[UUID] = mapped_column(ForeignKey("consent_scopes.scope_id"))
    grade: Mapped[str]
    series: Mapped[str | None]  # that the person wants; NULL: nobody knows
    offer: Mapped[dict[str, Any]]  # masked, see `shared.leads.offers`; the distance depends on who looks
    lng: Mapped[float]  # WGS-84, degrees
    lat: Mapped[float]
    reach_km: Mapped[float | None]  # NULL: only the stores named
    store_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))  # whose territory it is
    former_days: Mapped[int]  # a store that let it go may not claim it for so long
    entered_at: Mapped[datetime]
    open_from: Mapped[datetime]  # set once: nothing that happens to the lead begins the wait anew
    until: Mapped[datetime]  # then it comes to headquarters' desk
    due_at: Mapped[datetime]  # when it is looked at: at `until`, or at once after the lead has changed


class PoolView(Base):
    """Append-only: somebody at a store looked at a lead of the pool."""

    __tablename__ = "pool_views"
    __table_args__ = (
        ForeignKeyConstraint(["of_dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        Index("ix_pool_views_lead", "lead_id", "store_id"),
    )

    view_id: Mapped[Key]
    of_dealer_id: Mapped[UUID]  # headquarters only: no tenant reads who looked
    store_id: Mapped[UUID]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    user_id: Mapped[UUID]
    at: Mapped[datetime]
