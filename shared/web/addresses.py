"""Reading an address that came from outside."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parts_of(address: str | None) -> SplitResult:
    """The parts of an address; all of them empty when it is none (`http://[`)."""
    try:
        return urlsplit(address or "")
    except ValueError:
        return urlsplit("")
