"""Drains: send what is due, forget what is old."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.mail.models import MailMessage
from shared.mail.send import DRAIN, Mail, unseal
from shared.mail.smtp import Answer, Line, way_of
from shared.platform.settings import WorkerSettings
from shared.work.aside import NOTHING, Aside, sift
from shared.work.drains import Batch, Rows, drain
from shared.work.place import settings_of

_AT_ONCE: Final = 20
_PAUSES: Final = (30, 120, 600, 1800, 7200)  # seconds before each next try
MOST_TRIES: Final = len(_PAUSES) + 1  # in a round; the numbers of the tries go on
_LOST: Final = Answer("uncertain", {"error": "no_answer_noted"})
_BEGIN: Final = (
    "INSERT INTO mail_tries (message_id, number, begun_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1"
)
_NOTE: Final = "UPDATE mail_tries SET answer = %s WHERE message_id = %s AND number = %s"
_NOTED: Final = "SELECT answer FROM mail_tries WHERE message_id = %s AND number = %s"


def due(now: datetime) -> Rows:
    """E-mails whose turn has come."""
    rows = select(
        MailMessage.message_id,
        MailMessage.key,
        MailMessage.sealed,
        MailMessage.tries,
        MailMessage.due_at,
        MailMessage.expires_at,
    )
    waiting = rows.where(MailMessage.state == "due", MailMessage.aside_at.is_(None), MailMessage.due_at <= now)
    return waiting.order_by(MailMessage.due_at)


@drain(DRAIN, due=due, key=MailMessage.message_id, since=MailMessage.due_at, batch=_AT_ONCE)
def send_due(session: Session, batch: Batch, now: datetime) -> Aside:
    """Hand e-mails over and write down what the server said.

    The intent was committed before. Each try is committed by itself before the server is called, and its answer after;
    a worker that dies leaves a try behind: with its answer, which is taken over, or without, which is uncertain.
    """
    settings = settings_of(session)
    late = {row.message_id: Answer("failed", {"error": "too_late"}) for row in batch if row.expires_at <= now}
    live = [(row.message_id, row) for row in batch if row.message_id not in late]
    mails, unreadable = sift(live, lambda row: _mail(row, settings))
    readable = [(row, mails[row.message_id]) for _key, row in live if row.message_id in mails]
    answers = {**late, **_hand_over(readable, settings, now)} if readable else late
    values = [_outcome(row, answers[row.message_id], now) for row in batch if row.message_id in answers]
    if values:
        session.execute(update(MailMessage), values)
    return unreadable


def _mail(row: Any, settings: WorkerSettings) -> Mail:
    return unseal(row.sealed, message_id=row.message_id, keys=settings.keys.sms)


def _hand_over(rows: list[tuple[Any, Mail]], settings: WorkerSettings, now: datetime) -> Mapping[UUID, Answer]:
    with _beside(settings) as tries, way_of(settings).line() as line:
        return {row.message_id: _try(tries, line, row, mail, now) for row, mail in rows}


def _try(tries: psycopg.Connection, line: Line, row: Any, mail: Mail, now: datetime) -> Answer:
    number = row.tries + 1
    if tries.execute(_BEGIN, (row.message_id, number, now)).fetchone() is None:
        return _left_behind(tries, row.message_id, number)
    answer = line.send(mail, key=row.key, now=now)
    tries.execute(_NOTE, (Jsonb({"state": answer.state, "said": answer.said}), row.message_id, number))
    return answer


def _left_behind(tries: psycopg.Connection, message_id: UUID, number: int) -> Answer:
    """What is known of a try whose worker died."""
    noted = tries.execute(_NOTED, (message_id, number)).fetchone()
    return Answer(noted[0]["state"], noted[0]["said"]) if noted and noted[0] else _LOST


@contextmanager
def _beside(settings: WorkerSettings) -> Iterator[psycopg.Connection]:
    """A connection whose statements are committed one by one, whatever becomes of the batch."""
    with psycopg.connect(settings.database_url, autocommit=True, prepare_threshold=None) as connection:
        yield connection


def _outcome(row: Any, answer: Answer, now: datetime) -> dict[str, Any]:
    tries = row.tries + 1
    again = answer.state == "again"
    state = ("due" if tries % MOST_TRIES else "failed") if again else answer.state
    return {
        "message_id": row.message_id,
        "state": state,
        "tries": tries,
        "due_at": now + timedelta(seconds=_PAUSES[tries % MOST_TRIES - 1]) if state == "due" else row.due_at,
        "answered_at": now,
        "answer": answer.said,
    }


def old(now: datetime) -> Rows:
    """E-mails that nobody needs any more."""
    rows = select(MailMessage.message_id, MailMessage.purge_at).where(MailMessage.purge_at <= now)
    return rows.order_by(MailMessage.purge_at)


@drain("shared.purge_mail", due=old, key=MailMessage.message_id, since=MailMessage.purge_at, batch=2000)
def purge(session: Session, batch: Batch, _now: datetime) -> Aside:
    """Forget to whom what was sent; the tries go with it."""
    session.execute(delete(MailMessage).where(MailMessage.message_id.in_([row.message_id for row in batch])))
    return NOTHING
