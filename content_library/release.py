"""How a version reaches the stores: approval, publication, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from content_library import shelf
from content_library.lifecycle import VersionMove, VersionState, after
from content_library.models import AssetVersion, Publication
from content_library.service import locked
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Invalid, Missing
from shared.platform.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who gets a publication (`kind` all, province with division codes, dealer with dealer codes), and when."""

    kind: str
    codes: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None


def approve(session: Session, *, asset_id: UUID, version: int, actor: Actor, now: datetime) -> None:
    """Release a draft for publication.

    Raises:
        Missing: no such version.
        IllegalVersionMove: it is not a draft.
    """
    row = _version(session, asset_id, version)
    row.status = after(row.status, VersionMove.APPROVE)
    row.approved_by, row.approved_at = actor.name, now
    audit.record(session, actor, "asset:approve", asset_id, at=now, version=version)


def publish(session: Session, *, asset_id: UUID, version: int, audience: Audience, actor: Actor, now: datetime) -> UUID:
    """Put an approved version on the shelves of its audience.

    An asset has one version in use: other versions leave every shelf when this one starts. The same version may be
    published again, to further stores.

    Raises:
        Missing: no such version.
        IllegalVersionMove: it was not approved.
        Invalid: an empty audience, or an end that is past or not after the start.
    """
    row = _version(session, asset_id, version)
    row.status = after(row.status, VersionMove.PUBLISH)
    _check_times(audience, now)
    publication = Publication(
        publication_id=new_id(now),
        asset_id=asset_id,
        version=version,
        audience=audience.kind,
        audience_codes=list(audience.codes),
        starts_at=audience.starts_at,
        ends_at=audience.ends_at,
        retired_at=None,
        published_by=actor.name,
        published_at=now,
    )
    session.add(publication)
    session.flush()  # the shelf refers to it
    stores = shelf.stock(session, now=now, publication_id=publication.publication_id)
    if not stores:
        raise Invalid(field="audience", reason="empty_audience")
    _make_way(session, publication, now)
    audit.record(session, actor, "asset:publish", asset_id, at=now, version=version, stores=stores)
    return publication.publication_id


def retire(session: Session, *, asset_id: UUID, version: int, actor: Actor, now: datetime) -> None:
    """Take a version off every shelf; what stores pulled before stays in the log.

    Raises:
        Missing: no such version.
        IllegalVersionMove: it is a draft, or retired already.
    """
    row = _version(session, asset_id, version)
    row.status = after(row.status, VersionMove.RETIRE)
    for publication in _running(session, asset_id):
        if publication.version == version:
            publication.retired_at = now
    audit.record(session, actor, "asset:retire", asset_id, at=now, version=version)


def _version(session: Session, asset_id: UUID, version: int) -> AssetVersion:
    locked(session, asset_id)
    row = session.get(AssetVersion, (asset_id, version), populate_existing=True)
    if row is None:
        raise Missing(asset=str(asset_id), version=version)
    return row


def _check_times(audience: Audience, now: datetime) -> None:
    if audience.ends_at is None:
        return
    if audience.ends_at <= audience.starts_at:
        raise Invalid(field="ends_at", reason="ends_before_start")
    if audience.ends_at <= now:
        raise Invalid(field="ends_at", reason="ends_in_past")


def _make_way(session: Session, successor: Publication, now: datetime) -> None:
    """End the asset's other versions: now, or when the successor starts."""
    others = [each for each in _running(session, successor.asset_id) if each.version != successor.version]
    if successor.starts_at > now:
        for each in others:
            _end_at(each, successor.starts_at, now)
        return
    for each in others:
        each.retired_at = now
    for row in _in_use(session, successor.asset_id):
        if row.version != successor.version:
            row.status = after(row.status, VersionMove.RETIRE)


def _end_at(publication: Publication, moment: datetime, now: datetime) -> None:
    if publication.starts_at >= moment:
        publication.retired_at = now
    elif publication.ends_at is None or publication.ends_at > moment:
        publication.ends_at = moment


def _running(session: Session, asset_id: UUID) -> list[Publication]:
    return list(
        session.scalars(
            select(Publication)
            .where(Publication.asset_id == asset_id, Publication.retired_at.is_(None))
            .order_by(Publication.publication_id)
        )
    )


def _in_use(session: Session, asset_id: UUID) -> list[AssetVersion]:
    return list(
        session.scalars(
            select(AssetVersion)
            .where(AssetVersion.asset_id == asset_id, AssetVersion.status == VersionState.PUBLISHED)
            .order_by(AssetVersion.version)
        )
    )
