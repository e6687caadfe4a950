"""Many at once: one lead has one holder, and no store-day is over its cap, whoever races."""

from __future__ import annotations

import itertools
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import func, select

from hq.routing import jobs  # noqa: F401  (jobs declares the drains)
from shared.db.session import unit_of_work
from shared.dealers.models import QuotaEntry, StoreDay, StoreWeek
from shared.leads import ending, service
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment, CustomerCard, Hold
from shared.platform.clock import beijing_day
from shared.platform.errors import DomainError
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.waiting import until
from tests.working import at_work


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
        _, clients = stores_and_clients(rows, stores=200 if long_run else 8, clients=200, caps=[1, 3, None, 0])
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


def test_a_store_never_takes_more_than_its_week_allows_whatever_its_days_have_left(rows, race, attempt, long_run):
    store = make.store(rows, cap=30, weekly_capacity=5)
    make.open_day(rows, store, day=beijing_day(make.NOW) - timedelta(days=1), taken=2)
    actor = make.actor_of(rows, make.staff(rows, [store]))
    offers = [make.offered(rows, store)[0] for _ in range(200 if long_run else 24)]
    rows.commit()
    answers = race(attempt, [(actor, offer.assignment_id) for offer in offers])
    assert (answers.count("claimed"), answers.count("quota_reached")) == (3, len(offers) - 3)
    assert rows.execute(select(StoreWeek.cap, StoreWeek.taken)).one() == (5, 5)
    assert rows.scalar(select(func.sum(QuotaEntry.delta))) == 3
    assert rows.scalar(select(func.sum(StoreDay.taken))) == 5  # who was refused left no trace on the day


def test_a_claim_that_waits_for_the_week_of_its_store_is_counted_once_it_may_go_on(rows, attempt, race, superuser_url):
    store = make.store(rows, cap=5, weekly_capacity=5)
    actor = make.actor_of(rows, make.staff(rows, [store]))
    (offer,) = make.offered(rows, store)
    rows.commit()
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(superuser_url) as other, psycopg.connect(superuser_url, autocommit=True) as looker:
        other.execute("UPDATE store_weeks SET taken = taken + 1")

        def side(name):
            if name == "claim":
                return attempt((actor, offer.assignment_id))
            until(lambda: looker.execute(waits).fetchone() == (1,), what="the claim to wait")
            other.commit()
            return None

        assert race(side, ["claim", "other"]) == ["claimed", None]
    assert rows.scalar(select(StoreWeek.taken)) == 2
    assert rows.scalar(select(StoreDay.taken)) == 1


def test_two_stores_racing_for_each_others_leads_do_not_deadlock(rows, race, attempt, long_run):
    one, two = make.store(rows, cap=50), make.store(rows, cap=50)
    actors = [make.actor_of(rows, make.staff(rows, [store])) for store in (one, two)]
    pairs = [make.offered(rows, one, two) for _ in range(60 if long_run else 20)]
    rows.commit()
    clients = [(actor, offer.assignment_id) for pair in pairs for actor, offer in zip(actors, pair, strict=True)]
    answers = race(attempt, clients)
    assert answers.count("claimed") == answers.count("already_taken") == len(pairs)
    assert nobody_over_quota(rows)


def test_a_claim_and_a_recall_never_both_win(rows, race, attempt, worker_engine, long_run):
    store = make.store(rows)
    actor = make.actor_of(rows, make.staff(rows, [store]))
    offers = [make.offered(rows, store)[0] for _ in range(200 if long_run else 30)]
    rows.commit()

    def either(turn):
        side, offer = turn
        if side == "store":
            return attempt((actor, offer.assignment_id))
        with unit_of_work(worker_engine) as session:
            lives = ending.lock_live(session, [offer.lead_id])
            (ended,) = ending.recall(session, lives, {"code": "complaint"}, now=make.NOW + timedelta(seconds=1))
            return ended.live.stage

    answers = race(either, [(side, offer) for offer in offers for side in ("store", "worker")])
    for claim, was in zip(answers[::2], answers[1::2], strict=True):
        assert (claim, was) in {("claimed", Stage.CLAIMED), ("offer_gone", Stage.OFFERED)}
    assert rows.scalar(select(func.count()).select_from(Hold)) == 0
    assert rows.scalar(select(func.count()).select_from(CustomerCard)) == 0
    assert rows.scalar(select(StoreDay.taken).filter_by(store_id=store.store_id)) == 0
    assert rows.scalar(select(StoreWeek.taken).filter_by(store_id=store.store_id)) == 0
    assert rows.scalar(select(func.count()).select_from(Assignment).filter_by(stage="recalled")) == len(offers)


def test_a_claim_and_the_deadline_never_both_win(rows, race, attempt, settings, long_run):
    store = make.store(rows)
    actor = make.actor_of(rows, make.staff(rows, [store]))
    offers = [make.offered(rows, store)[0] for _ in range(200 if long_run else 60)]
    rows.commit()

    def either(offer):
        if offer is not None:
            return attempt((actor, offer.assignment_id))
        with at_work(settings.worker(), now=make.NOW + timedelta(hours=1)) as place:
            return run(place, find("hq.settle")).rows

    middle = len(offers) // 3
    answers = race(either, [*offers[:middle], None, *offers[middle:]], clients=16)
    answers.pop(middle)
    assert answers.count("claimed") + answers.count("offer_expired") == len(offers)
    held = set(rows.scalars(select(Hold.assignment_id)))
    for offer, answer in zip(offers, answers, strict=True):
        stage = rows.scalar(select(Assignment.stage).filter_by(assignment_id=offer.assignment_id))
        assert (answer, stage, offer.assignment_id in held) in {
            ("claimed", Stage.CLAIMED, True),
            ("offer_expired", Stage.EXPIRED, False),
        }


def test_a_second_store_reads_nothing_of_a_card_before_or_after_it_is_taken(rows, dealer_engine, attempt):
    first, second = make.store(rows), make.store(rows)
    mine, theirs = make.offered(rows, first, second)
    actors = [make.actor_of(rows, make.staff(rows, [store])) for store in (first, second)]
    rows.commit()

    def cards(actor):
        with unit_of_work(dealer_engine, dealer_id=actor.dealer_id) as session:
            return session.scalars(select(CustomerCard.assignment_id)).all()

    assert [cards(actor) for actor in actors] == [[], []]
    assert attempt((actors[0], mine.assignment_id)) == "claimed"
    assert attempt((actors[1], theirs.assignment_id)) == "already_taken"
    assert [cards(actor) for actor in actors] == [[mine.assignment_id], []]
