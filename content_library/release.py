"""How a version reaches the stores: approval, publication, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from content_library import shelf
from content_library.lifecycle import IllegalVersionMove, VersionMove, VersionState, after
from content_library.models import AssetVersion, Publication
from content_library.service import locked
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Invalid, Missing
from shared.platform.ids import new_id


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets a publication, and when.

    Attributes:
        kind: all, or what the codes are of: province, city, dealer, store, campaign.
    """

    kind: str
    codes: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None


class Archived(Conflict):
    """The asset is in the archive; it has to be taken out first."""

    code = "asset_archived"


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


def change(session: Session, *, publication_id: UUID, audience: Audience, actor: Actor, now: datetime) -> UUID:
    """Give a publication another audience or another time; who has it open keeps it if it is still for them.

    Returns:
        its asset.

    Raises:
        Missing: no such publication.
        IllegalVersionMove: it has ended.
        Invalid: as in `publish`.
    """
    row = publication(session, publication_id)
    version = _version(session, row.asset_id, row.version)
    if row.retired_at is not None or (row.ends_at is not None and row.ends_at <= now):
        raise IllegalVersionMove(state="ended", move="change")
    version.status = after(version.status, VersionMove.PUBLISH)
    _check_times(audience, now)
    row.changed_from = _to_json(Audience(row.audience, tuple(row.audience_codes), row.starts_at, row.ends_at))
    row.changed_by, row.changed_at = actor.name, now
    row.audience, row.audience_codes = audience.kind, list(audience.codes)
    row.starts_at, row.ends_at = audience.starts_at, audience.ends_at
    session.flush()  # the shelf reads it
    stores = shelf.restock(session, now=now, publication_id=publication_id)
    if not stores:
        raise Invalid(field="audience", reason="empty_audience")
    audit.record(session, actor, "asset:change_publication", row.asset_id, at=now, version=row.version, stores=stores)
    return row.asset_id


def change_back(session: Session, *, publication_id: UUID, at: datetime, actor: Actor, now: datetime) -> UUID:
    """Give a publication the audience and the time that it had before its last change, the one made at `at`.

    Returns:
        its asset.

    Raises:
        Missing: no such publication.
        IllegalVersionMove, Invalid: as in `change`; also when it was changed again since.
    """
    row = publication(session, publication_id)
    if row.changed_from is None or row.changed_at != at:
        raise IllegalVersionMove(state="changed", move="change_back")
    before = _from_json(row.changed_from)
    return change(session, publication_id=publication_id, audience=before, actor=actor, now=now)


def _to_json(audience: Audience) -> dict[str, Any]:
    ends_at = audience.ends_at.isoformat() if audience.ends_at else None
    return {
        "kind": audience.kind,
        "codes": list(audience.codes),
        "starts_at": audience.starts_at.isoformat(),
        "ends_at": ends_at,
    }


def _from_json(stored: Mapping[str, Any]) -> Audience:
    ends_at = datetime.fromisoformat(stored["ends_at"]) if stored["ends_at"] else None
    return Audience(stored["kind"], tuple(stored["codes"]), datetime.fromisoformat(stored["starts_at"]), ends_at)


def publication(session: Session, publication_id: UUID) -> Publication:
    """One publication; its asset is locked.

    Raises:
        Missing: no such publication.
    """
    row = session.get(Publication, publication_id)
    if row is None:
        raise Missing(publication=str(publication_id))
    locked(session, row.asset_id)
    session.refresh(row)  # somebody may have ended it before the lock was ours
    return row


def _version(session: Session, asset_id: UUID, version: int) -> AssetVersion:
    if locked(session, asset_id).archived_at is not None:
        raise Archived(asset=str(asset_id))
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
    others = [each for each in not_ended(session, successor.asset_id) if each.version != successor.version]
    if successor.starts_at > now:
        for each in others:
            _end_at(each, successor.starts_at, now)
        return
    for each in others:
        each.retired_at = now
    for row in in_use(session, successor.asset_id):
        if row.version != successor.version:
            row.status = after(row.status, VersionMove.RETIRE)


def _end_at(publication: Publication, moment: datetime, now: datetime) -> None:
    if publication.starts_at >= moment:
        publication.retired_at = now
    elif publication.ends_at is None or publication.ends_at > moment:
        publication.ends_at = moment


def not_ended(session: Session, asset_id: UUID) -> list[Publication]:
    """Publications of an asset that nobody took back."""
    return list(
        session.scalars(
            select(Publication)
            .where(Publication.asset_id == asset_id, Publication.retired_at.is_(None))
            .order_by(Publication.publication_id)
        )
    )


def in_use(session: Session, asset_id: UUID) -> list[AssetVersion]:
    """The versions of an asset that are published."""
    return list(
        session.scalars(
            select(AssetVersion)
            .where(AssetVersion.asset_id == asset_id, AssetVersion.status == VersionState.PUBLISHED)
            .order_by(AssetVersion.version)
        )
    )
