"""Where files lie: one port, and a local folder as its first implementation."""

from __future__ import annotations

import os
import re
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from threading import get_ident
from typing import BinaryIO, Final, Protocol

from shared.platform.errors import Missing

_PIECE: Final = 1024 * 1024
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

    def put_from(self, key: str, content: BinaryIO) -> None:
        """Store what is left to read of a file, without holding it in memory as a whole."""

    def size(self, key: str) -> int:
        """How many bytes lie there.

        Raises:
            Missing: nothing lies there.
        """

    def part(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on.

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
        self.put_from(key, BytesIO(content))

    def put_from(self, key: str, content: BinaryIO) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}.part")
        with unfinished.open("wb") as file:
            copyfileobj(content, file, _PIECE)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise Missing(file=key) from None

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise Missing(file=key) from None

    def part(self, key: str, start: int, length: int) -> bytes:
        try:
            with self._path(key).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except FileNotFoundError:
            raise Missing(file=key) from None

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise Missing(file=key)
        return self._root / key
