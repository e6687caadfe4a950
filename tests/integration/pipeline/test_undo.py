"""What headquarters does with a lead by hand can be taken back, until a store or somebody else has gone on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hq.routing import service
from hq.routing.errors import NotFree, StoreCannot, UndoTooLate
from hq.routing.undoing import UNDO_WITHIN, undo
from shared.db.session import unit_of_work
from shared.leads.models import Assignment, Hold
from tests import factories as make
from tests.factories.counting import NOW, RING

SOON = NOW + timedelta(minutes=2)


@pytest.fixture
def desk(hq_engine, rows):
    """`desk(service, …)` acts as somebody at headquarters, at `NOW` unless told otherwise."""
    actor = make.actor_of(rows, make.hq_user(rows))
    rows.commit()

    def act(service_function, **arguments):
        with unit_of_work(hq_engine) as session:
            return service_function(session, **{"actor": actor, "now": NOW, **arguments})

    return act


@pytest.fixture
def store(rows):
    made = make.store(rows)
    rows.commit()
    return made


def on_desk(rows, store, **values):
    lead = make.lead(rows, dealers=[store], state="desk", state_reason={"code": "too_far"}, hops=3, **values)
    rows.commit()
    return lead


def take_back(desk, lead, act, **values):
    desk(undo, lead_id=lead.lead_id, act=act, at=NOW, keys=RING, **{"now": SOON, **values})


def stands(rows, lead):
    rows.refresh(lead)
    return lead.state, lead.state_reason.get("code"), lead.hops


def offer(desk, lead, *stores):
    desk(service.offer, lead_id=lead.lead_id, store_ids=[each.store_id for each in stores], keys=RING)


def test_an_offer_is_withdrawn_while_nobody_claimed(rows, desk, store):
    lead = on_desk(rows, store)
    offer(desk, lead, store)
    take_back(desk, lead, "offer")
    assert stands(rows, lead) == ("desk", "too_far", 3)
    assert rows.query(Assignment.stage, Assignment.ended_at).one() == ("recalled", SOON)


def test_an_offer_that_was_claimed_stands(rows, desk, store):
    lead = on_desk(rows, store)
    offer(desk, lead, store)
    given = rows.query(Assignment).one()
    given.stage = "claimed"
    make.hold(rows, given)
    rows.commit()
    with pytest.raises(UndoTooLate):
        take_back(desk, lead, "offer")
    assert rows.query(Hold).count() == 1


def test_a_recalled_lead_is_offered_to_the_same_store_again(rows, desk, store):
    given = make.claimed(rows, store)
    lead = rows.get(type(on_desk(rows, store)), given.lead_id)
    rows.commit()
    desk(service.recall, lead_id=lead.lead_id, reason="mistake")
    take_back(desk, lead, "recall")
    assert stands(rows, lead)[0] == "placed"
    again = rows.query(Assignment).filter_by(lead_id=lead.lead_id, stage="offered").one()
    assert (again.store_id, again.ended_at) == (store.store_id, None)


def test_a_recall_stands_where_the_store_has_no_room_any_more(rows, desk):
    full = make.store(rows, cap=0)
    (given,) = make.offered(rows, full)
    lead = rows.get(type(on_desk(rows, full)), given.lead_id)
    desk(service.recall, lead_id=lead.lead_id, reason="mistake")
    with pytest.raises(StoreCannot):
        take_back(desk, lead, "recall")
    assert stands(rows, lead)[0] == "desk"


@pytest.mark.parametrize(("state", "code"), [("desk", "too_far"), ("waiting", "no_room")])
def test_a_closed_lead_goes_back_to_where_it_stood(rows, desk, store, state, code):
    lead = make.lead(rows, dealers=[store], state=state, state_reason={"code": code})
    rows.commit()
    desk(service.recall, lead_id=lead.lead_id, reason="not_real", close=True)
    assert stands(rows, lead)[0] == "closed"
    take_back(desk, lead, "close")
    assert stands(rows, lead)[:2] == (state, code)
    assert lead.closed_at is None


def test_what_was_given_back_to_the_rules_returns_to_the_desk(rows, desk, store):
    lead = on_desk(rows, store)
    desk(service.send_to_routing, lead_id=lead.lead_id)
    take_back(desk, lead, "return")
    assert stands(rows, lead) == ("desk", "too_far", 3)


def test_a_kept_lead_is_suspected_again(rows, desk, store):
    given = make.claimed(rows, store)
    lead = rows.get(type(on_desk(rows, store)), given.lead_id)
    lead.state_reason = {"code": "suspected"}
    rows.commit()
    desk(service.keep, lead_id=lead.lead_id)
    take_back(desk, lead, "keep")
    assert stands(rows, lead)[:2] == ("placed", "suspected")


def test_a_lost_lead_is_opened_again_and_that_is_undone(rows, desk, store):
    lead = make.lead(rows, dealers=[store], state="lost", state_reason={"code": "lost"})
    rows.commit()
    desk(service.reopen, lead_id=lead.lead_id)
    assert stands(rows, lead)[0] == "desk"
    take_back(desk, lead, "reopen")
    assert stands(rows, lead)[:2] == ("lost", "lost")


def test_a_lead_that_ended_by_itself_is_not_opened_again(rows, desk, store):
    lead = make.lead(rows, dealers=[store], state="closed", state_reason={"code": "withdrawn"})
    rows.commit()
    with pytest.raises(NotFree):
        desk(service.reopen, lead_id=lead.lead_id)


def test_a_customer_has_no_second_open_lead_by_reopening(rows, desk, store):
    lead = make.lead(rows, dealers=[store], state="lost", state_reason={"code": "lost"})
    person = rows.get(type(make.contact(rows)), lead.contact_id)
    make.lead(rows, dealers=[store], person=person)
    rows.commit()
    with pytest.raises(NotFree):
        desk(service.reopen, lead_id=lead.lead_id)


@pytest.mark.parametrize("when", ["late", "after somebody else"])
def test_what_is_past_stands(rows, desk, store, when):
    lead = on_desk(rows, store)
    desk(service.recall, lead_id=lead.lead_id, reason="not_real", close=True)
    if when == "late":
        with pytest.raises(UndoTooLate):
            take_back(desk, lead, "close", now=NOW + UNDO_WITHIN + timedelta(seconds=1))
    else:
        desk(service.reopen, lead_id=lead.lead_id, now=NOW + timedelta(minutes=1))
        with pytest.raises(UndoTooLate):
            take_back(desk, lead, "close")


def test_numbers_in_a_note_are_masked(rows, desk, store):
    lead = on_desk(rows, store)
    desk(service.note, lead_id=lead.lead_id, words="回拨 13812345678，周日来")
    told = rows.execute(service.text("SELECT details ->> 'note' FROM lead_events WHERE kind = 'note'")).scalar_one()
    assert told == "回拨 138****5678，周日来"
