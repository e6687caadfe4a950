"""What a store reads: only its own, in the order in which it should act."""

from datetime import timedelta

import pytest

from shared.db.session import unit_of_work
from shared.dealers.models import Dealer
from shared.identity.permissions import Role
from shared.leads import queries
from shared.leads.lifecycle import Stage
from shared.platform.errors import Missing
from tests import factories as make


@pytest.fixture
def read(dealer_engine):
    """`read(query, actor, **arguments)` in a transaction of its own."""

    def run(query, actor, **arguments):
        with unit_of_work(dealer_engine, dealer_id=actor.dealer_id) as session:
            return query(session, actor=actor, **arguments)

    return run


def test_offers_come_most_urgent_first_and_without_those_that_are_over(rows, read, manager):
    store = make.store(rows)
    late, soon, over = (make.offered(rows, store, minutes=minutes)[0] for minutes in (30, 10, -1))
    make.offered(rows, make.store(rows))
    actor = manager(store)
    found = read(queries.offers, actor, now=make.NOW)
    assert [one.assignment_id for one in found] == [soon.assignment_id, late.assignment_id]
    assert [one.left for one in found] == [100, 100]
    assert found[0].offer.district == "西湖区"
    assert read(queries.count_offers, actor, now=make.NOW) == 2
    after = soon.deadline_at
    assert read(queries.offer, actor, assignment_id=soon.assignment_id, now=after).left == 0
    assert read(queries.offer, actor, assignment_id=over.assignment_id, now=after).deadline_at < after


def test_a_held_lead_shows_the_name_and_a_lost_one_does_not(rows, read, manager):
    store = make.store(rows)
    held = make.claimed(rows, store, name="陈小明")
    lost = make.claimed(rows, store, stage=Stage.LOST, name="陈小明")
    actor = manager(store)
    assert read(queries.lead, actor, vault=make.CARDS, assignment_id=held.assignment_id).name == "陈小明"
    assert read(queries.lead, actor, vault=make.CARDS, assignment_id=lost.assignment_id).name == "陈**"


def test_the_next_step_is_that_of_the_last_thing_done_and_a_note_does_not_count(rows, read, manager):
    store = make.store(rows)
    held = make.claimed(rows, store)
    by = make.staff(rows, [store]).user_id
    first, second = make.NOW + timedelta(days=1), make.NOW + timedelta(days=2)
    make.follow_up(rows, held, by=by, next_at=first)
    make.follow_up(rows, held, by=by, kind="appointment", next_at=second, at=make.NOW + timedelta(minutes=1))
    make.follow_up(rows, held, by=by, kind="note", note="周末", at=make.NOW + timedelta(minutes=2))
    make.follow_up(rows, held, by=by, kind="reveal", at=make.NOW + timedelta(minutes=3))
    actor = manager(store)
    (found,) = read(queries.leads, actor, vault=make.CARDS)
    assert (found.next_at, found.is_visit) == (second, True)
    told = read(queries.story, actor, assignment_id=held.assignment_id)
    assert [line.kind for line in told] == ["reveal", "note", "appointment", "call"]


def test_who_sees_which_leads(rows, read):
    dealer = make.dealer(rows)
    here, there, elsewhere = make.store(rows, dealer), make.store(rows, dealer), make.store(rows)
    seller, colleague = (make.staff(rows, [here], Role.SALESPERSON) for _ in range(2))
    people = {
        "owner": make.staff(rows, rows.get(Dealer, dealer.dealer_id), Role.DEALER_OWNER),
        "manager": make.staff(rows, [here]),
        "seller": seller,
    }
    leads = {
        "nobody's": make.claimed(rows, here),
        "seller's": make.claimed(rows, here, assignee=seller.user_id),
        "colleague's": make.claimed(rows, here, assignee=colleague.user_id),
        "other store's": make.claimed(rows, there),
        "other dealer's": make.claimed(rows, elsewhere),
    }
    actors = {who: make.actor_of(rows, person) for who, person in people.items()}
    rows.commit()
    sees = {
        "owner": {"nobody's", "seller's", "colleague's", "other store's"},
        "manager": {"nobody's", "seller's", "colleague's"},
        "seller": {"nobody's", "seller's"},
    }
    for who, actor in actors.items():
        listed = {one.assignment_id for one in read(queries.leads, actor, vault=make.CARDS)}
        assert listed == {leads[name].assignment_id for name in sees[who]}
        for name, one in leads.items():
            if name in sees[who]:
                read(queries.lead, actor, vault=make.CARDS, assignment_id=one.assignment_id)
            else:
                with pytest.raises(Missing):
                    read(queries.lead, actor, vault=make.CARDS, assignment_id=one.assignment_id)
