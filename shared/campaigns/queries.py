"""What can be asked about campaigns and their consent texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shared.campaigns.face import Face
from shared.campaigns.models import STANDING, Campaign, CampaignFace, ConsentText

CampaignState = Literal["draft", "not_started", "open", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """A campaign as readers see it; `status` is draft, live or closed, `phone_check` one of `face.PHONE_CHECKS`."""

    campaign_id: UUID
    code: str
    name: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    phone_check: str
    created_at: datetime

    @property
    def standing(self) -> bool:
        """People belong to it who come by themselves: it takes no sign-ups from outside, has no page and no end."""
        return self.code == STANDING

    def state_at(self, now: datetime) -> CampaignState:
        """`open` when people may sign up at this moment; else `draft`, `not_started` or `closed`."""
        if self.status == "draft":
            return "draft"
        if self.status == "closed" or (self.ends_at is not None and now >= self.ends_at):
            return "closed"
        return "not_started" if self.starts_at is not None and now < self.starts_at else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """One version of a consent text; `scope_id` only for kind `share`."""

    text_id: UUID
    campaign_id: UUID
    kind: str
    version: int
    body_zh: str
    body_en: str
    scope_id: UUID | None
    created_at: datetime

    def body(self, language: str) -> str:
        """The words in `zh` or `en`."""
        return self.body_en if language == "en" else self.body_zh


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A version of what a campaign shows; version 0 is the empty one of a campaign that says nothing yet."""

    version: int
    face: Face
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class CurrentTexts:
    """What a campaign asks people to agree to now; None where it asks nothing."""

    marketing: TextFacts | None = None
    share: TextFacts | None = None


def by_code(session: Session, code: str) -> CampaignFacts | None:
    """The campaign with this code, or None."""
    if not code.isprintable():  # it came from an address: PostgreSQL refuses NUL
        return None
    row = session.scalars(select(Campaign).where(Campaign.code == code)).one_or_none()
    return _facts(row) if row is not None else None


def by_id(session: Session, campaign_id: UUID) -> CampaignFacts | None:
    """The campaign with this id, or None."""
    row = session.get(Campaign, campaign_id)
    return _facts(row) if row is not None else None


def by_code_or_name(session: Session, words: Iterable[str]) -> Mapping[str, CampaignFacts]:
    """Campaigns by what people write into a column: the code or the name; words that name none are left out."""
    wanted = set(words)
    rows = session.scalars(select(Campaign).where(or_(Campaign.code.in_(wanted), Campaign.name.in_(wanted)))).all()
    by_name = {row.name: _facts(row) for row in rows if row.name in wanted}
    return by_name | {row.code: _facts(row) for row in rows if row.code in wanted}


def all_campaigns(session: Session) -> Sequence[CampaignFacts]:
    """Every campaign, newest first."""
    rows = session.scalars(select(Campaign).order_by(Campaign.created_at.desc(), Campaign.campaign_id.desc()))
    return [_facts(row) for row in rows]


def texts_of(session: Session, campaign_ids: Iterable[UUID]) -> Sequence[TextFacts]:
    """Every version of every consent text of these campaigns, newest first."""
    rows = session.scalars(
        select(ConsentText)
        .where(ConsentText.campaign_id.in_(set(campaign_ids)))
        .order_by(ConsentText.campaign_id, ConsentText.kind, ConsentText.version.desc())
    )
    return [_text_facts(row) for row in rows]


def current_texts(session: Session, campaign_ids: Iterable[UUID]) -> Mapping[UUID, CurrentTexts]:
    """The newest version of each text; an entry for every id that was asked for."""
    wanted = set(campaign_ids)
    newest: dict[tuple[UUID, str], TextFacts] = {}
    for text in texts_of(session, wanted):
        newest.setdefault((text.campaign_id, text.kind), text)
    return {
        campaign_id: CurrentTexts(newest.get((campaign_id, "marketing")), newest.get((campaign_id, "share")))
        for campaign_id in wanted
    }


def faces_of(session: Session, campaign_id: UUID) -> Sequence[ShownFace]:
    """Every version of what the campaign shows, newest first; at least the empty one."""
    query = select(CampaignFace).where(CampaignFace.campaign_id == campaign_id).order_by(CampaignFace.version.desc())
    found = [ShownFace(row.version, Face.parse(row.body), row.created_at) for row in session.scalars(query)]
    return found or [ShownFace(0, Face(), None)]


def current_face(session: Session, campaign_id: UUID) -> ShownFace:
    """The newest version of what the campaign shows."""
    query = select(CampaignFace).where(CampaignFace.campaign_id == campaign_id).order_by(CampaignFace.version.desc())
    row = session.scalars(query.limit(1)).one_or_none()
    return ShownFace(row.version, Face.parse(row.body), row.created_at) if row else ShownFace(0, Face(), None)


def _facts(row: Campaign) -> CampaignFacts:
    return CampaignFacts(
        campaign_id=row.campaign_id,
        code=row.code,
        name=row.name,
        status=row.status,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        phone_check=row.phone_check,
        created_at=row.created_at,
    )


def _text_facts(row: ConsentText) -> TextFacts:
    return TextFacts(
        text_id=row.text_id,
        campaign_id=row.campaign_id,
        kind=row.kind,
        version=row.version,
        body_zh=row.body_zh,
        body_en=row.body_en,
        scope_id=row.scope_id,
        created_at=row.created_at,
    )
