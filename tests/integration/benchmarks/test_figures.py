"""The worker reckons what stores see of themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hq.benchmarks.jobs import EVERY, reckon, stale_stores
from shared.db.session import unit_of_work
from shared.dealers.models import StoreFigure
from shared.leads.lifecycle import Stage
from tests import factories as make

NOW = make.NOW


def worked(rows, store, by, *, minutes, stage=Stage.CONTACTED, **values):
    lead = make.claimed(rows, store, stage=stage, **values)
    make.follow_up(rows, lead, by=by, kind="claim", at=NOW)
    make.follow_up(rows, lead, by=by, kind="call", at=NOW + timedelta(minutes=minutes))
    if stage is Stage.WON:
        make.follow_up(rows, lead, by=by, kind="won", at=NOW + timedelta(minutes=minutes + 1))


@pytest.fixture
def run(worker_engine):
    def act(now):
        with unit_of_work(worker_engine) as session:
            batch = session.execute(stale_stores(now)).all()
            reckon(session, batch, now)
            return len(batch)

    return act


def test_claims_from_the_pool_are_counted_by_themselves_and_make_no_store_quicker(rows, run):
    store = make.store(rows, cap=10, created_at=NOW)
    by = make.staff(rows, [store]).user_id
    worked(rows, store, by, minutes=10)
    make.claimed(rows, store, stage=Stage.EXPIRED)
    for stage in (Stage.CONTACTED, Stage.WON, Stage.CONTACTED):
        worked(rows, store, by, minutes=10, stage=stage, offer={"why": {"code": "pool"}})
    rows.commit()
    run(NOW + timedelta(days=1))
    found = {each.measure: each for each in rows.scalars(select(StoreFigure))}
    assert (found["in_time"].part, found["in_time"].whole, found["in_time"].value) == (1, 2, 0.5)
    assert (found["pool"].part, found["pool"].whole) == (1, 3)
    assert (found["load"].part, found["load"].whole, found["load"].value) == (1, 2, 0.5)  # five leads of ten
    assert (found["won"].part, found["won"].whole) == (1, 4)


def test_figures_come_with_a_median_only_where_enough_stores_are_behind_it(rows, run):
    stores = [make.store(rows) for _ in range(5)]
    for number, store in enumerate(stores, 1):
        by = make.staff(rows, [store]).user_id
        worked(rows, store, by, minutes=10 * number, stage=Stage.WON)
        for _ in range(2):
            worked(rows, store, by, minutes=10 * number)
        make.claimed(rows, store, stage=Stage.EXPIRED)
        make.claimed(rows, store, stage=Stage.TAKEN)
    rows.commit()
    later = NOW + timedelta(days=1)
    assert run(later) == 5
    found = {each.measure: each for each in rows.scalars(select(StoreFigure).filter_by(store_id=stores[0].store_id))}
    assert (found["response"].value, found["response"].median) == (10, 30)
    assert (found["in_time"].whole, found["in_time"].part, found["in_time"].median) == (4, 3, 0.75)
    assert (found["won"].whole, found["won"].part) == (3, 1)
    assert run(later) == 0
    rows.delete(rows.get(StoreFigure, (stores[4].dealer_id, stores[4].store_id, "won")))
    rows.commit()
    assert run(later + EVERY / 2) == 1
