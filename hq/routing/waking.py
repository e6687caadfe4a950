"""When a store has room again, or the network changes, leads are looked at at once instead of the next morning."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.work.doorbell import ring_after_commit

KM_PER_DEGREE = 111.2

# A box around each store is enough here: routing measures exactly.
_WAKE = text(
    """
    UPDATE leads l SET due_at = :now
    FROM (
        SELECT w.lead_id FROM leads w
        WHERE w.state = 'waiting' AND w.due_at > :now AND w.state_reason ->> 'code' IN ('no_room', 'paused', 'shut')
          AND EXISTS (
            SELECT 1 FROM unnest(CAST(:lngs AS float8[]), CAST(:lats AS float8[])) AS s (lng, lat)
            WHERE w.place = '{}'
               OR (abs((w.place ->> 'lat')::float8 - s.lat) <= :degrees
                   AND abs((w.place ->> 'lng')::float8 - s.lng) * cos(radians(s.lat)) <= :degrees))
        ORDER BY w.lead_id FOR NO KEY UPDATE SKIP LOCKED
    ) AS near
    WHERE l.lead_id = near.lead_id
    """
)
_WAKE_POOL = text(
    """
    UPDATE pool_entries e SET due_at = :now
    FROM (SELECT lead_id FROM pool_entries ORDER BY lead_id FOR NO KEY UPDATE) AS all_of_them
    WHERE e.lead_id = all_of_them.lead_id
    """
)


def wake(session: Session, points: Sequence[tuple[float, float]], *, km: float | None, now: datetime) -> None:
    """Have the waiting leads within `km` (None: all) of stores that got room looked at again.

    Args:
        points: longitude and latitude of the stores, WGS-84 degrees.
    """
    if points:
        degrees = 360.0 if km is None else km / KM_PER_DEGREE
        lngs, lats = [lng for lng, _ in points], [lat for _, lat in points]
        session.execute(_WAKE, {"lngs": lngs, "lats": lats, "degrees": degrees, "now": now})
        ring_after_commit(session, "hq.route")


def wake_pool(session: Session, *, now: datetime) -> None:
    """Have everything in the open pool looked at again: which stores may claim it has changed."""
    session.execute(_WAKE_POOL, {"now": now})
    ring_after_commit(session, "hq.pool")
