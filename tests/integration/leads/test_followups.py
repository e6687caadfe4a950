"""Working a lead: follow-ups, win, lose, the number, and who may."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from shared.audit.models import AuditEntry
from shared.contacts.crypto import Unreadable
from shared.db.session import unit_of_work
from shared.identity.permissions import Role
from shared.leads import giving, service
from shared.leads.errors import BadNextStep, NoteTooLong, NotHeld, ReasonMissing
from shared.leads.lifecycle import IllegalMove, Stage
from shared.leads.models import Assignment, CustomerCard, FollowUp, Hold
from shared.leads.story import Done
from shared.leads.words import Kind, Outcome
from shared.platform.errors import Conflict, Invalid, Missing
from tests import factories as make

LATER = make.NOW + timedelta(days=1)


def done(kind=Kind.CALL, outcome=None, **values):
    return Done(follow_up_id=uuid4(), kind=kind, outcome=outcome, **values)


def fresh(rows, assignment):
    rows.expire_all()
    return rows.get(Assignment, (assignment.dealer_id, assignment.assignment_id))


@pytest.mark.parametrize(
    ("before", "report", "after"),
    [
        (Stage.CLAIMED, done(Kind.CALL, Outcome.NO_ANSWER), Stage.CLAIMED),
        (Stage.CLAIMED, done(Kind.CALL, Outcome.INTERESTED), Stage.CONTACTED),
        (Stage.CLAIMED, done(Kind.MESSAGE, Outcome.WECOM_ADDED), Stage.CONTACTED),
        (Stage.CONTACTED, done(Kind.CALL, Outcome.APPOINTMENT, next_at=LATER), Stage.APPOINTMENT),
        (Stage.APPOINTMENT, done(Kind.CALL, Outcome.INTERESTED), Stage.APPOINTMENT),
        (Stage.APPOINTMENT, done(Kind.VISIT), Stage.VISITED),
        (Stage.CLAIMED, done(Kind.NOTE, note="周末来"), Stage.CLAIMED),
    ],
)
def test_a_follow_up_moves_the_lead_and_tells_headquarters(rows, act, manager, before, report, after):
    store = make.store(rows)
    held = make.claimed(rows, store, stage=before)
    assert act(
        service.follow_up,
        manager(store),
        assignment_id=held.assignment_id,
        done=report,
        now=make.NOW + timedelta(hours=1),
    )
    now = fresh(rows, held)
    assert now.stage == after
    assert now.moved_at != now.settled_at


def test_a_call_after_the_sale_is_kept_and_moves_nothing(rows, act, manager):
    store = make.store(rows)
    sold = make.claimed(rows, store, stage=Stage.WON)
    report = done(Kind.CALL, Outcome.INTERESTED, note="问保养")
    assert act(service.follow_up, manager(store), assignment_id=sold.assignment_id, done=report)
    now = fresh(rows, sold)
    assert (now.stage, now.moved_at) == (Stage.WON, now.settled_at)
    assert rows.scalars(select(FollowUp.note)).all() == ["问保养"]


def test_a_report_that_is_sent_twice_is_stored_once(rows, act, manager):
    store = make.store(rows)
    held, other = make.claimed(rows, store), make.claimed(rows, store)
    actor = manager(store)
    report = done(Kind.CALL, Outcome.INTERESTED)
    first = act(service.follow_up, actor, assignment_id=held.assignment_id, done=report)
    again = act(service.follow_up, actor, assignment_id=held.assignment_id, done=report, now=LATER)
    assert (first, again) == (True, False)
    assert rows.scalars(select(FollowUp.at)).all() == [make.NOW]
    with pytest.raises(Conflict):
        act(service.follow_up, actor, assignment_id=other.assignment_id, done=report)


def test_a_report_whose_answer_was_lost_counts_also_when_the_lead_went_away_before_it_came_again(rows, act, manager):
    store = make.store(rows)
    held, gone = make.claimed(rows, store), make.claimed(rows, store)
    actor, report = manager(store), done(Kind.CALL, Outcome.INTERESTED)
    act(service.follow_up, actor, assignment_id=held.assignment_id, done=report)
    for each in (held, gone):
        fresh(rows, each).stage = Stage.RECALLED
    rows.commit()
    assert act(service.follow_up, actor, assignment_id=held.assignment_id, done=report, now=LATER) is False
    with pytest.raises(NotHeld):
        act(service.follow_up, actor, assignment_id=gone.assignment_id, done=done(Kind.CALL, Outcome.INTERESTED))


def test_a_report_that_waited_for_a_network_keeps_its_own_time_and_its_plan(rows, act, manager):
    store = make.store(rows)
    held = make.claimed(rows, store)
    written = make.NOW - timedelta(hours=3)
    report = done(Kind.CALL, Outcome.INTERESTED, next_at=written + timedelta(hours=1), written_at=written)
    assert act(service.follow_up, manager(store), assignment_id=held.assignment_id, done=report)
    stored = rows.scalars(select(FollowUp)).one()
    assert (stored.at, stored.written_at) == (make.NOW, written)


@pytest.mark.parametrize(
    ("report", "error"),
    [
        (done(note="长" * 2001), NoteTooLong),
        (done(next_at=make.NOW - timedelta(days=1)), BadNextStep),
        (done(next_at=make.NOW + timedelta(days=400)), BadNextStep),
        (done(Kind.CALL, Outcome.APPOINTMENT), BadNextStep),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(rows, act, manager, report, error):
    store = make.store(rows)
    held = make.claimed(rows, store)
    with pytest.raises(error):
        act(service.follow_up, manager(store), assignment_id=held.assignment_id, done=report)


@pytest.mark.parametrize("stage", [Stage.OFFERED, Stage.DECLINED, Stage.RECYCLED, Stage.RECALLED])
def test_what_the_store_does_not_have_cannot_be_worked(rows, act, manager, stage):
    store = make.store(rows)
    not_held = make.claimed(rows, store, stage=stage)
    actor = manager(store)
    for service_of, more in (
        (service.follow_up, {"done": done()}),
        (service.win, {}),
        (service.lose, {"reason": "price"}),
        (service.reveal, {"vault": make.CARDS}),
    ):
        with pytest.raises(NotHeld):
            act(service_of, actor, assignment_id=not_held.assignment_id, **more)


def test_a_sale_is_final_and_a_loss_needs_a_reason(rows, act, manager):
    store = make.store(rows)
    sold, lost = make.claimed(rows, store), make.claimed(rows, store)
    actor = manager(store)
    for _ in range(2):
        act(service.win, actor, assignment_id=sold.assignment_id, note="S1 白色")
    with pytest.raises(IllegalMove):
        act(service.lose, actor, assignment_id=sold.assignment_id, reason="price")
    with pytest.raises(ReasonMissing):
        act(service.lose, actor, assignment_id=lost.assignment_id, reason="no_reason")
    for _ in range(2):
        act(service.lose, actor, assignment_id=lost.assignment_id, reason="bought_other")
    assert fresh(rows, sold).stage == Stage.WON
    assert fresh(rows, lost).stage == Stage.LOST
    assert sorted(rows.scalars(select(FollowUp.kind))) == ["lost", "won"]


def test_looking_at_the_number_is_written_down(rows, act, manager):
    store = make.store(rows)
    (offer,) = make.offered(rows, store, phone="+8613812345678", name="陈小明")
    make.hold(rows, offer)
    offer.stage = "claimed"
    actor = manager(store)
    actor = replace(actor, address="192.0.2.7")
    card = act(service.reveal, actor, assignment_id=offer.assignment_id, vault=make.CARDS)
    assert (card.name, card.phones) == ("陈小明", ("+8613812345678",))
    entry = rows.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.user_id, entry.address) == ("phone:reveal", actor.user_id, "192.0.2.7")
    assert "13812345678" not in repr(entry.details)
    assert rows.scalars(select(FollowUp.kind)).all() == ["reveal"]


def test_a_card_opens_only_in_its_place(rows):
    one, two = make.claimed(rows, make.store(rows)), make.claimed(rows, make.store(rows))
    sealed = rows.scalar(select(CustomerCard.sealed).filter_by(assignment_id=one.assignment_id))
    with pytest.raises(Unreadable):
        service.open_card(make.CARDS, sealed, dealer_id=two.dealer_id, assignment_id=two.assignment_id)


def test_a_card_cannot_be_read_without_the_hold(rows, dealer_engine):
    store, rival = make.store(rows), make.store(rows)
    make.offered(rows, store, rival)
    gone = make.claimed(rows, store)
    rows.delete(rows.get(Hold, gone.lead_id))
    rows.commit()
    with unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session:
        assert session.scalars(select(CustomerCard.sealed)).all() == []


def test_a_manager_gives_a_lead_to_somebody_of_the_store(rows, act, manager):
    store, elsewhere = make.store(rows), make.store(rows)
    held = make.claimed(rows, store)
    seller = make.staff(rows, [store], Role.SALESPERSON)
    stranger = make.staff(rows, [elsewhere], Role.SALESPERSON)
    actor = manager(store)
    handing = {"assignment_ids": [held.assignment_id], "reason": giving.GiveReason.OFF}
    assert act(giving.give, actor, to=seller.user_id, **handing) == {held.assignment_id: None}
    assert fresh(rows, held).assignee == seller.user_id
    entry = rows.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.details["reason"]) == ("assignment:give", "off")
    with pytest.raises(Invalid):
        act(giving.give, actor, to=stranger.user_id, **handing)
    with pytest.raises(giving.NothingToGive):
        act(giving.give, actor, to=None, only_from=stranger.user_id, **handing)
    colleague = make.actor_of(rows, make.staff(rows, [store], Role.SALESPERSON))
    rows.commit()
    with pytest.raises(Missing):
        act(service.reveal, colleague, assignment_id=held.assignment_id, vault=make.CARDS)


def test_a_number_in_a_note_is_kept_masked_since_the_note_outlives_the_hold(rows, act, manager):
    store = make.store(rows)
    held = make.claimed(rows, store)
    report = done(Kind.NOTE, note="换号了 139 1111 2222，下午打")
    act(service.follow_up, manager(store), assignment_id=held.assignment_id, done=report, now=make.NOW)
    act(
        service.lose, manager(store), assignment_id=held.assignment_id, reason="price", note="13911112222", now=make.NOW
    )
    rows.expire_all()
    notes = set(rows.scalars(select(FollowUp.note).where(FollowUp.assignment_id == held.assignment_id)))
    assert notes == {"换号了 139****2222，下午打", "139****2222"}
