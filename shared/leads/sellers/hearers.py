"""Whom an offer concerns while not everybody at its store may claim it, many at a time: they are told of it.

In turn that is who will have the lead, as things stand now, and who manages the store; else who gives leads out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.batch import Rows
from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours, is_open
from shared.identity.permissions import Role
from shared.leads.sellers.models import Way
from shared.leads.sellers.turns import Member, free_at, is_off, shared_out
from shared.platform.clock import beijing_day

_STORES: Final = Rows({"dealer_id": "uuid", "store_id": "uuid"})
_DESKS: Final = text(
    f"""
    SELECT g.store_id, g.dealer_id, g.way, g.round, s.hours, s.closed_days
    FROM {_STORES.source}
    JOIN store_giving g ON g.dealer_id = t.dealer_id AND g.store_id = t.store_id AND g.way <> 'claim'
    JOIN stores s ON s.dealer_id = t.dealer_id AND s.store_id = t.store_id
    """  # noqa: S608 (names)
)
# Who owns the dealer gives out the leads of a store without a manager.
_PEOPLE: Final = text(
    f"""
    SELECT t.store_id, s.user_id, s.role, n.turn, n.given_at, d.off_since, d.back_on
    FROM {_STORES.source}
    JOIN staff_stores w ON w.dealer_id = t.dealer_id AND w.store_id = t.store_id
    JOIN staff s ON s.dealer_id = w.dealer_id AND s.user_id = w.user_id AND s.status = 'active'
      AND s.role <> 'dealer_owner'
    LEFT JOIN seller_turns n ON n.dealer_id = t.dealer_id AND n.store_id = t.store_id AND n.user_id = s.user_id
    LEFT JOIN staff_duty d ON d.dealer_id = t.dealer_id AND d.user_id = s.user_id
    UNION ALL
    SELECT t.store_id, s.user_id, s.role, NULL, NULL, NULL, NULL
    FROM {_STORES.source} JOIN staff s ON s.dealer_id = t.dealer_id AND s.status = 'active' AND s.role = 'dealer_owner'
    ORDER BY 1, 2
    """  # noqa: S608 (names)
)
_WAITING: Final = text(
    f"""
    SELECT a.store_id, a.assignment_id
    FROM {_STORES.source}
    JOIN assignments a ON a.dealer_id = t.dealer_id AND a.store_id = t.store_id
    WHERE a.stage = 'offered' AND a.ended_at IS NULL AND a.deadline_at > :now
    ORDER BY a.store_id, a.offered_at, a.assignment_id
    """  # noqa: S608 (names)
)


EVERYBODY: Final[Sequence[UUID | None]] = (None,)  # of a store, as one notice


class Waiting(NamedTuple):
    """An offer that a store may claim."""

    assignment_id: UUID
    dealer_id: UUID
    store_id: UUID
    offered_at: datetime
    deadline_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """A store that gives its leads to somebody first. `leaders`: who gives them out; `managers`: of the store alone."""

    dealer_id: UUID
    way: Way
    floor: int
    hours: WeeklyHours
    sellers: Sequence[Member] = field(default_factory=list)
    managers: Sequence[UUID] = ()
    leaders: Sequence[UUID] = ()

    def told(self, place: int, now: datetime) -> Sequence[UUID]:
        """Whom the store's waiting offer at a place (0: the oldest) concerns; nobody: everybody there."""
        if self.way is Way.MANAGER:
            return self.leaders
        order = shared_out(self.sellers, self.floor, place + 1, now)
        return (order[-1].user_id, *self.managers) if order else ()


def givings(session: Session, stores: Collection[tuple[UUID, UUID]], *, now: datetime) -> Mapping[UUID, Giving]:
    """Of stores (dealer, store) those that give leads to somebody first: one statement where none does, else two."""
    if not stores:
        return {}
    desks = session.execute(_DESKS, _STORES.parameters(sorted(stores))).all()
    if not desks:
        return {}
    people: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(_PEOPLE, _STORES.parameters((each.dealer_id, each.store_id) for each in desks)):
        people[row.store_id].append(row)
    return {each.store_id: _giving(each, people[each.store_id], now) for each in desks}


def hearers(
    session: Session, offers: Iterable[Waiting], *, known: Mapping[UUID, Giving] | None = None, now: datetime
) -> Mapping[UUID, Sequence[UUID]]:
    """Whom offers concern that not everybody may claim at `now`; the others concern everybody at their store.

    One more statement than `givings`, none more where no store gives leads out in turn.

    Args:
        known: the `givings` of the stores, read before.
    """
    offers = list(offers)
    if known is None:
        known = givings(session, {(each.dealer_id, each.store_id) for each in offers}, now=now)
    reserved = [
        each
        for each in offers
        if (at := known.get(each.store_id)) and free_at(each.offered_at, each.deadline_at, at.hours) > now
    ]
    places = _places(session, known, {each.store_id for each in reserved}, now)
    found = {each.assignment_id: known[each.store_id].told(places.get(each.assignment_id, 0), now) for each in reserved}
    return {offer: people for offer, people in found.items() if people}


def _places(
    session: Session, known: Mapping[UUID, Giving], stores: Iterable[UUID], now: datetime
) -> Mapping[UUID, int]:
    """At which place each waiting offer of stores stands that give leads out in turn."""
    keys = [(known[each].dealer_id, each) for each in sorted(stores) if known[each].way is Way.TURN]
    if not keys:
        return {}
    queues: dict[UUID, list[UUID]] = defaultdict(list)
    for store_id, assignment_id in session.execute(_WAITING, {**_STORES.parameters(keys), "now": now}):
        queues[store_id].append(assignment_id)
    return {offer: place for queue in queues.values() for place, offer in enumerate(queue)}


def _giving(desk: Any, people: Iterable[Any], now: datetime) -> Giving:
    hours = WeeklyHours.from_json(desk.hours) if desk.hours else DEFAULT_HOURS
    hours = hours.shut_on(map(date.fromisoformat, desk.closed_days or ()))
    opened, today = is_open(now, hours), beijing_day(now)
    by_role: dict[str, list[Any]] = defaultdict(list)
    for row in people:
        by_role[row.role].append(row)
    managers = tuple(row.user_id for row in by_role[Role.STORE_MANAGER])
    return Giving(
        dealer_id=desk.dealer_id,
        way=Way(desk.way),
        floor=desk.round,
        hours=hours,
        sellers=[
            Member(
                user_id=row.user_id,
                name="",
                on_duty=opened and not is_off(row.off_since, row.back_on, today),
                turn=row.turn or 0,
                given_at=row.given_at,
            )
            for row in by_role[Role.SALESPERSON]
        ],
        managers=managers,
        leaders=managers or tuple(row.user_id for row in by_role[Role.DEALER_OWNER]),
    )
