"""Which stores may use which publication: rows, so that the database itself keeps dealers apart."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_FOR = """
    (p.audience = 'all'
     OR p.audience = 'province' AND p.audience_codes ? s.province_code
     OR p.audience = 'city' AND p.audience_codes ? s.city_code
     OR p.audience = 'dealer' AND p.audience_codes ? d.code
     OR p.audience = 'store' AND p.audience_codes ? s.code
     OR p.audience = 'campaign' AND EXISTS (
          SELECT 1 FROM campaigns c
          JOIN consent_texts t ON t.campaign_id = c.campaign_id AND t.kind = 'share'
          JOIN scopes o ON o.scope_id = t.scope_id AND o.dealer_id = s.dealer_id
          WHERE p.audience_codes ? c.code
            AND t.version = (SELECT max(n.version) FROM consent_texts n
                             WHERE n.campaign_id = c.campaign_id AND n.kind = 'share')))
"""
_STOCK = f"""
INSERT INTO shelf (dealer_id, store_id, publication_id)
SELECT s.dealer_id, s.store_id, p.publication_id
FROM publications p
JOIN stores s ON s.status <> 'closed'
JOIN dealers d ON d.dealer_id = s.dealer_id AND d.status <> 'closed'
WHERE p.retired_at IS NULL
  AND (p.ends_at IS NULL OR p.ends_at > :now)
  AND (CAST(:publication_id AS uuid) IS NULL OR p.publication_id = :publication_id)
  AND {_FOR}
ORDER BY s.dealer_id, s.store_id, p.publication_id
ON CONFLICT DO NOTHING
"""  # noqa: S608  constants of this module alone
_CLEAR = f"""
UPDATE shelf h
SET removed_at = CASE WHEN {_FOR} THEN NULL ELSE coalesce(h.removed_at, :now) END
FROM publications p, stores s, dealers d
WHERE h.publication_id = :publication_id AND p.publication_id = h.publication_id
  AND s.dealer_id = h.dealer_id AND s.store_id = h.store_id AND d.dealer_id = h.dealer_id
"""  # noqa: S608  constants of this module alone
_COUNT = "SELECT count(*) FROM shelf WHERE publication_id = :publication_id AND removed_at IS NULL"


def stock(session: Session, *, now: datetime, publication_id: UUID | None = None) -> int:
    """Put a publication (or all that run or will run) on the shelves of its stores.

    A campaign's audience are the dealers that its newest consent to share names.

    Called when something is published, and again when stores were added or moved. A store that moved away keeps
    what it had.

    Returns:
        how many shelves gained one.
    """
    result = session.execute(text(_STOCK), {"publication_id": publication_id, "now": now})
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result: the statement is an INSERT


def restock(session: Session, *, now: datetime, publication_id: UUID) -> int:
    """Bring the shelves in line with a publication's audience after it was changed.

    Returns:
        how many stores have it now.
    """
    session.execute(text(_CLEAR), {"publication_id": publication_id, "now": now})
    stock(session, now=now, publication_id=publication_id)
    return int(session.execute(text(_COUNT), {"publication_id": publication_id}).scalar_one())
