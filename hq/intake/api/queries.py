"""What the API reads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.intake.api.body import CampaignAnswer, CampaignText, CampaignTexts
from hq.intake.api.problems import problem
from shared.campaigns import queries as campaigns
from shared.campaigns.queries import TextFacts
from shared.signups.models import ApiClient


def campaign(session: Session, code: str, *, token_hash: bytes, language: str, now: datetime) -> CampaignAnswer:
    """A campaign that the token may see, with its consent texts in `zh` or `en`.

    Raises:
        ApiProblem: bad_token, campaign_unknown.
    """
    client = session.scalars(
        select(ApiClient).where(ApiClient.token_hash == token_hash, ApiClient.revoked_at.is_(None))
    ).one_or_none()
    if client is None:
        raise problem("bad_token")
    facts = campaigns.by_code(session, code)
    state = facts.state_at(now) if facts is not None else "draft"
    if facts is None or state == "draft" or client.campaign_id not in (None, facts.campaign_id):
        raise problem("campaign_unknown")
    texts = campaigns.current_texts(session, [facts.campaign_id])[facts.campaign_id]
    return CampaignAnswer(
        code=facts.code,
        name=facts.name,
        state=state,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        consents=CampaignTexts(
            marketing=_text(texts.marketing, language), share_with_dealer=_text(texts.share, language)
        ),
    )


def _text(text: TextFacts | None, language: str) -> CampaignText | None:
    if text is None:
        return None
    return CampaignText(version=text.version, text=text.body(language), language="en" if language == "en" else "zh")
