"""The claim itself: whoever inserts the hold has the lead."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.leads.models import Assignment, Hold


def take(session: Session, assignment: Assignment, *, now: datetime) -> bool:
    """Hold the assignment's lead; False when another assignment holds it.

    A claim of the same lead that has not committed yet is waited for. The foreign key refuses an assignment that
    has ended, so nobody holds what is not offered.
    """
    inserted = session.execute(
        insert(Hold)
        .values(
            lead_id=assignment.lead_id,
            dealer_id=assignment.dealer_id,
            assignment_id=assignment.assignment_id,
            held_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Hold.lead_id])
        .returning(Hold.lead_id)
    ).scalar_one_or_none()
    return inserted is not None
