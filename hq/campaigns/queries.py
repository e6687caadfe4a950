"""What the campaigns' pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.campaigns import queries as campaigns
from shared.campaigns.errors import CampaignStands, NoSuchCampaign
from shared.campaigns.models import Scope
from shared.campaigns.queries import CampaignFacts, CampaignState, CurrentTexts, ShownFace, TextFacts
from shared.dealers.models import Dealer
from shared.signups.models import Signup


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign in the list."""

    campaign: CampaignFacts
    state: CampaignState
    texts: CurrentTexts
    signups: int


@dataclass(frozen=True, slots=True)
class CampaignSheet:
    """A campaign with every version of its texts, and how many dealers each names."""

    campaign: CampaignFacts
    state: CampaignState
    texts: Sequence[TextFacts]
    named: Mapping[UUID, int]
    dealers: int
    faces: Sequence[ShownFace]

    @property
    def shown(self) -> ShownFace:
        """What its page shows now."""
        return self.faces[0]


def lines(session: Session, *, now: datetime) -> Sequence[CampaignLine]:
    """Every campaign, newest first."""
    found = campaigns.all_campaigns(session)
    current = campaigns.current_texts(session, [one.campaign_id for one in found])
    counted = select(Signup.campaign_id, func.count()).group_by(Signup.campaign_id)
    counts: dict[UUID, int] = {row[0]: row[1] for row in session.execute(counted)}
    return [
        CampaignLine(one, one.state_at(now), current[one.campaign_id], counts.get(one.campaign_id, 0)) for one in found
    ]


def sheet(session: Session, campaign_id: UUID, *, now: datetime) -> CampaignSheet:
    """One campaign.

    Raises:
        NoSuchCampaign: there is none with this id.
    """
    facts = campaigns.by_id(session, campaign_id)
    if facts is None:
        raise NoSuchCampaign(wanted=str(campaign_id))
    texts = campaigns.texts_of(session, [campaign_id])
    scopes = [text.scope_id for text in texts if text.scope_id is not None]
    counted = select(Scope.scope_id, func.count()).where(Scope.scope_id.in_(scopes)).group_by(Scope.scope_id)
    named: dict[UUID, int] = {row[0]: row[1] for row in session.execute(counted)}
    dealers = session.scalar(select(func.count()).select_from(Dealer).where(Dealer.status == "active")) or 0
    faces = campaigns.faces_of(session, campaign_id)
    return CampaignSheet(facts, facts.state_at(now), texts, named, dealers, faces)


def round_sheet(session: Session, campaign_id: UUID, *, now: datetime) -> CampaignSheet:
    """One campaign that has a page and texts to change.

    Raises:
        NoSuchCampaign: there is none with this id.
        CampaignStands: it is the standing one.
    """
    found = sheet(session, campaign_id, now=now)
    if found.campaign.standing:
        raise CampaignStands
    return found
