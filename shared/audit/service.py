"""Writing the log of what people did; it is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.audit.models import AuditEntry
from shared.identity.actor import Actor
from shared.platform.ids import NIL, new_id


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: object,
    *,
    at: datetime,
    dealer_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
    **more: object,
) -> None:
    """Log an act in the transaction that does it.

    Args:
        session: of the act's own transaction.
        actor: who acts.
        action: `resource:verb`, such as `assignment:claim`.
        subject: what it was done to, an id or `kind:id`; a bare id gets the action's resource as its kind.
        at: when.
        dealer_id: the tenant that the row belongs to; the actor's own when not given, else headquarters'.
        details: JSON values, and `more` of them by name; never personal data.
    """
    more = {**(details or {}), **more}
    session.add(AuditEntry(**entry(actor, action, subject, at=at, dealer_id=dealer_id, details=more)))


def entry(
    actor: Actor,
    action: str,
    subject: object,
    *,
    at: datetime,
    dealer_id: UUID | None = None,
    details: Mapping[str, object],
) -> dict[str, Any]:
    """The row that `record` adds, for a statement that stores it with others."""
    kind = action.partition(":")[0]
    role = f" ({actor.role.value})" if actor.role is not None else ""
    return {
        "dealer_id": dealer_id or actor.dealer_id or NIL,
        "entry_id": new_id(at),
        "at": at,
        "user_id": actor.user_id,
        "actor": f"{actor.name}{role}",
        "action": action,
        "subject": f"{kind}:{subject}" if isinstance(subject, UUID) else str(subject),
        "address": actor.address,
        "details": _json(details),
    }


def _json(details: Mapping[str, object]) -> dict[str, object]:
    plain = (str, int, float, bool, list, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in details.items()}
