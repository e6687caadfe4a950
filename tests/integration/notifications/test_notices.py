"""Who is told what: a store, a dealer's owners, headquarters; the same occasion once, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import unit_of_work
from shared.dealers.models import Store
from shared.identity.actor import Actor, ActorKind
from shared.identity.permissions import Permission, Role
from shared.notifications import queries, service
from shared.notifications.kinds import UnknownKind
from shared.notifications.models import Notification
from shared.notifications.notices import Notice, notify
from shared.platform.ids import NIL, new_id
from tests.factories.counting import NOW


def tell(engine: Any, *notices: Notice) -> None:
    with unit_of_work(engine) as session:
        notify(session, notices, now=NOW)


def person(store: Store, role: Role, *, everywhere: bool = False) -> Actor:
    stores = None if everywhere else frozenset({store.store_id})
    return Actor(
        kind=ActorKind.DEALER, name="x", user_id=new_id(NOW), dealer_id=store.dealer_id, role=role, store_ids=stores
    )


def kinds(engine: Any, actor: Actor) -> list[str]:
    with unit_of_work(engine, dealer_id=actor.dealer_id) as session:
        return sorted(one.kind for one in queries.latest(session, actor=actor))


def test_the_same_occasion_is_told_once(worker_engine: Any, rows: Session, store: Store) -> None:
    one = Notice("contact_late", store.dealer_id, store.store_id, new_id(NOW), to="owner")
    tell(worker_engine, one, one)
    tell(worker_engine, one)
    assert len(rows.scalars(select(Notification)).all()) == 1


def test_owners_see_what_is_for_them_and_sellers_do_not(worker_engine: Any, dealer_engine: Any, store: Store) -> None:
    about = (store.dealer_id, store.store_id, new_id(NOW))
    tell(worker_engine, Notice("escalated", *about, to="owner"), Notice("expired", *about))
    assert kinds(dealer_engine, person(store, Role.DEALER_OWNER, everywhere=True)) == ["escalated", "expired"]
    assert kinds(dealer_engine, person(store, Role.STORE_MANAGER)) == ["expired"]


def test_what_is_for_one_person_is_seen_by_that_person(worker_engine: Any, dealer_engine: Any, store: Store) -> None:
    seller, colleague = person(store, Role.SALESPERSON), person(store, Role.SALESPERSON)
    tell(
        worker_engine,
        Notice("contact_soon", store.dealer_id, store.store_id, new_id(NOW), user_id=seller.user_id),
    )
    assert (kinds(dealer_engine, seller), kinds(dealer_engine, colleague)) == (["contact_soon"], [])


def test_headquarters_notices_are_no_dealers(worker_engine: Any, dealer_engine: Any, rows: Session) -> None:
    tell(worker_engine, Notice("desk", lead_id=new_id(NOW), to="hq"))
    stored = rows.scalars(select(Notification)).one()
    assert (stored.dealer_id, stored.permission) == (NIL, Permission.LEADS_ASSIGN)
    for tenant in (None, new_id(NOW + timedelta(seconds=1))):
        with unit_of_work(dealer_engine, dealer_id=tenant) as session:
            assert session.scalars(select(Notification)).all() == []


@pytest.mark.parametrize(
    ("kind", "to"), [("rain", "store"), ("desk", "store"), ("taken", "hq")], ids=["unknown", "hq only", "store only"]
)
def test_what_nobody_has_words_for_is_refused(worker_engine: Any, store: Store, kind: str, to: Any) -> None:
    with pytest.raises(UnknownKind):
        tell(worker_engine, Notice(kind, store.dealer_id, store.store_id, new_id(NOW), to=to))


def test_reading_is_each_persons_own(worker_engine: Any, dealer_engine: Any, store: Store) -> None:
    reader, colleague = person(store, Role.SALESPERSON), person(store, Role.SALESPERSON)
    tell(worker_engine, *(Notice("expired", store.dealer_id, store.store_id, new_id(NOW)) for _ in range(3)))
    with unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session:
        first, *_rest = queries.latest(session, actor=reader)
        service.mark_read(session, actor=reader, ids=[first.notification_id], now=NOW)
        assert (queries.unread(session, actor=reader), queries.unread(session, actor=colleague)) == (2, 3)
        service.mark_all_read(session, actor=reader, now=NOW)
        assert (queries.unread(session, actor=reader), queries.unread(session, actor=colleague)) == (0, 3)


def test_a_notice_that_is_committed_late_is_not_read_unseen(
    worker_engine: Any, dealer_engine: Any, store: Store
) -> None:
    reader = person(store, Role.SALESPERSON)
    with unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session:
        service.mark_all_read(session, actor=reader, now=NOW + timedelta(seconds=30))
    tell(worker_engine, Notice("expired", store.dealer_id, store.store_id, new_id(NOW)))  # of a batch that began before
    with unit_of_work(dealer_engine, dealer_id=store.dealer_id) as session:
        assert queries.unread(session, actor=reader) == 1


def test_headquarters_people_see_what_they_may_act_on(worker_engine: Any, hq_engine: Any, settings: Any) -> None:
    tell(worker_engine, Notice("desk", lead_id=new_id(NOW), to="hq"))
    for role, seen in ((Role.OPERATOR, 1), (Role.ANALYST, 0)):
        actor = Actor(kind=ActorKind.HQ, name="x", user_id=new_id(NOW), role=role)
        with unit_of_work(hq_engine) as session:
            assert queries.unread(session, actor=actor) == seen, role
