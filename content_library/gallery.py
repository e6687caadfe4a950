"""Headquarters' gallery: every asset by its newest version, as rows that can be filtered, sorted and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, not_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from content_library.kinds import Kind
from content_library.lifecycle import VersionState
from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from content_library.on_shelf import Moment, running
from shared.campaigns.models import Campaign

_WEEK: Final = timedelta(days=7)

#: Where an asset may stand; one that is being rewritten while stores use it stands in two places.
SHOWS: Final = ("live", "planned", "draft", "approved", "off", "archived")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLine:
    """One asset in the gallery, by its newest version.

    Attributes:
        live_version: the version that stores may use now; None when there is none.
        live_until: when the last of its publications ends; None also while one has no end.
        audience, codes: of the publication made last.
        starts_at: when the next publication begins; None when nothing is planned.
        stores: stores that may use it now; used_by: stores that ever took it; pulls: how often, `week` in 7 days.
    """

    asset_id: UUID
    kind: Kind
    title: str
    campaign: str | None
    version: int
    status: str
    author: str
    changed_at: datetime
    archived_at: datetime | None
    copy_text: str
    picture_key: str | None
    seconds: int | None
    live_version: int | None
    live_until: datetime | None
    audience: str | None
    codes: tuple[str, ...]
    starts_at: datetime | None
    stores: int
    used_by: int
    pulls: int
    week: int

    @property
    def reach(self) -> float | None:
        """The share of the stores that have it which took it; None while no store has it."""
        return min(self.used_by / self.stores, 1) if self.stores else None


class Gallery:
    """The rows of the gallery as of a moment, which may be the database's own."""

    def __init__(self, now: Moment) -> None:
        """Prepare the parts; nothing is read."""
        self._now = now
        self._newest = (
            select(AssetVersion.asset_id, func.max(AssetVersion.version).label("version"))
            .group_by(AssetVersion.asset_id)
            .subquery("newest")
        )
        self._live, self._last, self._planned, self._taken = _live(now), _last(now), _planned(now), _taken(now)

    @cached_property
    def week(self) -> ColumnElement[int]:
        """How often an asset was taken in the last seven days."""
        return func.coalesce(self._taken.c.pulls, 0)

    def query(self) -> Select[Any]:
        """Every asset, put away or not."""
        live, last, planned, taken = self._live, self._last, self._planned, self._taken
        columns: tuple[Any, ...] = (
            Asset,
            AssetVersion,
            Campaign.name.label("campaign"),
            live.c.version.label("live_version"),
            live.c.until.label("live_until"),
            last.c.audience,
            last.c.audience_codes,
            planned.c.starts_at,
            self.week.label("week"),
        )
        return (
            select(*columns)
            .join(self._newest, self._newest.c.asset_id == Asset.asset_id)
            .join(
                AssetVersion,
                (AssetVersion.asset_id == Asset.asset_id) & (AssetVersion.version == self._newest.c.version),
            )
            .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
            .outerjoin(live, live.c.asset_id == Asset.asset_id)
            .outerjoin(last, last.c.asset_id == Asset.asset_id)
            .outerjoin(planned, planned.c.asset_id == Asset.asset_id)
            .outerjoin(taken, taken.c.asset_id == Asset.asset_id)
        )

    def stands(self, where: str) -> ColumnElement[bool]:
        """The condition that an asset stands there, one of `SHOWS`."""
        if where == "archived":
            return Asset.archived_at.is_not(None)
        places = {
            "live": self._live.c.version.is_not(None),
            "planned": self._planned.c.starts_at.is_not(None),
            "draft": AssetVersion.status == VersionState.DRAFT,
            "approved": AssetVersion.status == VersionState.APPROVED,
        }
        here = places[where] if where in places else not_(or_(*places.values()))
        return and_(Asset.archived_at.is_(None), here)

    def lines(self, session: Session, rows: Sequence[Any]) -> list[AssetLine]:
        """Rows of `query` with the stores that have them and who took them. Two statements."""
        ids = [row.Asset.asset_id for row in rows]
        used = {
            asset_id: (pulls, stores)
            for asset_id, pulls, stores in session.execute(
                select(Publication.asset_id, func.count(), func.count(Pull.store_id.distinct()))
                .join(Pull, Pull.publication_id == Publication.publication_id)
                .where(Publication.asset_id.in_(ids))
                .group_by(Publication.asset_id)
            ).all()
        }
        stores = _stores(session, ids, self._now)
        return [_line(row, stores.get(key, 0), *used.get(key, (0, 0))) for key, row in zip(ids, rows, strict=True)]


def fits(words: str) -> ColumnElement[bool]:
    """The condition that each of the words stands in title, text or author."""
    parts = (Asset.title, AssetVersion.copy_text, AssetVersion.author)
    return and_(*(or_(*(part.icontains(word, autoescape=True) for part in parts)) for word in words.split()))


def _line(row: Any, stores: int, pulls: int, used_by: int) -> AssetLine:
    asset, version = row.Asset, row.AssetVersion
    return AssetLine(
        asset_id=asset.asset_id,
        kind=Kind(asset.kind),
        title=asset.title,
        campaign=row.campaign,
        version=version.version,
        status=version.status,
        author=version.author,
        changed_at=version.created_at,
        archived_at=asset.archived_at,
        copy_text=version.copy_text,
        picture_key=version.picture_key,
        seconds=version.video_seconds,
        live_version=row.live_version,
        live_until=row.live_until,
        audience=row.audience,
        codes=tuple(row.audience_codes or ()),
        starts_at=row.starts_at,
        stores=stores,
        used_by=used_by,
        pulls=pulls,
        week=row.week,
    )


def _stores(session: Session, asset_ids: Sequence[UUID], now: Moment) -> dict[UUID, int]:
    """How many stores may use each asset now; telling stores apart is only needed where two publications run."""
    running_now = (
        select(Publication.asset_id, func.array_agg(Publication.publication_id).label("ids"))
        .where(*running(now), Publication.asset_id.in_(asset_ids))
        .group_by(Publication.asset_id)
        .subquery()
    )
    there = ShelfItem.publication_id == func.any(running_now.c.ids)
    one = (
        select(func.count())
        .where(ShelfItem.publication_id == running_now.c.ids[1], ShelfItem.removed_at.is_(None))
        .scalar_subquery()
    )
    several = (
        select(func.count(ShelfItem.store_id.distinct())).where(there, ShelfItem.removed_at.is_(None)).scalar_subquery()
    )
    counted = case((func.cardinality(running_now.c.ids) == 1, one), else_=several)
    return {row[0]: row[1] for row in session.execute(select(running_now.c.asset_id, counted)).all()}


def _live(now: Moment) -> Subquery:
    endless = func.bool_or(Publication.ends_at.is_(None))
    return (
        select(
            Publication.asset_id,
            func.max(Publication.version).label("version"),
            case((endless, None), else_=func.max(Publication.ends_at)).label("until"),
        )
        .where(*running(now))
        .group_by(Publication.asset_id)
        .subquery("live")
    )


def _last(now: Moment) -> Subquery:
    return (
        select(Publication.asset_id, Publication.audience, Publication.audience_codes)
        .where(*running(now))
        .ext(distinct_on(Publication.asset_id))
        .order_by(Publication.asset_id, Publication.published_at.desc())
        .subquery("last")
    )


def _planned(now: Moment) -> Subquery:
    return (
        select(Publication.asset_id, func.min(Publication.starts_at).label("starts_at"))
        .where(Publication.starts_at > now, Publication.retired_at.is_(None))
        .group_by(Publication.asset_id)
        .subquery("planned")
    )


def _taken(now: Moment) -> Subquery:
    return (
        select(Publication.asset_id, func.count().label("pulls"))
        .join(Pull, Pull.publication_id == Publication.publication_id)
        .where(Pull.at > now - _WEEK)
        .group_by(Publication.asset_id)
        .subquery("taken")
    )
