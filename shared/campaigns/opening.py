"""A campaign ready for sign-ups in one step: with both texts in the default wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.campaigns import service, wording
from shared.campaigns.wording import Wording
from shared.identity.actor import Actor

BRAND = "主办方"


@dataclass(frozen=True, slots=True)
class Opened:
    """A new campaign; `share_version` is None where no dealer could be named yet."""

    campaign_id: UUID
    marketing_version: int
    share_version: int | None
    dealers: int


def open_with_texts(
    session: Session,
    *,
    code: str,
    name: str,
    dealers: str = "all",
    brand: str = BRAND,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Opened:
    """Make a live campaign that asks for both consents; `dealers`: codes with commas between them, or `all`.

    Raises:
        BadCode, BadPeriod, CampaignTaken: see `service.add_campaign`.
        UnknownDealers: see `service.dealers_named`.
    """
    campaign_id = service.add_campaign(
        session, code=code, name=name, starts_at=starts_at, ends_at=ends_at, actor=actor, now=now
    )
    marketing = new_text(session, campaign_id=campaign_id, kind="marketing", brand=brand, actor=actor, now=now)
    named = len(service.dealers_named(session, dealers))
    if not named:
        return Opened(campaign_id, marketing, None, 0)
    shared = new_text(
        session, campaign_id=campaign_id, kind="share", dealers=dealers, brand=brand, actor=actor, now=now
    )
    return Opened(campaign_id, marketing, shared, named)


def new_text(
    session: Session,
    *,
    campaign_id: UUID,
    kind: service.Kind,
    dealers: str = "all",
    brand: str = BRAND,
    own: Wording | None = None,
    actor: Actor,
    now: datetime,
) -> int:
    """Put a new version of a text in force, in the default wording or one's own; returns the version.

    Raises:
        UnknownDealers, NobodyNamed, NoSuchCampaign: see `service`.
    """
    named = service.dealers_named(session, dealers) if kind == "share" else []
    default = wording.share(brand, [name for _id, name in named]) if kind == "share" else wording.marketing(brand)
    return service.add_text(
        session,
        campaign_id=campaign_id,
        kind=kind,
        wording=own or default,
        dealer_ids=[dealer_id for dealer_id, _name in named],
        actor=actor,
        now=now,
    )
