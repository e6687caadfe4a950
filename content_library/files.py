"""Where content's files lie."""

from __future__ import annotations

from pathlib import Path

from shared.platform.storage import FolderStorage, Storage


def files(var: Path) -> Storage:
    """The storage of pictures and posters, below the folder where everything that Koi writes is kept."""
    return FolderStorage(var / "files")
