"""The database roles, as data. None of the application's roles owns a table, is superuser or bypasses policies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

OWNER: Final = "koi_owner"
HQ: Final = "koi_hq"
DEALER: Final = "koi_dealer"
PUBLIC: Final = "koi_public"
PERSON: Final = "koi_person"  # the page of one's own
WORKER: Final = "koi_worker"
APP_ROLES: Final = (HQ, DEALER, PUBLIC, PERSON, WORKER)


@dataclass(frozen=True, slots=True)
class Role:
    """A login and the settings that hold in each of its sessions, also behind PgBouncer."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)


_COMMON = {"search_path": "public", "timezone": "UTC"}

# A statement that waits for a lock longer than this gives up: the caller answers 503 or runs its batch again.
ROLES: Final = (
    Role(
        HQ, {**_COMMON, "lock_timeout": "5s", "statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s"}
    ),
    Role(
        DEALER,
        {**_COMMON, "lock_timeout": "5s", "statement_timeout": "20s", "idle_in_transaction_session_timeout": "30s"},
    ),
    Role(
        PUBLIC,
        {**_COMMON, "lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "15s"},
    ),
    Role(
        PERSON,
        {**_COMMON, "lock_timeout": "5s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "15s"},
    ),
    # A worker that hangs loses its rows after a minute.
    Role(
        WORKER,
        {**_COMMON, "lock_timeout": "10s", "statement_timeout": "120s", "idle_in_transaction_session_timeout": "60s"},
    ),
)
