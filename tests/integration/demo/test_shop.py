"""The stores of the demo act through the real services, each at its own moment."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from dealer.demo.shop import Shop
from shared.leads.models import FollowUp, Hold
from shared.leads.offers import Offer
from tests import factories as make

LATER = make.NOW + timedelta(hours=9)


def _offered(rows, how_many):
    store = make.store(rows, cap=40)
    make.staff(rows, [store])
    for number in range(how_many):
        make.offered(rows, store, offer=Offer(phone=f"138****{number:04}", name="陈**", district="", km=2.0).as_json())
    rows.commit()
    return store


def test_stores_claim_and_call(rows, dealer_engine):
    store = _offered(rows, 12)
    done = Shop(dealer_engine, store.dealer_id, make.CARDS, make.BLIND, haste=30).work(now=LATER)
    assert done["claim"] == rows.scalar(select(func.count()).select_from(FollowUp).filter_by(kind="claim")) > 0
    assert done["call"] == rows.scalar(select(func.count()).select_from(FollowUp).filter_by(kind="call")) > 0
    assert rows.scalar(select(func.count()).select_from(Hold)) > 0


def test_nothing_is_done_before_its_time(rows, dealer_engine):
    store = _offered(rows, 6)
    shop = Shop(dealer_engine, store.dealer_id, make.CARDS, make.BLIND)
    assert shop.work(now=make.NOW) == {}
    assert shop.wakes_at is not None
    assert shop.wakes_at > make.NOW
