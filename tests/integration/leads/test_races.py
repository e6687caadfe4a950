"""Many at once: one lead has one holder, and no store-day is over its cap, whoever races."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from shared.db.session import unit_of_work
from shared.dealers.models import QuotaEntry, StoreDay
from shared.leads import service
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment, Hold
from shared.platform.errors import DomainError
from tests import factories as make


@pytest.fixture
def attempt(dealer_engine):
    """`attempt((actor, assignment_id))`: one client's claim; "claimed", or the code of the refusal."""

    def claim(client):
        actor, assignment_id = client
        try:
            with unit_of_work(dealer_engine, dealer_id=actor.dealer_id) as session:
                service.claim(session, assignment_id=assignment_id, actor=actor, now=make.NOW)
        except DomainError as refused:
            return refused.code
        return "claimed"

    return claim


def stores_and_clients(rows, *, stores, clients, caps):
    """Stores of different dealers, one lead offered to all of them, and (actor, assignment) of each client."""
    places = [make.store(rows, cap=cap) for cap in itertools.islice(itertools.cycle(caps), stores)]
    offers = make.offered(rows, *places)
    actors = [make.actor_of(rows, make.staff(rows, [place])) for place in places]
    rows.commit()
    pairs = [(actor, offer.assignment_id) for actor, offer in zip(actors, offers, strict=True)]
    return places, list(itertools.islice(itertools.cycle(pairs), clients))


def nobody_over_quota(rows):
    over = select(func.count()).select_from(StoreDay).where(StoreDay.taken > StoreDay.cap)
    booked = select(func.coalesce(func.sum(QuotaEntry.delta), 0))
    return rows.scalar(over) == 0 and rows.scalar(booked) == rows.scalar(select(func.sum(StoreDay.taken)))


def test_of_200_clients_exactly_one_store_gets_the_lead(rows, race, attempt, long_run):
    for _ in range(10 if long_run else 1):
        _, clients = stores_and_clients(rows, stores=8, clients=200, caps=[1, 3, None, 0])
        answers = race(attempt, clients)
        winners = {clients[n][1] for n, answer in enumerate(answers) if answer == "claimed"}
        assert len(winners) == 1
        assert set(answers) <= {"claimed", "already_taken", "quota_reached"}
        rows.expire_all()
        (assignment_id,) = winners
        lead_id = rows.scalar(select(Assignment.lead_id).filter_by(assignment_id=assignment_id))
        assert rows.get(Hold, lead_id).assignment_id == assignment_id
        held = select(func.count()).select_from(Assignment).filter_by(lead_id=lead_id, stage=Stage.CLAIMED)
        assert rows.scalar(held) == 1
        assert nobody_over_quota(rows)
        rows.rollback()


def test_a_double_click_is_one_claim(rows, race, attempt):
    (store,), clients = stores_and_clients(rows, stores=1, clients=8, caps=[5])
    assert race(attempt, clients) == ["claimed"] * 8
    assert rows.scalar(select(StoreDay.taken).filter_by(store_id=store.store_id)) == 1


def test_a_store_never_takes_more_than_its_day_allows(rows, race, attempt, long_run):
    store = make.store(rows, cap=5)
    actor = make.actor_of(rows, make.staff(rows, [store]))
    offers = [make.offered(rows, store)[0] for _ in range(200 if long_run else 40)]
    rows.commit()
    answers = race(attempt, [(actor, offer.assignment_id) for offer in offers])
    assert answers.count("claimed") == 5
    assert answers.count("quota_reached") == len(offers) - 5
    assert nobody_over_quota(rows)
    assert rows.scalar(select(func.count()).select_from(Hold)) == 5


def test_two_stores_racing_for_each_others_leads_do_not_deadlock(rows, race, attempt, long_run):
    one, two = make.store(rows, cap=50), make.store(rows, cap=50)
    actors = [make.actor_of(rows, make.staff(rows, [store])) for store in (one, two)]
    pairs = [make.offered(rows, one, two) for _ in range(60 if long_run else 20)]
    rows.commit()
    clients = [(actor, offer.assignment_id) for pair in pairs for actor, offer in zip(actors, pair, strict=True)]
    answers = race(attempt, clients)
    assert answers.count("claimed") == answers.count("already_taken") == len(pairs)
    assert nobody_over_quota(rows)


END = text(
    """
    UPDATE assignments SET stage = :stage, moved_at = :now, settled_at = :now, ended_at = :now
    WHERE assignment_id = (
        SELECT assignment_id FROM assignments WHERE assignment_id = :id AND stage = 'offered'
        FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING assignment_id
    """
)


@pytest.mark.parametrize(("stage", "refusal"), [("recalled", "offer_gone"), ("expired", "offer_expired")])
def test_a_claim_and_a_recall_or_expiry_never_both_win(rows, race, attempt, worker_engine, long_run, stage, refusal):
    store = make.store(rows)
    actor = make.actor_of(rows, make.staff(rows, [store]))
    offers = [make.offered(rows, store)[0] for _ in range(200 if long_run else 30)]
    rows.commit()

    def either(turn):
        side, offer = turn
        if side == "store":
            return attempt((actor, offer.assignment_id))
        with unit_of_work(worker_engine) as session:
            values = {"stage": stage, "id": offer.assignment_id, "now": make.NOW + timedelta(seconds=1)}
            return "ended" if session.execute(END, values).one_or_none() else "left alone"

    answers = race(either, [(side, offer) for offer in offers for side in ("store", "worker")])
    for claim, end in zip(answers[::2], answers[1::2], strict=True):
        assert (claim, end) in {("claimed", "left alone"), (refusal, "ended")}
    ended = select(func.count()).select_from(Hold).join(Assignment, Assignment.lead_id == Hold.lead_id)
    assert rows.scalar(ended.where(Assignment.ended_at.is_not(None))) == 0
