"""Whom a store enters is matched and screened like everybody else, and then is the store's lead."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

import hq.walkins.jobs  # noqa: F401  the drain must be known
from hq.analytics.queries import attention
from hq.leads.elsewhere import LATELY, came_since
from hq.qualification.books import balance
from shared.campaigns.models import ConsentText, Scope
from shared.campaigns.standing import words_for
from shared.contacts.models import Consent
from shared.db.session import unit_of_work
from shared.dealers.models import Dealer, QuotaEntry, StoreDay
from shared.identity.permissions import Role
from shared.leads.models import Assignment, Hold, Lead
from shared.platform.errors import Missing
from shared.platform.ids import new_id
from shared.signups.models import Signup
from shared.walkins import queries, service
from shared.walkins.errors import BadPhone, EnteredAlready, NotAsked, WordsChanged
from shared.walkins.models import WalkIn
from tests import factories as make

PHONE = "139 1234 5678"
ALL = ("hq.walk_ins", "hq.qualify", "hq.walk_ins", "hq.route", "hq.settle")


@pytest.fixture
def enter(world, dealer_engine):
    """Enters somebody at a store as a member of its staff, in the dealer's role."""
    people: dict[UUID, Any] = {}

    def at(store: Any, *, phone: str = PHONE, role: Role = Role.STORE_MANAGER, **values: Any) -> UUID:
        if store.store_id not in people:
            people[store.store_id] = make.actor_of(world.rows, make.staff(world.rows, [store], role))
            world.rows.commit()
        name = world.rows.get(Dealer, store.dealer_id).name
        given = {
            "walk_in_id": new_id(world.now),
            "store_id": store.store_id,
            "touchpoint": "walk_in",
            "phone": phone,
            "name": "林静",
            "words": words_for(name).zh,
            "interest": {"purchase_horizon": "later"},
        }
        entry = service.Entry(**{**given, **values})
        actor = people[store.store_id]
        with unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session:
            return service.enter(session, entry=entry, vault=make.CARDS, index=make.BLIND, actor=actor, now=world.now)

    at.people = people  # type: ignore[attr-defined]
    return at


def _walk_in(world, key):
    return world.rows.scalars(
        select(WalkIn).where(WalkIn.walk_in_id == key).execution_options(populate_existing=True)
    ).one()


def test_the_store_holds_whom_it_entered_whatever_the_score_says(world, store, enter):
    here = store(cap=1)
    key = enter(here)
    world.run(*ALL)

    entered = _walk_in(world, key)
    lead = world.lead_of(entered.signup_id)
    (assignment,) = world.assignments(lead.lead_id)
    assert (entered.state, entered.sealed) == ("held", None)  # the person is sealed in the sign-up now
    assert (assignment.store_id, assignment.stage, lead.state) == (here.store_id, "claimed", "placed")
    assert world.rows.get(Hold, lead.lead_id).assignment_id == entered.assignment_id
    assert assignment.settled_at == assignment.moved_at
    assert world.signup(entered.signup_id).source == "store"
    assert balance(world.rows).difference == 0


def test_the_consent_names_this_dealer_alone_and_holds_the_words_that_were_read(world, store, enter):
    here, other = store(), store()
    key = enter(here, how="paper")
    world.run(*ALL)

    signup = world.signup(_walk_in(world, key).signup_id)
    text = world.rows.get(ConsentText, signup.share_text_id)
    named = world.rows.scalars(select(Scope.dealer_id).where(Scope.scope_id == text.scope_id)).all()
    assert named == [here.dealer_id]
    assert text.body_zh == words_for(world.rows.get(Dealer, here.dealer_id).name).zh
    assert signup.consent_how == "paper"
    assert world.rows.get(Consent, (signup.contact_id, text.scope_id)) is not None
    assert other.dealer_id not in named


def test_the_same_words_are_one_text(world, store, enter):
    here = store()
    enter(here)
    enter(here, phone="13912345679")
    world.run(*ALL)
    assert world.rows.scalar(select(func.count()).select_from(ConsentText).where(ConsentText.kind == "store")) == 1


def test_whom_a_store_entered_costs_nothing_of_its_day_and_gives_nothing_back(world, store, enter):
    from shared.leads.ending import lock_live, recall

    here = store(cap=3)
    key = enter(here)
    world.run(*ALL)
    day = world.rows.scalars(select(StoreDay).where(StoreDay.store_id == here.store_id)).one()
    assert day.taken == 0
    day.taken = 1  # of another lead
    recall(
        world.rows, lock_live(world.rows, [world.lead_of(_walk_in(world, key).signup_id).lead_id]), {}, now=world.now
    )
    world.rows.commit()
    world.rows.refresh(day)
    assert day.taken == 1
    assert world.rows.scalar(select(func.count()).select_from(QuotaEntry)) == 0


def test_sent_twice_it_is_one(world, store, enter):
    here, key = store(), new_id(world.now)
    assert enter(here, walk_in_id=key) == enter(here, walk_in_id=key) == key
    world.run(*ALL)
    assert world.rows.scalar(select(func.count()).select_from(Signup)) == 1


def test_the_same_number_on_the_same_day_is_said_to_be_there(world, store, enter):
    here = store()
    key = enter(here)
    with pytest.raises(EnteredAlready) as refusal:
        enter(here)
    assert refusal.value.params["walk_in_id"] == str(key)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"phone": "0571-8888 6666"}, BadPhone),
        ({"words": None}, NotAsked),
        ({"words": "别家经销商的话"}, WordsChanged),
    ],
)
def test_what_is_missing_is_refused_and_nothing_is_kept(world, store, enter, values, refusal):
    with pytest.raises(refusal):
        enter(store(), **values)
    assert world.rows.scalar(select(func.count()).select_from(WalkIn)) == 0


def test_many_in_a_minute_are_not_a_ring(world, store, enter):
    here = store()
    keys = [enter(here, phone=f"1391234567{n}") for n in range(8)]
    world.run(*ALL)
    assert {_walk_in(world, key).state for key in keys} == {"held"}


def test_a_store_that_is_full_or_paused_still_holds_its_own(world, store, enter):
    here = store(cap=0, status="paused")
    key = enter(here)
    world.run(*ALL)
    assert _walk_in(world, key).state == "held"


def test_a_person_held_elsewhere_stays_there_and_the_store_learns_only_that_headquarters_knows(world, store, enter):
    there, here = store(km=1), store(km=2)
    world.stores(there, here)
    key = world.sign_up(phone=PHONE)
    world.run()
    lead = world.lead_of(key)
    world.claim(world.assignments(lead.lead_id)[0])
    mine = enter(here)
    world.run(*ALL)

    entered = _walk_in(world, mine)
    assert (entered.state, entered.code, entered.assignment_id) == ("refused", "known", None)
    assert world.rows.get(Hold, lead.lead_id).dealer_id == there.dealer_id
    assert world.story(lead.lead_id)[-1] == "came_in"
    shown = {column.name: str(getattr(entered, column.name)) for column in WalkIn.__table__.columns}
    assert str(there.store_id) not in json.dumps(shown)


def test_headquarters_is_told_of_who_came_to_another_store_until_the_one_that_has_the_lead_goes_on(
    world, store, enter, rows
):
    there, here = store(km=1), store(km=2)
    world.stores(there, here)
    key = world.sign_up(phone=PHONE)
    world.run()
    lead = world.lead_of(key).lead_id
    (held,) = world.assignments(lead)
    world.claim(held)
    world.later(minutes=2)
    enter(here)
    world.run(*ALL)

    def told() -> list[Any]:
        rows.rollback()
        todos = [todo for todo in attention(rows, now=world.now) if todo.kind == "elsewhere"]
        listed = rows.scalars(select(Lead.lead_id).where(came_since(world.now - LATELY))).all()
        assert [todo.count for todo in todos] == ([len(listed)] if listed else [])
        return listed

    assert told() == [lead]
    world.move(held, "contacted", minutes=1)
    assert told() == []


def test_a_person_only_offered_elsewhere_goes_to_the_store_where_they_stand(world, store, enter):
    near, here = store(km=1), store(km=30)
    world.stores(near, here)
    key = world.sign_up(phone=PHONE)
    world.run()
    lead = world.lead_of(key)
    entered = enter(here)
    world.run(*ALL)

    assert sorted(world.stages(lead.lead_id)) == ["claimed", "taken"]
    assert world.rows.get(Hold, lead.lead_id).dealer_id == here.dealer_id
    assert _walk_in(world, entered).state == "held"


def test_a_store_that_was_offered_the_lead_claims_that_offer(world, store, enter):
    here = store()
    world.stores(here)
    key = world.sign_up(phone=PHONE)
    world.run()
    lead = world.lead_of(key)
    enter(here)
    world.run(*ALL)
    assert world.stages(lead.lead_id) == ["claimed"]


def test_a_store_that_holds_the_lead_is_led_to_it(world, store, enter):
    here = store()
    world.stores(here)
    key = world.sign_up(phone=PHONE)
    world.run()
    (assignment,) = world.assignments(world.lead_of(key).lead_id)
    world.claim(assignment)
    entered = enter(here)
    world.run(*ALL)
    assert _walk_in(world, entered).assignment_id == assignment.assignment_id


def test_of_two_stores_that_enter_one_person_the_first_holds(world, store, enter):
    first, second = store(), store()
    keys = [enter(first), enter(second)]
    world.run(*ALL)
    assert sorted(_walk_in(world, key).state for key in keys) == ["held", "refused"]
    assert world.rows.scalar(select(func.count()).select_from(Hold)) == 1
    assert world.rows.scalar(select(func.count()).select_from(Lead)) == 1


def test_a_claim_and_a_walk_in_at_once_leave_one_holder(world, store, enter, dealer_engine):
    from shared.leads import service as leads

    there, here = store(km=1), store(km=2)
    world.stores(there, here)
    key = world.sign_up(phone=PHONE)
    world.run()
    (offer,) = world.assignments(world.lead_of(key).lead_id)
    claimer = make.actor_of(world.rows, make.staff(world.rows, [there]))
    world.rows.commit()
    enter(here)
    world.run("hq.walk_ins", "hq.qualify")
    import threading

    with unit_of_work(dealer_engine, dealer_id=there.dealer_id) as session:
        leads.claim(session, assignment_id=offer.assignment_id, actor=claimer, now=world.now)
        settling = threading.Thread(target=lambda: world.run("hq.walk_ins"))
        settling.start()
        settling.join(0.3)  # it waits for the claim
        assert settling.is_alive()
    settling.join()

    assert world.rows.scalars(select(Hold.dealer_id)).all() == [there.dealer_id]
    assert world.rows.scalars(select(WalkIn.code)).all() == ["known"]


def test_a_salesperson_works_on_whom_they_entered(world, store, enter):
    here = store()
    key = enter(here, role=Role.SALESPERSON)
    world.run(*ALL)
    assert world.rows.scalars(select(Assignment.assignee)).one() == _walk_in(world, key).user_id


def test_another_dealer_sees_and_writes_nothing_of_it(world, store, enter, dealer_engine):
    here, other = store(), store()
    key = enter(here)
    stranger = make.actor_of(world.rows, make.staff(world.rows, [other]))
    world.rows.commit()
    with unit_of_work(dealer_engine, dealer_id=other.dealer_id) as session:
        assert queries.latest(session, actor=stranger) == []
        with pytest.raises(Missing):
            queries.one(session, key, actor=stranger)
    with pytest.raises(Missing):
        enter(here, store_id=other.store_id, walk_in_id=new_id(world.now), phone="13712345678")


def test_a_withdrawn_consent_takes_the_lead_from_the_store(world, store, enter):
    from shared.identity.actor import system
    from shared.leads.withdrawal import withdraw

    here = store()
    key = enter(here)
    world.run(*ALL)
    signup = world.signup(_walk_in(world, key).signup_id)
    withdraw(world.rows, contact_id=signup.contact_id, actor=system("test"), now=world.now + timedelta(minutes=1))
    world.rows.commit()
    assert world.stages(signup.lead_id) == ["recalled"]
    assert balance(world.rows).difference == 0
