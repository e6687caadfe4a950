"""What the filters of the desk offer: only what some ring would show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from hq.qualification.quarantine.asked import SHARED
from hq.qualification.quarantine.rings import Ring
from hq.qualification.quarantine.words import province_name, stop_words
from shared.campaigns.queries import all_campaigns
from shared.web.words import say

Options = list[tuple[str, str]]


class Offered(NamedTuple):
    """Values and words of each filter."""

    shared: Options
    reason: Options
    campaign: Options
    province: Options


def options(session: Session, rings: Sequence[Ring]) -> Offered:
    """What the rings give to choose from; one statement."""
    kinds = {kind for ring in rings for kind in (ring.kinds or ("alone",))}
    codes = {code for ring in rings for code in ring.codes}
    campaigns = {each.campaign_id for ring in rings for each in ring.doubts}
    places = {code for ring in rings for code in ring.provinces}
    return Offered(
        shared=[(kind, say(f"shared.{kind}")) for kind in SHARED if kind in kinds],
        reason=sorted(((code, stop_words(code)) for code in codes), key=lambda option: option[1]),
        campaign=[
            (str(each.campaign_id), each.name) for each in all_campaigns(session) if each.campaign_id in campaigns
        ],
        province=[(code, province_name(code)) for code in sorted(places)],
    )
