"""Stores can be claimed for on the first minute of a day: their rows are there before."""

from datetime import timedelta

from sqlalchemy import select

from hq.network import jobs  # noqa: F401  (declares the drain)
from shared.dealers.models import StoreDay
from shared.platform.clock import beijing_day
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.working import at_work


def test_every_open_store_gets_today_and_tomorrow_once(rows, settings):
    stores = [make.store(rows, cap=cap) for cap in (3, None)]
    make.store(rows, status="closed")
    rows.commit()
    for moment in (make.NOW, make.NOW, make.NOW + timedelta(days=1)):
        with at_work(settings.worker(), now=moment) as place:
            run(place, find("hq.days"))
    today = beijing_day(make.NOW)
    for store in stores:
        days = rows.execute(select(StoreDay.day, StoreDay.cap).filter_by(store_id=store.store_id).order_by("day"))
        assert days.all() == [(today + timedelta(days=n), store.daily_capacity) for n in range(3)]
