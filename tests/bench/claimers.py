"""One process of clients that claim, for `claims`: it takes a line of JSON, says that it is ready, waits for another
line, and prints how long each claim took."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Engine, event

from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.identity.permissions import Role
from shared.leads.sellers import service
from wsgi import every

PROCESSES, THREADS = 2, 16
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Offer(NamedTuple):
    """An offer, by the ids of everything that it is of."""

    dealer_id: UUID
    store_id: UUID
    assignment_id: UUID
    lead_id: UUID


def claim(engine: Engine, offer: Offer) -> None:
    """A claim as a request of a store makes it, from the transaction's first statement to its commit."""
    actor = Actor(
        kind=ActorKind.DEALER,
        name="店长",
        user_id=offer.store_id,
        dealer_id=offer.dealer_id,
        role=Role.STORE_MANAGER,
        store_ids=frozenset((offer.store_id,)),
        address="127.0.0.1",
    )
    with unit_of_work(engine, dealer_id=offer.dealer_id) as session:
        service.claim(session, assignment_id=offer.assignment_id, actor=actor, now=now_of(session))


def noted(engine: Engine, offer: Offer) -> list[tuple[str, dict[str, Any]]]:
    """The statements of one claim with their parameters."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def note(*call: Any) -> None:
        sent.append((call[2], dict(call[3])))

    event.listen(engine, "before_cursor_execute", note)
    claim(engine, offer)
    event.remove(engine, "before_cursor_execute", note)
    return sent


class Bare:
    """The same statements for other offers, without anything around them."""

    def __init__(self, url: str, sample: Offer, sent: Sequence[tuple[str, dict[str, Any]]]) -> None:
        self._sample, self._sent = sample, sent
        self._url = re.sub(r"^postgresql\+psycopg", "postgresql", url)
        self._own = threading.local()

    def claim(self, offer: Offer) -> None:
        """One transaction."""
        if not hasattr(self._own, "connection"):
            self._own.connection = psycopg.connect(self._url, prepare_threshold=None)
        known = dict(zip(self._sample, offer, strict=True))
        with self._own.connection.transaction():
            for statement, parameters in self._sent:
                values = {name: _other(value, known) for name, value in parameters.items()}
                self._own.connection.execute(statement, values)


def _other(value: Any, known: dict[UUID, UUID]) -> Any:
    """A parameter for another offer: its ids, fresh ids for new rows, everything else as it was."""
    if isinstance(value, UUID):
        return known.get(value) or uuid4()
    if isinstance(value, str):
        return _ID.sub(lambda found: str(known.get(UUID(found[0])) or uuid4()), value)
    return [_other(each, known) for each in value] if isinstance(value, list) else value


def serve(lines: Iterator[str]) -> dict[str, Any]:
    """Do what the first line orders, once the second has come."""
    list(every("models"))
    order = json.loads(next(lines))
    first, *offers = (Offer(*map(UUID, each)) for each in order["offers"])
    engine = make_engine(order["url"], pool_size=THREADS)
    sent = noted(engine, first)
    one: Callable[[Offer], None] = lambda offer: claim(engine, offer)  # noqa: E731
    if order["how"] == "bare":
        one = Bare(order["url"], first, sent).claim
    print("ready", flush=True)
    next(lines)

    def timed(offer: Offer) -> float:
        began = time.perf_counter()
        one(offer)
        return time.perf_counter() - began

    began = time.time()
    with ThreadPoolExecutor(THREADS) as pool:
        times = list(pool.map(timed, offers))
    return {"times": times, "began": began, "ended": time.time(), "statements": len(sent)}


if __name__ == "__main__":
    json.dump(serve(iter(sys.stdin.readline, "")), sys.stdout)
