"""Reading the territories, and noticing when they have changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.dealers.territories import Territories, TerritoryRow

# Every change of a territory moves `changed_at`; the stores and dealers they are of stand in the rows too.
_FINGERPRINT = text(
    """
    SELECT count(*), sum(hashtextextended(concat_ws('|', t.territory_id, t.changed_at, t.removed_at, t.mode,
                                                    t.divisions, t.radius_km, s.store_id, s.lng, s.lat), 0))
    FROM territories t
    JOIN dealers d ON d.dealer_id = t.for_dealer_id
    JOIN stores s ON s.dealer_id = t.for_dealer_id AND (t.for_store_id IS NULL OR s.store_id = t.for_store_id)
    WHERE t.removed_at IS NULL AND d.status = 'active' AND s.status <> 'closed'
    """
)
_ROWS = text(
    """
    SELECT t.territory_id, t.mode = 'exclusive', t.divisions, t.radius_km, s.store_id, s.lng, s.lat
    FROM territories t
    JOIN dealers d ON d.dealer_id = t.for_dealer_id
    JOIN stores s ON s.dealer_id = t.for_dealer_id AND (t.for_store_id IS NULL OR s.store_id = t.for_store_id)
    WHERE t.removed_at IS NULL AND d.status = 'active' AND s.status <> 'closed'
    ORDER BY t.territory_id, s.store_id
    """
)


def fingerprint(session: Session) -> tuple[Any, ...]:
    """Differs from the last one when `read` would answer otherwise (one statement)."""
    return tuple(session.execute(_FINGERPRINT).one())


def rows(session: Session) -> list[TerritoryRow]:
    """A row for each territory and store of it that is not closed; paused ones are among them (one statement)."""
    return [TerritoryRow._make(row) for row in session.execute(_ROWS)]


class TerritoryKeeper:
    """Keeps the last territories, so that a batch reads them only after a change."""

    def __init__(self) -> None:
        self._seen: tuple[Any, ...] | None = None
        self._territories = Territories.of([])

    def territories(self, session: Session) -> Territories:
        """The territories as they are now; one statement, two after a change."""
        seen = fingerprint(session)
        if seen != self._seen:
            self._territories = Territories.of(rows(session))
            self._seen = seen
        return self._territories


TERRITORIES = TerritoryKeeper()
"""Of this process. What it keeps is derived from the database and checked before each use."""
