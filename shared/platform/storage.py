"""Where files lie: one port, and a local folder as its first implementation."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

from shared.platform.errors import Missing

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9._-]*)+")


class Storage(Protocol):
    """Whole files under keys such as `imports/018f….sealed`; a key is written once and never changed."""

    def put(self, key: str, content: bytes) -> None:
        """Store the content under the key; storing the same key again replaces the whole file."""

    def get(self, key: str) -> bytes:
        """The content.

        Raises:
            Missing: nothing lies there.
        """

    def delete(self, key: str) -> None:
        """Remove the file; one that is gone already is no error."""


class FolderStorage:
    """Files below one local folder. A file appears whole or not at all, also after a crash."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise Missing(file=key) from None

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise Missing(file=key)
        return self._root / key
