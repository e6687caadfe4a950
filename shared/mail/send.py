"""Meaning to send e-mails: rows that are committed with whatever they belong to. The drain does the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from shared.contacts.crypto import Vault
from shared.mail.models import MailMessage
from shared.platform.keys import CURRENT_KEY_ID, SmsKeys
from shared.work.doorbell import ring_after_commit

DRAIN = "shared.send_mail"
KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True, repr=False)
class Mail:
    """Whom an e-mail goes to and what it says; plain text."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Intent:
    """One e-mail that is meant: `message_id` is its row, `key` what makes it the same, `about` what it is for."""

    message_id: UUID
    key: str
    about: str
    mail: Mail
    good_for: timedelta


def post(session: Session, intents: Iterable[Intent], *, keys: SmsKeys, now: datetime) -> None:
    """Mean to send e-mails, each once per `key`, however often this is called."""
    rows = [_row(each, keys, now) for each in intents]
    if rows:
        session.execute(insert_unless_there(MailMessage).on_conflict_do_nothing(index_elements=["key"]), rows)
        ring_after_commit(session, DRAIN)


def unseal(sealed: bytes, *, message_id: UUID, keys: SmsKeys) -> Mail:
    """Read an e-mail.

    Raises:
        Unreadable: it was sealed for another row, or with a key that is not held.
    """
    plain = json.loads(Vault(keys.sealing, CURRENT_KEY_ID).open(sealed, aad=_place(message_id)))
    return Mail(plain["to"], plain["subject"], plain["text"])


def _row(intent: Intent, keys: SmsKeys, now: datetime) -> dict[str, Any]:
    mail = {"to": intent.mail.to, "subject": intent.mail.subject, "text": intent.mail.text}
    vault = Vault(keys.sealing, CURRENT_KEY_ID)
    return {
        "message_id": intent.message_id,
        "key": intent.key,
        "template": intent.about,
        "sealed": vault.seal(json.dumps(mail, ensure_ascii=False).encode(), aad=_place(intent.message_id)),
        "state": "due",
        "tries": 0,
        "due_at": now,
        "expires_at": now + intent.good_for,
        "answer": {},
        "purge_at": now + KEPT,
        "created_at": now,
    }


def _place(message_id: UUID) -> str:
    return f"mail_messages|{message_id}|mail"
