"""One report, as a page's form or a phone's queue sends it, into the record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from dealer.followups.forms import FollowUpForm
from dealer.followups.steps import LOST, WON
from shared.identity.actor import Actor
from shared.leads import service
from shared.platform.errors import Invalid


class Unreadable(Invalid):
    """The report cannot be stored as it is; `params["field"]` says which part."""

    code = "report_unreadable"


def report(
    session: Session, form: FollowUpForm, *, assignment_id: UUID, actor: Actor, now: datetime
) -> datetime | None:
    """Write down what a form says, once, whatever it is sent twice.

    Returns:
        when the next step is due; None without one, and when the lead has ended.

    Raises:
        Invalid: the form does not say enough, or something that cannot be.
        Missing, Conflict: as `shared.leads.service.follow_up`, `win` and `lose`.
    """
    note = form.note.data or ""
    if form.outcome.data == WON:
        service.win(session, assignment_id=assignment_id, actor=actor, note=note, now=now)
        return None
    if form.outcome.data == LOST:
        reason = form.reason.data or ""
        service.lose(session, assignment_id=assignment_id, actor=actor, reason=reason, note=note, now=now)
        return None
    done = form.done()
    service.follow_up(session, assignment_id=assignment_id, actor=actor, done=done, now=now)
    return done.next_at
