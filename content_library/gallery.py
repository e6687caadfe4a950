"""Headquarters' gallery: every asset by its newest version, filtered, sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from content_library.kinds import Kind
from content_library.lifecycle import VersionState
from content_library.models import Asset, AssetVersion, Publication, Pull, ShelfItem
from content_library.on_shelf import running
from shared.campaigns.models import Campaign

_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLine:
    """One asset in the gallery, by its newest version.

    Attributes:
        live_version: the version that stores may use now; None when there is none.
        live_until: when the last of its publications ends; None also while one has no end.
        audience, codes: of the publication made last.
        starts_at: when the next publication begins; None when nothing is planned.
        stores: stores that may use it now; used_by: stores that ever took it; pulls: how often; all 0 until
            `with_numbers`.
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
    stores: int = 0
    used_by: int = 0
    pulls: int = 0

    @property
    def states(self) -> frozenset[str]:
        """The filters that it stands under: archived, live, planned, draft, approved, off."""
        if self.archived_at is not None:
            return frozenset({"archived"})
        found = {name for name, true in _STATES.items() if true(self)}
        return frozenset(found or {"off"})


_STATES: Final[Mapping[str, Callable[[AssetLine], bool]]] = {
    "live": lambda line: line.live_version is not None,
    "planned": lambda line: line.starts_at is not None,
    "draft": lambda line: line.status == VersionState.DRAFT,
    "approved": lambda line: line.status == VersionState.APPROVED,
}
SHOWS: Final = (*_STATES, "off", "archived")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for; None and empty: anything."""

    kind: Kind | None = None
    campaign_id: UUID | None = None
    text: str = ""


def lines(session: Session, *, wish: Wish, now: datetime) -> list[AssetLine]:
    """The assets that fit, the one changed last first, in any state. One statement."""
    rows = session.execute(_query(now).where(*_fits(wish))).all()
    return [
        AssetLine(
            asset_id=asset.asset_id,
            kind=Kind(asset.kind),
            title=asset.title,
            campaign=campaign,
            version=version.version,
            status=version.status,
            author=version.author,
            changed_at=version.created_at,
            archived_at=asset.archived_at,
            copy_text=version.copy_text,
            picture_key=version.picture_key,
            seconds=version.video_seconds,
            live_version=live_version,
            live_until=live_until,
            audience=audience,
            codes=tuple(codes or ()),
            starts_at=starts_at,
        )
        for asset, version, campaign, live_version, live_until, audience, codes, starts_at in rows
    ]


def with_numbers(session: Session, shown: Sequence[AssetLine], *, now: datetime) -> list[AssetLine]:
    """The same lines with the stores that have them and who took them. Two statements."""
    ids = [line.asset_id for line in shown]
    used = {
        asset_id: (pulls, stores)
        for asset_id, pulls, stores in session.execute(
            select(Publication.asset_id, func.count(), func.count(Pull.store_id.distinct()))
            .join(Pull, Pull.publication_id == Publication.publication_id)
            .where(Publication.asset_id.in_(ids))
            .group_by(Publication.asset_id)
        ).all()
    }
    stores = _stores(session, ids, now)
    return [
        replace(
            line,
            stores=stores.get(line.asset_id, 0),
            pulls=used.get(line.asset_id, (0, 0))[0],
            used_by=used.get(line.asset_id, (0, 0))[1],
        )
        for line in shown
    ]


def _stores(session: Session, asset_ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
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


def most_taken(session: Session, found: Iterable[AssetLine], *, now: datetime) -> list[AssetLine]:
    """The lines by how often stores took them in the last seven days. One statement."""
    rows = session.execute(
        select(Publication.asset_id, func.count())
        .join(Pull, Pull.publication_id == Publication.publication_id)
        .where(Pull.at > now - _WEEK)
        .group_by(Publication.asset_id)
    ).all()
    counts = {row[0]: row[1] for row in rows}
    return sorted(found, key=lambda line: counts.get(line.asset_id, 0), reverse=True)


def _fits(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.kind is not None:
        found.append(Asset.kind == wish.kind)
    if wish.campaign_id is not None:
        found.append(Asset.campaign_id == wish.campaign_id)
    words = (Asset.title, AssetVersion.copy_text, AssetVersion.author)
    return [*found, *(or_(*(part.icontains(word, autoescape=True) for part in words)) for word in wish.text.split())]


def _query(
    now: datetime,
) -> Select[
    Asset, AssetVersion, str | None, int | None, datetime | None, str | None, list[str] | None, datetime | None
]:
    newest, live, last, planned = _newest(), _live(now), _last(now), _planned(now)
    return (
        select(
            Asset,
            AssetVersion,
            Campaign.name,
            live.c.version,
            live.c.until,
            last.c.audience,
            last.c.audience_codes,
            planned.c.starts_at,
        )
        .join(newest, newest.c.asset_id == Asset.asset_id)
        .join(AssetVersion, (AssetVersion.asset_id == Asset.asset_id) & (AssetVersion.version == newest.c.version))
        .outerjoin(Campaign, Campaign.campaign_id == Asset.campaign_id)
        .outerjoin(live, live.c.asset_id == Asset.asset_id)
        .outerjoin(last, last.c.asset_id == Asset.asset_id)
        .outerjoin(planned, planned.c.asset_id == Asset.asset_id)
        .order_by(AssetVersion.created_at.desc(), Asset.asset_id)
    )


def _newest() -> Subquery:
    return (
        select(AssetVersion.asset_id, func.max(AssetVersion.version).label("version"))
        .group_by(AssetVersion.asset_id)
        .subquery()
    )


def _live(now: datetime) -> Subquery:
    endless = func.bool_or(Publication.ends_at.is_(None))
    return (
        select(
            Publication.asset_id,
            func.max(Publication.version).label("version"),
            case((endless, None), else_=func.max(Publication.ends_at)).label("until"),
        )
        .where(*running(now))
        .group_by(Publication.asset_id)
        .subquery()
    )


def _last(now: datetime) -> Subquery:
    return (
        select(Publication.asset_id, Publication.audience, Publication.audience_codes)
        .where(*running(now))
        .ext(distinct_on(Publication.asset_id))
        .order_by(Publication.asset_id, Publication.published_at.desc())
        .subquery()
    )


def _planned(now: datetime) -> Subquery:
    return (
        select(Publication.asset_id, func.min(Publication.starts_at).label("starts_at"))
        .where(Publication.starts_at > now, Publication.retired_at.is_(None))
        .group_by(Publication.asset_id)
        .subquery()
    )
