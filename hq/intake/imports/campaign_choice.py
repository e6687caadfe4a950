"""Which campaign a row of a list belongs to, and which words it agrees to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.campaigns.queries import CampaignFacts, TextFacts


@dataclass(frozen=True, slots=True)
class NoCampaign:
    """Why a row has no campaign: campaign_missing, campaign_unknown, campaign_draft or campaign_closed."""

    reason: str
    name: str = ""


class Campaigns:
    """The campaigns of the installation as a list names them: by code or by name."""

    def __init__(self, campaigns: Iterable[CampaignFacts], default_id: UUID | None) -> None:
        everything = tuple(campaigns)
        self._by_word = {campaign.name.casefold(): campaign for campaign in everything}
        self._by_word |= {campaign.code.casefold(): campaign for campaign in everything}
        self._default = next((campaign for campaign in everything if campaign.campaign_id == default_id), None)

    def choose(self, named: str, at: datetime) -> CampaignFacts | NoCampaign:
        """The campaign that a row names, else the import's own.

        Args:
            named: what the row's 活动 column says; empty where it says nothing.
            at: when the person signed up; a campaign that has ended since then still counts.
        """
        campaign = self._by_word.get(named.casefold()) if named else self._default
        if campaign is None:
            return NoCampaign("campaign_unknown", named) if named else NoCampaign("campaign_missing")
        if campaign.status == "draft":
            return NoCampaign("campaign_draft", campaign.name)
        ended = campaign.ends_at is not None and at >= campaign.ends_at
        if campaign.status == "closed" or ended:
            return NoCampaign("campaign_closed", campaign.name)
        return campaign


class ConsentTexts:
    """The versions of consent texts; a list says yes or no, and the time of the sign-up says to which words."""

    def __init__(self, texts: Sequence[TextFacts], chosen: UUID | None = None) -> None:
        self._chosen = next((text for text in texts if text.text_id == chosen), None)
        versions: dict[tuple[UUID, str], list[TextFacts]] = {}
        for text in sorted(texts, key=lambda text: text.version):
            versions.setdefault((text.campaign_id, text.kind), []).append(text)
        self._versions: Mapping[tuple[UUID, str], list[TextFacts]] = versions

    def agreed(self, campaign_id: UUID, kind: str, at: datetime) -> UUID | None:
        """The newest version that was there at that moment, else the first; None where the campaign has none.

        A later version may name more dealers than the person saw, so it is never taken for an earlier yes; where
        somebody says which version the list's people saw, that one is it.
        """
        chosen = self._chosen
        if chosen is not None and (chosen.campaign_id, chosen.kind) == (campaign_id, kind):
            return chosen.text_id
        versions = self._versions.get((campaign_id, kind), [])
        shown = [text for text in versions if text.created_at <= at] or versions[:1]
        return shown[-1].text_id if shown else None
