"""Inviting many people at once: what each line would do, and doing it in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from hq.admin.bulk_text import Line
from shared.audit import service as audit
from shared.dealers.models import Dealer, Store
from shared.identity.actor import Actor
from shared.identity.errors import RoleAbove
from shared.identity.invites import LIFETIME, Invite, new_secret
from shared.identity.logins import Login, read_login
from shared.identity.models import Staff, StaffStore
from shared.identity.permissions import Role, may_give
from shared.platform.ids import next_id


@dataclass(frozen=True, slots=True)
class Place:
    """A store that a line names."""

    store_id: UUID
    dealer_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A line beside the database. `problem` is a code; `there`: who has the number already."""

    line: Line
    stores: tuple[Place, ...]
    problem: str | None
    there: str = ""
    detail: str = ""

    @property
    def good(self) -> bool:
        """Whether the person is invited."""
        return self.problem is None


def check(session: Session, lines: Sequence[Line], *, blind_key: bytes) -> list[Checked]:
    """What each line would do (two statements)."""
    places, closed = _stores(session, {code.upper() for line in lines for code in line.stores})
    logins = {line.e164: read_login(line.e164).index(blind_key) for line in lines if line.e164}
    people = _people(session, list(logins.values()))
    return [_checked(line, places, closed, people.get(logins[line.e164], "") if line.e164 else "") for line in lines]


def invite(
    session: Session, checked: Sequence[Checked], *, blind_key: bytes, actor: Actor, now: datetime
) -> list[tuple[Staff, Invite]]:
    """Draft accounts for the good lines, each with an open link; gives them in the order of the lines.

    Somebody who was added meanwhile is left out.

    Raises:
        RoleAbove: a role may do more than the actor's.
    """
    good = [each for each in checked if each.good]
    if any(each.line.role is not None and not may_give(actor.role, each.line.role) for each in good):
        raise RoleAbove
    made = [_draft(each, read_login(each.line.e164 or ""), blind_key, now) for each in good]
    session.add_all(person for person, _link in made)
    session.flush()  # the stores' rows refer to the accounts; SQLAlchemy inserts them together
    at_stores = [
        {"dealer_id": person.dealer_id, "user_id": person.user_id, "store_id": place.store_id}
        for (person, _link), each in zip(made, good, strict=True)
        for place in each.stores
    ]
    if at_stores:
        session.execute(insert(StaffStore), at_stores)
    for person, _link in made:
        for action in ("user:add", "user:invite"):
            audit.record(session, actor, action, person.user_id, at=now, dealer_id=person.dealer_id, role=person.role)
    return made


def _draft(each: Checked, login: Login, blind_key: bytes, now: datetime) -> tuple[Staff, Invite]:
    dealer_id, user_id = each.stores[0].dealer_id, next_id(now)
    link = Invite(user_id, dealer_id, new_secret())
    role = each.line.role or Role.SALESPERSON
    person = Staff(
        dealer_id=dealer_id,
        user_id=user_id,
        login_bidx=login.index(blind_key),
        login_masked=login.masked,
        phone_bidx=login.phone_index(blind_key),
        name=each.line.name,
        role=role.value,
        status="invited",
        password_hash=None,
        locale="zh",
        invite_hash=link.digest,
        invite_expires_at=now + LIFETIME,
        created_at=now,
        password_changed_at=None,
        disabled_at=None,
    )
    return person, link


def _stores(session: Session, codes: set[str]) -> tuple[Mapping[str, Place], set[str]]:
    rows = session.execute(
        select(Store.code, Store.store_id, Store.dealer_id, Store.name, Store.status).where(
            func.upper(Store.code).in_(codes)
        )
    ).all()
    places = {row.code.upper(): Place(row.store_id, row.dealer_id, row.name) for row in rows}
    return places, {row.code.upper() for row in rows if row.status == "closed"}


def _people(session: Session, logins: Sequence[bytes]) -> Mapping[bytes, str]:
    rows = session.execute(
        select(Staff.login_bidx, Staff.name, Dealer.name.label("dealer"))
        .join(Dealer, Dealer.dealer_id == Staff.dealer_id)
        .where(Staff.login_bidx.in_(logins))
    )
    return {bytes(row.login_bidx): f"{row.name}（{row.dealer}）" for row in rows}


def _checked(line: Line, places: Mapping[str, Place], closed: set[str], there: str) -> Checked:
    stores = tuple(places[code.upper()] for code in line.stores if code.upper() in places)
    unknown = next((code for code in line.stores if code.upper() not in places), "")
    shut = next((code for code in line.stores if code.upper() in closed), "")
    if line.problem:
        return Checked(line, stores, line.problem)
    if there:
        return Checked(line, stores, "login_there", there=there)
    if unknown:
        return Checked(line, stores, "store_unknown", detail=unknown)
    if shut:
        return Checked(line, stores, "store_closed", detail=shut)
    if len({store.dealer_id for store in stores}) > 1:
        return Checked(line, stores, "two_dealers")
    return Checked(line, stores, None)
