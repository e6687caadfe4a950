"""What changed since a form was opened, told out of the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.network.errors import Stale
from shared.audit.models import AuditEntry


def stale(session: Session, subject: str, *, since: str | None = None) -> Stale:
    """Who changed it last, and what has changed since a moment."""
    query = select(AuditEntry).where(AuditEntry.subject == subject)
    if since is not None:
        query = query.where(AuditEntry.at > datetime.fromisoformat(since))
    entries = session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.entry_id.desc()).limit(20)).all()
    changed = {name for entry in entries for name, value in entry.details.items() if isinstance(value, list)}
    last = entries[0] if entries else None
    return Stale(
        who=last.actor.partition(" (")[0] if last else "–",
        at=last.at if last else None,
        fields=sorted(changed),
    )
