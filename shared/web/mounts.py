"""Where the faces are when one process serves all three."""

from __future__ import annotations

HQ = "/hq"
DEALER = "/dealer"


def portal_address(base_url: str, mount: str) -> str:
    """The address of a portal's first page, with a slash at its end."""
    return f"{base_url}{mount}/"
