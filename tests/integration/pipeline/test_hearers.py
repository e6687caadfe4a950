"""Who of a store is told of an offer that is first for somebody, and reminded of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from hq.routing import service
from shared.db.session import unit_of_work
from shared.identity.permissions import Role
from shared.leads.sellers.models import SellerTurn, StaffDuty, StoreGiving
from shared.notifications.models import Notification
from shared.platform.clock import BEIJING
from tests import factories as make

EVERYBODY = None


class Team:
    """A store with a manager and sellers, and what each of them is told."""

    def __init__(self, world, made, way, *, sellers=2, managers=1):
        self.world, self.store = world, made
        self.managers = [make.staff(world.rows, [made]).user_id for _ in range(managers)]
        people = (make.staff(world.rows, [made], Role.SALESPERSON) for _ in range(sellers))
        self.sellers = sorted(each.user_id for each in people)
        place = {"dealer_id": made.dealer_id, "store_id": made.store_id}
        world.rows.add(StoreGiving(**place, way=way, round=0, changed_at=make.NOW))
        world.stores(made)

    def offer(self, number=1):
        keys = [self.world.sign_up(phone=f"1380013800{each}", minutes=each / 100) for each in range(number)]
        self.world.run("hq.qualify", "hq.route")
        return [self.world.assignments(self.world.lead_of(key).lead_id)[0] for key in keys]

    def off(self, *people):
        for each in people:
            self.world.rows.add(
                StaffDuty(dealer_id=self.store.dealer_id, user_id=each, off_since=make.NOW, back_on=None)
            )
        self.world.rows.commit()


def told(world, kind="offered"):
    world.rows.rollback()
    chosen = select(Notification.user_id).where(Notification.kind == kind)
    return list(world.rows.scalars(chosen.order_by(Notification.notification_id)))


@pytest.fixture
def team(world, store):
    return lambda way, **values: Team(world, store(cap=20), way, **values)


def test_a_store_whose_people_claim_is_told_as_a_whole(world, team):
    team("claim").offer()
    assert told(world) == [EVERYBODY]


def test_in_turn_whose_turn_it_is_and_the_manager_are_told(world, team):
    us = team("turn")
    us.offer()
    assert told(world) == [us.sellers[0], *us.managers]


def test_several_offers_are_told_to_those_who_will_have_them_also_beyond_the_round(world, team):
    us = team("turn", managers=0)
    us.offer(3)
    assert told(world) == [us.sellers[0], us.sellers[1], us.sellers[0]]


def test_turns_that_were_had_count(world, team, rows):
    us = team("turn")
    place = {"dealer_id": us.store.dealer_id, "store_id": us.store.store_id}
    rows.add(SellerTurn(**place, user_id=us.sellers[0], turn=1, given_at=make.NOW))
    rows.commit()
    us.offer()
    assert told(world) == [us.sellers[1], *us.managers]


def test_with_nobody_on_duty_the_whole_store_is_told(world, team):
    us = team("turn")
    us.off(*us.sellers)
    us.offer()
    assert told(world) == [EVERYBODY]


def test_where_the_manager_gives_out_only_managers_are_told(world, team):
    us = team("manager", managers=2)
    us.offer()
    assert sorted(told(world)) == sorted(us.managers)


def test_without_a_manager_who_owns_the_dealer_gives_out_and_is_told(world, team, rows):
    us = team("manager", managers=0)
    owner = make.staff(rows, [us.store], Role.DEALER_OWNER).user_id
    us.offer()
    assert told(world) == [owner]


def test_what_headquarters_offers_by_hand_is_told_to_the_same_people(world, team, rows, engines):
    us = team("turn")
    (first,) = us.offer()
    actor = make.actor_of(rows, make.hq_user(rows))
    rows.commit()
    with unit_of_work(engines["hq"]) as session:
        service.recall(session, lead_id=first.lead_id, reason="wrong_store", actor=actor, now=world.now)
        service.offer(
            session,
            lead_id=first.lead_id,
            store_ids=[us.store.store_id],
            keys=world.settings.worker().keys,
            actor=actor,
            now=world.now + timedelta(minutes=1),
        )
    assert told(world) == [us.sellers[0], *us.managers] * 2


@pytest.mark.parametrize("percent", [30, 50])
def test_a_reminder_goes_to_whom_the_offer_is_for_and_to_everybody_once_everybody_may_claim(world, team, rows, percent):
    make.routing_rules(rows, remind_percent=percent)
    us = team("turn")
    world.now = datetime(2026, 11, 20, 10, tzinfo=BEIJING)
    (offer,) = us.offer()
    world.now = offer.remind_at + timedelta(seconds=1)
    for _ in range(2):
        world.run("hq.alarms")
    assert told(world, "claim_soon") == ([us.sellers[0], *us.managers] if percent < 50 else [EVERYBODY])
