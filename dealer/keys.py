"""The key of the dealer portal to its customers' cards."""

from __future__ import annotations

from flask import current_app

from shared.contacts.crypto import Vault
from shared.platform.keys import CURRENT_KEY_ID, DealerKeys


def vault() -> Vault:
    """Opens the customer cards of this installation."""
    keys: DealerKeys = current_app.extensions["koi_keys"]
    return Vault(keys.cards, CURRENT_KEY_ID)
