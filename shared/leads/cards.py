"""A customer card: name and numbers of a customer, sealed for one assignment and no other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from shared.contacts.crypto import Vault


@dataclass(frozen=True, slots=True)
class Card:
    """Whom a store calls. `phones` are E.164, the best one first; `name` may be empty."""

    name: str
    phones: tuple[str, ...]


def seal_card(vault: Vault, card: Card, *, dealer_id: UUID, assignment_id: UUID) -> bytes:
    """The bytes of `customer_cards.sealed`; they open only for this dealer and assignment."""
    plain = json.dumps({"name": card.name, "phones": card.phones}, ensure_ascii=False).encode()
    return vault.seal(plain, aad=_place(dealer_id, assignment_id))


def open_card(vault: Vault, sealed: bytes, *, dealer_id: UUID, assignment_id: UUID) -> Card:
    """Read a card.

    Raises:
        Unreadable: it was sealed for another assignment, or with a key that is not held.
    """
    stored = json.loads(vault.open(sealed, aad=_place(dealer_id, assignment_id)))
    return Card(stored["name"], tuple(stored["phones"]))


def _place(dealer_id: UUID, assignment_id: UUID) -> str:
    return f"customer_cards|{dealer_id}|{assignment_id}|card"
