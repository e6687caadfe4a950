"""The stores of the demo at work: they claim, send back, call and sell through the services that the pages use.

`now` is given, and what a store does follows from a seed, so that a demo can be repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, func, select, true
from sqlalchemy.orm import Session

from content_library import on_shelf, pulls
from content_library.kinds import PICTURED
from dealer.demo.callers import Caller, next_caller
from dealer.demo.temper import Act, answer, next_step, temper_of
from shared.campaigns.standing import words_for
from shared.contacts.crypto import BlindIndex, Vault
from shared.db.session import make_engine, unit_of_work
from shared.dealers.hours import DEFAULT_HOURS, WeeklyHours
from shared.dealers.models import Dealer, Store
from shared.identity import realms, sessions
from shared.identity.actor import Actor
from shared.identity.models import Staff, StaffStore
from shared.leads import giving, service
from shared.leads.lifecycle import HOLDING, Stage
from shared.leads.models import Assignment, FollowUp
from shared.leads.story import Done
from shared.leads.words import Kind
from shared.platform.clock import BEIJING
from shared.platform.errors import DomainError
from shared.platform.ids import new_id
from shared.platform.keys import CURRENT_KEY_ID, DealerKeys
from shared.platform.settings import Settings
from shared.walkins import service as walkins

_GOES_ON = ("claim", "call")
_OPEN = (Stage.OFFERED, *sorted(HOLDING - {Stage.WON}))
# Of claimed leads: number looked at at once, given to a salesperson, content taken, of that posters.
_CALLS_AT_ONCE, _GIVEN, _PULLED, _POSTER = 0.6, 0.35, 0.22, 0.35


@dataclass(frozen=True, slots=True)
class _Place:
    """One store with its people."""

    code: str
    hours: WeeklyHours
    manager: Actor
    salespeople: tuple[UUID, ...]


@dataclass(slots=True)
class _Case:
    """An assignment that a store could move; `next_at`: when its next step is due, after so many steps."""

    one: Assignment
    steps: int
    next_at: datetime | None

    def after(self, act: Act) -> None:
        """What follows from an act, without reading again."""
        self.next_at = act.next_at
        self.steps += act.what == "call"


class _Refused(Exception):
    """A service refused an act."""

    def __init__(self, mark: tuple[UUID, str], code: str) -> None:
        super().__init__(code)
        self.mark, self.code = mark, code


@dataclass(slots=True)
class Shop:
    """One dealer's stores: where they act, as whom, and with which key.

    Attributes:
        haste: divides the time that stores take, for a demo that somebody watches.
    """

    engine: Engine
    dealer_id: UUID
    vault: Vault
    index: BlindIndex
    seed: int = 1
    haste: float = 1.0
    wakes_at: datetime | None = None  # when a store has something to do, unless new offers come before
    _places: dict[UUID, _Place] = field(default_factory=dict)
    _callers: dict[UUID, Caller | None] = field(default_factory=dict)  # who comes to each store next

    def work(self, *, now: datetime) -> Counter[str]:
        """Let every store of the dealer do what it has got round to by `now`, each act at its own moment.

        Returns:
            what was done how often: claim, decline, call, won, lost, give, pull, caller, or the code of a refusal.
        """
        came = self._receive(now)
        refused: dict[tuple[UUID, str], str] = {}
        while True:
            try:
                with unit_of_work(self.engine, dealer_id=self.dealer_id) as session:
                    done = self._until(session, now, refused)
            except _Refused as no:  # its transaction is gone: the others' acts again, without this one
                refused[no.mark] = no.code
                continue
            self._wake_for_callers()
            return came + done + Counter(refused.values())

    def _receive(self, now: datetime) -> Counter[str]:
        """Write down who came to the stores by now, each at their own moment."""
        came: Counter[str] = Counter()
        with unit_of_work(self.engine, dealer_id=self.dealer_id) as session:
            places = self._places or self._look(session)
            if not self._callers:
                self._callers = {key: self._next_caller(place, now) for key, place in places.items()}
            for store_id, place in places.items():
                while (caller := self._callers[store_id]) is not None and caller.at <= now:
                    came[_write_down(session, caller, store_id, place.manager, self.vault, self.index)] += 1
                    self._callers[store_id] = self._next_caller(place, caller.at)
        return came

    def _next_caller(self, place: _Place, after: datetime) -> Caller | None:
        return next_caller(place.code, after=after, seed=self.seed, haste=self.haste)

    def _wake_for_callers(self) -> None:
        expected = [each.at for each in self._callers.values() if each is not None]
        self.wakes_at = min(filter(None, [self.wakes_at, *expected]), default=None)

    def _until(self, session: Session, now: datetime, refused: Container[tuple[UUID, str]]) -> Counter[str]:
        done: Counter[str] = Counter()
        places = self._places or self._look(session)
        cases = [_Case(*row) for row in _open_rows(session, self.dealer_id) if row[0].store_id in places]
        plans = [(act, case) for case in cases if (act := self._next(case, places, refused))]
        self.wakes_at = None
        while plans:
            act, case = plans.pop(plans.index(min(plans, key=lambda plan: (plan[0].at, plan[1].one.assignment_id))))
            if act.at > now:
                self.wakes_at = act.at
                break
            self._do(session, case, act, places[case.one.store_id], done)
            if act.what in _GOES_ON and (then := self._next(case, places, refused)):
                plans.append((then, case))
        return done

    def _look(self, session: Session) -> dict[UUID, _Place]:
        stores = session.scalars(select(Store).where(Store.dealer_id == self.dealer_id)).all()
        at = dict(
            session.execute(select(StaffStore.user_id, StaffStore.store_id).filter_by(dealer_id=self.dealer_id)).all()
        )
        people = session.scalars(select(Staff).filter_by(dealer_id=self.dealer_id, status="active")).all()
        for store in stores:
            here = [person for person in people if at.get(person.user_id) == store.store_id]
            manager = next((person for person in here if person.role == "store_manager"), None)
            if manager is not None:
                self._places[store.store_id] = _Place(
                    store.code,
                    WeeklyHours.from_json(store.hours) if store.hours else DEFAULT_HOURS,
                    sessions.actor_of(session, realms.DEALER, manager, address=""),
                    tuple(person.user_id for person in here if person.role == "salesperson"),
                )
        return self._places

    def _next(self, case: _Case, places: Mapping[UUID, _Place], refused: Container[tuple[UUID, str]]) -> Act | None:
        """What the store is going to do about an assignment; None when nothing."""
        one, place = case.one, places[case.one.store_id]
        temper, rnd = temper_of(place.code), self._dice(one, case.steps)
        if one.stage == Stage.OFFERED:
            act = answer(temper, rnd, one.offered_at.astimezone(BEIJING), place.hours, haste=self.haste)
            if act.at >= one.deadline_at:
                return None  # too late: it is left to the clock
        else:
            act = next_step(
                temper,
                rnd,
                stage=Stage(one.stage),
                grade=one.grade,
                steps=case.steps,
                due=(case.next_at or one.moved_at).astimezone(BEIJING),
                hours=place.hours,
                haste=self.haste,
            )
        return None if act.what == "leave" or (one.assignment_id, act.what) in refused else act

    def _dice(self, one: Assignment, steps: int) -> Random:
        who = f"{one.offer.get('phone')}-{one.hop}-{one.stage}-{steps}"
        return Random(f"{self.seed}-{who}")  # noqa: S311  a demo, not a secret

    def _do(self, session: Session, case: _Case, act: Act, place: _Place, done: Counter[str]) -> None:
        one, rnd = case.one, self._dice(case.one, -1)
        key, actor, now = one.assignment_id, place.manager, act.at
        try:
            self._move(session, one=one, act=act, actor=actor)
            done[act.what] += 1
            case.after(act)
            if act.what != "claim":
                return
            if rnd.random() < _CALLS_AT_ONCE:
                service.reveal(session, assignment_id=key, actor=actor, vault=self.vault, now=now)
                done["reveal"] += 1
            if place.salespeople and rnd.random() < _GIVEN:
                to, why = rnd.choice(place.salespeople), giving.GiveReason.BUSY
                giving.give(session, assignment_ids=[key], actor=actor, to=to, reason=why, now=now)
                done["give"] += 1
            if rnd.random() < _PULLED:
                done["pull"] += _pull(session, one=one, actor=actor, rnd=rnd, now=now)
        except DomainError as error:
            raise _Refused((key, act.what), error.code) from error

    def _move(self, session: Session, *, one: Assignment, act: Act, actor: Actor) -> None:
        key, now = one.assignment_id, act.at
        if act.what == "claim":
            service.claim(session, assignment_id=key, actor=actor, now=now)
        elif act.what == "decline":
            service.decline(session, assignment_id=key, actor=actor, reason=act.reason, now=now)
        elif act.what == "won":
            service.win(session, assignment_id=key, actor=actor, now=now)
        elif act.what == "lost":
            service.lose(session, assignment_id=key, actor=actor, reason=act.reason, now=now)
        else:
            done = Done(
                follow_up_id=new_id(now), kind=Kind(act.kind), outcome=act.outcome, note=act.note, next_at=act.next_at
            )
            service.follow_up(session, assignment_id=key, actor=actor, done=done, now=now)


def _write_down(
    session: Session, caller: Caller, store_id: UUID, manager: Actor, vault: Vault, index: BlindIndex
) -> str:
    """Enter somebody as the form would; what was done, or the code of a refusal, which comes before anything is
    written."""
    dealer = session.scalars(select(Dealer.name).where(Dealer.dealer_id == manager.dealer_id)).one()
    interest = {"purchase_horizon": caller.horizon, "current_vehicle": caller.vehicle}
    entry = walkins.Entry(
        walk_in_id=new_id(caller.at),
        store_id=store_id,
        touchpoint=caller.touchpoint,
        phone=caller.phone,
        name=caller.name,
        note=caller.note,
        words=words_for(dealer).zh,
        how=caller.how,
        interest={name: value for name, value in interest.items() if value},
    )
    try:
        walkins.enter(session, entry=entry, vault=vault, index=index, actor=manager, now=caller.at)
    except DomainError as refusal:
        return refusal.code
    return "caller"


def _taken(item: on_shelf.ShelfLine, rnd: Random) -> str:
    """What somebody takes of a piece: its file rarely, unless there is nothing else."""
    if item.kind not in PICTURED:
        return pulls.COPY
    return item.kind.value if not item.pieces or rnd.random() < _POSTER else pulls.COPY


def _pull(session: Session, *, one: Assignment, actor: Actor, rnd: Random, now: datetime) -> int:
    shelf = on_shelf.on_shelf(session, dealer_id=one.dealer_id, store_id=one.store_id, now=now)
    if not shelf:
        return 0
    item = rnd.choice(shelf)
    pulls.pull(
        session,
        store_id=one.store_id,
        publication_id=item.publication_id,
        kind=_taken(item, rnd),
        request_key=f"demo-{one.assignment_id}",
        actor=actor,
        now=now,
    )
    return 1


def _open_rows(session: Session, dealer_id: UUID) -> list[Row[*tuple[Any, ...]]]:
    """The dealer's assignments that a store could move, with when their next step is due and how many were done."""
    steps = (
        select(func.count().label("steps"), func.max(FollowUp.at).label("last"))
        .where(
            FollowUp.dealer_id == Assignment.dealer_id,
            FollowUp.assignment_id == Assignment.assignment_id,
            FollowUp.kind.in_(tuple(Kind)),
        )
        .lateral()
    )
    due = (
        select(FollowUp.next_at)
        .where(FollowUp.dealer_id == Assignment.dealer_id, FollowUp.assignment_id == Assignment.assignment_id)
        .order_by(FollowUp.at.desc(), FollowUp.follow_up_id.desc())
        .limit(1)
        .correlate(Assignment)
        .scalar_subquery()
    )
    chosen = (
        select(Assignment, steps.c.steps, due.label("next_at"))
        .outerjoin(steps, true())
        .where(Assignment.dealer_id == dealer_id, Assignment.stage.in_(_OPEN), Assignment.ended_at.is_(None))
    )
    return list(session.execute(chosen).all())


class Shops:
    """All dealers' stores, in one process; use it as a context."""

    def __init__(self, settings: Settings, *, haste: float = 1.0) -> None:
        self._engine = make_engine(settings.role_urls["dealer"], pool_size=1, pooled_by_pgbouncer=False)
        keys = DealerKeys.of(settings.secret)
        self._vault, self._index = Vault(keys.cards, CURRENT_KEY_ID), BlindIndex(keys.blind)
        self._haste = haste
        self._shops: dict[UUID, Shop] = {}
        self.done: Counter[str] = Counter()

    def __enter__(self) -> Shops:
        return self

    def __exit__(self, *_error: object) -> None:
        self._engine.dispose()

    def woken(self, moment: datetime) -> set[UUID]:
        """Dealers that have something to do by a moment."""
        return {key for key, shop in self._shops.items() if shop.wakes_at is not None and shop.wakes_at <= moment}

    def work(self, dealer_id: UUID, moment: datetime) -> None:
        """Let a dealer's stores do what is due by a moment."""
        if dealer_id not in self._shops:
            self._shops[dealer_id] = Shop(self._engine, dealer_id, self._vault, self._index, haste=self._haste)
        self.done += self._shops[dealer_id].work(now=moment)
