"""What authors write: assets and their versions. Releasing them is in `release`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from content_library import copy as copy_text_rules
from content_library import kinds, places, staging
from content_library.kinds import PICTURED, Kind, Parts
from content_library.lifecycle import VersionMove, VersionState, after
from content_library.models import Asset, AssetVersion
from content_library.places import Places
from content_library.poster import WIDTH, poster_height
from content_library.staging import File
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.platform.errors import Invalid, Missing
from shared.platform.ids import new_id
from shared.platform.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an author hands in.

    Attributes:
        kind: of a new asset; None: a poster where there is a picture, else copy. Later versions keep their asset's.
        picture, video: files as they were sent; None keeps those of the version before.
        picture_file, video_file: the same, stored and looked into already.
        places: where code and name stand on a poster; None: below its picture.
    """

    title: str
    copy_text: str
    picture: bytes | None
    campaign_id: UUID | None
    kind: Kind | None = None
    link: str | None = None
    picture_file: File | None = None
    video: BinaryIO | None = None
    video_file: File | None = None
    places: Places | None = None

    @property
    def has_picture(self) -> bool:
        """Whether a picture came with it."""
        return self.picture is not None or self.picture_file is not None

    @property
    def has_video(self) -> bool:
        """Whether a video came with it."""
        return self.video is not None or self.video_file is not None


class EditedMeanwhile(Invalid):
    """Somebody else saved a later version; `params` say which and who."""

    code = "edited_meanwhile"
    status = 409


def create(session: Session, storage: Storage, *, draft: Draft, actor: Actor, now: datetime) -> UUID:
    """Make an asset with its first version, a draft.

    Raises:
        Invalid: no title, a part that its kind needs is missing, an unknown variable, or a file that cannot be used.
    """
    kind = draft.kind or (Kind.POSTER if draft.has_picture else Kind.COPY)
    _check(draft, kind, before=None)
    asset = Asset(
        asset_id=new_id(now),
        kind=kind,
        title=draft.title,
        campaign_id=draft.campaign_id,
        created_by=actor.user_id,
        created_at=now,
        archived_at=None,
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

    Returns:
        the new version; `seen` when nothing was changed.

    Raises:
        Missing: no such asset.
        EditedMeanwhile: somebody saved a later version; nothing is overwritten.
        Invalid: as in `create`, or another campaign although a version was approved with the old one.
    """
    asset = locked(session, asset_id)
    newest = _newest(session, asset_id)
    if newest.version != seen:
        raise EditedMeanwhile(version=newest.version, author=newest.author, field="copy_text")
    _check(draft, Kind(asset.kind), before=newest)
    if draft.campaign_id != asset.campaign_id and _was_approved(session, asset_id):
        # the code on posters that are in use leads to the campaign: it is part of what was approved
        raise Invalid(field="campaign", reason="campaign_approved")
    if _is_same(draft, newest, asset):
        return newest.version
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


def _is_same(draft: Draft, newest: AssetVersion, asset: Asset) -> bool:
    kind = Kind(asset.kind)
    link = draft.link if kind is Kind.LINK else None
    placed = places.to_json(draft.places) if draft.places and kind is Kind.POSTER else None
    return not (draft.has_picture or draft.has_video) and (
        (draft.title, draft.copy_text, link, placed, draft.campaign_id)
        == (newest.title, newest.copy_text, newest.link, newest.places, asset.campaign_id)
    )


def _check(draft: Draft, kind: Kind, *, before: AssetVersion | None) -> None:
    if not draft.title.strip():
        raise Invalid(field="title", reason="required")
    parts = Parts(
        copy_text=draft.copy_text,
        link=draft.link,
        picture=draft.has_picture or (before is not None and before.picture_key is not None),
        video=draft.has_video or (before is not None and before.video_key is not None),
    )
    kinds.needs(kind, parts)
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
    kind = Kind(asset.kind)
    picture = _picture(storage, draft, before, kind, now)
    video = _video(storage, draft, before, kind, now)
    if kind is Kind.POSTER and draft.places is not None and picture is not None and picture.width and picture.height:
        places.check(draft.places, width=WIDTH, height=poster_height(picture.width, picture.height))
    version = before.version + 1 if before else 1
    session.add(
        AssetVersion(
            asset_id=asset.asset_id,
            version=version,
            status=VersionState.DRAFT,
            title=draft.title,
            copy_text=draft.copy_text,
            link=draft.link if kind is Kind.LINK else None,
            picture_key=picture.key if picture else None,
            picture_type=picture.media_type if picture else None,
            picture_width=picture.width if picture else None,
            picture_height=picture.height if picture else None,
            video_key=video.key if video else None,
            video_seconds=video.seconds if video else None,
            places=places.to_json(draft.places) if draft.places and kind is Kind.POSTER else None,
            author=actor.name,
            created_at=now,
        )
    )
    return version


def _picture(storage: Storage, draft: Draft, before: AssetVersion | None, kind: Kind, now: datetime) -> File | None:
    if kind not in PICTURED:
        return None
    if draft.picture is not None:
        return staging.keep_picture(storage, draft.picture, now=now)
    if draft.picture_file is not None:
        return draft.picture_file
    if before is None or before.picture_key is None:
        return None
    return File(
        key=before.picture_key,
        media_type=before.picture_type or "",
        width=before.picture_width,
        height=before.picture_height,
    )


def _video(storage: Storage, draft: Draft, before: AssetVersion | None, kind: Kind, now: datetime) -> File | None:
    if kind is not Kind.VIDEO:
        return None
    if draft.video is not None:
        return staging.keep_video(storage, draft.video, now=now)
    if draft.video_file is not None:
        return draft.video_file
    if before is None or before.video_key is None:
        return None
    return File(key=before.video_key, media_type="video/mp4", seconds=before.video_seconds)


def _newest(session: Session, asset_id: UUID) -> AssetVersion:
    return session.scalars(
        select(AssetVersion).where(AssetVersion.asset_id == asset_id).order_by(AssetVersion.version.desc()).limit(1)
    ).one()


def _was_approved(session: Session, asset_id: UUID) -> bool:
    approved = exists().where(AssetVersion.asset_id == asset_id, AssetVersion.approved_at.is_not(None))
    return bool(session.scalar(select(approved)))
