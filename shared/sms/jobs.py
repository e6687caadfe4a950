"""Drains: send what is due, forget what is old."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.platform.settings import WorkerSettings
from shared.sms.gateway import Answer, Port, port_of
from shared.sms.models import SmsCode, SmsMessage
from shared.sms.send import DRAIN, Message, unseal
from shared.work.aside import NOTHING, Aside, sift
from shared.work.drains import Batch, Rows, drain
from shared.work.place import settings_of

_AT_ONCE = 20  # with a timeout of 5 s and half of them side by side a batch takes 10 s at worst
_SIDE_BY_SIDE = 10
_MOST_TRIES = 6
_PAUSES_S = (2, 5, 15, 45, 120)


def due(now: datetime) -> Rows:
    """Messages whose turn has come."""
    rows = select(
        SmsMessage.message_id,
        SmsMessage.key,
        SmsMessage.template,
        SmsMessage.sealed,
        SmsMessage.tries,
        SmsMessage.due_at,
        SmsMessage.expires_at,
    )
    waiting = rows.where(SmsMessage.state == "due", SmsMessage.aside_at.is_(None), SmsMessage.due_at <= now)
    return waiting.order_by(SmsMessage.due_at)


@drain(DRAIN, due=due, key=SmsMessage.message_id, since=SmsMessage.due_at, batch=_AT_ONCE)
def send_due(session: Session, batch: Batch, now: datetime) -> Aside:
    """Hand messages over and write down what the gateway said.

    The intent was committed before. Should this die between the call and the commit, the gateway is asked again with
    the same key.
    """
    settings = settings_of(session)
    live = [row for row in batch if row.expires_at > now]
    late = [row.message_id for row in batch if row.expires_at <= now]
    messages, unreadable = sift(((row.message_id, row) for row in live), lambda row: _message(row, settings))
    keys = {row.message_id: row.key for row in live}
    answers = _hand_over(port_of(settings), [(keys[each], messages[each], each) for each in messages], now)
    values = [_outcome(row, answers[row.message_id], now) for row in live if row.message_id in answers]
    values += [_late(message_id, now) for message_id in late]
    if values:
        session.execute(update(SmsMessage), values)
    return unreadable


def _message(row: Any, settings: WorkerSettings) -> Message:
    return unseal(row.sealed, message_id=row.message_id, template=row.template, keys=settings.keys.sms)


def _hand_over(port: Port, messages: Sequence[tuple[str, Message, UUID]], now: datetime) -> dict[UUID, Answer]:
    if not messages:
        return {}
    with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(messages))) as pool:
        answers = pool.map(lambda each: port.send(each[1], key=each[0], now=now), messages)
        return {each[2]: answer for each, answer in zip(messages, answers, strict=True)}


def _outcome(row: Any, answer: Answer, now: datetime) -> dict[str, Any]:
    tries = row.tries + 1
    state = "sent" if answer.sent else "due" if answer.again and tries < _MOST_TRIES else "failed"
    pause = timedelta(seconds=_PAUSES_S[min(tries, len(_PAUSES_S)) - 1])
    return {
        "message_id": row.message_id,
        "state": state,
        "tries": tries,
        "due_at": now + pause if state == "due" else row.due_at,
        "answered_at": now,
        "answer": answer.said,
    }


def _late(message_id: UUID, now: datetime) -> dict[str, Any]:
    return {"message_id": message_id, "state": "failed", "answered_at": now, "answer": {"error": "too_late"}}


def old_messages(now: datetime) -> Rows:
    """Messages that nobody needs any more."""
    rows = select(SmsMessage.message_id, SmsMessage.purge_at).where(SmsMessage.purge_at <= now)
    return rows.order_by(SmsMessage.purge_at)


@drain("shared.purge_sms", due=old_messages, key=SmsMessage.message_id, since=SmsMessage.purge_at, batch=2000)
def purge_messages(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Forget to whom what was sent."""
    session.execute(delete(SmsMessage).where(SmsMessage.message_id.in_([row.message_id for row in batch])))
    return NOTHING


def old_codes(now: datetime) -> Rows:
    """Codes that count for no limit any more."""
    rows = select(SmsCode.code_id, SmsCode.purge_at).where(SmsCode.purge_at <= now)
    return rows.order_by(SmsCode.purge_at)


@drain("shared.purge_codes", due=old_codes, key=SmsCode.code_id, since=SmsCode.purge_at, batch=2000)
def purge_codes(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Forget who asked for codes."""
    session.execute(delete(SmsCode).where(SmsCode.code_id.in_([row.code_id for row in batch])))
    return NOTHING
