"""Dealers (the tenants), their stores, and what each store takes a day and a week."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

DEALER_STATES = ("active", "closed")
STORE_STATES = ("active", "paused", "closed")
TERRITORY_MODES = ("exclusive", "shared")
MEASURES = ("response", "in_time", "won", "load", "pool")


class Dealer(Base):
    """The company that runs stores."""

    __tablename__ = "dealers"
    __table_args__ = (one_of("status", DEALER_STATES),)

    dealer_id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]


class Store(Base):
    """A point of sale of one dealer."""

    __tablename__ = "stores"
    __table_args__ = (
        one_of("status", STORE_STATES),
        CheckConstraint("daily_capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("weekly_capacity >= 0", name="weekly_capacity_not_negative"),
        CheckConstraint("weight >= 1", name="weight_positive"),
        CheckConstraint("(lng IS NULL) = (lat IS NULL)", name="point_whole"),
        Index("ix_stores_province", "province_code"),
    )

    dealer_id: Mapped[Key] = mapped_column(ForeignKey("dealers.dealer_id"))
    store_id: Mapped[Key] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    province_code: Mapped[str | None]  # GB/T 2260, two digits followed by zeros
    city_code: Mapped[str | None]
    county_code: Mapped[str | None]
    address: Mapped[str]
    lng: Mapped[float | None]  # WGS-84, degrees
    lat: Mapped[float | None]
    point_source: Mapped[str | None]  # as_given, county, city: how far the point may be trusted
    hours: Mapped[dict[str, Any]]  # weekly opening hours, see shared.dealers.hours
    daily_capacity: Mapped[int | None]  # leads a day; NULL: no limit
    status: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    paused_until: Mapped[date | None]  # the store's own pause: no new leads on Beijing days before this one
    opens_again_at: Mapped[datetime | None]  # headquarters' pause (`status`) ends by itself then; NULL: it does not
    pause_reason: Mapped[str | None]  # of headquarters' pause, in its words
    closed_days: Mapped[list[Any] | None]  # Beijing days (ISO) on which it is shut in spite of its hours
    weekly_capacity: Mapped[int | None]  # leads a week, Monday to Sunday in Beijing; NULL: no limit
    weight: Mapped[int] = mapped_column(server_default=text("1"))  # its share among stores that are equal otherwise
    # Codes of `Series` that it may sell, sorted; NULL: all.
    series: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))


class Territory(Base):
    """Divisions, a radius around stores, or both, that a dealer's stores (or one of them) serve.

    Headquarters' own: `for_dealer_id` says whom it is about, no tenant reads it.
    """

    __tablename__ = "territories"
    __table_args__ = (
        one_of("mode", TERRITORY_MODES),
        ForeignKeyConstraint(["for_dealer_id", "for_store_id"], ["stores.dealer_id", "stores.store_id"]),
        CheckConstraint("radius_km > 0", name="radius_positive"),
        CheckConstraint("radius_km IS NOT NULL OR jsonb_array_length(divisions) > 0", name="covers_something"),
        Index("ix_territories_for_dealer", "for_dealer_id"),
    )

    territory_id: Mapped[Key]
    name: Mapped[str]
    for_dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealers.dealer_id"))
    for_store_id: Mapped[UUID | None]  # NULL: every store of the dealer that is not closed
    mode: Mapped[str]
    divisions: Mapped[list[Any]]  # GB/T 2260 codes in force, of any level, sorted
    radius_km: Mapped[float | None]  # around each of the stores
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]  # kept, so that a removal can be taken back and the history is whole


class Series(Base):
    """A series of the brand's vehicles; stores may be limited to some."""

    __tablename__ = "series"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    models: Mapped[list[Any]]  # names under which people ask for its vehicles
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class StoreDay(Base):
    """How many leads a store has claimed on one Beijing day, and how many it may."""

    __tablename__ = "store_days"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("taken <= cap", name="taken_within_cap"),
        CheckConstraint("raised >= 0", name="raised_not_negative"),
        Index("ix_store_days_day", "day"),
    )

    dealer_id: Mapped[Key]
    store_id: Mapped[Key]
    day: Mapped[date] = mapped_column(primary_key=True)
    cap: Mapped[int | None]  # NULL: no limit
    taken: Mapped[int]
    raised: Mapped[int] = mapped_column(server_default=text("0"))  # by headquarters, for this day; `cap` has it in
    # Of the open pool: leads claimed from it, which only headquarters or the customer gives back, and leads looked at.
    pool_claims: Mapped[int] = mapped_column(server_default=text("0"))
    pool_views: Mapped[int] = mapped_column(server_default=text("0"))


class StoreWeek(Base):
    """The same for a Beijing week; its row is locked after that of the day."""

    __tablename__ = "store_weeks"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        CheckConstraint("extract(isodow FROM week) = 1", name="week_begins_on_monday"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("taken <= cap", name="taken_within_cap"),
        Index("ix_store_weeks_week", "week"),
    )

    dealer_id: Mapped[Key]
    store_id: Mapped[Key]
    week: Mapped[date] = mapped_column(primary_key=True)  # its Monday
    cap: Mapped[int | None]  # NULL: no limit
    taken: Mapped[int]


class QuotaEntry(Base):
    """The append-only ledger behind `StoreDay.taken` and `StoreWeek.taken`."""

    __tablename__ = "quota_ledger"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        Index("ix_quota_ledger_store_day", "dealer_id", "store_id", "day"),
    )

    dealer_id: Mapped[Key]
    entry_id: Mapped[Key]
    store_id: Mapped[UUID]
    day: Mapped[date]
    assignment_id: Mapped[UUID]
    delta: Mapped[int]  # +1 taken, −1 given back
    reason: Mapped[str]  # claim, recall, …
    at: Mapped[datetime]


class StoreFigure(Base):
    """How a store did in the last days, beside the median of the stores around it; reckoned by the worker.

    The median stands on each store's own row, so that no dealer reads another's, and only where enough stores of
    enough dealers are behind it.
    """

    __tablename__ = "store_figures"
    __table_args__ = (
        one_of("measure", MEASURES),
        ForeignKeyConstraint(["dealer_id", "store_id"], ["stores.dealer_id", "stores.store_id"]),
        CheckConstraint("part <= whole", name="part_of_the_whole"),
        Index("ix_store_figures_stale", "store_id", "measure", "reckoned_at"),
    )

    dealer_id: Mapped[Key]
    store_id: Mapped[Key]
    measure: Mapped[str] = mapped_column(primary_key=True)
    whole: Mapped[int]  # what the figure is made of: leads claimed, offers decided, offers (load), claims from the pool
    part: Mapped[int]  # of these: called, claimed in time, won, claimed, won
    value: Mapped[float | None]  # minutes (response), or a share: of these, or (load) of its limit a day
    median: Mapped[float | None]  # of the region's stores; None: too few of them
    province_code: Mapped[str | None]  # the region of the median; None: the whole country
    reckoned_at: Mapped[datetime]
