"""The factories' rows fit together, and each role sees of them what it should."""

from sqlalchemy import func, select

from shared.db.session import unit_of_work
from shared.leads.lifecycle import Stage
from shared.leads.models import Assignment, CustomerCard
from tests import factories as make


def test_a_dealer_sees_its_own_assignments_and_the_cards_it_holds(rows, dealer_engine):
    mine, other = make.store(rows), make.store(rows)
    make.offered(rows, mine, other)
    held = make.claimed(rows, mine)
    make.claimed(rows, mine, stage=Stage.LOST)
    rows.commit()
    with unit_of_work(dealer_engine, dealer_id=mine.dealer_id) as session:
        assert session.scalar(select(func.count()).select_from(Assignment)) == 3
        assert session.scalars(select(CustomerCard.assignment_id)).all() == [held.assignment_id]
