"""Managers that a dealer list names become drafted accounts, one per phone, for every store they are named at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.intake.imports.store_rows import StoreRow
from shared.identity.logins import Login, read_login
from shared.identity.permissions import Role
from shared.platform.ids import new_id

_KNOWN = text("SELECT login_bidx, dealer_id, user_id FROM staff WHERE login_bidx = ANY(CAST(:logins AS bytea[]))")
_STAFF = text(
    """
    INSERT INTO staff (dealer_id, user_id, login_bidx, login_masked, phone_bidx, name, role, status, locale, created_at)
    SELECT dealer_id, user_id, login_bidx, login_masked, phone_bidx, name, :role, 'invited', 'zh', :now
    FROM unnest(CAST(:dealer_ids AS uuid[]), CAST(:user_ids AS uuid[]), CAST(:logins AS bytea[]),
                CAST(:masked AS text[]), CAST(:phones AS bytea[]), CAST(:names AS text[]))
         AS t (dealer_id, user_id, login_bidx, login_masked, phone_bidx, name)
    ORDER BY login_bidx
    ON CONFLICT (login_bidx) DO NOTHING
    """
)
_AT_STORES = text(
    """
    INSERT INTO staff_stores (dealer_id, user_id, store_id)
    SELECT dealer_id, user_id, store_id
    FROM unnest(CAST(:dealer_ids AS uuid[]), CAST(:user_ids AS uuid[]), CAST(:store_ids AS uuid[]))
         AS t (dealer_id, user_id, store_id)
    ON CONFLICT DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class _Person:
    dealer_id: UUID
    user_id: UUID


def draft(
    session: Session,
    rows: Sequence[StoreRow],
    dealers: Mapping[str, UUID],
    stores: Mapping[str, UUID],
    *,
    blind_key: bytes,
    now: datetime,
) -> frozenset[int]:
    """Draft an account for every manager who has none; nobody can sign in before an invite is accepted.

    Returns:
        the rows whose manager has an account at another dealer already, and so none here.
    """
    named = [(row, read_login(row.manager_phone)) for row in rows if row.manager_phone]
    if not named:
        return frozenset()
    bidx = {login.value: login.index(blind_key) for _, login in named}
    people = _known(session, list(bidx.values()))
    new: dict[bytes, tuple[StoreRow, Login]] = {}
    for row, login in named:
        if bidx[login.value] not in people:
            new.setdefault(bidx[login.value], (row, login))
    people |= {key: _Person(dealers[row.dealer_code], new_id(now)) for key, (row, _) in new.items()}
    _write(session, new, people, blind_key=blind_key, now=now)
    there = [(people[bidx[login.value]], row) for row, login in named]
    own = [(person, row) for person, row in there if person.dealer_id == dealers[row.dealer_code]]
    at_stores = {
        "dealer_ids": [person.dealer_id for person, _ in own],
        "user_ids": [person.user_id for person, _ in own],
        "store_ids": [stores[row.code] for _, row in own],
    }
    session.execute(_AT_STORES, at_stores)
    return frozenset(row.row for person, row in there if person.dealer_id != dealers[row.dealer_code])


def _known(session: Session, logins: Sequence[bytes]) -> dict[bytes, _Person]:
    found = session.execute(_KNOWN, {"logins": list(logins)})
    return {bytes(login): _Person(dealer_id, user_id) for login, dealer_id, user_id in found}


def _write(
    session: Session,
    new: Mapping[bytes, tuple[StoreRow, Login]],
    people: Mapping[bytes, _Person],
    *,
    blind_key: bytes,
    now: datetime,
) -> None:
    values = {
        "dealer_ids": [people[key].dealer_id for key in new],
        "user_ids": [people[key].user_id for key in new],
        "logins": list(new),
        "masked": [login.masked for _, login in new.values()],
        "phones": [login.phone_index(blind_key) for _, login in new.values()],
        "names": [row.manager_name or row.name for row, _ in new.values()],
        "role": Role.STORE_MANAGER.value,
        "now": now,
    }
    if new:
        session.execute(_STAFF, values)
