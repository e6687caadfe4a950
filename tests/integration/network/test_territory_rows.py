"""Territories are read again after a change, and only then."""

from __future__ import annotations

from datetime import timedelta

from shared.dealers.territory_rows import TerritoryKeeper
from tests import factories as make

XIHU = "330106"


def test_a_dealers_territory_is_of_its_stores_that_are_not_closed(rows):
    dealer = make.dealer(rows)
    one, two = make.store(rows, dealer), make.store(rows, dealer, status="paused")
    make.store(rows, dealer, status="closed")
    make.territory(rows, dealer, divisions=[XIHU])
    make.territory(rows, make.store(rows, status="closed"), divisions=[XIHU])
    rows.flush()
    assert TerritoryKeeper().territories(rows).for_place(XIHU, None, None) == (set(), {one.store_id, two.store_id})


def test_they_are_read_again_after_a_change_of_a_territory_or_its_store_and_only_then(rows):
    store = make.store(rows)
    made = make.territory(rows, store, divisions=[], radius_km=5.0, mode="exclusive")
    rows.flush()
    keeper = TerritoryKeeper()
    first = keeper.territories(rows)
    assert keeper.territories(rows) is first
    store.lng = 121.0
    rows.flush()
    second = keeper.territories(rows)
    assert second is not first
    made.changed_at += timedelta(seconds=1)
    made.removed_at = made.changed_at
    rows.flush()
    assert keeper.territories(rows).for_place(None, 121.0, 30.26) == (set(), set())
