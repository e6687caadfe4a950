"""Where sign-ups from outside come in: connections of their own for the one statement, in autocommit."""

from __future__ import annotations

from sqlalchemy import URL

from shared.db.links import Busy, Links
from shared.signups import acceptance
from shared.signups.acceptance import Accepted, Offer, Refused

_CONNECTIONS = 12  # per process: enough to be waiting for the disk together, whose flush serves them all


class Door:
    """Stores one sign-up at a time. Safe to share between threads. The key makes it harmless to send one again."""

    def __init__(self, url: URL, *, connections: int = _CONNECTIONS) -> None:
        """`url`: the public role's login."""
        self._links = Links(url, connections=connections)

    def accept(self, offer: Offer) -> Accepted | Refused:
        """Store a sign-up, or find what its key stored before.

        Raises:
            Busy: a twin with the same key is still being stored, or the database is away.
        """
        return self._links.run(lambda link: acceptance.accept(link, offer))

    def look(self, token_hash: bytes, campaign_code: str) -> Refused | None:
        """What stands against a sign-up with this token for this campaign, whatever its body says.

        Raises:
            Busy: the database is away.
        """
        return self._links.run(lambda link: acceptance.look(link, token_hash, campaign_code))

    def close(self) -> None:
        """Close what is open and not in use."""
        self._links.close()


__all__ = ["Busy", "Door"]
