"""Meaning to send a message: a row that is committed with whatever it belongs to. The drain does the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    message_id = new_id(now)
    row = insert_unless_there(SmsMessage).values(
        message_id=message_id,
        key=key,
        template=message.template,
        sealed=seal(message, message_id, keys),
        state="due",
        tries=0,
        due_at=now,
        expires_at=now + good_for,
        answer={},
        purge_at=now + KEPT,
        created_at=now,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["key"]))
    ring_after_commit(session, DRAIN)


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
