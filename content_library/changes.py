"""What differs between two versions of an asset. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Contents(Protocol):
    """What a version holds, as stores get it."""

    @property
    def title(self) -> str: ...
    @property
    def copy_text(self) -> str: ...
    @property
    def link(self) -> str | None: ...
    @property
    def picture_key(self) -> str | None: ...
    @property
    def video_key(self) -> str | None: ...
    @property
    def places(self) -> Mapping[str, Any] | None: ...


_PARTS = ("title", "copy_text", "link", "picture_key", "video_key", "places")


def changed(before: Contents | None, after: Contents) -> tuple[str, ...]:
    """The parts that differ, by their names without `_key`; everything there is when there was nothing before."""
    if before is None:
        return ()
    return tuple(part.removesuffix("_key") for part in _PARTS if getattr(before, part) != getattr(after, part))
