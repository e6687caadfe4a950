"""What a campaign's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.campaigns import queries as campaigns
from shared.campaigns.face import Face
from shared.campaigns.models import Scope
from shared.campaigns.queries import CampaignFacts, CampaignState, CurrentTexts, ShownFace
from shared.dealers.models import Store


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign as its page shows it.

    Attributes:
        store: the scanned store's name, where the text about sharing covers it.
        following: when this one takes no sign-ups, the newest that does.
    """

    campaign: CampaignFacts
    state: CampaignState
    texts: CurrentTexts
    store: str | None
    shown: ShownFace
    following: CampaignFacts | None = None

    @property
    def face(self) -> Face:
        """What is shown now."""
        return self.shown.face


def page(session: Session, code: str, *, store_code: str | None, now: datetime) -> CampaignPage | None:
    """The page of a campaign; None when there is none, or it is a draft."""
    facts = campaigns.by_code(session, code)
    if facts is None or facts.status == "draft":
        return None
    texts = campaigns.current_texts(session, [facts.campaign_id])[facts.campaign_id]
    state = facts.state_at(now)
    shown = campaigns.current_face(session, facts.campaign_id)
    following = _following(session, now) if state == "closed" else None
    return CampaignPage(facts, state, texts, _store(session, store_code, texts), shown, following)


def _following(session: Session, now: datetime) -> CampaignFacts | None:
    return next((one for one in campaigns.all_campaigns(session) if one.state_at(now) == "open"), None)


def _store(session: Session, code: str | None, texts: CurrentTexts) -> str | None:
    """The name of the store whose code was scanned, if the text about sharing names its dealer."""
    if not code or texts.share is None:
        return None
    query = (
        select(Store.name)
        .join(Scope, Scope.dealer_id == Store.dealer_id)
        .where(Store.code == code, Store.status == "active", Scope.scope_id == texts.share.scope_id)
    )
    return session.scalar(query)
