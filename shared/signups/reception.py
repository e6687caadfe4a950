"""What the public face needs to take sign-ups: the door, the keys, and the doorbell of the qualification."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Engine, event

from shared.contacts.hiding import without_phones
from shared.contacts.phone_city import city_of
from shared.platform.ids import new_id
from shared.platform.keys import PublicKeys
from shared.signups.acceptance import Accepted, Offer, Refused
from shared.signups.door import Door
from shared.signups.rows import Sealer
from shared.signups.submission import Submission
from shared.work.doorbell import ring

_DRAIN = "hq.qualify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a submission comes in.

    Attributes:
        token_hash: SHA-256 of an API token; None from the campaign page.
        key: what makes a second sending of the same sign-up the same; body: the bytes that must be the same then.
        marketing_version, share_version: versions of the consent texts that the person agreed to.
    """

    token_hash: bytes | None
    campaign_code: str
    key: str
    body: bytes
    marketing_version: int | None
    share_version: int | None


class Reception:
    """Takes sign-ups from outside. One per process."""

    __slots__ = ("_sealer", "_secret", "door")

    def __init__(self, engine: Engine, keys: PublicKeys) -> None:
        """`engine`: of the public role; the door has its login, and closes when it is disposed of."""
        self.door = Door(engine.url)
        event.listen(engine, "engine_disposed", lambda _engine: self.door.close())
        self._sealer = Sealer(keys, phone_city=_city_code)
        self._secret = keys.idempotency

    def take(self, submission: Submission, envelope: Envelope, *, now: datetime) -> Accepted | Refused:
        """Store a sign-up and ring for its qualification. `now` goes into its id; the database stamps its times.

        Raises:
            Busy: see `Door.accept`.
        """
        code = envelope.campaign_code
        answer = self.door.accept(
            Offer(
                token_hash=envelope.token_hash,
                campaign_code=code,
                key=stored_key(envelope.key, self._secret),
                body_hmac=hmac.digest(self._secret, code.encode() + b"\0" + envelope.body, sha256),
                occurred_at=submission.occurred_at,
                marketing_version=envelope.marketing_version,
                share_version=envelope.share_version,
                row=self._sealer.row(new_id(now), submission),
            )
        )
        if isinstance(answer, Accepted) and not answer.replayed:
            ring(_DRAIN)
        return answer


def _city_code(phone: str) -> str | None:
    city = city_of(phone)
    return city.code if city is not None else None


def stored_key(key: str, secret: bytes) -> str:
    """A request key as it is stored. Some senders make it of the person's number: of that only a digest is kept."""
    return key if without_phones(key) == key else hmac.digest(secret, key.encode(), sha256).hex()
