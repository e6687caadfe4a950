"""What somebody typed into the search field: a number, its last four digits, or a name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.contacts.crypto import BlindIndex
from shared.contacts.phones import Phone, parse_phone


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; at most one of the two is set."""

    name: str | None = None
    phone_index: bytes | None = None


def read(typed: str | None, blind: BlindIndex) -> Wanted:
    """Read the search field: four digits are the end of a number, more digits a whole one, all else a name."""
    tidy = (typed or "").strip()
    if not tidy:
        return Wanted()
    if re.fullmatch(r"\d{4}", tidy):
        return Wanted(phone_index=blind.last4(tidy))
    phone = parse_phone(tidy)
    if isinstance(phone, Phone):
        return Wanted(phone_index=blind.phone(phone.e164))
    return Wanted(name=tidy)
