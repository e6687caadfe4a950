"""What a chunk of a dealer list would do, without doing it (two statements)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.intake.imports.signup_rows import RejectedRow
from hq.intake.imports.store_chunks import foreign, parted
from hq.intake.imports.store_rows import StoreRow
from shared.identity.logins import read_login

_STORES = text(
    """
    SELECT upper(s.code) AS code, d.code AS dealer FROM stores s JOIN dealers d USING (dealer_id)
    WHERE upper(s.code) = ANY(CAST(:codes AS text[]))
    """
)
_STAFF = text(
    """
    SELECT s.login_bidx, d.code FROM staff s JOIN dealers d USING (dealer_id)
    WHERE s.login_bidx = ANY(CAST(:logins AS bytea[]))
    """
)


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """The rows of a chunk by their end.

    Attributes:
        known: how many of `rows` name a store that is there already.
        elsewhere: rows whose manager has an account at another dealer.
    """

    rows: Sequence[StoreRow]
    rejected: Sequence[RejectedRow]
    known: int
    elsewhere: frozenset[int]

    @classmethod
    def of(cls, session: Session, outcomes: Iterable[StoreRow | RejectedRow], *, blind_key: bytes) -> Self:
        """Compare a chunk with the stores and accounts that are there."""
        rows, rejected = parted(outcomes)
        found = session.execute(_STORES, {"codes": [row.code.upper() for row in rows]}).all()
        owner: dict[str, str] = {row.code: row.dealer for row in found}
        kept: list[StoreRow] = []
        gone: list[RejectedRow] = []
        for row in rows:
            if owner.get(row.code.upper(), row.dealer_code) == row.dealer_code:
                kept.append(row)
            else:
                gone.append(foreign(row))
        known = sum(row.code.upper() in owner for row in kept)
        return cls(kept, [*rejected, *gone], known, _elsewhere(session, kept, blind_key))


def _elsewhere(session: Session, rows: Sequence[StoreRow], blind_key: bytes) -> frozenset[int]:
    logins = {row.row: read_login(row.manager_phone).index(blind_key) for row in rows if row.manager_phone}
    if not logins:
        return frozenset()
    found = session.execute(_STAFF, {"logins": sorted(set(logins.values()))})
    dealer_of: dict[bytes, str] = {bytes(login): dealer for login, dealer in found}
    for row in rows:
        if row.row in logins:
            dealer_of.setdefault(logins[row.row], row.dealer_code)
    return frozenset(row.row for row in rows if row.row in logins and dealer_of[logins[row.row]] != row.dealer_code)
