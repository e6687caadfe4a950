"""How content leaves the shelves, and how that is undone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from content_library.lifecycle import IllegalVersionMove, VersionMove, VersionState, after
from content_library.models import Asset, AssetVersion, Publication
from content_library.release import in_use, not_ended, publication
from content_library.service import locked
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Missing


def end(session: Session, *, publication_id: UUID, actor: Actor, now: datetime) -> UUID:
    """End one publication; what stores pulled before stays in the log.

    Returns:
        its asset.

    Raises:
        Missing: no such publication.
        IllegalVersionMove: it has ended already.
    """
    row = publication(session, publication_id)
    if row.retired_at is not None or (row.ends_at is not None and row.ends_at <= now):
        raise IllegalVersionMove(state="ended", move="end")
    row.retired_at = now
    audit.record(session, actor, "asset:end_publication", row.asset_id, at=now, version=row.version)
    return row.asset_id


def retire(session: Session, *, asset_id: UUID, version: int, actor: Actor, now: datetime) -> None:
    """Take a version off every shelf.

    Raises:
        Missing: no such version.
        IllegalVersionMove: it is a draft, or retired already.
    """
    locked(session, asset_id)
    row = session.get(AssetVersion, (asset_id, version), populate_existing=True)
    if row is None:
        raise Missing(asset=str(asset_id), version=version)
    row.status = after(row.status, VersionMove.RETIRE)
    for each in not_ended(session, asset_id):
        if each.version == version:
            each.retired_at = now
    audit.record(session, actor, "asset:retire", asset_id, at=now, version=version)


def archive(session: Session, *, asset_id: UUID, actor: Actor, now: datetime) -> None:
    """Put an asset away: it leaves every shelf and the gallery; nothing is deleted.

    Raises:
        Missing: no such asset.
    """
    asset = locked(session, asset_id)
    if asset.archived_at is not None:
        return
    asset.archived_at = now
    for version in in_use(session, asset_id):
        version.status = after(version.status, VersionMove.RETIRE)
    for each in not_ended(session, asset_id):
        each.retired_at = now
    audit.record(session, actor, "asset:archive", asset_id, at=now)


def archive_many(session: Session, *, asset_ids: Collection[UUID], actor: Actor, now: datetime) -> list[UUID]:
    """Put several away; those that are there already stay as they are.

    Returns:
        those that were put away now.
    """
    rows = session.scalars(
        select(Asset.asset_id)
        .where(Asset.asset_id.in_(asset_ids), Asset.archived_at.is_(None))
        .order_by(Asset.asset_id)
        .with_for_update()
    ).all()
    for asset_id in rows:
        archive(session, asset_id=asset_id, actor=actor, now=now)
    return list(rows)


def archived_at(session: Session, at: datetime) -> list[UUID]:
    """What was put away at a moment and is still there."""
    return list(session.scalars(select(Asset.asset_id).where(Asset.archived_at == at).order_by(Asset.asset_id)))


def undo(session: Session, *, asset_id: UUID, at: datetime, version: int | None, actor: Actor, now: datetime) -> None:
    """Take back what `end`, `retire` or `archive` did at a moment; without such a moment only the archiving.

    Args:
        version: the one that `retire` took back.

    Raises:
        Missing: no such asset.
        IllegalVersionMove: another version has taken its place since.
    """
    asset = locked(session, asset_id)
    asset.archived_at = None
    back = session.scalars(
        select(Publication)
        .where(Publication.asset_id == asset_id, Publication.retired_at == at)
        .order_by(Publication.publication_id)
    ).all()
    returning = {each.version for each in back} | ({version} if version is not None else set())
    if returning and any(each.version not in returning for each in in_use(session, asset_id)):
        raise IllegalVersionMove(state="published", move=VersionMove.RESTORE.value)
    for each in back:
        each.retired_at = None
    _bring_back(session, asset_id, returning)
    audit.record(session, actor, "asset:undo", asset_id, at=now)


def _bring_back(session: Session, asset_id: UUID, versions: Collection[int]) -> None:
    published = exists().where(
        Publication.asset_id == AssetVersion.asset_id, Publication.version == AssetVersion.version
    )
    rows = session.execute(
        select(AssetVersion, published)
        .where(
            AssetVersion.asset_id == asset_id,
            AssetVersion.version.in_(versions),
            AssetVersion.status == VersionState.RETIRED,
            AssetVersion.approved_at.is_not(None),
        )
        .order_by(AssetVersion.version)
    ).all()
    for row, was_published in rows:
        row.status = after(row.status, VersionMove.RESTORE if was_published else VersionMove.REINSTATE)
