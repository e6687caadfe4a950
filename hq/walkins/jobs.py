"""The drain `hq.walk_ins`: whom stores entered becomes a sign-up, and once that is decided the store's lead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from hq.walkins import holding, taking
from shared.dealers.models import Store
from shared.signups.models import Signup
from shared.walkins.models import WalkIn
from shared.work.aside import Aside
from shared.work.drains import Batch, drain
from shared.work.place import settings_of


def waiting(_now: datetime) -> Select[Any]:
    """Walk-ins that nobody has read yet, and those whose sign-up is decided; in quarantine a person decides first."""
    decided = exists().where(
        Signup.signup_id == WalkIn.signup_id,
        Signup.state == "decided",
        Signup.aside_at.is_(None),
        Signup.outcome != "quarantined",
    )
    due = or_(WalkIn.state == "entered", and_(WalkIn.state == "checking", decided))
    own: tuple[Any, ...] = (
        WalkIn.dealer_id,
        WalkIn.walk_in_id,
        WalkIn.state,
        WalkIn.touchpoint,
        WalkIn.sealed,
        WalkIn.region,
        WalkIn.interest,
        WalkIn.consent_text,
        WalkIn.consent_how,
        WalkIn.entered_at,
        Store.code,
    )
    return (
        select(*own)
        .join(Store, and_(Store.dealer_id == WalkIn.dealer_id, Store.store_id == WalkIn.store_id))
        .where(WalkIn.aside_at.is_(None), due)
        .order_by(WalkIn.entered_at, WalkIn.walk_in_id)
    )


@drain("hq.walk_ins", due=waiting, key=WalkIn.walk_in_id, since=WalkIn.entered_at, batch=200, single_flight=True)
def follow_walk_ins(session: Session, batch: Batch, now: datetime) -> Aside:
    """Single-flight, so that one dealer's words become one consent text."""
    keys = settings_of(session).keys
    checked = [row for row in batch if row.state == "checking"]
    if checked:
        holding.settle(session, checked, keys, now=now)
    entered = [row for row in batch if row.state == "entered"]
    return taking.take(session, entered, keys, now=now) if entered else {}
