"""What every factory shares: names that differ, keys, a time, and how a row is added."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.contacts.crypto import BlindIndex, Vault
from shared.platform.clock import BEIJING
from shared.platform.keys import CURRENT_KEY_ID, Keyring, Secret
from tests.servers import SECRET_TEXT

#: Friday, 10:00 in Beijing, in the opening hours of every store.
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=BEIJING)

RING = Keyring.of(Secret.parse(SECRET_TEXT))
BLIND = BlindIndex(RING.blind)
CARDS = Vault(RING.cards, CURRENT_KEY_ID)
CONTACTS = Vault(RING.contacts, CURRENT_KEY_ID)

_numbers = itertools.count(1)


def number() -> int:
    """1, 2, 3, …: never the same twice in a test run."""
    return next(_numbers)


def phone_number() -> str:
    """A mobile number in E.164 that nobody else has: the prefix 138 0000 and a counter."""
    return f"+86138{number():08}"


def add(session: Session, row: Any) -> Any:
    """Add and flush at once: the models have no relationships by which the session could sort the rows."""
    session.add(row)
    session.flush()
    return row
