"""How somebody wants to be told, and where: their own row, which nobody else changes."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from shared.audit import service as audit
from shared.contacts.crypto import Vault
from shared.identity.actor import Actor
from shared.mail.addresses import mask, read_address
from shared.notifications.addresses import seal_address
from shared.notifications.brand import Brand, Channel, Choices
from shared.notifications.models import SETTINGS, NoticePerson, NoticeSettings
from shared.notifications.queries import desk_of
from shared.platform.errors import Missing
from shared.platform.keys import CURRENT_KEY_ID, SmsKeys
from shared.sms.errors import CodeGone, CodeTooSoon
from shared.work.doorbell import ring_after_commit

ASK: Final = "shared.ask_addresses"
CODE_GOOD_FOR: Final = timedelta(minutes=30)
_AGAIN_AFTER: Final = timedelta(minutes=1)
_MOST_TRIES: Final = 5
_DIGITS: Final = 6


def person_of(session: Session, actor: Actor) -> NoticePerson:
    """The actor's row, locked; made when they have none yet."""
    if actor.user_id is None:
        raise Missing
    key = (desk_of(actor), actor.user_id)
    new = insert_unless_there(NoticePerson).values(dealer_id=key[0], user_id=key[1], choices={})
    session.execute(new.on_conflict_do_nothing())
    found = session.get(NoticePerson, key, with_for_update={"key_share": True}, populate_existing=True)
    if found is None:
        raise Missing
    return found


def look_up(session: Session, actor: Actor) -> NoticePerson | None:
    """The actor's row, to show; None when they have decided nothing yet."""
    return session.get(NoticePerson, (desk_of(actor), actor.user_id))


def choose(session: Session, choices: Choices, *, actor: Actor, now: datetime) -> None:
    """Keep how the actor wants to be told."""
    person = person_of(session, actor)
    if person.choices != choices.as_body():
        person.choices = choices.as_body()
        audit.record(session, actor, "notices:choose", person.user_id, at=now)


def set_phone(session: Session, phone: str, masked: str, *, keys: SmsKeys, actor: Actor, now: datetime) -> None:
    """Send the actor's text messages to this number (E.164); they have shown that they have it at hand."""
    person = person_of(session, actor)
    person.phone_sealed = seal_address(phone, person.dealer_id, person.user_id, Channel.SMS, keys)
    person.phone_masked = masked
    audit.record(session, actor, "notices:address", person.user_id, at=now, way="sms", address=masked)


def ask_mail(
    session: Session,
    address: str,
    *,
    keys: SmsKeys,
    actor: Actor,
    now: datetime,
    random: Callable[[int], int] = secrets.randbelow,
) -> None:
    """Have a code sent to an address, which becomes the actor's when they bring it.

    Raises:
        BadAddress: nothing can be sent there.
        CodeTooSoon: the last one was sent just now.
    """
    to = read_address(address)
    person = person_of(session, actor)
    if person.mail_asked_at is not None and now < person.mail_asked_at + _AGAIN_AFTER:
        left = person.mail_asked_at + _AGAIN_AFTER - now
        raise CodeTooSoon(reason="phone", seconds=max(1, round(left.total_seconds())))
    asked = json.dumps({"to": to, "code": f"{random(10**_DIGITS):0{_DIGITS}}"}).encode()
    vault = Vault(keys.sealing, CURRENT_KEY_ID)
    person.mail_asked = vault.seal(asked, aad=_asked_place(person.dealer_id, person.user_id))
    person.mail_asked_at, person.mail_told_at, person.mail_tries = now, None, 0
    ring_after_commit(session, ASK)


def prove_mail(session: Session, code: str, *, keys: SmsKeys, actor: Actor, now: datetime) -> int | None:
    """Use the code up; the address is the actor's from now on.

    Returns:
        None when it was the right code, else how many more tries there are; the try counts, so commit it.

    Raises:
        CodeGone: there is none, or it is too old or was tried too often.
    """
    person = person_of(session, actor)
    if person.mail_asked is None or person.mail_asked_at is None or now > person.mail_asked_at + CODE_GOOD_FOR:
        raise CodeGone(field="code")
    tries = person.mail_tries or 0
    if tries >= _MOST_TRIES:
        raise CodeGone(field="code")
    asked = open_asked(person.mail_asked, person.dealer_id, person.user_id, keys)
    if not hmac.compare_digest(asked["code"].encode(), code.encode()):
        person.mail_tries = tries + 1
        return _MOST_TRIES - person.mail_tries
    person.mail_sealed = seal_address(asked["to"], person.dealer_id, person.user_id, Channel.MAIL, keys)
    person.mail_masked = mask(asked["to"])
    person.mail_asked = person.mail_asked_at = person.mail_told_at = person.mail_tries = None
    audit.record(session, actor, "notices:address", person.user_id, at=now, way="mail", address=person.mail_masked)
    return None


def forget(session: Session, way: Channel, *, actor: Actor, now: datetime) -> None:
    """Send nothing by this way any more; the address is deleted."""
    person = person_of(session, actor)
    if way is Channel.SMS:
        person.phone_sealed = person.phone_masked = None
    else:
        person.mail_sealed = person.mail_masked = None
        person.mail_asked = person.mail_asked_at = person.mail_told_at = person.mail_tries = None
    audit.record(session, actor, "notices:forget", person.user_id, at=now, way=way.value)


def open_asked(sealed: bytes, dealer_id: UUID, user_id: UUID, keys: SmsKeys) -> dict[str, str]:
    """`to` and `code` of an address that is to be proved.

    Raises:
        Unreadable: it was sealed for somebody else, or with a key that is not held.
    """
    plain = Vault(keys.sealing, CURRENT_KEY_ID).open(sealed, aad=_asked_place(dealer_id, user_id))
    found: dict[str, str] = json.loads(plain)
    return found


def set_brand(session: Session, brand: Brand, *, actor: Actor, now: datetime) -> None:
    """Keep what the brand decides."""
    stored = session.get(NoticeSettings, SETTINGS, with_for_update={"key_share": True})
    before: dict[str, Any] = stored.body if stored else Brand().as_body()
    after = brand.as_body()
    if before == after:
        return
    if stored:
        stored.body, stored.changed_at = after, now
    else:
        session.add(NoticeSettings(name=SETTINGS, body=after, changed_at=now))
    changed = sorted(name for name in after if after[name] != before.get(name))
    audit.record(session, actor, "notices:settings", "notices", at=now, changed=changed)


def _asked_place(dealer_id: UUID, user_id: UUID) -> str:
    return f"notice_people|{dealer_id}|{user_id}|asked"
