"""What stores did, what time did, and what headquarters does by hand."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from hq.leads.lead_list import of_states
from hq.routing import service
from hq.routing.deadlines import claim_deadline
from hq.routing.errors import NotFree, StoreCannot
from hq.routing.rules import RoutingRules
from shared.contacts.models import Consent, ConsentEvent
from shared.db.session import unit_of_work
from shared.dealers.hours import DEFAULT_HOURS
from shared.dealers.models import QuotaEntry, StoreDay, StoreWeek
from shared.identity.actor import Actor, ActorKind
from shared.leads import service as leads
from shared.leads.models import Assignment, CustomerCard, Hold, Lead
from shared.leads.withdrawal import withdraw
from shared.notifications.models import Notification
from shared.platform.clock import BEIJING
from shared.platform.errors import Missing
from tests import factories as make

HQ = Actor(kind=ActorKind.HQ, name="总部小王")


@pytest.fixture
def offered(world, store):
    """A lead that the nearest of four stores was offered."""
    stores = [store(km=1), store(km=2), store(km=3), store(km=4)]
    world.stores(*stores)
    key = world.sign_up(phone="13800138000")
    world.run("hq.qualify", "hq.route")
    return world.lead_of(key).lead_id


@pytest.fixture
def by_hq(engines):
    """`by_hq(service, …)`: headquarters acts, in a transaction of its own."""

    def act(call, **arguments):
        with unit_of_work(engines["hq"]) as session:
            return call(session, actor=HQ, **{"now": make.NOW, **arguments})

    return act


def lead(world, lead_id) -> Lead:
    return world.rows.get(Lead, lead_id, populate_existing=True)


def count(world, model) -> int:
    return world.rows.scalar(select(func.count()).select_from(model))


def told(world, kind) -> int:
    return world.rows.scalar(select(func.count()).where(Notification.kind == kind))


def test_an_offer_that_runs_out_goes_to_the_next_store(world, offered):
    world.later(minutes=30)
    world.run("hq.settle", "hq.route")
    assert world.stages(offered) == ["expired", "offered"]
    assert [each.hop for each in world.assignments(offered)] == [1, 2]
    assert world.story(offered) == ["opened", "offered", "expired", "offered"]
    assert told(world, "expired") == 1
    assert count(world, CustomerCard) == 1


def test_an_offer_before_its_deadline_is_left_alone(world, offered):
    world.later(minutes=29)
    assert world.run("hq.settle").rows == 0
    assert world.stages(offered) == ["offered"]


def test_after_three_stores_headquarters_decides(world, offered):
    for _ in range(3):
        world.move(world.assignments(offered)[-1], "declined")
        world.later(minutes=2)
        world.run("hq.settle", "hq.route")
    assert world.stages(offered) == ["declined"] * 3
    assert len({each.store_id for each in world.assignments(offered)}) == 3
    assert (lead(world, offered).state, lead(world, offered).state_reason) == ("desk", {"code": "hops_used"})


def test_a_claim_is_followed_and_the_other_stores_are_told(world, offered, by_hq, store):
    by_hq(service.recall, lead_id=offered, reason="wrong_store")
    stores = [each.store_id for each in world.rows.scalars(select(Assignment))]
    others = [store(km=7), store(km=8)]
    world.stores(*others)
    key = world.sign_up(phone="13900139000")
    world.run("hq.qualify", "hq.route")
    desk = world.lead_of(key).lead_id
    by_hq(service.recall, lead_id=desk, reason="by_hand")
    by_hq(service.offer, lead_id=desk, store_ids=[each.store_id for each in others], keys=make.RING)
    first, second = [each for each in world.assignments(desk) if each.stage == "offered"]
    assert first.offer["stores"] == 2
    world.claim(first)
    world.later(minutes=2)
    world.run("hq.settle")
    assert sorted(world.stages(desk)) == ["claimed", "recalled", "taken"]
    assert told(world, "taken") == 1
    assert stores
    cards = world.rows.scalars(select(CustomerCard.assignment_id)).all()
    assert cards == [first.assignment_id]
    assert second.assignment_id not in cards


def test_a_lead_that_is_not_worked_is_taken_back_in_the_stores_working_hours(world, offered):
    world.claim(world.assignments(offered)[0])
    world.later(minutes=2)
    world.run("hq.settle")
    (claimed,) = world.assignments(offered)
    assert claimed.recycle_at == datetime(2026, 11, 21, 10, 1, tzinfo=BEIJING)
    world.now = claimed.recycle_at
    world.run("hq.settle", "hq.route")
    assert world.stages(offered) == ["recycled", "offered"]
    assert (count(world, Hold), count(world, CustomerCard)) == (0, 1)
    assert told(world, "recycled") == 1


def test_a_follow_up_racing_a_recycle_wins(world, offered):
    world.claim(world.assignments(offered)[0])
    world.later(minutes=2)
    world.run("hq.settle")
    (claimed,) = world.assignments(offered)
    world.now = claimed.recycle_at
    world.move(claimed, "contacted", minutes=-1)
    world.run("hq.settle")
    assert world.stages(offered) == ["contacted"]
    assert world.assignments(offered)[0].recycle_at > world.now + timedelta(days=4)


def test_a_planned_visit_keeps_the_lead_with_the_store(world, offered, rows):
    (assignment,) = world.assignments(offered)
    world.claim(assignment)
    staff = make.staff(rows, [rows.scalars(select(Assignment)).first()])
    make.follow_up(rows, assignment, by=staff.user_id, kind="appointment", next_at=world.now + timedelta(days=21))
    rows.commit()
    world.later(minutes=2)
    world.run("hq.settle")
    assert world.assignments(offered)[0].recycle_at > world.now + timedelta(days=21)


def test_a_call_that_is_planned_in_three_months_keeps_the_lead_for_two_weeks_and_the_stores_usual_time(
    world, offered, rows
):
    (assignment,) = world.assignments(offered)
    world.claim(assignment)
    world.later(minutes=2)
    world.run("hq.settle")
    world.move(assignment, "contacted", minutes=3)
    reported = world.now + timedelta(minutes=3)
    staff = make.staff(rows, [rows.scalars(select(Assignment)).first()])
    make.follow_up(rows, assignment, by=staff.user_id, next_at=world.now + timedelta(days=90))
    rows.commit()
    world.later(minutes=5)
    world.run("hq.settle")
    (held,) = world.assignments(offered)
    counted = claim_deadline(reported + timedelta(days=14), RoutingRules().idle_minutes, DEFAULT_HOURS)
    assert (held.due_at, held.recycle_at) == (counted, counted)
    world.now = held.recycle_at
    world.run("hq.settle", "hq.route")
    assert world.stages(offered) == ["recycled", "offered"]


def test_a_sale_closes_the_lead_and_the_customer_stays_with_the_store(world, offered):
    world.claim(world.assignments(offered)[0], "won")
    world.later(minutes=2)
    world.run("hq.settle")
    assert (lead(world, offered).state, world.stages(offered)) == ("won", ["won"])
    assert (count(world, Hold), count(world, CustomerCard)) == (1, 1)
    assert world.story(offered)[-1] == "won"
    assert world.run("hq.settle").rows == 0


def test_a_lost_lead_is_over_and_its_card_is_deleted(world, offered):
    world.claim(world.assignments(offered)[0], "lost")
    world.later(minutes=2)
    world.run("hq.settle", "hq.route")
    assert lead(world, offered).state == "lost"
    assert (count(world, Hold), count(world, CustomerCard)) == (0, 0)


def test_a_lead_sent_back_after_the_claim_goes_on_and_still_counts_for_the_day(world, offered, rows):
    (assignment,) = world.assignments(offered)
    world.claim(assignment)
    day = rows.get(StoreDay, (assignment.dealer_id, assignment.store_id, make.NOW.date()))
    day.taken = 1
    world.move(assignment, "declined", minutes=3)
    world.later(minutes=5)
    world.run("hq.settle", "hq.route")
    assert world.stages(offered) == ["declined", "offered"]
    rows.expire_all()
    assert day.taken == 1


def test_a_claim_that_was_sent_back_counts_until_headquarters_says_that_nobody_is_there(world, store, by_hq, engines):
    at = store(cap=3, weekly_capacity=9)
    world.stores(at)
    key = world.sign_up(phone="13800138000")
    world.run("hq.qualify", "hq.route")
    lead_id = world.lead_of(key).lead_id
    (given,) = world.assignments(lead_id)
    manager = make.actor_of(world.rows, make.staff(world.rows, [at]))
    world.rows.commit()
    for act, more in ((leads.claim, {}), (leads.decline, {"reason": "wrong_number"})):
        with unit_of_work(engines["dealer"], dealer_id=at.dealer_id) as session:
            act(session, assignment_id=given.assignment_id, actor=manager, now=world.now + timedelta(minutes=1), **more)
    world.later(minutes=2)
    world.run("hq.settle")
    counted = select(StoreDay.taken, StoreWeek.taken).join(StoreWeek, StoreWeek.store_id == StoreDay.store_id)
    assert world.rows.execute(counted).one() == (1, 1)
    for _twice in range(2):
        with contextlib.suppress(Missing):
            by_hq(service.recall, lead_id=lead_id, reason="not_real", close=True)
    world.rows.rollback()
    assert world.rows.execute(counted).one() == (0, 0)
    assert world.rows.scalars(select(QuotaEntry.delta).order_by(QuotaEntry.delta)).all() == [-1, 1]


def test_a_recall_before_the_first_contact_gives_the_store_its_day_back(world, offered, by_hq, rows):
    (assignment,) = world.assignments(offered)
    world.claim(assignment)
    day = rows.get(StoreDay, (assignment.dealer_id, assignment.store_id, make.NOW.date()))
    day.taken = 1
    rows.commit()
    by_hq(service.recall, lead_id=offered, reason="complaint", now=world.now + timedelta(minutes=5))
    rows.expire_all()
    assert (world.stages(offered), day.taken) == (["recalled"], 0)
    assert rows.scalar(select(QuotaEntry.delta)) == -1
    assert lead(world, offered).state == "desk"
    assert world.run("hq.settle").rows == 0


def test_a_recall_may_close_the_lead(world, offered, by_hq):
    by_hq(service.recall, lead_id=offered, reason="complaint", close=True)
    assert (lead(world, offered).state, lead(world, offered).state_reason["code"]) == ("closed", "complaint")
    with pytest.raises(Missing):
        by_hq(service.recall, lead_id=offered, reason="complaint")


def test_from_the_desk_a_lead_may_go_back_to_the_rules(world, offered, by_hq):
    by_hq(service.recall, lead_id=offered, reason="wrong_store")
    by_hq(service.send_to_routing, lead_id=offered)
    world.run("hq.route")
    assert world.stages(offered) == ["recalled", "offered"]
    assert len({each.store_id for each in world.assignments(offered)}) == 2


def test_headquarters_offers_only_what_is_free_and_only_where_it_may_go(world, offered, by_hq, store):
    foreign = store(km=2)
    ids = [each.store_id for each in world.assignments(offered)]
    with pytest.raises(NotFree):
        by_hq(service.offer, lead_id=offered, store_ids=ids, keys=make.RING)
    by_hq(service.recall, lead_id=offered, reason="by_hand")
    with pytest.raises(StoreCannot) as refused:
        by_hq(service.offer, lead_id=offered, store_ids=[foreign.store_id], keys=make.RING)
    assert refused.value.params["why_not"] == "not_in_consent"


def test_a_suspected_lead_is_on_the_desk_until_somebody_leaves_it_with_the_store(world, offered, by_hq):
    with pytest.raises(NotFree):
        by_hq(service.keep, lead_id=offered)
    lead(world, offered).state_reason = {"code": "suspected"}
    world.rows.commit()
    desk = select(Lead.lead_id).where(of_states(["desk"]))
    assert world.rows.scalars(desk).all() == [offered]
    by_hq(service.keep, lead_id=offered)
    assert world.rows.scalars(desk).all() == []
    assert world.story(offered)[-1] == "kept"
    assert world.stages(offered) == ["offered"]


def test_withdrawing_consent_recalls_first_and_nothing_remains_at_the_store(world, offered, by_hq):
    world.claim(world.assignments(offered)[0], "contacted")
    contact_id = lead(world, offered).contact_id
    leads = by_hq(withdraw, contact_id=contact_id, now=world.now + timedelta(minutes=9))
    world.rows.expire_all()
    assert leads == [offered]
    assert world.stages(offered) == ["recalled"]
    assert [count(world, model) for model in (Consent, Hold, CustomerCard)] == [0, 0, 0]
    assert lead(world, offered).state_reason == {"code": "withdrawn"}
    assert world.rows.scalars(select(ConsentEvent.what).order_by(ConsentEvent.at)).all() == ["given", "withdrawn"]
    assert told(world, "recalled") == 1
    with pytest.raises(Missing):
        by_hq(withdraw, contact_id=contact_id)


def test_after_a_withdrawal_a_new_consent_opens_a_new_lead(world, offered, by_hq):
    by_hq(withdraw, contact_id=lead(world, offered).contact_id, now=world.now + timedelta(minutes=1))
    again = world.sign_up(phone="13800138000", minutes=60)
    world.later(hours=2)
    world.run("hq.qualify", "hq.route")
    assert world.lead_of(again).lead_id != offered
    assert world.lead_of(again).state == "placed"
