"""What follows from stores' moves and from time, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hq.routing.deadlines import Planned
from hq.routing.rules import RoutingRules
from hq.routing.settling import Clockwork, SettlingLead, settle_lead
from shared.dealers.hours import ALL_DAY
from shared.leads.ending import Live
from shared.leads.lifecycle import LeadState, Stage

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
LEAD = UUID(int=1)


def live(n: int, stage: Stage, *, deadline=30, moved=0, settled=0, recycle=None) -> Live:
    at = {name: NOW + timedelta(minutes=value) for name, value in (("moved", moved), ("settled", settled))}
    recycle_at = None if recycle is None else NOW + timedelta(minutes=recycle)
    until = NOW + timedelta(minutes=deadline)
    store = UUID(int=100 + n)
    return Live(
        UUID(int=9), UUID(int=n), store, LEAD, stage, "A", 1, NOW, until, at["moved"], at["settled"], recycle_at
    )


def settle(*lives: Live, hops=0, planned=None, state=LeadState.PLACED):
    clockwork = Clockwork(RoutingRules(), NOW, lambda _store: ALL_DAY, planned or {})
    return settle_lead(SettlingLead(LEAD, state.value, hops), lives, clockwork)


def ended(settlement):
    return {each.live.assignment_id.int: each.stage for each in settlement.endings}


def test_an_offer_past_its_deadline_expires_and_the_lead_goes_on():
    settlement = settle(live(1, Stage.OFFERED, deadline=0))
    assert ended(settlement) == {1: Stage.EXPIRED}
    assert (settlement.lead.state, settlement.lead.hops, settlement.lead.reason) == (
        LeadState.WAITING,
        1,
        {"code": "expired"},
    )
    assert [notice.kind for notice in settlement.notices] == ["expired"]


def test_while_another_store_still_thinks_the_lead_stays_with_it():
    settlement = settle(live(1, Stage.OFFERED, deadline=0), live(2, Stage.OFFERED))
    assert (settlement.lead.state, settlement.lead.hops) == (LeadState.PLACED, 1)


def test_a_claim_ends_the_other_offers_without_counting_them_as_let_go():
    settlement = settle(live(1, Stage.CLAIMED, moved=-1, settled=-9), live(2, Stage.OFFERED, deadline=0))
    assert ended(settlement) == {2: Stage.TAKEN}
    assert settlement.lead is None
    assert settlement.settled[0].recycle_at == NOW + timedelta(minutes=9 * 60 - 1)


def test_claimed_and_lost_before_anybody_looked_still_tells_the_others():
    settlement = settle(live(1, Stage.LOST, settled=-9), live(2, Stage.OFFERED))
    assert ended(settlement) == {1: Stage.LOST, 2: Stage.TAKEN}
    assert (settlement.lead.state, settlement.lead.closed) == (LeadState.LOST, True)


def test_a_sale_closes_the_lead_and_ends_nothing():
    settlement = settle(live(1, Stage.WON, moved=-1, settled=-9))
    assert not settlement.endings
    assert (settlement.lead.state, settlement.lead.closed) == (LeadState.WON, True)
    assert settlement.settled[0].recycle_at is None


def test_a_sold_customer_who_is_called_again_changes_nothing_more():
    settlement = settle(live(1, Stage.WON, moved=-1, settled=-9), state=LeadState.WON)
    assert (settlement.lead, len(settlement.settled)) == (None, 1)


def test_a_held_lead_is_taken_back_when_nobody_works_on_it():
    settlement = settle(live(1, Stage.CLAIMED, recycle=0))
    assert ended(settlement) == {1: Stage.RECYCLED}
    assert (settlement.lead.state, settlement.lead.hops) == (LeadState.WAITING, 1)


@pytest.mark.parametrize("stage", [Stage.CLAIMED, Stage.CONTACTED])
def test_a_move_that_was_not_followed_yet_wins_over_the_clock(stage):
    settlement = settle(live(1, stage, moved=-1, settled=-99, recycle=-1))
    assert not settlement.endings
    assert settlement.settled[0].recycle_at == NOW + timedelta(minutes=5 * 9 * 60 - 1)


def test_a_planned_step_postpones_the_taking_back():
    visit = NOW + timedelta(days=20)
    settlement = settle(
        live(1, Stage.APPOINTMENT, moved=-1, settled=-9, recycle=99), planned={UUID(int=1): Planned(visit_at=visit)}
    )
    assert settlement.settled[0].recycle_at == visit + timedelta(minutes=5 * 9 * 60)


def test_nothing_happened_so_nothing_is_written():
    settlement = settle(live(1, Stage.OFFERED))
    assert (settlement.endings, settlement.settled, settlement.events, settlement.lead) == ([], [], [], None)
