"""Which stores may use which publication: rows, so that the database itself keeps dealers apart."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_STOCK = """
INSERT INTO shelf (dealer_id, store_id, publication_id)
SELECT s.dealer_id, s.store_id, p.publication_id
FROM publications p
JOIN stores s ON s.status <> 'closed'
JOIN dealers d ON d.dealer_id = s.dealer_id
WHERE p.retired_at IS NULL
  AND (CAST(:publication_id AS uuid) IS NULL OR p.publication_id = :publication_id)
  AND (p.audience = 'all'
       OR p.audience = 'province' AND p.audience_codes ? s.province_code
       OR p.audience = 'dealer' AND p.audience_codes ? d.code)
ORDER BY s.dealer_id, s.store_id, p.publication_id
ON CONFLICT DO NOTHING
"""


def stock(session: Session, publication_id: UUID | None = None) -> int:
    """Put a publication (or all that run) on the shelves of its stores; returns how many shelves gained one.

    Called when something is published, and again when stores were added or moved.
    """
    result = session.execute(text(_STOCK), {"publication_id": publication_id})
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result: the statement is an INSERT
