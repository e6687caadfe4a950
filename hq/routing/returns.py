"""Leads that stores sent back because nobody real is behind them: their sign-ups are looked at again."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.leads.words import INVALID
from shared.work.doorbell import ring_after_commit

# Leads are locked here, and sign-ups come before leads: nobody waits for a sign-up, so nobody waits in a circle. One
# that is locked is being decided or judged at this moment, and its contact's others are enough.
_LOOK_AGAIN = text(
    """
    UPDATE signups s SET state = 'received'
    FROM (
        SELECT o.signup_id FROM signups o
        WHERE o.lead_id = ANY(:leads) AND o.state = 'decided' AND o.outcome = 'in_lead' AND EXISTS (
            SELECT 1 FROM assignments a
            JOIN follow_ups f ON f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id
            WHERE a.lead_id = o.lead_id AND f.kind IN ('decline', 'lost') AND f.result = ANY(:invalid))
        ORDER BY o.signup_id FOR NO KEY UPDATE SKIP LOCKED
    ) AS again
    WHERE s.signup_id = again.signup_id
    """
)


def look_again(session: Session, leads: Collection[UUID]) -> None:
    """Have the people of these leads screened again where a store that had the number says that nobody is there.

    Args:
        leads: that stores have just let go or lost.
    """
    if leads:
        session.execute(_LOOK_AGAIN, {"leads": sorted(leads), "invalid": sorted(INVALID)})
        ring_after_commit(session, "hq.qualify")
