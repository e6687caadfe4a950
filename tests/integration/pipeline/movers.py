"""One process of clients that do whatever comes to their mind with leads: stores, headquarters, workers and the clock.

It takes one line of JSON on its standard input and prints a line when it is ready and one when it is done. Refusals are
answers like any other; everything else ends the process with an error.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hq.routing import many
from hq.routing import service as routing
from hq.routing.pool import by_hand
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.identity.permissions import Role
from shared.leads import service as leads
from shared.leads.pool import service as pool
from shared.leads.story import Done
from shared.leads.words import Kind, Outcome
from shared.platform.errors import DomainError
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from shared.work.drains import find
from shared.work.runs import run
from tests.working import at_work
from wsgi import every

_HQ = Actor(kind=ActorKind.HQ, name="总部小王", role=Role.OPERATOR)
_DRAINS = ("hq.route", "hq.settle", "hq.settle", "hq.room", "hq.pool", "hq.cards")
_AT_STORE = text(
    """
    SELECT assignment_id FROM assignments
    WHERE store_id = :store AND ended_at IS NULL AND (stage = 'offered') = :offer ORDER BY random() LIMIT 1
    """
)
# Any store may try for any lead of the pool.
_IN_POOL = text("SELECT lead_id FROM leads WHERE state = 'pooled' ORDER BY random() LIMIT 1")
_LEAD = text("SELECT lead_id FROM leads WHERE closed_at IS NULL AND state = ANY(:states) ORDER BY random() LIMIT 1")
# What the clock would do in hours: a deadline that passes, a hold that nobody works on.
_TIME_PASSES = text(
    """
    UPDATE assignments SET deadline_at = least(deadline_at, :now), recycle_at = :now
    WHERE (dealer_id, assignment_id) IN (
        SELECT dealer_id, assignment_id FROM assignments WHERE ended_at IS NULL AND stage IN ('offered', 'claimed')
        ORDER BY random() LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
    """
)


@dataclass(frozen=True)
class Mover:
    """One client with a chance of its own. `stores`: dealer and store ids."""

    settings: Settings
    engines: Mapping[str, Engine]
    stores: Sequence[tuple[UUID, UUID]]
    chance: random.Random

    def move(self) -> str:
        """Do something, and say how it went."""
        acts: tuple[tuple[int, Callable[[], str]], ...] = (
            (10, self._store),
            (2, self._headquarters),
            (1, self._clock),
            (1, self._worker),
        )
        weights = [weight for weight, _act in acts]
        (act,) = self.chance.choices([act for _weight, act in acts], weights)
        try:
            return act()
        except DomainError as refused:
            return refused.code
        except OperationalError as error:  # a machine that is too busy; a deadlock would be a mistake of ours
            if not isinstance(error.orig, LockNotAvailable):
                raise
            return "lock_timeout"

    def _store(self) -> str:
        dealer_id, store_id = self.chance.choice(self.stores)
        actor = Actor(
            kind=ActorKind.DEALER,
            name="店长",
            user_id=store_id,
            dealer_id=dealer_id,
            role=Role.STORE_MANAGER,
            store_ids=frozenset((store_id,)),
        )
        act, offer, more = self.chance.choices(_DEEDS, [30, 5, 15, 15, 1])[0]
        if self.chance.random() < 0.3:
            return self._pool(actor, store_id)
        with unit_of_work(self.engines["dealer"], dealer_id=dealer_id) as session:
            found = session.scalar(_AT_STORE, {"store": store_id, "offer": offer})
            if found is None:
                return "nothing"
            now = now_of(session)
            given = more(now) if callable(more) else more
            act(session, assignment_id=found, actor=actor, now=now, **given)
        return str(act.__name__)

    def _pool(self, actor: Actor, store_id: UUID) -> str:
        looks = self.chance.random() < 0.2
        with unit_of_work(self.engines["worker"]) as session:
            found = session.scalar(_IN_POOL)
        if found is None:
            return "nothing"
        with unit_of_work(self.engines["dealer"], dealer_id=actor.dealer_id) as session:
            act = pool.look if looks else pool.claim
            act(session, lead_id=found, store_id=store_id, actor=actor, now=now_of(session))
        return "pool_look" if looks else "pool_claim"

    def _headquarters(self) -> str:
        chance = self.chance.random()
        if chance < 0.2:
            return self._put_in_pool()
        recalls = chance < 0.6
        with unit_of_work(self.engines["hq"]) as session:
            found = session.scalar(
                _LEAD, {"states": ["placed", "waiting", "pooled"] if recalls else ["desk", "pooled"]}
            )
            if found is None:
                return "nothing"
            if recalls:
                routing.recall(session, lead_id=found, reason="wrong_store", actor=_HQ, now=now_of(session))
            else:
                many.send_to_routing(session, [found], actor=_HQ, now=now_of(session))
        return "recalled" if recalls else "returned"

    def _put_in_pool(self) -> str:
        with unit_of_work(self.engines["hq"]) as session:
            found = session.scalar(_LEAD, {"states": ["waiting", "desk"]})
            if found is None:
                return "nothing"
            done = by_hand.put(session, [found], actor=_HQ, now=now_of(session)).done
        return "pooled" if done else "not_pooled"

    def _clock(self) -> str:
        with unit_of_work(self.engines["worker"]) as session:
            session.execute(_TIME_PASSES, {"now": now_of(session)})
        return "time"

    def _worker(self) -> str:
        name = self.chance.choice(_DRAINS)
        with at_work(self.settings.worker()) as place:
            error = run(place, find(name)).last_error
        if error is not None:
            raise RuntimeError(f"{name}: {error}")
        return name


def _report(now: Any) -> dict[str, Any]:
    return {"done": Done(follow_up_id=new_id(now), kind=Kind.CALL, outcome=Outcome.INTERESTED)}


_DEEDS: Sequence[tuple[Callable[..., Any], bool, Any]] = (
    (leads.claim, True, {}),
    (leads.decline, True, {"reason": "too_far"}),
    (leads.decline, False, {"reason": "wrong_number"}),
    (leads.follow_up, False, _report),
    (leads.lose, False, {"reason": "price"}),
)


def serve(order: Mapping[str, Any]) -> Counter[str]:
    """Move as ordered: `clients`, `moves` of each, `seed`, `stores`."""
    for name in ("models", "jobs"):
        list(every(name))
    settings = Settings.from_env(os.environ)
    clients = int(order["clients"])
    engines = {role: make_engine(url, pool_size=clients) for role, url in settings.role_urls.items()}
    stores = [(UUID(dealer), UUID(store)) for dealer, store in order["stores"]]
    print("ready", flush=True)

    def moves(number: int) -> Counter[str]:
        mover = Mover(settings, engines, stores, random.Random(f"{order['seed']}-{number}"))
        return Counter(mover.move() for _ in range(int(order["moves"])))

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(moves, range(clients)), Counter())


#: What must hold at any moment, as statements that find what breaks it.
BROKEN: Mapping[str, str] = {
    "a hold of what is not held": """
        SELECT h.lead_id FROM holds h LEFT JOIN assignments a USING (dealer_id, assignment_id)
        WHERE a.assignment_id IS NULL OR (a.ended_at IS NOT NULL) OR a.lead_id <> h.lead_id
           OR a.stage IN ('offered', 'taken', 'expired', 'recalled', 'recycled')""",
    "a held stage without a hold": """
        SELECT a.assignment_id FROM assignments a LEFT JOIN holds h USING (dealer_id, assignment_id)
        WHERE a.ended_at IS NULL AND a.stage IN ('claimed', 'contacted', 'appointment', 'visited', 'won')
          AND h.lead_id IS NULL""",
    "two open leads of a contact": """
        SELECT contact_id FROM leads WHERE closed_at IS NULL GROUP BY contact_id HAVING count(*) > 1""",
    "a day over its cap": "SELECT store_id FROM store_days WHERE taken > cap OR taken < 0",
    "a week over its cap": "SELECT store_id FROM store_weeks WHERE taken > cap OR taken < 0",
    "a day that the ledger does not explain": """
        SELECT d.store_id, d.day FROM store_days d
        LEFT JOIN (SELECT store_id, day, sum(delta) AS sum FROM quota_ledger GROUP BY 1, 2) l USING (store_id, day)
        WHERE d.taken <> coalesce(l.sum, 0)""",
    "a week that the ledger does not explain": """
        SELECT w.store_id FROM store_weeks w
        LEFT JOIN (SELECT store_id, date_trunc('week', day)::date AS week, sum(delta) AS sum
                   FROM quota_ledger GROUP BY 1, 2) l USING (store_id, week)
        WHERE w.taken <> coalesce(l.sum, 0)""",
    "a lead given back twice": """
        SELECT assignment_id FROM quota_ledger GROUP BY assignment_id HAVING sum(delta) NOT IN (0, 1)""",
    "a card of an assignment that has ended": """
        SELECT assignment_id FROM customer_cards JOIN assignments USING (dealer_id, assignment_id)
        WHERE ended_at IS NOT NULL""",
    "a lead in the pool that is not there, or another": """
        SELECT lead_id FROM leads l FULL JOIN pool_entries e USING (lead_id)
        WHERE (l.state = 'pooled') IS DISTINCT FROM (e.lead_id IS NOT NULL)""",
    "a lead in the pool that a store has": """
        SELECT a.lead_id FROM pool_entries e JOIN assignments a ON a.lead_id = e.lead_id WHERE a.ended_at IS NULL""",
    "claims from the pool that the day does not explain": """
        SELECT d.store_id, d.day FROM store_days d
        LEFT JOIN (SELECT a.store_id, (a.offered_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS claims
                   FROM assignments a WHERE a.offer -> 'why' ->> 'code' = 'pool' AND NOT EXISTS (
                       SELECT FROM quota_ledger q WHERE q.assignment_id = a.assignment_id AND q.delta < 0
                         AND (q.at AT TIME ZONE 'Asia/Shanghai')::date = q.day)
                   GROUP BY 1, 2) a USING (store_id, day)
        WHERE d.pool_claims <> coalesce(a.claims, 0)
           OR d.pool_claims > (SELECT (body ->> 'pool_claims_per_day')::integer FROM rule_sets
                               WHERE kind = 'routing' AND status = 'active')""",
    "an open lead that is nowhere": """
        SELECT l.lead_id FROM leads l
        WHERE l.state = 'placed' AND l.closed_at IS NULL
          AND NOT EXISTS (SELECT FROM assignments a WHERE a.lead_id = l.lead_id AND a.ended_at IS NULL)""",
}


def broken(session: Session) -> dict[str, list[Any]]:
    """What does not hold in the snapshot that the session sees; empty: everything holds."""
    found = {name: session.execute(text(statement)).all() for name, statement in BROKEN.items()}
    return {name: [tuple(row) for row in rows] for name, rows in found.items() if rows}


if __name__ == "__main__":
    json.dump(serve(json.loads(sys.stdin.readline())), sys.stdout)
