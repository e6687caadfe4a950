"""Writing the audit log: one row per act, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.audit.models import AuditEntry
from shared.identity.actor import Actor
from shared.platform.ids import NIL, new_id


def record(
    session: Session,
    *,
    actor: Actor,
    action: str,
    subject: str,
    at: datetime,
    address: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down who did what.

    Args:
        action: `resource:action`, such as `assignment:claim`.
        subject: what it was done to, such as `assignment:018f…`.
        address: the network address it came from, where there is one.
        details: JSON values; never a phone number.
    """
    session.execute(
        insert(AuditEntry).values(
            dealer_id=actor.dealer_id or NIL,
            entry_id=new_id(at),
            at=at,
            user_id=actor.user_id,
            actor=f"{actor.name} ({actor.role})" if actor.role else actor.name,
            action=action,
            subject=subject,
            address=address,
            details=dict(details or {}),
        )
    )
