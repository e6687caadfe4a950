"""Which stores may use which publication: rows, so that the database itself keeps dealers apart."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_STOCK = """
INSERT INTO shelf (dealer_id, store_id, publication_id)
SELECT s.dealer_id, s.store_id, p.publication_id
FROM publications p
JOIN stores s ON s.status <> 'closed'
JOIN dealers d ON d.dealer_id = s.dealer_id AND d.status <> 'closed'
WHERE p.retired_at IS NULL
  AND (p.ends_at IS NULL OR p.ends_at > :now)
  AND (CAST(:publication_id AS uuid) IS NULL OR p.publication_id = :publication_id)
  AND (p.audience = 'all'
       OR p.audience = 'province' AND p.audience_codes ? s.province_code
       OR p.audience = 'dealer' AND p.audience_codes ? d.code)
ORDER BY s.dealer_id, s.store_id, p.publication_id
ON CONFLICT DO NOTHING
"""


def stock(session: Session, *, now: datetime, publication_id: UUID | None = None) -> int:
    """Put a publication (or all that run or will run) on the shelves of its stores.

    Called when something is published, and again when stores were added or moved. A store that moved away keeps
    what it had.

    Returns:
        how many shelves gained one.
    """
    result = session.execute(text(_STOCK), {"publication_id": publication_id, "now": now})
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result: the statement is an INSERT
