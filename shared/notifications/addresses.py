"""Where somebody is told outside the portal: a number or an e-mail address, sealed for their row and way."""

from __future__ import annotations

from uuid import UUID

from shared.contacts.crypto import Vault
from shared.platform.keys import CURRENT_KEY_ID, SmsKeys


def seal_address(address: str, dealer_id: UUID, user_id: UUID, way: str, keys: SmsKeys) -> bytes:
    """The bytes of `notice_people.phone_sealed` or `mail_sealed`; they open only there."""
    return Vault(keys.sealing, CURRENT_KEY_ID).seal(address.encode(), aad=_place(dealer_id, user_id, way))


def open_address(sealed: bytes, dealer_id: UUID, user_id: UUID, way: str, keys: SmsKeys) -> str:
    """The address.

    Raises:
        Unreadable: it was sealed for somebody else, or with a key that is not held.
    """
    return Vault(keys.sealing, CURRENT_KEY_ID).open(sealed, aad=_place(dealer_id, user_id, way)).decode()


def _place(dealer_id: UUID, user_id: UUID, way: str) -> str:
    return f"notice_people|{dealer_id}|{user_id}|{way}"
