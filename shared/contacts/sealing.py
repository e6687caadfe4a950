"""A contact's phone number: sealed to its row, found by blind index, shown masked."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contacts.crypto import BlindIndex, Vault
from shared.contacts.phones import last4, mask


@dataclass(frozen=True, slots=True, repr=False)
class SealedPhone:
    """The columns of `contact_phones` that come from the number."""

    phone_bidx: bytes
    last4_bidx: bytes
    sealed: bytes
    masked: str


def seal_phone(e164: str, *, vault: Vault, index: BlindIndex) -> SealedPhone:
    """The stored form of a number. It is tied to its own index, not to a contact: contacts are merged."""
    phone_bidx = index.phone(e164)
    sealed = vault.seal(e164.encode(), aad=_place(phone_bidx))
    return SealedPhone(phone_bidx, index.last4(last4(e164)), sealed, mask(e164))


def open_phone(sealed: bytes, *, phone_bidx: bytes, vault: Vault) -> str:
    """The E.164 number of a row of `contact_phones`.

    Raises:
        Unreadable: the bytes are another row's, or their key is gone.
    """
    return vault.open(sealed, aad=_place(phone_bidx)).decode()


def _place(phone_bidx: bytes) -> str:
    return f"contact_phones|{bytes(phone_bidx).hex()}|phone"
