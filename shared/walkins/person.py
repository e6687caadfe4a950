"""The person of a walk-in, sealed for headquarters' worker with the keys of the customer cards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from shared.contacts.crypto import Vault


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who came. `phone` is E.164; `name` and `note` may be empty."""

    phone: str
    name: str = ""
    note: str = ""


def seal_person(vault: Vault, person: Person, *, dealer_id: UUID, walk_in_id: UUID) -> bytes:
    """The bytes of `walk_ins.sealed`; they open only for this row."""
    plain = json.dumps({"phone": person.phone, "name": person.name, "note": person.note}, ensure_ascii=False)
    return vault.seal(plain.encode(), aad=_place(dealer_id, walk_in_id))


def open_person(vault: Vault, sealed: bytes, *, dealer_id: UUID, walk_in_id: UUID) -> Person:
    """Read them.

    Raises:
        Unreadable: they are another row's, or their key is gone.
    """
    return Person(**json.loads(vault.open(sealed, aad=_place(dealer_id, walk_in_id))))


def _place(dealer_id: UUID, walk_in_id: UUID) -> str:
    return f"walk_ins|{dealer_id}|{walk_in_id}|person"
