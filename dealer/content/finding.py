"""Finding something among what lies on a store's shelf. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from content_library.on_shelf import ShelfLine


def fitting(lines: Sequence[ShelfLine], *, kind: str | None, text: str) -> list[ShelfLine]:
    """The lines of a kind (None: any) whose title, words or campaign hold every word of the text."""
    wanted = text.casefold().split()
    return [line for line in lines if kind in {None, line.kind.value} and all(word in _words(line) for word in wanted)]


def _words(line: ShelfLine) -> str:
    return f"{line.title}\n{line.copy_text}\n{line.campaign or ''}".casefold()
