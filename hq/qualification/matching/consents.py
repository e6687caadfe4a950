"""Which consents each of two people has after they were taken apart. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class Given(NamedTuple):
    """A consent in force: a row of `consents` without its contact."""

    scope_id: UUID
    text_id: UUID
    signup_id: UUID
    given_at: datetime

    @classmethod
    def of_record(cls, row: Mapping[str, Any]) -> "Given":
        """A row as it stands in `contact_merges.moved`."""
        scope_id, text_id, signup_id = (UUID(row[name]) for name in ("scope_id", "text_id", "signup_id"))
        return cls(scope_id, text_id, signup_id, datetime.fromisoformat(row["given_at"]))


def stands(
    before: Iterable[Given], since: Iterable[Given], *, withdrawn: Collection[UUID], ended: Collection[UUID]
) -> frozenset[Given]:
    """The consents of one of the two: what it had before, and what its own sign-ups have given since.

    Args:
        before: in force when they were joined.
        since: what was given later by sign-ups that are this one's, the earliest first.
        withdrawn: scopes taken back since: by whoever of the two, for both.
        ended: sign-ups that count no more.
    """
    standing: dict[UUID, Given] = {}
    for given in (*before, *since):
        if given.scope_id not in withdrawn and given.signup_id not in ended:
            standing.setdefault(given.scope_id, given)
    return frozenset(standing.values())
