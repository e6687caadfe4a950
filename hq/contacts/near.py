"""Who is near a customer: perhaps the same person, perhaps a neighbour. Nobody is joined by it (decision 222)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.matching.engine import ACCOUNTS

_MOST = 12  # people of each kind
_SIGNUPS = 50  # of the customer, the latest
_THINGS = 5  # devices, addresses of the customer
_SEEN = 200  # sign-ups on one of them, the latest
_ACCOUNTS = ", ".join(f"('{kind}', mine.{column})" for kind, column in ACCOUNTS.items())
# Whoever stands at a store's own tablet is near nobody. Every part reads a bounded number of rows by an index.
_NEAR = text(
    f"""
    WITH mine AS (
        SELECT device_bidx, ip, user_agent, {", ".join(ACCOUNTS.values())}, touchpoint,
               region ->> 'county_code' AS county
        FROM signups WHERE contact_id = :contact ORDER BY accepted_at DESC, signup_id DESC LIMIT {_SIGNUPS}
    ), own AS (
        SELECT * FROM mine WHERE touchpoint IS DISTINCT FROM 'store_qr'
    ), found AS (
        (SELECT 'openid' AS kind, i.contact_id, max(c.at) AS at
         FROM (SELECT DISTINCT a.kind, a.value FROM mine CROSS JOIN LATERAL (VALUES {_ACCOUNTS}) AS a (kind, value)
               WHERE a.value IS NOT NULL LIMIT {_THINGS}) AS k
         CROSS JOIN LATERAL (SELECT phone_bidx, at FROM crowded_accounts
                             WHERE kind = k.kind AND value_bidx = k.value ORDER BY phone_bidx LIMIT {_SEEN}) AS c
         JOIN identities i ON i.kind = 'phone' AND i.value_bidx = c.phone_bidx
         WHERE i.contact_id <> :contact GROUP BY i.contact_id ORDER BY 3 DESC, 2 LIMIT {_MOST})
        UNION ALL
        (SELECT 'device', s.contact_id, max(s.occurred_at)
         FROM (SELECT DISTINCT device_bidx FROM own WHERE device_bidx IS NOT NULL LIMIT {_THINGS}) AS k
         CROSS JOIN LATERAL (SELECT contact_id, occurred_at FROM signups n
                             WHERE n.device_bidx = k.device_bidx AND n.touchpoint IS DISTINCT FROM 'store_qr'
                             ORDER BY n.occurred_at DESC LIMIT {_SEEN}) AS s
         WHERE s.contact_id <> :contact GROUP BY s.contact_id ORDER BY 3 DESC, 2 LIMIT {_MOST})
        UNION ALL
        (SELECT 'address', s.contact_id, max(s.occurred_at)
         FROM (SELECT DISTINCT ip, user_agent FROM own WHERE ip IS NOT NULL AND user_agent IS NOT NULL
               LIMIT {_THINGS}) AS k
         CROSS JOIN LATERAL (SELECT contact_id, occurred_at FROM signups n
                             WHERE n.ip = k.ip AND n.user_agent = k.user_agent
                               AND n.touchpoint IS DISTINCT FROM 'store_qr'
                             ORDER BY n.occurred_at DESC LIMIT {_SEEN}) AS s
         WHERE s.contact_id <> :contact GROUP BY s.contact_id ORDER BY 3 DESC, 2 LIMIT {_MOST})
        UNION ALL
        (SELECT 'name', o.contact_id, max(s.accepted_at)
         FROM (SELECT contact_id FROM contacts
               WHERE string_to_array(name, NULL) @> string_to_array(:name, NULL) AND name = :name
                 AND contact_id <> :contact AND merged_into IS NULL
               ORDER BY created_at DESC LIMIT {_SEEN}) AS o
         CROSS JOIN LATERAL (SELECT accepted_at, region ->> 'county_code' AS county FROM signups n
                             WHERE n.contact_id = o.contact_id ORDER BY n.accepted_at DESC LIMIT {_SIGNUPS}) AS s
         WHERE s.county IN (SELECT county FROM mine) GROUP BY o.contact_id ORDER BY 3 DESC, 2 LIMIT {_MOST})
    )
    SELECT c.contact_id, c.name, array_agg(f.kind ORDER BY f.kind) AS kinds, max(f.at) AS at,
           (SELECT p.masked FROM contact_phones p WHERE p.contact_id = c.contact_id
            ORDER BY p.created_at, p.phone_bidx LIMIT 1) AS phone
    FROM found f JOIN contacts c ON c.contact_id = f.contact_id
    WHERE c.merged_into IS NULL
    GROUP BY c.contact_id ORDER BY count(*) DESC, max(f.at) DESC, c.contact_id
    """  # noqa: S608 (names and numbers from code)
)


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody near. `kinds`: openid (a crowded account), device, address, name; `at`: when last; `phone` masked."""

    contact_id: UUID
    name: str | None
    kinds: Sequence[str]
    at: datetime
    phone: str | None


def near(session: Session, contact_id: UUID, name: str | None) -> list[Near]:
    """Those who share most, then the latest; one statement that reads a bounded number of rows."""
    rows = session.execute(_NEAR, {"contact": contact_id, "name": name or ""})
    return [Near(**row._mapping) for row in rows]
