"""All that headquarters writes about content: assets, versions, approval, publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from content_library import copy as copy_text_rules
from content_library import pictures, shelf
from content_library.lifecycle import VersionMove, VersionState, after
from content_library.models import Asset, AssetVersion, Publication
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Invalid, Missing
from shared.platform.ids import new_id
from shared.platform.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an author hands in; `picture` None keeps the picture of the version before."""

    title: str
    copy_text: str
    picture: bytes | None
    campaign_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who gets a publication (`kind` all, province with division codes, dealer with dealer codes), and when."""

    kind: str
    codes: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None


def create(session: Session, storage: Storage, *, draft: Draft, actor: Actor, now: datetime) -> UUID:
    """Make an asset with its first version, a draft.

    Raises:
        Invalid: no title, nothing in it, an unknown variable, or a picture that cannot be used.
    """
    _check(draft, has_picture=draft.picture is not None)
    asset = Asset(
        asset_id=new_id(now),
        title=draft.title,
        campaign_id=draft.campaign_id,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(asset)
    session.flush()  # the version refers to it
    _add_version(session, storage, asset.asset_id, 1, draft, None, actor, now)
    audit.record(
        session,
        actor=actor,
        action="asset:create",
        subject=f"asset:{asset.asset_id}",
        at=now,
        details={"title": draft.title},
    )
    return asset.asset_id


def edit(
    session: Session, storage: Storage, *, asset_id: UUID, seen: int, draft: Draft, actor: Actor, now: datetime
) -> int:
    """Save changes: each saving is a version of its own, so nothing that was approved ever changes.

    Args:
        seen: the version that the author started from.

    Raises:
        Missing: no such asset.
        EditedMeanwhile: somebody saved a later version; nothing is overwritten.
        Invalid: as in `create`.
    """
    asset = session.get(Asset, asset_id, with_for_update={"key_share": True})
    if asset is None:
        raise Missing(asset=str(asset_id))
    newest = _newest(session, asset_id)
    if newest.version != seen:
        raise EditedMeanwhile(version=newest.version, author=newest.author, field="copy_text")
    _check(draft, has_picture=draft.picture is not None or newest.picture_key is not None)
    asset.title, asset.campaign_id = draft.title, draft.campaign_id
    _add_version(session, storage, asset_id, newest.version + 1, draft, newest, actor, now)
    if newest.status == VersionState.DRAFT:
        newest.status = VersionState.RETIRED
    audit.record(
        session,
        actor=actor,
        action="asset:edit",
        subject=f"asset:{asset_id}",
        at=now,
        details={"version": newest.version + 1},
    )
    return newest.version + 1


class EditedMeanwhile(Invalid):
    """Somebody else saved a later version; `params` say which and who."""

    code = "edited_meanwhile"
    status = 409


def approve(session: Session, *, asset_id: UUID, version: int, actor: Actor, now: datetime) -> None:
    """Release a draft for publication.

    Raises:
        Missing: no such version.
        IllegalVersionMove: it is not a draft.
    """
    row = _version(session, asset_id, version)
    row.status = after(row.status, VersionMove.APPROVE)
    row.approved_by, row.approved_at = actor.name, now
    audit.record(
        session, actor=actor, action="asset:approve", subject=f"asset:{asset_id}", at=now, details={"version": version}
    )


def publish(session: Session, *, asset_id: UUID, version: int, audience: Audience, actor: Actor, now: datetime) -> UUID:
    """Put an approved version on the shelves of its audience; it replaces earlier versions of the asset there.

    Raises:
        Missing: no such version.
        IllegalVersionMove: it was not approved.
        Invalid: an empty audience, or an end that is not after the start.
    """
    row = _version(session, asset_id, version)
    row.status = after(row.status, VersionMove.PUBLISH)
    if audience.ends_at is not None and audience.ends_at <= audience.starts_at:
        raise Invalid(field="ends_at", reason="ends_before_start")
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
    stores = shelf.stock(session, publication.publication_id)
    if not stores:
        raise Invalid(field="audience_codes", reason="empty_audience")
    _retire_older(session, asset_id, version, now)
    audit.record(
        session,
        actor=actor,
        action="asset:publish",
        subject=f"asset:{asset_id}",
        at=now,
        details={"version": version, "stores": stores},
    )
    return publication.publication_id


def retire(session: Session, *, asset_id: UUID, version: int, actor: Actor, now: datetime) -> None:
    """Take a version off every shelf; what stores pulled before stays in the log.

    Raises:
        Missing: no such version.
        IllegalVersionMove: it is a draft, or retired already.
    """
    row = _version(session, asset_id, version)
    row.status = after(row.status, VersionMove.RETIRE)
    _end_publications(session, asset_id, (version,), now)
    audit.record(
        session, actor=actor, action="asset:retire", subject=f"asset:{asset_id}", at=now, details={"version": version}
    )


def _check(draft: Draft, *, has_picture: bool) -> None:
    if not draft.title.strip():
        raise Invalid(field="title", reason="required")
    if not draft.copy_text.strip() and not has_picture:
        raise Invalid(field="copy_text", reason="nothing_in_it")
    copy_text_rules.check(draft.copy_text)


def _add_version(
    session: Session,
    storage: Storage,
    asset_id: UUID,
    version: int,
    draft: Draft,
    before: AssetVersion | None,
    actor: Actor,
    now: datetime,
) -> None:
    key, media_type = (before.picture_key, before.picture_type) if before else (None, None)
    if draft.picture is not None:
        picture = pictures.examine(draft.picture)
        # The name carries chance, so that a saving that fails afterwards cannot replace a picture in use.
        key, media_type = f"content/{asset_id}/{new_id(now)}.{picture.ending}", picture.media_type
        storage.put(key, draft.picture)
    session.add(
        AssetVersion(
            asset_id=asset_id,
            version=version,
            status=VersionState.DRAFT,
            copy_text=draft.copy_text,
            picture_key=key,
            picture_type=media_type,
            author=actor.name,
            created_at=now,
        )
    )


def _newest(session: Session, asset_id: UUID) -> AssetVersion:
    return session.scalars(
        select(AssetVersion).where(AssetVersion.asset_id == asset_id).order_by(AssetVersion.version.desc()).limit(1)
    ).one()


def _version(session: Session, asset_id: UUID, version: int) -> AssetVersion:
    row = session.get(AssetVersion, (asset_id, version), with_for_update={"key_share": True})
    if row is None:
        raise Missing(asset=str(asset_id), version=version)
    return row


def _retire_older(session: Session, asset_id: UUID, version: int, now: datetime) -> None:
    older = session.scalars(
        select(AssetVersion)
        .where(
            AssetVersion.asset_id == asset_id,
            AssetVersion.version < version,
            AssetVersion.status == VersionState.PUBLISHED,
        )
        .with_for_update(key_share=True)
    ).all()
    for row in older:
        row.status = after(row.status, VersionMove.RETIRE)
    _end_publications(session, asset_id, tuple(row.version for row in older), now)


def _end_publications(session: Session, asset_id: UUID, versions: Sequence[int], now: datetime) -> None:
    session.execute(
        update(Publication)
        .where(
            Publication.asset_id == asset_id,
            Publication.version.in_(versions),
            func.coalesce(Publication.retired_at, now) >= now,
        )
        .values(retired_at=now)
    )
