"""How many people shared one device or one address at a time."""

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Member:
    """One sign-up seen at a shared thing: who it was (whatever names a person) and when it happened."""

    signup_id: UUID
    person: Hashable
    at: datetime


@dataclass(frozen=True, slots=True)
class Crowd:
    """The most people met within the window that a sign-up lies in, and the minutes between first and last."""

    people: int
    minutes: int


def crowds(members: Iterable[Member], *, minutes: int) -> Mapping[UUID, Crowd]:
    """For each sign-up the largest crowd of any window of `minutes` that contains it."""
    ordered = sorted(members, key=lambda member: (member.at, member.signup_id))
    windows = _windows(ordered, timedelta(minutes=minutes))
    best: deque[int] = deque()  # right ends whose windows may still be somebody's largest, people falling
    found: dict[UUID, Crowd] = {}
    end = 0
    for start, member in enumerate(ordered):
        while end < len(ordered) and windows[end][0] <= start:
            while best and windows[best[-1]][1] <= windows[end][1]:
                best.pop()
            best.append(end)
            end += 1
        while best[0] < start:
            best.popleft()
        last = best[0]
        span = ordered[last].at - ordered[windows[last][0]].at
        found[member.signup_id] = Crowd(windows[last][1], round(span / timedelta(minutes=1)))
    return found


def _windows(ordered: Sequence[Member], width: timedelta) -> list[tuple[int, int]]:
    """For each sign-up as the last of its window: the first one's position and the number of people."""
    people: Counter[Hashable] = Counter()
    windows, start = [], 0
    for member in ordered:
        people[member.person] += 1
        while ordered[start].at < member.at - width:
            gone = ordered[start].person
            people[gone] -= 1
            if not people[gone]:
                del people[gone]
            start += 1
        windows.append((start, len(people)))
    return windows
