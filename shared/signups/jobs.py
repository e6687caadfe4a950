"""Forgetting in time: expired idempotency keys, and what people sent once its purge date has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.signups.models import Receipt, SignupPayload
from shared.work.aside import NOTHING, Aside
from shared.work.drains import Batch, Rows, drain

_AT_ONCE = 2000


def expired_keys(now: datetime) -> Rows:
    """Receipts whose key may be used anew; the receipt itself stays, it is the proof of acceptance."""
    rows = select(Receipt.signup_id, Receipt.expires_at).where(Receipt.key.is_not(None), Receipt.expires_at <= now)
    return rows.order_by(Receipt.expires_at)


@drain("shared.forget_keys", due=expired_keys, key=Receipt.signup_id, since=Receipt.expires_at, batch=_AT_ONCE)
def forget_keys(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Let go of expired idempotency keys."""
    ids = [row.signup_id for row in batch]
    session.execute(update(Receipt).where(Receipt.signup_id.in_(ids)).values(key=None))
    return NOTHING


def past_purge(now: datetime) -> Rows:
    """Sealed payloads that have been kept long enough (PIPL art. 19)."""
    rows = select(SignupPayload.signup_id, SignupPayload.purge_at).where(SignupPayload.purge_at <= now)
    return rows.order_by(SignupPayload.purge_at)


@drain(
    "shared.purge_payloads", due=past_purge, key=SignupPayload.signup_id, since=SignupPayload.purge_at, batch=_AT_ONCE
)
def purge_payloads(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Delete what people sent; what was decided from it stays."""
    session.execute(delete(SignupPayload).where(SignupPayload.signup_id.in_([row.signup_id for row in batch])))
    return NOTHING
