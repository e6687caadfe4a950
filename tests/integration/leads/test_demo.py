"""The demo's stores act through the real services, and the same seed does the same."""

from sqlalchemy import func, select

from dealer import demo
from shared.leads.models import FollowUp, Hold
from tests import factories as make


def test_the_stores_of_the_demo_claim_and_follow_up(rows, dealer_engine):
    store = make.store(rows, cap=20)
    make.staff(rows, [store])
    for _ in range(12):
        make.offered(rows, store)
    rows.commit()
    shop = demo.Shop(dealer_engine, store.dealer_id, make.CARDS)
    done = demo.work(shop, now=make.NOW, seed=7)
    assert done["claimed"] == rows.scalar(select(func.count()).select_from(Hold)) > 0
    assert done["call"] == rows.scalar(select(func.count()).select_from(FollowUp).filter_by(kind="call")) > 0
    assert sum(done[what] for what in ("claimed", "declined", "left")) == 12
