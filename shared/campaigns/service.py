"""Making campaigns and what people agree to in them. Texts are never changed: a new version takes their place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.campaigns import queries
from shared.campaigns.errors import (
    BadCode,
    BadPeriod,
    CampaignStands,
    CampaignTaken,
    FaceFixed,
    FaceMoved,
    NobodyNamed,
    NoSuchCampaign,
    UnknownDealers,
)
from shared.campaigns.face import Face, worsened
from shared.campaigns.models import STANDING, Campaign, CampaignFace, ConsentScope, ConsentText, Scope
from shared.campaigns.queries import ShownFace
from shared.campaigns.wording import Wording
from shared.dealers.models import Dealer
from shared.identity.actor import Actor
from shared.platform.ids import new_id

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,31}")
Kind = Literal["marketing", "share"]


def add_campaign(
    session: Session,
    *,
    code: str,
    name: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Make a live campaign without texts; the time is `[starts_at, ends_at)`, None for open.

    Raises:
        BadCode: see there.
        BadPeriod: it would end before it begins.
        CampaignTaken: the code or the name is another campaign's.
    """
    if _CODE.fullmatch(code) is None:
        raise BadCode(field="code")
    if starts_at and ends_at and ends_at <= starts_at:
        raise BadPeriod(field="ends_at")
    campaign_id = new_id(now)
    values = {"campaign_id": campaign_id, "code": code, "name": name, "status": "live", "phone_check": "optional"}
    statement = insert_unless_there(Campaign).values(**values, starts_at=starts_at, ends_at=ends_at, created_at=now)
    if session.scalar(statement.on_conflict_do_nothing().returning(Campaign.campaign_id)) is None:
        raise CampaignTaken(field="code")
    audit.record(session, actor, "campaign:add", campaign_id, at=now, code=code, name=name)
    return campaign_id


def close_campaign(session: Session, *, campaign_id: UUID, actor: Actor, now: datetime) -> None:
    """Take no more sign-ups, from this moment on; those that came stay.

    Raises:
        NoSuchCampaign: there is none with this id.
        CampaignStands: it is the standing one.
    """
    _move(session, campaign_id, "closed")
    audit.record(session, actor, "campaign:close", campaign_id, at=now)


def open_campaign(session: Session, *, campaign_id: UUID, actor: Actor, now: datetime) -> None:
    """Take sign-ups again, within the campaign's time.

    Raises:
        NoSuchCampaign: there is none with this id.
        CampaignStands: it is the standing one.
    """
    _move(session, campaign_id, "live")
    audit.record(session, actor, "campaign:open", campaign_id, at=now)


def show(
    session: Session,
    *,
    campaign_id: UUID,
    face: Face,
    phone_check: str,
    seen_version: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Put a new version of what the campaign shows in force.

    Args:
        phone_check: one of `PHONE_CHECKS`.
        seen_version: the version that the actor changed; 0 for none.

    Returns:
        the version; the old one when nothing changed.

    Raises:
        NoSuchCampaign: there is none with this id.
        FaceMoved: somebody else put a newer one in force meanwhile.
        FaceFixed: the campaign has begun, and this is not in the consumer's favour.
    """
    locked = select(Campaign).where(Campaign.campaign_id == campaign_id).with_for_update(key_share=True)
    campaign = session.scalars(locked).one_or_none()
    if campaign is None:
        raise NoSuchCampaign(wanted=str(campaign_id))
    shown = queries.current_face(session, campaign_id)
    if shown.version != seen_version:
        raise FaceMoved
    if (face, phone_check) == (shown.face, campaign.phone_check):
        return shown.version
    if campaign.starts_at is None or campaign.starts_at <= now:
        _refuse_worse(shown, face, campaign.phone_check, phone_check)
    campaign.phone_check = phone_check
    version = shown.version + 1
    session.execute(
        insert(CampaignFace).values(campaign_id=campaign_id, version=version, body=face.as_body(), created_at=now)
    )
    audit.record(session, actor, "campaign:show", campaign_id, at=now, version=version)
    return version


def _refuse_worse(shown: ShownFace, face: Face, check_before: str, check_after: str) -> None:
    fields = worsened(shown.face, face)
    if shown.version and (check_before, check_after) == ("optional", "required"):
        fields["phone_check"] = "face_check_only_looser"
    if fields:
        raise FaceFixed(fields=fields)


def _move(session: Session, campaign_id: UUID, status: str) -> None:
    moved = update(Campaign).where(Campaign.campaign_id == campaign_id).values(status=status)
    code = session.scalar(moved.returning(Campaign.code))
    if code is None:
        raise NoSuchCampaign(wanted=str(campaign_id))
    if code == STANDING:
        raise CampaignStands


def add_text(
    session: Session,
    *,
    campaign_id: UUID,
    kind: Kind,
    wording: Wording,
    dealer_ids: Sequence[UUID] = (),
    actor: Actor,
    now: datetime,
) -> int:
    """Put a new version in force: of kind `share` with the dealers whom it names, who become its scope.

    Consents that were given to earlier versions go on to hold for the dealers whom those named.

    Returns:
        the version.

    Raises:
        NobodyNamed: a text about sharing without dealers.
        NoSuchCampaign: there is none with this id.
    """
    if kind == "share" and not dealer_ids:
        raise NobodyNamed(field="dealers")
    # Two new versions at once take turns, so that each gets its own number.
    locked = select(Campaign.campaign_id).where(Campaign.campaign_id == campaign_id).with_for_update(key_share=True)
    if session.scalar(locked) is None:
        raise NoSuchCampaign(wanted=str(campaign_id))
    latest = select(func.max(ConsentText.version)).where(
        ConsentText.campaign_id == campaign_id, ConsentText.kind == kind
    )
    version = (session.scalar(latest) or 0) + 1
    text_id = new_id(now)
    values = {"text_id": text_id, "campaign_id": campaign_id, "kind": kind, "version": version, "created_at": now}
    scope_id = _scope(session, dealer_ids, now) if kind == "share" else None
    words = {"body_zh": wording.zh, "body_en": wording.en, "scope_id": scope_id}
    session.execute(insert(ConsentText).values(**values, **words))
    audit.record(
        session, actor, "consent_text:add", text_id, at=now, kind=kind, version=version, dealers=len(dealer_ids)
    )
    return version


def _scope(session: Session, dealer_ids: Sequence[UUID], now: datetime) -> UUID:
    scope_id = new_id(now)
    session.execute(insert(ConsentScope).values(scope_id=scope_id, created_at=now))
    named = [{"scope_id": scope_id, "dealer_id": dealer_id} for dealer_id in sorted(set(dealer_ids))]
    session.execute(insert(Scope), named)
    return scope_id


def dealers_named(session: Session, wanted: str) -> Sequence[tuple[UUID, str]]:
    """Active dealers as (id, name), by code: those listed in `wanted` with commas between them, or `all`.

    Raises:
        UnknownDealers: a code that no active dealer has.
    """
    query = select(Dealer.dealer_id, Dealer.name, Dealer.code).where(Dealer.status == "active").order_by(Dealer.code)
    codes = {code.strip() for code in wanted.replace("，", ",").split(",") if code.strip()}
    rows = session.execute(query if wanted.strip() == "all" else query.where(Dealer.code.in_(codes))).all()
    if wanted.strip() != "all" and (missing := codes - {row.code for row in rows}):
        raise UnknownDealers(field="dealers", codes=", ".join(sorted(missing)))
    return [(row.dealer_id, row.name) for row in rows]
