"""Who of a store gets a lead: ways, duty, turns, sharing out; as the store's role under row policies."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

import shared.leads.sellers.jobs  # noqa: F401  the drain must be known
from shared.audit.models import AuditEntry
from shared.db.session import unit_of_work
from shared.identity.permissions import Role
from shared.leads import giving
from shared.leads.giving import GiveReason
from shared.leads.models import Assignment
from shared.leads.sellers import queries, service
from shared.leads.sellers.errors import BadDay, NobodyOnDuty, NotYourTurn, SharesChanged
from shared.leads.sellers.models import How, LeadGiving, SellerTurn, StaffDuty, StoreGiving, Way
from shared.leads.sellers.recording import TELL
from shared.notifications.models import Notification
from shared.platform.clock import beijing_day
from shared.platform.errors import DomainError, Missing
from shared.work.place import Place
from shared.work.runs import run_all
from tests import factories as make

HALF = make.NOW + timedelta(minutes=15)
NIGHT = make.NOW + timedelta(hours=13)


class Team:
    """A store with a manager and sellers that gives out its leads in a way."""

    def __init__(self, rows, act, *, sellers=2, way=Way.TURN):
        self.rows, self.act = rows, act
        self.store = make.store(rows)
        self.manager = make.actor_of(rows, make.staff(rows, [self.store]))
        self.staff = sorted(
            (make.staff(rows, [self.store], Role.SALESPERSON) for _ in range(sellers)), key=lambda each: each.user_id
        )
        self.sellers = [make.actor_of(rows, each) for each in self.staff]
        rows.commit()
        act(service.set_way, self.manager, store_id=self.store.store_id, way=way)

    def offer(self, minutes=30, **values):
        (made,) = make.offered(self.rows, self.store, minutes=minutes, **values)
        self.rows.commit()
        return made

    def held(self, **values):
        made = make.claimed(self.rows, self.store, **values)
        self.rows.commit()
        return made

    def claim(self, offer, actor, now=make.NOW):
        return self.act(service.claim, actor, assignment_id=offer.assignment_id, now=now)

    def off(self, seller, **values):
        self.act(service.set_duty, seller, user_id=seller.user_id, off=True, **values)

    def assignee(self, lead):
        self.rows.rollback()
        self.rows.expire_all()
        return self.rows.get(Assignment, (lead.dealer_id, lead.assignment_id)).assignee

    def desk(self, now=make.NOW):
        return self.act(queries.desk, self.manager, store_id=self.store.store_id, now=now)


@pytest.fixture
def team(rows, act):
    return lambda **values: Team(rows, act, **values)


@pytest.fixture
def told(settings, worker_engine, rows):
    """`told()`: run the worker; what everybody is told of leads given to them, as (person, lead)."""

    def tell():
        run_all(Place(worker_engine, settings.worker(), make.NOW), TELL)
        rows.rollback()
        chosen = select(Notification.user_id, Notification.details["assignment_id"].astext).where(
            Notification.kind == "given", Notification.ended_at.is_(None)
        )
        return [(user_id, lead) for user_id, lead in rows.execute(chosen.order_by(Notification.notification_id))]

    return tell


def test_without_a_choice_whoever_claims_has_the_lead(team):
    us = team(way=Way.CLAIM)
    lead = us.offer()
    assert us.claim(lead, us.sellers[1]).given_to is None
    assert us.assignee(lead) == us.sellers[1].user_id


def test_what_the_manager_claims_goes_to_each_in_turn(team):
    us = team(sellers=3)
    leads = [us.offer() for _ in range(7)]
    for number, lead in enumerate(leads):
        us.claim(lead, us.manager, make.NOW + timedelta(seconds=number))
    counts = Counter(us.assignee(lead) for lead in leads)
    assert sorted(counts.values()) == [2, 2, 3]
    assert set(counts) == {each.user_id for each in us.sellers}


def test_a_second_click_gives_nobody_a_second_turn(team):
    us = team()
    lead = us.offer()
    first = us.claim(lead, us.manager)
    again = us.claim(lead, us.manager)
    assert first.given_to is not None
    assert (again.given_to, again.fresh) == (None, False)
    assert us.rows.scalar(select(func.sum(SellerTurn.turn))) == 1


def test_an_offer_is_first_for_whose_turn_it_is_and_after_half_of_its_time_for_everybody(team):
    us = team()
    lead = us.offer()
    with pytest.raises(NotYourTurn) as refused:
        us.claim(lead, us.sellers[1])
    assert refused.value.params["name"] == us.staff[0].name
    us.claim(lead, us.sellers[1], HALF)
    assert us.assignee(lead) == us.sellers[1].user_id


def test_several_offers_are_for_several_people(team):
    us = team()
    first, second = us.offer(), us.offer(now=make.NOW + timedelta(seconds=1))
    us.claim(second, us.sellers[1], make.NOW + timedelta(minutes=1))
    us.claim(first, us.sellers[0], make.NOW + timedelta(minutes=1))
    assert us.assignee(first) == us.sellers[0].user_id


def test_who_is_off_duty_or_has_left_gets_nothing(team):
    us = team(sellers=3)
    us.off(us.sellers[0])
    us.staff[1].status = "disabled"
    us.rows.commit()
    for _ in range(2):
        lead = us.offer()
        us.claim(lead, us.manager)
        assert us.assignee(lead) == us.sellers[2].user_id


def test_with_nobody_on_duty_the_lead_is_the_managers_to_give(team):
    us = team(sellers=1)
    us.off(us.sellers[0])
    lead = us.offer()
    with pytest.raises(NotYourTurn) as refused:
        us.claim(lead, us.sellers[0])
    assert refused.value.params["by"] == "manager"
    assert us.claim(lead, us.manager).given_to is None
    assert us.assignee(lead) is None


def test_outside_the_stores_hours_nobody_is_on_duty(team):
    us = team()
    assert us.desk().next is not None
    assert us.desk(NIGHT).next is None


def test_duty_comes_back_by_itself_on_its_day(team):
    us = team()
    us.off(us.sellers[0], back_on=beijing_day(make.NOW) + timedelta(days=1))
    assert [each.on_duty for each in us.desk().sellers] == [False, True]
    assert [each.on_duty for each in us.desk(make.NOW + timedelta(days=1)).sellers] == [True, True]


@pytest.mark.parametrize("days", [0, -3, 181])
def test_a_day_that_is_no_way_back_is_refused(team, days):
    us = team()
    with pytest.raises(BadDay):
        us.off(us.sellers[0], back_on=beijing_day(make.NOW) + timedelta(days=days))
    assert us.rows.scalar(select(func.count()).select_from(StaffDuty)) == 0


def test_duty_is_set_by_oneself_or_by_the_manager_of_the_store(team, rows, manager):
    us = team()
    with pytest.raises(Missing):
        us.act(service.set_duty, us.sellers[1], user_id=us.sellers[0].user_id, off=True)
    with pytest.raises(Missing):
        us.act(service.set_duty, manager(make.store(rows)), user_id=us.sellers[0].user_id, off=True)
    us.act(service.set_duty, us.manager, user_id=us.sellers[0].user_id, off=True)
    us.act(service.set_duty, us.sellers[0], user_id=us.sellers[0].user_id, off=False)
    assert all(each.on_duty for each in us.desk().sellers)


def test_another_dealers_manager_sees_and_sets_nothing(team, rows, manager, dealer_engine):
    us, other = team(), manager(make.store(rows))
    us.claim(us.offer(), us.manager)
    with pytest.raises(Missing):
        us.act(service.set_way, other, store_id=us.store.store_id, way=Way.CLAIM)
    with unit_of_work(dealer_engine, dealer_id=other.dealer_id) as session:
        for table in (StoreGiving, SellerTurn, StaffDuty, LeadGiving):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_the_way_is_audited_with_what_it_was(team, rows):
    us = team()
    entry = rows.scalars(select(AuditEntry).filter_by(action="store:giving")).one()
    assert entry.details == {"giving": ["claim", "turn"]}
    assert us.act(service.set_way, us.manager, store_id=us.store.store_id, way=Way.TURN) is Way.TURN
    assert rows.scalar(select(func.count()).select_from(AuditEntry).filter_by(action="store:giving")) == 1


def test_when_the_manager_gives_them_out_a_seller_claims_only_after_half_of_the_time(team):
    us = team(way=Way.MANAGER)
    lead, other = us.offer(), us.offer()
    with pytest.raises(NotYourTurn):
        us.claim(lead, us.sellers[0])
    us.claim(lead, us.manager)
    assert us.assignee(lead) is None
    us.claim(other, us.sellers[0], HALF)
    assert us.assignee(other) == us.sellers[0].user_id


def test_claims_at_the_same_moment_are_given_to_different_people(team, race, dealer_engine, rows):
    us = team(sellers=4)
    leads = [us.offer() for _ in range(16)]

    def claim(lead):
        try:
            with unit_of_work(dealer_engine, dealer_id=us.manager.dealer_id) as session:
                service.claim(session, assignment_id=lead.assignment_id, actor=us.manager, now=make.NOW)
        except DomainError as refused:
            return refused.code
        return "claimed"

    assert race(claim, leads) == ["claimed"] * 16
    rows.rollback()
    rows.expire_all()
    counts = Counter(rows.scalars(select(Assignment.assignee)))
    assert sorted(counts.values()) == [4, 4, 4, 4]
    assert rows.scalar(select(func.sum(SellerTurn.turn))) == 16


def pairs_of(us, leads, who=None):
    order = service.planned(us.desk(), len(leads), besides=who, now=make.NOW)
    return [(lead.assignment_id, each.user_id) for lead, each in zip(leads, order, strict=True)]


def test_many_are_shared_out_evenly_as_shown_and_taken_back(team):
    us = team(sellers=3)
    leads = [us.held() for _ in range(7)]
    pairs = pairs_of(us, leads)
    batch = us.act(service.share, us.manager, store_id=us.store.store_id, pairs=pairs, who=None)
    counts = Counter(us.assignee(lead) for lead in leads)
    assert sorted(counts.values()) == [2, 2, 3]
    us.act(
        giving.give, us.manager, assignment_ids=[leads[0].assignment_id], to=None, reason=GiveReason.OTHER
    )  # changed hands since
    assert us.act(service.unshare, us.manager, batch_id=batch) == 6
    assert {us.assignee(lead) for lead in leads} == {None}
    assert us.act(service.unshare, us.manager, batch_id=batch) == 0
    assert us.rows.scalar(select(func.sum(SellerTurn.turn))) == 0  # nobody has any of them


def test_what_changed_since_it_was_shown_is_not_shared_out(team):
    us = team(sellers=2)
    leads = [us.held() for _ in range(2)]
    pairs = pairs_of(us, leads)
    us.off(us.sellers[0])
    with pytest.raises(SharesChanged):
        us.act(service.share, us.manager, store_id=us.store.store_id, pairs=pairs, who=None)
    us.off(us.sellers[1])
    with pytest.raises(NobodyOnDuty):
        us.act(service.share, us.manager, store_id=us.store.store_id, pairs=pairs, who=None)
    assert us.assignee(leads[0]) is None


def test_the_leads_of_somebody_go_to_the_others(team):
    us = team(sellers=3)
    who = us.sellers[1].user_id
    leads = [us.held(assignee=who) for _ in range(4)]
    us.act(service.share, us.manager, store_id=us.store.store_id, pairs=pairs_of(us, leads, who), who=who)
    counts = Counter(us.assignee(lead) for lead in leads)
    assert counts == {us.sellers[0].user_id: 2, us.sellers[2].user_id: 2}


def test_who_got_a_lead_is_told_once(team, told):
    us = team()
    lead = us.offer()
    us.claim(lead, us.manager)
    expected = [(us.sellers[0].user_id, str(lead.assignment_id))]
    assert told() == expected
    assert told() == expected


def test_nobody_is_told_of_what_they_did_themselves(team, told):
    us = team()
    lead = us.offer()
    us.claim(lead, us.sellers[0])
    own = us.held()
    us.act(
        giving.give,
        us.manager,
        assignment_ids=[own.assignment_id],
        to=us.manager.user_id,
        reason=GiveReason.TAKES_OVER,
    )
    assert told() == []
    assert us.rows.scalar(select(func.count()).select_from(LeadGiving).filter_by(how=How.HAND)) == 1


@pytest.mark.parametrize("receiver", [1, None])
def test_a_notice_ends_when_the_lead_is_given_on_or_back(team, told, receiver):
    us = team()
    lead = us.held()
    give = {"assignment_ids": [lead.assignment_id], "reason": GiveReason.BUSY}
    us.act(giving.give, us.manager, **give, to=us.sellers[0].user_id)
    assert told() == [(us.sellers[0].user_id, str(lead.assignment_id))]
    to = None if receiver is None else us.sellers[receiver].user_id
    us.act(giving.give, us.manager, **give, to=to)
    assert told() == ([] if to is None else [(to, str(lead.assignment_id))])


def test_who_had_it_only_for_a_moment_is_not_told(team, told):
    us = team()
    lead = us.held()
    for seller in us.sellers:
        us.act(
            giving.give,
            us.manager,
            assignment_ids=[lead.assignment_id],
            to=seller.user_id,
            reason=GiveReason.BUSY,
        )
    assert told() == [(us.sellers[1].user_id, str(lead.assignment_id))]


def test_what_a_manager_takes_from_what_is_everybodys_goes_to_who_is_next(team):
    us = team()
    lead = us.held()

    def take(session, *, actor, now):
        found = session.get(Assignment, (lead.dealer_id, lead.assignment_id))
        return service.hand_on(session, claimed=found, actor=actor, now=now)

    assert us.act(take, us.manager).given_to.user_id == us.sellers[0].user_id
    assert us.act(take, us.manager, now=HALF).fresh is False
    assert us.assignee(lead) == us.sellers[0].user_id


def hand(us, leads, to, how=How.HAND, **only):
    chosen = {"assignment_ids": [lead.assignment_id for lead in leads], "to": to, "reason": GiveReason.OTHER}
    us.act(giving.give, us.manager, **chosen, how=how, **only)


def next_of(us):
    return us.desk().next.user_id


def test_who_was_given_leads_by_hand_has_had_that_many_turns(team):
    us = team(sellers=2)
    first, other = (each.user_id for each in us.sellers)
    hand(us, [us.held() for _ in range(3)], first)
    got = []
    for number in range(5):
        lead = us.offer()
        us.claim(lead, us.manager, make.NOW + timedelta(seconds=1 + number))
        got.append(us.assignee(lead))
    assert got == [other, other, other, first, other]


@pytest.mark.parametrize("way", [Way.MANAGER, Way.CLAIM])
def test_a_hand_over_is_no_turn_where_leads_are_not_given_out_in_turn(team, way):
    us = team(way=way)
    hand(us, [us.held()], us.sellers[0].user_id)
    assert us.rows.scalar(select(func.count()).select_from(SellerTurn)) == 0


def test_what_a_manager_takes_over_is_nobodys_turn(team):
    us = team()
    hand(us, [us.held()], us.manager.user_id)
    assert us.rows.scalar(select(func.count()).select_from(SellerTurn)) == 0


@pytest.mark.parametrize("earlier", [0, 2])
def test_a_hand_over_that_is_undone_was_no_turn_and_leaves_the_order_as_it_was(team, earlier):
    us = team(sellers=2)
    for number in range(earlier):
        us.claim(us.offer(), us.manager, make.NOW + timedelta(seconds=number))
    first = next_of(us)
    leads = [us.held() for _ in range(3)]
    hand(us, leads, first)
    assert next_of(us) != first
    hand(us, leads, None, How.BACK, only_from=first)
    assert next_of(us) == first
    with pytest.raises(giving.NothingToGive):
        hand(us, leads, None, How.BACK, only_from=first)
    assert sum(each.turn for each in us.desk().sellers) == earlier


def test_what_changed_hands_again_before_it_was_undone_counts_for_who_has_it(team):
    us = team(sellers=2)
    first, other = (each.user_id for each in us.sellers)
    leads = [us.held() for _ in range(2)]
    hand(us, leads, first)
    hand(us, leads[:1], other)
    hand(us, leads, None, How.BACK, only_from=first)
    assert [each.turn for each in us.desk().sellers] == [1, 1]


def test_a_lead_that_is_given_back_untouched_was_no_turn_and_one_that_was_worked_on_was(team, rows):
    us = team(sellers=2)
    first = us.sellers[0].user_id
    untouched, worked = us.held(), us.held()
    hand(us, [untouched, worked], first)
    rows.get(Assignment, (worked.dealer_id, worked.assignment_id)).moved_at = HALF
    rows.commit()
    hand(us, [untouched, worked], None)
    assert [each.turn for each in us.desk().sellers] == [1, 0]


def test_who_gets_a_lead_back_that_went_to_a_colleague_by_mistake_has_no_second_turn(team):
    us = team(sellers=2)
    first, other = (each.user_id for each in us.sellers)
    lead = us.held()
    for to in (first, other, first):
        hand(us, [lead], to)
    assert [each.turn for each in us.desk().sellers] == [1, 0]


def test_leads_given_by_hand_leave_the_floor_and_who_was_away_comes_next_and_is_not_flooded(team):
    us = team(sellers=3)
    first, _other, away = (each.user_id for each in us.sellers)
    us.off(us.sellers[2])
    hand(us, [us.held() for _ in range(4)], first)
    assert us.desk().floor == 0
    for number in range(4):
        us.claim(us.offer(), us.manager, make.NOW + timedelta(minutes=1, seconds=number))
    us.act(service.set_duty, us.sellers[2], user_id=away, off=False)
    at = us.desk()
    assert (at.floor, at.next.user_id) == (3, away)
    order = [each.user_id for each in service.planned(at, 3, besides=None, now=HALF)]
    assert sorted(order) == sorted(each.user_id for each in us.sellers)


def test_hand_overs_and_claims_at_the_same_moment_count_each(team, race, dealer_engine, rows):
    us = team(sellers=2)
    offers, leads = [us.offer() for _ in range(8)], [us.held() for _ in range(8)]

    def do(lead):
        given = {"actor": us.manager, "now": make.NOW}
        with unit_of_work(dealer_engine, dealer_id=us.manager.dealer_id) as session:
            if lead in offers:
                service.claim(session, assignment_id=lead.assignment_id, **given)
            else:
                to = us.sellers[0].user_id
                ids = [lead.assignment_id]
                giving.give(session, assignment_ids=ids, to=to, reason=GiveReason.OTHER, **given)
        return "done"

    assert race(do, [each for pair in zip(offers, leads, strict=True) for each in pair]) == ["done"] * 16
    rows.rollback()
    assert rows.scalar(select(func.sum(SellerTurn.turn))) == 16
