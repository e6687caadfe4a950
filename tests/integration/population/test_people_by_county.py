"""People by county are read again after a change, and by headquarters and its worker alone."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from shared.db.session import unit_of_work
from shared.population.people import PeopleKeeper, people_by_county
from tests import factories as make

XIHU, GONGSHU = "330106", "330105"


def test_nobody_is_known_before_headquarters_has_brought_a_table(rows):
    assert people_by_county(rows) == {}


def test_another_table_takes_the_place_of_the_first_and_none_leaves_nothing(rows):
    keeper = PeopleKeeper()
    make.population(rows, {XIHU: 1_112_992, GONGSHU: 1_120_985})
    first = keeper.people(rows)
    assert first == {XIHU: 1_112_992, GONGSHU: 1_120_985}
    assert keeper.people(rows) is first
    rows.execute(text("DELETE FROM division_people"))
    rows.execute(text("DELETE FROM population_tables"))
    assert keeper.people(rows) == {}
    make.population(rows, {XIHU: 2})
    assert keeper.people(rows) == {XIHU: 2}


def test_there_is_one_table_at_most(rows):
    make.population(rows, {XIHU: 1})
    with pytest.raises(IntegrityError, match="uq_population_tables_only"):
        make.population(rows, {XIHU: 1})
    rows.rollback()


@pytest.mark.parametrize("table", ["population_tables", "division_people"])
def test_no_dealer_reads_it(rows, dealer_engine, table):
    dealer = make.dealer(rows)
    make.population(rows, {XIHU: 1})
    rows.commit()
    with (
        unit_of_work(dealer_engine, dealer_id=dealer.dealer_id) as session,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        session.execute(text(f"SELECT 1 FROM {table}"))


def test_the_worker_reads_it(rows, worker_engine):
    make.population(rows, {XIHU: 7})
    rows.commit()
    with unit_of_work(worker_engine) as session:
        assert people_by_county(session) == {XIHU: 7}
