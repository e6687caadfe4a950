"""A campaign whose sign-ups are decided, routed and settled by the real drains, as the worker's role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import hq.qualification.jobs
import hq.routing.jobs
import hq.routing.pool.jobs
from hq.routing.network import ATLAS
from shared.campaigns.models import Campaign, ConsentText
from shared.dealers.models import Store
from shared.leads.models import Assignment, Hold, Lead, LeadEvent
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from shared.signups.models import Signup
from shared.signups.rows import Sealer
from shared.signups.service import insert_many
from shared.signups.submission import ImportedRow, Submission
from shared.work.drains import find
from shared.work.place import Place
from shared.work.runs import Ran, run
from tests import factories as make
from tests.working import at_work

EAGER = {"purchase_horizon": "now", "current_vehicle": "none", "budget": "3500-5000"}
HANGZHOU = {"county_code": "330106"}


@dataclass
class World:
    """What a test does and sees. `now` is the drains' clock."""

    rows: Session
    settings: Settings
    stack: ExitStack
    now: datetime = make.NOW
    campaign: Campaign | None = None
    text: ConsentText | None = None
    names: dict[UUID, str] = field(default_factory=dict)
    numbers: int = 0

    def stores(self, *stores: Store) -> None:
        """Open the campaign for the dealers of these stores."""
        self.campaign = make.campaign(self.rows)
        self.text = make.share_text(self.rows, self.campaign, stores)
        self.rows.commit()

    def sign_up(self, *, minutes: float = 0, share: bool = True, **said: Any) -> UUID:
        """One sign-up, `minutes` after the world's time; an eager person in Hangzhou unless told otherwise."""
        at = self.now + timedelta(minutes=minutes)
        given = {"occurred_at": at, "name": "陈小明", "interest": EAGER, "region": HANGZHOU, "phone_verified": "wechat"}
        submission = Submission(**{**given, "touchpoint": "mini_program", **said})
        self.numbers += 1
        row = ImportedRow(
            submission=submission,
            campaign_id=self.campaign.campaign_id,
            row=self.numbers,
            share_text_id=self.text.text_id if share else None,
        )
        (key,) = insert_many(self.rows, [row], import_id=new_id(at), sealer=Sealer(make.RING), now=at)
        self.rows.commit()
        return key

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def place(self) -> Place:
        """A worker of its own."""
        return self.stack.enter_context(at_work(self.settings.worker(), now=self.now))

    def run(self, *drains: str) -> Ran:
        """Run drains one after the other, and give back the last one's account."""
        with at_work(self.settings.worker(), now=self.now) as place:
            ran = [run(place, find(name)) for name in drains or ("hq.qualify", "hq.route", "hq.settle")]
        self.rows.expire_all()
        assert ran[-1].last_error is None, ran[-1]
        return ran[-1]

    def signup(self, key: UUID) -> Signup:
        return self.rows.get(Signup, key, populate_existing=True)

    def outcomes(self, *keys: UUID) -> list[str | None]:
        return [self.signup(key).outcome for key in keys]

    def lead_of(self, key: UUID) -> Lead:
        return self.rows.get(Lead, self.signup(key).lead_id, populate_existing=True)

    def assignments(self, lead_id: UUID) -> Sequence[Assignment]:
        query = select(Assignment).where(Assignment.lead_id == lead_id)
        query = query.order_by(Assignment.hop, Assignment.offered_at, Assignment.ended_at.nulls_last())
        return self.rows.scalars(query.execution_options(populate_existing=True)).all()

    def stages(self, lead_id: UUID) -> list[str]:
        return [each.stage for each in self.assignments(lead_id)]

    def story(self, lead_id: UUID) -> list[str]:
        query = select(LeadEvent.kind).where(LeadEvent.lead_id == lead_id).order_by(LeadEvent.event_id)
        return list(self.rows.scalars(query))

    def claim(self, assignment: Assignment, stage: str = "claimed", *, minutes: float = 1) -> None:
        """The store takes an offer, as its service does."""
        at = self.now + timedelta(minutes=minutes)
        self.rows.add(
            Hold(
                lead_id=assignment.lead_id,
                dealer_id=assignment.dealer_id,
                assignment_id=assignment.assignment_id,
                held_at=at,
            )
        )
        self.move(assignment, stage, minutes=minutes)

    def move(self, assignment: Assignment, stage: str, *, minutes: float = 1) -> None:
        """The store moves its assignment."""
        assignment.stage, assignment.moved_at = stage, self.now + timedelta(minutes=minutes)
        self.rows.commit()


@pytest.fixture
def world(rows: Session, settings: Settings) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(rows, settings, stack)


@pytest.fixture
def store(rows: Session) -> Callable[..., Store]:
    """`store(cap=…, km=…)`: a store `km` kilometres north of the county seat that people in Hangzhou name."""
    from shared.regions.divisions import by_code

    seat = by_code(HANGZHOU["county_code"])

    def of(*, km: float = 1.0, **values: Any) -> Store:
        made = make.store(rows, **{"lng": seat.lng, "lat": seat.lat + km / 111.2, **values})
        rows.commit()
        return made

    return of


__all__ = ["ATLAS", "hq"]
