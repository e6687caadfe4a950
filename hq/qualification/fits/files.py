"""Files of past leads, sealed before they are stored."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from hq.intake.imports.files import FOLDER
from shared.contacts.crypto import Vault
from shared.platform.keys import CURRENT_KEY_ID, Keyring
from shared.platform.storage import FolderStorage, Storage

#: How long a file of past leads is kept: long enough to learn from it in several ways.
KEPT = timedelta(days=30)


class FitFiles:
    """Sealed files that cards are learnt from."""

    def __init__(self, storage: Storage, keys: Keyring) -> None:
        self._storage = storage
        self._vault = Vault(keys.files, CURRENT_KEY_ID)

    @classmethod
    def below(cls, var: Path, keys: Keyring) -> FitFiles:
        """Files in a local folder below `var`."""
        return cls(FolderStorage(var / FOLDER), keys)

    def put(self, fit_id: UUID, content: bytes) -> str:
        """Store a file; returns its key in the storage."""
        key = f"fits/{fit_id}.sealed"
        self._storage.put(key, self._vault.seal(content, aad=f"scorecard_fits|{fit_id}|file"))
        return key

    def get(self, fit_id: UUID, key: str) -> bytes:
        """The file as it came.

        Raises:
            Missing: it was purged. Unreadable: it was changed.
        """
        return self._vault.open(self._storage.get(key), aad=f"scorecard_fits|{fit_id}|file")

    def delete(self, key: str) -> None:
        """Remove a file for good."""
        self._storage.delete(key)
