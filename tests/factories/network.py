"""Dealers, stores and the people who work there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from shared.dealers.hours import DEFAULT_HOURS
from shared.dealers.models import Dealer, Series, Store, StoreDay, StoreWeek, Territory
from shared.identity.actor import Actor, ActorKind
from shared.identity.models import HqUser, Staff, StaffStore
from shared.identity.permissions import Role
from shared.platform.clock import beijing_day, week_of
from shared.platform.ids import new_id
from shared.population.models import DivisionPeople, PopulationTable
from tests.factories.counting import BLIND, NOW, add, number


def dealer(session: Session, **values: Any) -> Dealer:
    """A dealer."""
    n = number()
    given = {"dealer_id": new_id(NOW), "code": f"D{n:04}", "name": f"经销商{n}", "status": "active", "created_at": NOW}
    return add(session, Dealer(**{**given, **values}))


def store(session: Session, of: Dealer | None = None, *, cap: int | None = None, **values: Any) -> Store:
    """A store (of a new dealer unless one is given), open 9 to 18 every day, whose day of `NOW` is open.

    `cap`: leads a day; None for no limit.
    """
    of = of or dealer(session)
    n = number()
    given = {
        "dealer_id": of.dealer_id,
        "store_id": new_id(NOW),
        "code": f"S{n:04}",
        "name": f"门店{n}",
        "province_code": "330000",
        "city_code": "330100",
        "county_code": "330106",
        "address": f"文三路{n}号",
        "lng": 120.13,
        "lat": 30.26,
        "point_source": "as_given",
        "hours": DEFAULT_HOURS.to_json(),
        "daily_capacity": cap,
        "status": "active",
        "created_at": NOW,
        "changed_at": NOW,
    }
    made = add(session, Store(**{**given, **values}))
    open_day(session, made)
    return made


def series(session: Session, code: str, name: str, models: Sequence[str] = ()) -> Series:
    """A series of the brand."""
    return add(session, Series(code=code, name=name, models=list(models), created_at=NOW, changed_at=NOW))


def territory(session: Session, of: Dealer | Store, **values: Any) -> Territory:
    """A territory of a dealer, or of one store: shared unless said otherwise."""
    n = number()
    given = {
        "territory_id": new_id(NOW),
        "name": f"辖区{n}",
        "for_dealer_id": of.dealer_id,
        "for_store_id": of.store_id if isinstance(of, Store) else None,
        "mode": "shared",
        "divisions": [],
        "radius_km": None,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return add(session, Territory(**{**given, **values}))


def population(session: Session, people: Mapping[str, int], **values: Any) -> PopulationTable:
    """The population table in force, with people by code."""
    given = {
        "table_id": new_id(NOW),
        "source": "第七次人口普查",
        "as_of": 2020,
        "file_name": "人口.csv",
        "counties": len(people),
        "people": sum(people.values()),
        "left_out": 0,
        "brought_by": "总部",
        "brought_at": NOW,
    }
    made = add(session, PopulationTable(**{**given, **values}))
    session.flush()
    session.add_all(DivisionPeople(table_id=made.table_id, code=code, people=count) for code, count in people.items())
    session.flush()
    return made


def open_day(session: Session, of: Store, *, day: date | None = None, taken: int = 0, **values: Any) -> StoreDay:
    """A day (that of `NOW` unless given) on which the store takes leads, and its week."""
    day = day or beijing_day(NOW)
    week = session.get(StoreWeek, (of.dealer_id, of.store_id, week_of(day)))
    if week is None:
        here = {"dealer_id": of.dealer_id, "store_id": of.store_id, "week": week_of(day)}
        week = add(session, StoreWeek(**here, cap=of.weekly_capacity, taken=0))
    week.taken += taken
    given = {"dealer_id": of.dealer_id, "store_id": of.store_id, "cap": of.daily_capacity, "taken": taken}
    return add(session, StoreDay(day=day, **{**given, **values}))


def staff(
    session: Session, at: Sequence[Store] | Dealer, role: Role = Role.STORE_MANAGER, *, login: str = "", **values: Any
) -> Staff:
    """Somebody at these stores (or the owner of a dealer). `login` is what they type to sign in."""
    n = number()
    dealer_id = at.dealer_id if isinstance(at, Dealer) else at[0].dealer_id
    login = login or f"staff{n}"
    given = {"dealer_id": dealer_id, "user_id": new_id(NOW), "name": f"店员{n}", "role": str(role)}
    made = add(session, Staff(**{**_account(login), **given, **values}))
    for place in [] if isinstance(at, Dealer) else at:
        add(session, StaffStore(dealer_id=dealer_id, user_id=made.user_id, store_id=place.store_id))
    return made


def hq_user(session: Session, role: Role = Role.OPERATOR, *, login: str = "", **values: Any) -> HqUser:
    """Somebody at headquarters."""
    n = number()
    given = {"user_id": new_id(NOW), "name": f"总部{n}", "role": str(role)}
    return add(session, HqUser(**{**_account(login or f"hq{n}"), **given, **values}))


def actor_of(session: Session, who: Staff | HqUser) -> Actor:
    """The person as services see them."""
    role = Role(who.role)
    if isinstance(who, HqUser):
        return Actor(kind=ActorKind.HQ, name=who.name, user_id=who.user_id, role=role)
    rows = session.query(StaffStore).filter_by(dealer_id=who.dealer_id, user_id=who.user_id)
    return Actor(
        kind=ActorKind.DEALER,
        name=who.name,
        user_id=who.user_id,
        dealer_id=who.dealer_id,
        role=role,
        store_ids=None if role is Role.DEALER_OWNER else frozenset(row.store_id for row in rows),
    )


def _account(login: str) -> dict[str, Any]:
    return {
        "login_bidx": BLIND.of("login", login),
        "login_masked": login[:3] + "***",
        "status": "active",
        "password_hash": None,
        "locale": "zh",
        "invite_hash": None,
        "invite_expires_at": None,
        "created_at": NOW,
        "password_changed_at": NOW,
        "disabled_at": None,
    }
