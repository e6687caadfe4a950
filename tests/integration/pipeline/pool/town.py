"""Stores around a pool, and what tests ask of them."""

from __future__ import annotations

from datetime import datetime

import pytest

from shared.db.session import unit_of_work
from shared.dealers.capacity import open_days
from shared.leads import service as leads
from shared.leads.errors import PoolRefused
from shared.leads.models import Lead
from shared.leads.pool import queries, service
from shared.platform.clock import beijing_day
from tests import factories as make


class Town:
    """Stores that claim, as their own people and as the dealer's role."""

    def __init__(self, world, engine):
        self.world, self.engine = world, engine
        self.people = {}

    def person(self, store):
        if store.store_id not in self.people:
            self.people[store.store_id] = make.actor_of(self.world.rows, make.staff(self.world.rows, [store]))
            self.world.rows.commit()
        return self.people[store.store_id]

    def act(self, call, store, **given):
        actor = self.person(store)
        with unit_of_work(self.engine, dealer_id=actor.dealer_id) as session:
            return call(session, actor=actor, **{"now": self.world.now, **given})

    def claim(self, store, lead_id, **given):
        return self.act(service.claim, store, lead_id=lead_id, store_id=store.store_id, **given).assignment_id

    def look(self, store, lead_id):
        return self.act(service.look, store, lead_id=lead_id, store_id=store.store_id)

    def shown(self, store, **given):
        return self.act(queries.shown, store, store_id=store.store_id, **given)

    def seen(self, store):
        return [each.lead_id for each in self.shown(store).leads]

    def give_back(self, store, assignment_id):
        self.world.later(minutes=1)
        self.act(leads.decline, store, assignment_id=assignment_id, reason="busy")
        self.world.run("hq.settle", "hq.route")

    def refused(self, store, lead_id, call=None):
        with pytest.raises(PoolRefused) as refusal:
            (call or self.claim)(store, lead_id)
        retry_at = refusal.value.params["retry_at"]
        return refusal.value.params["why"], retry_at and datetime.fromisoformat(retry_at)


def lead(world, lead_id):
    return world.rows.get(Lead, lead_id, populate_existing=True)


def days_on(world, days):
    """Let days pass and the worker open the new one."""
    world.later(days=days)
    open_days(world.rows, first=beijing_day(world.now), last=beijing_day(world.now))
    world.rows.commit()
