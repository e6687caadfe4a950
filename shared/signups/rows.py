"""A submission as columns: facts that rules may read in plain, keys as blind indexes, the person sealed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contacts.crypto import BlindIndex, Vault
from shared.contacts.hiding import without_phones
from shared.contacts.phones import Phone, is_virtual_operator, parse_phone
from shared.db.accept_signup import PAYLOAD_KEPT_DAYS
from shared.platform.keys import CURRENT_KEY_ID, PublicKeys
from shared.signups.submission import Submission

PAYLOAD_KEPT = timedelta(days=PAYLOAD_KEPT_DAYS)
_SEALED = ("openid", "unionid", "device_id", "invited_by", "name", "note")


def payload_place(signup_id: UUID) -> str:
    """The AAD of a sign-up's sealed payload."""
    return f"signup_payloads|{signup_id}|payload"


@dataclass(frozen=True, slots=True, repr=False)
class SignupRow:
    """The columns of one sign-up that come from its submission; `sealed` belongs to `signup_payloads`."""

    signup_id: UUID
    touchpoint: str | None
    store_code: str | None
    name: str | None
    phone_bidx: bytes | None
    phone_problem: str | None
    phone_verified: str
    phone_virtual: bool
    openid_bidx: bytes | None
    unionid_bidx: bytes | None
    device_bidx: bytes | None
    inviter_bidx: bytes | None
    ip: str | None
    user_agent: str | None
    region: str
    interest: str
    actions: str
    sealed: bytes


class Sealer:
    """Turns submissions into rows with the installation's keys. Safe to share between threads."""

    __slots__ = ("_index", "_phone_city", "_vault")

    def __init__(self, keys: PublicKeys, *, phone_city: Callable[[str], str | None] | None = None) -> None:
        """`phone_city`: division code of the city that an E.164 number was sold in, for people who name no place."""
        self._vault = Vault(keys.contacts, CURRENT_KEY_ID)
        self._index = BlindIndex(keys.blind)
        self._phone_city = phone_city

    def row(self, signup_id: UUID, said: Submission) -> SignupRow:
        """The columns of a submission under an id."""
        phone = parse_phone(said.phone)
        usable = phone.e164 if isinstance(phone, Phone) else None
        return SignupRow(
            signup_id=signup_id,
            touchpoint=said.touchpoint,
            store_code=_plain(said.store_code),
            name=_plain(said.name),
            phone_bidx=self._index.phone(usable) if usable else None,
            phone_problem=None if isinstance(phone, Phone) else phone.code,
            phone_verified=said.phone_verified,
            phone_virtual=usable is not None and is_virtual_operator(usable),
            openid_bidx=self._key("openid", said.openid),
            unionid_bidx=self._key("unionid", said.unionid),
            device_bidx=self._key("device", said.device_id),
            inviter_bidx=self._key("openid", said.invited_by),
            ip=said.ip,
            user_agent=_plain(said.user_agent),
            region=_text(self._place(said.region, usable)),
            interest=_text(said.interest),
            actions=_text(said.actions),
            sealed=self._vault.seal(_person(said, usable), aad=payload_place(signup_id)),
        )

    def open(self, signup_id: UUID, sealed: bytes) -> dict[str, str]:
        """What `row` sealed: phone (E.164 when usable, else as typed), openid, unionid, device_id, …

        Raises:
            Unreadable: the bytes are not this sign-up's, or their key is gone.
        """
        person: dict[str, str] = json.loads(self._vault.open(sealed, aad=payload_place(signup_id)))
        return person

    def _key(self, kind: str, value: str | None) -> bytes | None:
        return self._index.of(kind, value) if value else None

    def _place(self, region: Mapping[str, Any], phone: str | None) -> Mapping[str, Any]:
        if region or phone is None or self._phone_city is None:
            return region
        city = self._phone_city(phone)
        return {"phone_city": city} if city else region


def _person(said: Submission, phone: str | None) -> bytes:
    kept = {"phone": phone or said.phone} | {name: getattr(said, name) for name in _SEALED}
    return json.dumps({name: value for name, value in kept.items() if value}, ensure_ascii=False).encode()


def _plain(text: str | None) -> str | None:
    """Somebody writes the number beside the name, or into a wrong field: it must not stand in a plain column."""
    return without_phones(text) if text else None


def _text(values: Mapping[str, Any]) -> str:
    if not values:
        return "{}"
    plain = {name: _plain(value) if isinstance(value, str) else value for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)
