"""What a campaign's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.campaigns import queries as campaigns
from shared.campaigns.models import Scope
from shared.campaigns.queries import CampaignFacts, CampaignState, CurrentTexts
from shared.dealers.models import Store


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign as its page shows it; `store` is the scanned store's name, where the text about sharing covers it."""

    campaign: CampaignFacts
    state: CampaignState
    texts: CurrentTexts
    store: str | None


def page(session: Session, code: str, *, store_code: str | None, now: datetime) -> CampaignPage | None:
    """The page of a campaign; None when there is none, or it is a draft."""
    facts = campaigns.by_code(session, code)
    if facts is None or facts.status == "draft":
        return None
    texts = campaigns.current_texts(session, [facts.campaign_id])[facts.campaign_id]
    return CampaignPage(facts, facts.state_at(now), texts, _store(session, store_code, texts))


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
