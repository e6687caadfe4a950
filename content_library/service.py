"""What authors write: assets and their versions. Releasing them is in `release`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from content_library import copy as copy_text_rules
from content_library import pictures
from content_library.lifecycle import VersionMove, VersionState, after
from content_library.models import Asset, AssetVersion
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


class EditedMeanwhile(Invalid):
    """Somebody else saved a later version; `params` say which and who."""

    code = "edited_meanwhile"
    status = 409


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
    _add_version(session, storage, draft, before=None, asset=asset, actor=actor, now=now)
    audit.record(session, actor, "asset:create", asset.asset_id, at=now, title=draft.title)
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
        Invalid: as in `create`, or another campaign although a version was approved with the old one.
    """
    asset = locked(session, asset_id)
    newest = _newest(session, asset_id)
    if newest.version != seen:
        raise EditedMeanwhile(version=newest.version, author=newest.author, field="copy_text")
    _check(draft, has_picture=draft.picture is not None or newest.picture_key is not None)
    if draft.campaign_id != asset.campaign_id and _was_approved(session, asset_id):
        # the code on posters that are in use leads to the campaign: it is part of what was approved
        raise Invalid(field="campaign", reason="campaign_approved")
    asset.title, asset.campaign_id = draft.title, draft.campaign_id
    if newest.status == VersionState.DRAFT:
        newest.status = after(newest.status, VersionMove.REPLACE)
    version = _add_version(session, storage, draft, before=newest, asset=asset, actor=actor, now=now)
    audit.record(session, actor, "asset:edit", asset_id, at=now, version=version)
    return version


def locked(session: Session, asset_id: UUID) -> Asset:
    """The asset, for whoever changes it or its versions: one at a time.

    Raises:
        Missing: no such asset.
    """
    asset = session.get(Asset, asset_id, with_for_update={"key_share": True})
    if asset is None:
        raise Missing(asset=str(asset_id))
    return asset


def _check(draft: Draft, *, has_picture: bool) -> None:
    if not draft.title.strip():
        raise Invalid(field="title", reason="required")
    if not draft.copy_text.strip() and not has_picture:
        raise Invalid(field="copy_text", reason="nothing_in_it")
    copy_text_rules.check(draft.copy_text)


def _add_version(
    session: Session,
    storage: Storage,
    draft: Draft,
    *,
    before: AssetVersion | None,
    asset: Asset,
    actor: Actor,
    now: datetime,
) -> int:
    key, media_type = (before.picture_key, before.picture_type) if before else (None, None)
    if draft.picture is not None:
        key, media_type = _keep_picture(storage, asset.asset_id, draft.picture, now)
    version = before.version + 1 if before else 1
    session.add(
        AssetVersion(
            asset_id=asset.asset_id,
            version=version,
            status=VersionState.DRAFT,
            copy_text=draft.copy_text,
            picture_key=key,
            picture_type=media_type,
            author=actor.name,
            created_at=now,
        )
    )
    return version


def _keep_picture(storage: Storage, asset_id: UUID, content: bytes, now: datetime) -> tuple[str, str]:
    """Store the picture and its thumbnail; gives its key and media type."""
    picture = pictures.examine(content)
    # The name carries chance, so that a saving that fails afterwards cannot replace a picture in use.
    key = f"content/{asset_id}/{new_id(now)}.{picture.ending}"
    storage.put(pictures.thumbnail_key(key), pictures.thumbnail(content))
    storage.put(key, content)
    return key, picture.media_type


def _newest(session: Session, asset_id: UUID) -> AssetVersion:
    return session.scalars(
        select(AssetVersion).where(AssetVersion.asset_id == asset_id).order_by(AssetVersion.version.desc()).limit(1)
    ).one()


def _was_approved(session: Session, asset_id: UUID) -> bool:
    approved = exists().where(AssetVersion.asset_id == asset_id, AssetVersion.approved_at.is_not(None))
    return bool(session.scalar(select(approved)))
