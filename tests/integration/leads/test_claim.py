"""Claiming and sending back, as the store's role under row policies."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from shared.audit.models import AuditEntry
from shared.db.session import unit_of_work
from shared.dealers.capacity import DayNotOpen, QuotaReached, left_today, open_days
from shared.dealers.models import QuotaEntry, StoreDay
from shared.identity.permissions import Role
from shared.leads import service
from shared.leads.errors import AlreadyTaken, OfferExpired, OfferGone, ReasonMissing
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment, FollowUp, Hold
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from tests import factories as make

TOMORROW = make.NOW + timedelta(days=1)


def fresh(rows, assignment):
    rows.expire_all()
    return rows.get(Assignment, (assignment.dealer_id, assignment.assignment_id))


def taken(rows, store):
    return rows.scalar(select(StoreDay.taken).filter_by(store_id=store.store_id))


def test_a_claim_gives_the_store_the_lead_and_leaves_its_traces(rows, act, manager):
    store = make.store(rows, cap=5)
    (offer,) = make.offered(rows, store)
    actor = manager(store)
    act(service.claim, actor, assignment_id=offer.assignment_id)

    assert fresh(rows, offer).stage == Stage.CLAIMED
    assert fresh(rows, offer).moved_at == make.NOW
    assert rows.get(Hold, offer.lead_id).assignment_id == offer.assignment_id
    assert taken(rows, store) == 1
    assert rows.scalars(select(QuotaEntry.delta)).all() == [1]
    assert rows.scalars(select(FollowUp.kind)).all() == ["claim"]
    entry = rows.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.dealer_id) == ("assignment:claim", store.dealer_id)


def test_a_second_click_changes_nothing(rows, act, manager):
    store = make.store(rows, cap=5)
    (offer,) = make.offered(rows, store)
    actor = manager(store)
    for _ in range(2):
        act(service.claim, actor, assignment_id=offer.assignment_id)
    assert taken(rows, store) == 1
    assert rows.scalar(select(func.count()).select_from(FollowUp)) == 1


def test_the_second_store_is_told_that_the_lead_is_taken_and_loses_no_room(rows, act, manager):
    first, second = make.store(rows, cap=5), make.store(rows, cap=5)
    mine, theirs = make.offered(rows, first, second)
    act(service.claim, manager(first), assignment_id=mine.assignment_id)
    with pytest.raises(AlreadyTaken) as refused:
        act(service.claim, manager(second), assignment_id=theirs.assignment_id)
    assert refused.value.params == {"by": "store", "stores": 2}
    assert taken(rows, second) == 0
    assert fresh(rows, theirs).stage == Stage.OFFERED


@pytest.mark.parametrize("other", ["dealer", "store"])
def test_somebody_elses_offer_does_not_exist(rows, act, manager, other):
    store = make.store(rows)
    elsewhere = make.store(rows, make.dealer(rows) if other == "dealer" else _dealer_of(rows, store))
    (offer,) = make.offered(rows, elsewhere)
    with pytest.raises(Missing):
        act(service.claim, manager(store), assignment_id=offer.assignment_id)


def _dealer_of(rows, store):
    from shared.dealers.models import Dealer

    return rows.get(Dealer, store.dealer_id)


def test_an_owner_claims_for_any_store_of_the_dealer(rows, act):
    store = make.store(rows)
    (offer,) = make.offered(rows, store)
    owner = make.actor_of(rows, make.staff(rows, _dealer_of(rows, store), Role.DEALER_OWNER))
    rows.commit()
    act(service.claim, owner, assignment_id=offer.assignment_id)
    assert fresh(rows, offer).assignee is None


def test_a_salesperson_who_claims_has_the_lead_and_a_colleague_is_told_so(rows, act):
    store = make.store(rows)
    (offer,) = make.offered(rows, store)
    one, two = (make.actor_of(rows, make.staff(rows, [store], Role.SALESPERSON)) for _ in range(2))
    rows.commit()
    act(service.claim, one, assignment_id=offer.assignment_id)
    assert fresh(rows, offer).assignee == one.user_id
    with pytest.raises(AlreadyTaken) as refused:
        act(service.claim, two, assignment_id=offer.assignment_id)
    assert refused.value.params["by"] == "colleague"
    with pytest.raises(Missing):
        act(service.win, two, assignment_id=offer.assignment_id)


def test_a_full_day_refuses_and_says_when_to_come_back(rows, act, manager):
    store = make.store(rows, cap=1)
    first, second = (make.offered(rows, store)[0] for _ in range(2))
    actor = manager(store)
    act(service.claim, actor, assignment_id=first.assignment_id)
    with pytest.raises(QuotaReached) as refused:
        act(service.claim, actor, assignment_id=second.assignment_id)
    assert refused.value.params["retry_at"] == "2026-11-21T00:00:00+08:00"
    assert rows.get(Hold, second.lead_id) is None
    assert fresh(rows, second).stage == Stage.OFFERED


def test_a_full_week_refuses_until_monday(rows, act, manager):
    store = make.store(rows, cap=5, weekly_capacity=1)
    first, second = (make.offered(rows, store)[0] for _ in range(2))
    actor = manager(store)
    act(service.claim, actor, assignment_id=first.assignment_id)
    with pytest.raises(QuotaReached) as refused:
        act(service.claim, actor, assignment_id=second.assignment_id)
    assert (refused.value.params["period"], refused.value.params["retry_at"]) == ("week", "2026-11-23T00:00:00+08:00")
    assert left_today(rows, dealer_id=store.dealer_id, store_ids=None, day=beijing_day(make.NOW)) == 0


def test_sending_a_claimed_lead_back_does_not_make_room(rows, act, manager):
    store = make.store(rows, cap=1)
    first, second = (make.offered(rows, store)[0] for _ in range(2))
    actor = manager(store)
    act(service.claim, actor, assignment_id=first.assignment_id)
    act(service.decline, actor, assignment_id=first.assignment_id, reason="wrong_number")
    with pytest.raises(QuotaReached):
        act(service.claim, actor, assignment_id=second.assignment_id)


def test_a_day_that_is_not_open_yet_asks_to_try_again_and_opening_it_keeps_what_is_there(
    rows, act, manager, worker_engine
):
    store = make.store(rows, cap=2)
    first, second = (make.offered(rows, store, minutes=3000)[0] for _ in range(2))
    actor = manager(store)
    act(service.claim, actor, assignment_id=first.assignment_id)
    with pytest.raises(DayNotOpen):
        act(service.claim, actor, assignment_id=second.assignment_id, now=TOMORROW)
    today = beijing_day(make.NOW)
    for stores in (None, [store.store_id]):
        with unit_of_work(worker_engine) as session:
            open_days(session, first=today, last=today + timedelta(days=1), store_ids=stores)
    act(service.claim, actor, assignment_id=second.assignment_id, now=TOMORROW)
    days = rows.execute(select(StoreDay.day, StoreDay.cap, StoreDay.taken).order_by(StoreDay.day)).all()
    assert days == [(today, 2, 1), (today + timedelta(days=1), 2, 1)]


def test_the_deadline_is_the_end_of_an_offer_also_before_anybody_noticed(rows, act, manager):
    store = make.store(rows)
    (offer,) = make.offered(rows, store, minutes=30)
    with pytest.raises(OfferExpired):
        act(service.claim, manager(store), assignment_id=offer.assignment_id, now=offer.deadline_at)


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        (Stage.TAKEN, AlreadyTaken),
        (Stage.EXPIRED, OfferExpired),
        (Stage.RECALLED, OfferGone),
        (Stage.RECYCLED, OfferGone),
        (Stage.LOST, OfferGone),
    ],
)
def test_an_assignment_that_has_ended_says_how(rows, act, manager, stage, error):
    store = make.store(rows)
    ended = make.claimed(rows, store, stage=stage)
    with pytest.raises(error):
        act(service.claim, manager(store), assignment_id=ended.assignment_id)


def test_a_declined_offer_cannot_be_claimed_and_keeps_its_reason(rows, act, manager):
    store = make.store(rows, cap=1)
    (offer,) = make.offered(rows, store)
    actor = manager(store)
    for _ in range(2):
        act(service.decline, actor, assignment_id=offer.assignment_id, reason="too_far", note=" 60 公里 ")
    assert rows.execute(select(FollowUp.kind, FollowUp.result, FollowUp.note)).all() == [
        ("decline", "too_far", "60 公里")
    ]
    with pytest.raises(OfferGone):
        act(service.claim, actor, assignment_id=offer.assignment_id)
    assert taken(rows, store) == 0


def test_a_decline_needs_a_known_reason(rows, act, manager):
    store = make.store(rows)
    (offer,) = make.offered(rows, store)
    with pytest.raises(ReasonMissing):
        act(service.decline, manager(store), assignment_id=offer.assignment_id, reason="")


def test_the_database_refuses_to_hold_what_is_not_offered(rows, dealer_engine):
    store = make.store(rows)
    ended = make.claimed(rows, store, stage=Stage.DECLINED)
    not_mine = make.lead(rows, dealers=[store])
    rows.commit()
    for lead_id in (ended.lead_id, not_mine.lead_id):
        hold = Hold(lead_id=lead_id, dealer_id=store.dealer_id, assignment_id=ended.assignment_id, held_at=make.NOW)
        with pytest.raises(IntegrityError), unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session:
            session.add(hold)


def test_a_store_cannot_let_go_of_a_hold_or_raise_its_limit(rows, dealer_engine):
    store = make.store(rows, cap=1)
    make.claimed(rows, store)
    rows.commit()
    for statement in (
        "DELETE FROM holds",
        "UPDATE store_days SET cap = 9",
        "UPDATE assignments SET deadline_at = now()",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session,
        ):
            session.connection().exec_driver_sql(statement)
