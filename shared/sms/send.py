"""Meaning to send a message: a row that is committed with whatever it belongs to. The drain does the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from shared.contacts.crypto import Vault
from shared.platform.ids import new_id
from shared.platform.keys import CURRENT_KEY_ID, SmsKeys
from shared.sms.models import SmsMessage
from shared.sms.templates import TEMPLATES
from shared.work.doorbell import ring_after_commit

DRAIN = "shared.send_sms"
KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """Whom a message goes to and what it says: an E.164 number, `zh` or `en`, parameters of the template."""

    phone: str
    template: str
    language: str
    params: Mapping[str, str]

    @property
    def words(self) -> str:
        """What the person reads."""
        return TEMPLATES[self.template].fill(self.language, self.params)


def post(session: Session, message: Message, *, key: str, good_for: timedelta, keys: SmsKeys, now: datetime) -> None:
    """Mean to send a message, once per `key`, however often this is called.

    Args:
        key: what makes it the same message; never made of a number.
        good_for: after this it is not sent any more.
        keys: of the face that asks.
    """
    post_many(session, [Intent(new_id(now), key, message)], good_for=good_for, keys=keys, now=now)


@dataclass(frozen=True, slots=True)
class Intent:
    """One message that is meant: `message_id` is its row, `key` what makes it the same."""

    message_id: UUID
    key: str
    message: Message


def post_many(
    session: Session, intents: Iterable[Intent], *, good_for: timedelta, keys: SmsKeys, now: datetime
) -> None:
    """Mean to send messages, each once per `key`; few statements, none when there are none."""
    rows = [_row(each, good_for, keys, now) for each in intents]
    if rows:
        session.execute(insert_unless_there(SmsMessage).on_conflict_do_nothing(index_elements=["key"]), rows)
        ring_after_commit(session, DRAIN)


def _row(intent: Intent, good_for: timedelta, keys: SmsKeys, now: datetime) -> dict[str, Any]:
    return {
        "message_id": intent.message_id,
        "key": intent.key,
        "template": intent.message.template,
        "sealed": seal(intent.message, intent.message_id, keys),
        "state": "due",
        "tries": 0,
        "due_at": now,
        "expires_at": now + good_for,
        "answer": {},
        "purge_at": now + KEPT,
        "created_at": now,
    }


def seal(message: Message, message_id: UUID, keys: SmsKeys) -> bytes:
    """The bytes of `sms_messages.sealed`; they open only for this row."""
    plain = {"phone": message.phone, "language": message.language, "params": dict(message.params)}
    vault = Vault(keys.sealing, CURRENT_KEY_ID)
    return vault.seal(json.dumps(plain, ensure_ascii=False).encode(), aad=_place(message_id))


def unseal(sealed: bytes, *, message_id: UUID, template: str, keys: SmsKeys) -> Message:
    """Read a message.

    Raises:
        Unreadable: it was sealed for another row, or with a key that is not held.
    """
    plain = json.loads(Vault(keys.sealing, CURRENT_KEY_ID).open(sealed, aad=_place(message_id)))
    return Message(plain["phone"], template, plain["language"], plain["params"])


def _place(message_id: UUID) -> str:
    return f"sms_messages|{message_id}|message"
