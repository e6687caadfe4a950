"""Learning from Koi's own leads: what was known when they were opened, and only those whose end says something."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from uuid import UUID

import pytest

from hq.qualification.past_leads import ended
from hq.qualification.scoring.fitting.account import report_of
from hq.qualification.scoring.fitting.learning import Wishes
from hq.qualification.scoring.fitting.own import past_of_own
from hq.qualification.scoring.fitting.past import Asked
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.report import Report
from hq.routing.network import ATLAS
from shared.db.session import unit_of_work
from shared.leads.lifecycle import Stage
from tests import factories as make

SOMEBODY = UUID(int=7)
QUICK = Asked("", rivals=False, wishes=Wishes(pairs=False))


class Past:
    """Leads that ended, at one store."""

    def __init__(self, rows):
        self.rows = rows
        self.store = make.store(rows, cap=900)
        self.campaign = make.campaign(rows)

    def lead(self, state, *, stage=None, call=None, at=make.NOW, **said):
        """A lead with its sign-up a minute before, its end, and one call with this result (`call`)."""
        person = make.contact(self.rows)
        told = {"contact_id": person.contact_id, "state": "decided", "outcome": "in_lead"}
        early = at - timedelta(minutes=1)
        make.signup(self.rows, self.campaign, occurred_at=early, accepted_at=early, **told, **said)
        of = make.lead(self.rows, dealers=[self.store], person=person, state=state, opened_at=at)
        if stage:
            ended_at = None if stage == Stage.WON else at
            (given,) = make.offered(self.rows, self.store, of=of, stage=str(stage), ended_at=ended_at)
            if call:
                make.follow_up(self.rows, given, by=SOMEBODY, result=call)
        return of


@pytest.fixture
def past(rows):
    return Past(rows)


def read(rows, engine):
    rows.commit()
    with unit_of_work(engine) as session:
        return ended(
            session, ATLAS.network(session), since=make.NOW - timedelta(days=9), until=make.NOW + timedelta(days=9)
        )


def test_only_leads_that_a_store_reached_are_lost(rows, hq_engine, past):
    past.lead("won", stage=Stage.WON)
    past.lead("lost", stage=Stage.LOST, call="interested")
    past.lead("lost", stage=Stage.LOST, call="no_answer")
    past.lead("lost", stage=Stage.LOST)
    past.lead("closed", stage=Stage.EXPIRED)
    past.lead("waiting")
    told = read(rows, hq_engine)
    assert sorted(lead.won for lead in told.leads) == [False, True]
    assert told.untold == 4


def test_facts_are_those_of_the_time_when_the_lead_was_opened(rows, hq_engine, past):
    of = past.lead("won", stage=Stage.WON, interest={"budget": "<2000"}, touchpoint="community")
    later = {"contact_id": of.contact_id, "state": "decided", "outcome": "in_lead"}
    after = make.NOW + timedelta(days=1)
    make.signup(rows, past.campaign, occurred_at=after, accepted_at=after, actions={"visited_store": True}, **later)
    (lead,) = read(rows, hq_engine).leads
    assert (lead.facts["budget"], lead.facts["touchpoint"], lead.facts["signups"]) == ("<2000", "community", 1)
    assert lead.facts["visited_store"] is None


def test_leads_of_another_time_are_left_out(rows, hq_engine, past):
    past.lead("won", stage=Stage.WON, at=make.NOW - timedelta(days=30))
    assert read(rows, hq_engine).leads == ()


def test_a_card_is_learnt_from_what_became_of_them(rows, hq_engine, past):
    rnd = random.Random(4)
    for number in range(160):
        horizon = "now" if number % 2 else "later"
        won = rnd.random() < (0.6 if horizon == "now" else 0.1)
        past.lead(
            "won" if won else "lost",
            stage=Stage.WON if won else Stage.LOST,
            call=None if won else "interested",
            at=make.NOW + timedelta(minutes=number),
            interest={"purchase_horizon": horizon},
        )
    report = report_of(past_of_own(read(rows, hq_engine), QUICK), QUICK)
    assert report.attributes[0].facts == ("purchase_horizon",)
    assert report.card.auc > 0.6
    assert Report.from_json(json.loads(json.dumps(report.as_json()))) == report
    assert report.blocks[0].start == f"{make.NOW:%Y-%m-%d}"


def test_no_ended_lead_is_said(rows, hq_engine, past):
    past.lead("waiting")
    with pytest.raises(FitRefused) as refused:
        past_of_own(read(rows, hq_engine), QUICK)
    assert (refused.value.reason, refused.value.params["untold"]) == ("no_leads", 1)
