"""What headquarters changes about a store by hand."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.routing.queries import rules_in_force
from hq.routing.waking import wake
from shared.audit import service as audit
from shared.dealers.models import STORE_STATES, Store
from shared.identity.actor import Actor
from shared.platform.errors import Invalid, Missing


def set_status(session: Session, *, store_id: UUID, status: str, actor: Actor, now: datetime) -> None:
    """Pause a store, or open it again; routing passes over paused stores. What it holds stays with it.

    Raises:
        Missing: no such store.
        Invalid: not a state of a store.
    """
    if status not in STORE_STATES:
        raise Invalid(field="status")
    store = session.scalars(select(Store).where(Store.store_id == store_id).with_for_update(key_share=True)).first()
    if store is None:
        raise Missing(store=str(store_id))
    before, store.status, store.changed_at = store.status, status, now
    if status == "active" and store.lng is not None and store.lat is not None:
        session.flush()
        wake(session, [(store.lng, store.lat)], km=rules_in_force(session)[0].max_km, now=now)
    audit.record(
        session,
        actor=actor,
        action="store:status",
        subject=f"store:{store_id}",
        at=now,
        details={"from": before, "to": status},
    )
