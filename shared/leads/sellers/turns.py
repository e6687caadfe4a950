"""Whose turn it is among the sellers of a store. Pure.

Everybody has a count of rounds. Next is who has the fewest of those on duty, among equals who waited longest. The
store's own round is the floor: a count below it is taken for the floor, so that who was away, or is new, comes next
and then like everybody else, and nobody's leaving or coming moves the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from shared.dealers.hours import NeverOpen, WeeklyHours, deadline, working_seconds
from shared.platform.clock import BEIJING

NEVER: Final = datetime(1970, 1, 1, tzinfo=BEIJING)  # before any turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A seller of a store. `turn`: rounds had; `given_at`: when the last one was; None: none yet."""

    user_id: UUID
    name: str
    on_duty: bool
    turn: int = 0
    given_at: datetime | None = None


class Given(NamedTuple):
    """A turn that was used: the member afterwards, and the store's round."""

    member: Member
    round: int


def is_off(off_since: datetime | None, back_on: date | None, today: date) -> bool:
    """Whether somebody who said so is off duty on a Beijing day; `back_on` is the first day on duty again."""
    return off_since is not None and (back_on is None or today < back_on)


def line(members: Iterable[Member], floor: int) -> list[Member]:
    """Those on duty in the order in which they come."""
    return sorted(
        (each for each in members if each.on_duty),
        key=lambda each: (max(each.turn, floor), each.given_at or NEVER, each.user_id),
    )


def this_round(members: Iterable[Member], floor: int) -> list[Member]:
    """Of the line those who come before anybody comes again."""
    known = line(members, floor)
    return [each for each in known if max(each.turn, floor) == max(known[0].turn, floor)]


def named(members: Iterable[Member], floor: int, offers: Sequence[UUID]) -> Mapping[UUID, Member]:
    """Whose each waiting offer is, the oldest offer first; those beyond this round are nobody's yet."""
    return dict(zip(offers, this_round(members, floor), strict=False))


def used(member: Member, members: Iterable[Member], floor: int, now: datetime) -> Given:
    """Somebody gets a lead: theirs in turn, or one that they took when everybody might."""
    ahead = line(members, floor)
    lowest = max(ahead[0].turn, floor) if ahead else floor
    turn = max(member.turn, floor)
    return Given(replace(member, turn=turn + 1, given_at=now), lowest if turn == lowest else floor)


def shared_out(members: Sequence[Member], floor: int, count: int, now: datetime) -> list[Member]:
    """Who gets the first, the second, … of so many leads; nobody when nobody is on duty."""
    standing = {each.user_id: each for each in members}
    order: list[Member] = []
    for number in range(count):
        ahead = line(standing.values(), floor)
        if not ahead:
            return []
        one_by_one = now + timedelta(microseconds=number)  # else who is first would change from round to round
        after, floor = used(ahead[0], standing.values(), floor, one_by_one)
        standing[after.user_id] = after
        order.append(ahead[0])
    return order


def free_at(offered_at: datetime, deadline_at: datetime, hours: WeeklyHours) -> datetime:
    """From when everybody may claim an offer: half of its time has passed, as the store's hours count it."""
    seconds = working_seconds(offered_at, deadline_at, hours)
    if seconds > 0 and math.isfinite(seconds):
        try:
            return min(deadline_at, deadline(offered_at, seconds / 120, hours))
        except NeverOpen:
            pass
    return offered_at + (deadline_at - offered_at) / 2
