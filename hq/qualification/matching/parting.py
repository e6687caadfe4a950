"""Two contacts that were joined are taken apart again: who gets what. Pure.

What was moved goes back. What came since goes where its own keys say: a sign-up by its phone, else by its
accounts; a new key with the first sign-up that has it and goes somewhere. What tells nothing stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hq.qualification.matching.engine import Arrival, Key


@dataclass(frozen=True, slots=True)
class Joined:
    """A contact as it is now, and what is known of its parts.

    Attributes:
        at: when the two were joined.
        signups: all of the contact, ordered by acceptance.
        keys: all that name it, and since when.
        moved_signups, moved_keys: what the one to be taken out had before.
        other_signups, other_keys: what came with others that were joined too, and stays.
    """

    at: datetime
    signups: Sequence[Arrival]
    keys: Mapping[Key, datetime]
    moved_signups: frozenset[UUID]
    moved_keys: frozenset[Key]
    other_signups: frozenset[UUID] = frozenset()
    other_keys: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Parted:
    """What leaves with the one that is taken out; `since` are the sign-ups among them that it did not have before."""

    signups: frozenset[UUID]
    keys: frozenset[Key]
    since: frozenset[UUID]


def part(joined: Joined) -> Parted:
    """Say who gets what."""
    key_leaves = {key: side for key in joined.keys if (side := _known_side(joined, key)) is not None}
    leaves: dict[UUID, bool] = {}
    waiting = list(joined.signups)
    while waiting:
        undecided = [each for each in waiting if not _decide(joined, each, leaves, key_leaves)]
        if len(undecided) == len(waiting):
            break
        waiting = undecided
    signups = frozenset(signup_id for signup_id, side in leaves.items() if side)
    keys = frozenset(key for key, side in key_leaves.items() if side)
    return Parted(signups, keys, signups - joined.moved_signups)


def _known_side(joined: Joined, key: Key) -> bool | None:
    """Whether a key leaves; None for one that came since."""
    if key in joined.moved_keys:
        return True
    return False if key in joined.other_keys or joined.keys[key] < joined.at else None


def _decide(joined: Joined, each: Arrival, leaves: dict[UUID, bool], key_leaves: dict[Key, bool]) -> bool:
    """Settle one sign-up, with the keys that nobody had before; False when nothing tells yet."""
    side = _side(joined, each, key_leaves)
    if side is None:
        return False
    leaves[each.signup_id] = side
    for key in each.keys:
        if key in joined.keys:
            key_leaves.setdefault(key, side)
    return True


def _side(joined: Joined, each: Arrival, key_leaves: Mapping[Key, bool]) -> bool | None:
    if each.signup_id in joined.moved_signups:
        return True
    if each.signup_id in joined.other_signups:
        return False
    return next((key_leaves[key] for key in each.keys if key in key_leaves), None)  # the phone comes first
