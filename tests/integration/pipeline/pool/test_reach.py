"""The open pool: which stores see a lead there, and which leads come into it at all."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from shared.db.session import unit_of_work
from shared.dealers.models import Dealer, Series
from shared.identity.permissions import Role
from shared.leads.pool import queries, service
from shared.leads.pool.models import PoolEntry
from shared.leads.withdrawal import withdraw
from shared.platform.errors import Missing
from tests import factories as make
from tests.integration.pipeline.conftest import HANGZHOU
from tests.integration.pipeline.pool.town import lead


def test_an_exclusive_territory_is_for_its_stores_only(world, store, rules, pooled, town, rows):
    rules()
    near, lord = store(km=5), store(km=90)
    make.territory(rows, lord, mode="exclusive", divisions=["330106"])
    world.stores(near, lord)
    (lead_id,) = pooled()
    assert (town.seen(near), town.seen(lord)) == ([], [lead_id])
    with pytest.raises(Missing):
        town.claim(near, lead_id)
    assert town.claim(lord, lead_id)


def test_a_lead_that_no_store_could_ever_claim_comes_to_the_desk_with_the_reason(world, store, rules, pooled, rows):
    rules()
    rows.add(Series(code="S", name="S 系列", models=["S1"], created_at=make.NOW, changed_at=make.NOW))
    rows.add(Series(code="X", name="X 系列", models=["X9"], created_at=make.NOW, changed_at=make.NOW))
    near, _outside = store(km=5, series=["X"]), store(km=6)
    world.stores(near)
    eager = {"purchase_horizon": "now", "current_vehicle": "none", "budget": "3500-5000"}
    reasons = [
        lead(world, pooled(**said)[0]).state_reason["code"]
        for said in ({"interest": {**eager, "model": "S1"}}, {"region": {"county_code": "110105"}}, {"region": {}})
    ]
    assert reasons == ["not_sold", "too_far", "no_place"]


def test_who_was_scanned_goes_before_the_pool_and_without_room_the_pool_goes_on(world, store, rules, pooled):
    rules()
    scanned, near = store(km=40, cap=1), store(km=5)
    world.stores(scanned, near)
    said = {"touchpoint": "store_qr", "store_code": scanned.code}
    first, second = pooled(2, **said)
    assert [lead(world, each).state for each in (first, second)] == ["placed", "pooled"]


def test_a_withdrawn_consent_takes_the_lead_out_at_once(world, store, rules, pooled, town, engines):
    rules()
    near = store(km=5)
    world.stores(near)
    (lead_id,) = pooled()
    with unit_of_work(engines["hq"]) as session:
        contact_id = lead(world, lead_id).contact_id
        withdraw(
            session, contact_id=contact_id, actor=make.actor_of(world.rows, make.hq_user(world.rows)), now=world.now
        )
    assert world.rows.scalar(select(func.count()).select_from(PoolEntry)) == 0
    assert town.seen(near) == []
    assert town.refused(near, lead_id) == ("gone", None)


def test_a_store_reaches_nothing_through_a_foreign_id(world, store, rules, pooled, town, rows):
    rules()
    near, foreign, outsider = store(km=5), store(km=6), store(km=5)
    sister = store(km=5, of=rows.get(Dealer, near.dealer_id))
    far = store(km=60, of=rows.get(Dealer, near.dealer_id))
    world.stores(near, foreign)
    (lead_id,) = pooled()
    with pytest.raises(Missing):  # the consent does not name the dealer
        town.claim(outsider, lead_id)
    assert town.seen(outsider) == []
    for other in (foreign, sister):  # another dealer's store, and another store of the same dealer
        for call in (service.claim, service.look, queries.entry):
            with pytest.raises(Missing):
                town.act(call, near, lead_id=lead_id, store_id=other.store_id)
        with pytest.raises(Missing):
            town.act(queries.shown, near, store_id=other.store_id)
    owner = make.actor_of(rows, make.staff(rows, rows.get(Dealer, near.dealer_id), Role.DEALER_OWNER))
    rows.commit()
    with unit_of_work(town.engine, dealer_id=owner.dealer_id) as session:  # sees all stores of the dealer, no other
        assert queries.shown(session, store_id=sister.store_id, actor=owner, now=world.now).count == 1
        assert queries.shown(session, store_id=foreign.store_id, actor=owner, now=world.now).count == 0
        assert queries.left(session, store_id=foreign.store_id, now=world.now) == queries.Left(0, 0)
    with pytest.raises(Missing):  # too far away
        town.claim(far, lead_id)
    assert lead(world, lead_id).state == "pooled"


def test_a_paused_store_is_told_so(world, store, rules, pooled, town, rows):
    rules()
    near = store(km=5)
    world.stores(near)
    (lead_id,) = pooled()
    near.status = "paused"
    rows.commit()
    assert town.refused(near, lead_id) == ("paused", None)
    assert town.seen(near) == []


def test_dealers_are_granted_nothing_on_the_pool(engines):
    with unit_of_work(engines["dealer"]) as session:
        for table in ("pool_entries", "pool_views", "leads"):
            may = text("SELECT has_table_privilege(current_user, :table, 'SELECT')")
            assert session.execute(may, {"table": table}).scalar_one() is False


@pytest.mark.parametrize(("region", "rough"), [({"province": "浙江省", "city": "杭州市"}, "city"), (HANGZHOU, "")])
def test_a_store_is_told_where_no_more_than_the_city_is_known(world, open_store, rules, pooled, town, region, rough):
    rules(pool_km=60.0)
    near = open_store(km=5, cap=9)
    world.stores(near)
    (lead_id,) = pooled(region=region)
    assert town.shown(near).leads[0].offer.rough == rough
    town.claim(near, lead_id)
    assert world.assignments(lead_id)[0].offer["rough"] == rough
