"""A campaign in which leads came differently far, and the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from shared.campaigns.models import Campaign
from shared.dealers.models import Store
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment
from tests import factories as make
from tests.factories.counting import NOW

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Round:
    """What the fixture made."""

    campaign: Campaign
    before: Campaign
    near: Store
    far: Store


@pytest.fixture
def campaign_round(rows: Session) -> Round:
    """Six leads: never offered; offered; claimed in time and won; claimed after another store was late, and reached;
    never answering; sent back. Of the sign-ups one is fake and one of another campaign."""
    before = make.campaign(rows, starts_at=NOW - 72 * HOUR, name="上一轮", created_at=NOW - 90 * HOUR)
    campaign = make.campaign(rows, starts_at=NOW - 24 * HOUR, name="这一轮")
    near, far = make.store(rows), make.store(rows)
    clerk = make.staff(rows, [near]).user_id

    def lead(state: str, at: datetime = NOW - 5 * HOUR, touchpoint: str | None = "store_qr", **values: object):
        of = {"campaign_id": campaign.campaign_id, "opened_at": at, **values}
        made = make.lead(rows, dealers=[near, far], state=state, **of)
        signup = {"lead_id": made.lead_id, "contact_id": made.contact_id, "accepted_at": at, "state": "decided"}
        make.signup(rows, campaign, touchpoint=touchpoint, outcome="in_lead", **signup)
        return made

    def given(of, at: Store, stage: Stage, *, ago: float, ended: float | None = None) -> Assignment:
        ends = {} if ended is None else {"ended_at": NOW - ended * HOUR}
        (made,) = make.offered(rows, at, of=of, now=NOW - ago * HOUR, stage=str(stage), **ends)
        return made

    def did(of: Assignment, kind: str, *, ago: float, result: str | None = None) -> None:
        make.follow_up(rows, of, by=clerk, kind=kind, result=result, at=NOW - ago * HOUR)

    lead("waiting", touchpoint=None, place={})
    given(lead("placed"), near, Stage.OFFERED, ago=1)
    sold = given(lead("won", touchpoint="moments"), near, Stage.WON, ago=5)
    for kind, ago in (("claim", 4.9), ("call", 4), ("visit", 3), ("won", 2)):
        did(sold, kind, ago=ago)
    moved = lead("placed", touchpoint="moments")
    given(moved, near, Stage.EXPIRED, ago=5, ended=4)
    second = given(moved, far, Stage.CONTACTED, ago=4)
    did(second, "claim", ago=3.5)
    did(second, "call", ago=3, result="interested")
    quiet = given(lead("placed"), far, Stage.CLAIMED, ago=5)
    did(quiet, "claim", ago=4.5)
    for ago in (4, 3, 2):
        did(quiet, "call", ago=ago, result="no_answer")
    back = given(lead("desk"), near, Stage.DECLINED, ago=5, ended=4.5)
    did(back, "decline", ago=4.5, result="busy")
    person = make.contact(rows)
    make.signup(rows, campaign, outcome="rejected", state="decided", contact_id=person.contact_id, touchpoint="moments")
    make.signup(rows, before, accepted_at=NOW - 60 * HOUR)
    make.signup(rows, before, accepted_at=NOW - 30 * HOUR)
    rows.commit()
    return Round(campaign, before, near, far)
