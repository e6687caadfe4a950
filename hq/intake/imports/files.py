"""Uploaded files, sealed before they are stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from shared.contacts.crypto import Vault
from shared.platform.keys import CURRENT_KEY_ID, Keyring
from shared.platform.storage import FolderStorage, Storage

#: How long an uploaded file and its rejected rows are kept (PIPL art. 19: long enough to correct and send them again).
KEPT = timedelta(days=30)
FOLDER = "files"


class ImportFiles:
    """Sealed files and rejected rows of imports."""

    def __init__(self, storage: Storage, keys: Keyring) -> None:
        self._storage = storage
        self._vault = Vault(keys.files, CURRENT_KEY_ID)

    @classmethod
    def below(cls, var: Path, keys: Keyring) -> ImportFiles:
        """Files in a local folder below `var`."""
        return cls(FolderStorage(var / FOLDER), keys)

    def put(self, import_id: UUID, content: bytes) -> str:
        """Store an upload; returns its key in the storage."""
        key = f"imports/{import_id}.sealed"
        self._storage.put(key, self._vault.seal(content, aad=f"imports|{import_id}|file"))
        return key

    def get(self, import_id: UUID, key: str) -> bytes:
        """The upload as it came.

        Raises:
            Missing: it was purged. Unreadable: it was changed.
        """
        return self._vault.open(self._storage.get(key), aad=f"imports|{import_id}|file")

    def delete(self, key: str) -> None:
        """Remove an upload for good."""
        self._storage.delete(key)

    def seal_sample(self, import_id: UUID, content: bytes) -> bytes:
        """The first rows of an upload, sealed to their place."""
        return self._vault.seal(content, aad=f"import_samples|{import_id}")

    def open_sample(self, import_id: UUID, sealed: bytes) -> bytes:
        """What `seal_sample` sealed."""
        return self._vault.open(sealed, aad=f"import_samples|{import_id}")

    def seal_row(self, import_id: UUID, row: int, cells: Sequence[str]) -> bytes:
        """The cells of a rejected row, sealed to their place."""
        plain = json.dumps(cells, ensure_ascii=False).encode()
        return self._vault.seal(plain, aad=f"import_rejects|{import_id}|{row}")

    def open_row(self, import_id: UUID, row: int, sealed: bytes) -> list[str]:
        """What `seal_row` sealed."""
        cells: list[str] = json.loads(self._vault.open(sealed, aad=f"import_rejects|{import_id}|{row}"))
        return cells
