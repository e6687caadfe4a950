"""What stands on the lists: of the sign-ups of a batch, and for pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from hq.qualification.facts import Received
from hq.qualification.screening.facts import Listing
from shared.db.batch import Column

_STANDS = "e.removed_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > :now)"
# Whoever is put on a list is looked at again; an entry that ends changes nothing that was decided while it stood.
_STOOD = """
    e.added_at < :now AND (e.removed_at IS NULL OR e.removed_at >= :now)
    AND (e.expires_at IS NULL
         OR e.expires_at > (SELECT g.accepted_at FROM signups g WHERE g.signup_id = k.signup_id))
"""


def _statement(stands: str, *, known: str) -> TextClause:
    """An account's number is on no list: it is compared where it stands."""
    return text(
        f"""
        SELECT k.signup_id, e.purpose, e.what, e.why, e.added_at
        FROM unnest(CAST(:ids AS uuid[]), CAST(:whats AS text[]), CAST(:values AS bytea[]))
             AS k (signup_id, what, value)
        JOIN listed e ON e.what = k.what AND e.value_bidx = k.value
        WHERE {stands}
        UNION ALL
        SELECT k.signup_id, e.purpose, e.what, e.why, e.added_at
        FROM unnest(CAST(:ip_ids AS uuid[]), CAST(:ips AS inet[])) AS k (signup_id, ip)
        JOIN listed e ON e.network >>= k.ip
        WHERE {stands}
        UNION ALL
        SELECT k.signup_id, 'account', 'phone', '', u.created_at
        FROM unnest(CAST(:phone_ids AS uuid[]), CAST(:phones AS bytea[])) AS k (signup_id, phone)
        JOIN (SELECT phone_bidx, created_at FROM hq_users WHERE phone_bidx IS NOT NULL AND status <> 'disabled'
              UNION ALL
              SELECT phone_bidx, created_at FROM staff WHERE phone_bidx IS NOT NULL AND status <> 'disabled') AS u
          ON u.phone_bidx = k.phone
        WHERE {known}
        """  # noqa: S608 (fragments of this module)
    )


_FOUND = _statement(_STANDS, known="true")
_FOUND_THEN = _statement(_STOOD, known="u.created_at < :now")


def found(session: Session, batch: Sequence[Received], *, now: datetime) -> Mapping[UUID, tuple[Listing, ...]]:
    """The lists on which something of a batch's sign-ups stands; one statement."""
    return _read(session, _FOUND, batch, now)


def found_then(session: Session, batch: Sequence[Received], *, until: datetime) -> Mapping[UUID, tuple[Listing, ...]]:
    """The same as it was at a moment of the past; of accounts it is not known when one was closed."""
    return _read(session, _FOUND_THEN, batch, until)


def _read(
    session: Session, statement: TextClause, batch: Sequence[Received], now: datetime
) -> Mapping[UUID, tuple[Listing, ...]]:
    values = [
        (each.signup_id, what, value)
        for each in batch
        for what, value in (
            ("phone", each.said.phone_bidx),
            ("openid", each.said.openid_bidx),
            ("device", each.device_bidx),
        )
        if value is not None
    ]
    addresses = [(each.signup_id, each.ip) for each in batch if each.ip is not None]
    phones = [(signup_id, value) for signup_id, what, value in values if what == "phone"]
    rows = session.execute(
        statement,
        {
            "ids": Column(row[0] for row in values),
            "whats": Column(row[1] for row in values),
            "values": Column(row[2] for row in values),
            "ip_ids": Column(row[0] for row in addresses),
            "ips": Column(row[1] for row in addresses),
            "phone_ids": Column(row[0] for row in phones),
            "phones": Column(row[1] for row in phones),
            "now": now,
        },
    )
    listings: dict[UUID, list[Listing]] = defaultdict(list)
    for signup_id, *listing in rows:
        listings[signup_id].append(Listing(*listing))
    return {signup_id: tuple(each) for signup_id, each in listings.items()}
