"""The picture of a ring: addresses and inviters, devices, people in three columns, lines for what is shared. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from hq.qualification.quarantine.rings import Shared

WIDTH = 480.0
_FIRST, _DEVICE, _PERSON, _SECOND, _WORDS = 62.0, 196.0, 322.0, 344.0, 364.0  # columns, in pixels
_STEP, _CLOSE, _GAP, _TOP = 12.0, 8.0, 22.0, 30.0
_MANY = 30
"""People from which they stand closer."""
_GROUP = 44.0  # room that a group needs at least, for its words
_HUB = 52.0  # between two hubs of one column
MOST_PEOPLE = 72
_MOST_HUBS = 8


class Person(NamedTuple):
    """Somebody to draw. `kind`: stopped, lead (a store works on it), bystander (near, but not stopped)."""

    person: UUID
    kind: str
    words: str
    href: str


class Hub(NamedTuple):
    """Something shared; `number` counts those of its kind, `words` say more of it."""

    x: float
    y: float
    kind: str
    number: int
    words: str
    people: int


class Dot(NamedTuple):
    """A person."""

    x: float
    y: float
    kind: str
    words: str
    href: str


class Group(NamedTuple):
    """Words beside people who share their first thing."""

    x: float
    y: float
    people: int


class Edge(NamedTuple):
    """A line, as an SVG path; `weak` leads to somebody who is only near."""

    path: str
    weak: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn, in pixels of a viewBox `WIDTH` wide and `height` high; `left_out`: people without a dot."""

    height: float
    hubs: Sequence[Hub]
    dots: Sequence[Dot]
    groups: Sequence[Group]
    edges: Sequence[Edge]
    left_out: int


def draw(people: Sequence[Person], ties: Mapping[Shared, Iterable[UUID]], words: Mapping[Shared, str]) -> Picture:
    """Lay a ring out.

    Args:
        people: the ring's first, then bystanders.
        ties: what is shared → by whom, what ties most people first.
        words: what to write below a shared thing, such as the masked address.
    """
    shown = people[:MOST_PEOPLE]
    of = _things_of(shown, ties)
    groups = _grouped(shown, of)
    places, marks, height = _place(groups)
    hubs = _hubs(groups, ties, words, of, places)
    by_thing = dict(hubs)
    dots = [Dot(*places[each.person], each.kind, each.words, each.href) for each in shown]
    edges = list(dict.fromkeys(_edges(shown, of, by_thing, places)))
    bottom = max([height, *(hub.y + 34 for hub in by_thing.values())])
    return Picture(
        height=bottom,
        hubs=list(by_thing.values()),
        dots=dots,
        groups=marks,
        edges=edges,
        left_out=len(people) - len(shown),
    )


def _things_of(people: Sequence[Person], ties: Mapping[Shared, Iterable[UUID]]) -> dict[UUID, list[Shared]]:
    """Per person the things that are drawn: the first few of each column, devices before the others."""
    room = Counter({True: _MOST_HUBS, False: _MOST_HUBS})
    wanted = {each.person for each in people}
    found: dict[UUID, list[Shared]] = defaultdict(list)
    for thing, sharing in ties.items():
        is_device = thing.kind == "device"
        those = wanted.intersection(sharing)
        if not those or not room[is_device]:
            continue
        room[is_device] -= 1
        for person in those:
            found[person].append(thing)
    return {person: sorted(things, key=lambda thing: thing.kind != "device") for person, things in found.items()}


def _grouped(people: Sequence[Person], of: Mapping[UUID, Sequence[Shared]]) -> dict[Shared | None, list[Person]]:
    """People by the first thing that they share; whoever shares nothing comes last."""
    groups: dict[Shared | None, list[Person]] = defaultdict(list)
    for each in people:
        groups[of[each.person][0] if of.get(each.person) else None].append(each)
    loose = groups.pop(None, [])
    ordered: dict[Shared | None, list[Person]] = dict(sorted(groups.items(), key=lambda item: -len(item[1])))
    return ordered | ({None: loose} if loose else {})


def _place(
    groups: Mapping[Shared | None, Sequence[Person]],
) -> tuple[dict[UUID, tuple[float, float]], list[Group], float]:
    places: dict[UUID, tuple[float, float]] = {}
    marks, top = [], _TOP
    step = _CLOSE if sum(map(len, groups.values())) > _MANY else _STEP
    for members in groups.values():
        tall = max(_GROUP, step * (len(members) - 1))
        first = top + (tall - step * (len(members) - 1)) / 2
        for number, each in enumerate(members):
            places[each.person] = (_SECOND if number % 2 else _PERSON, first + step * number)
        marks.append(Group(_WORDS, top + tall / 2, len(members)))
        top += tall + _GAP
    return places, marks, top


def _hubs(
    groups: Mapping[Shared | None, Sequence[Person]],
    ties: Mapping[Shared, Iterable[UUID]],
    words: Mapping[Shared, str],
    of: Mapping[UUID, Sequence[Shared]],
    places: Mapping[UUID, tuple[float, float]],
) -> list[tuple[Shared, Hub]]:
    heights: dict[Shared, list[float]] = defaultdict(list)
    for person, things in of.items():
        for thing in things:
            heights[thing].append(places[person][1])
    numbers: Counter[str] = Counter()
    hubs = []
    for is_device in (True, False):
        column = [thing for thing in heights if (thing.kind == "device") is is_device]
        column.sort(key=lambda thing: sum(heights[thing]) / len(heights[thing]))
        low = 0.0
        for thing in column:
            middle = sum(heights[thing]) / len(heights[thing])
            y = max(middle, low)
            low = y + _HUB
            numbers[thing.kind] += 1
            x = _DEVICE if is_device else _FIRST
            count = len(set(ties[thing]))
            hubs.append((thing, Hub(x, y, thing.kind, numbers[thing.kind], words.get(thing, ""), count)))
    return hubs


def _edges(
    people: Sequence[Person],
    of: Mapping[UUID, Sequence[Shared]],
    hubs: Mapping[Shared, Hub],
    places: Mapping[UUID, tuple[float, float]],
) -> Iterator[Edge]:
    """Each person to the first thing; the others to that thing, so that the lines stay few."""
    for each in people:
        things = of.get(each.person, ())
        if not things:
            continue
        weak = each.kind == "bystander"
        first = hubs[things[0]]
        yield Edge(_curve(first.x, first.y, *places[each.person]), weak)
        for other in things[1:]:
            hub = hubs[other]
            if first.kind == "device" and hub.kind != "device":
                yield Edge(_curve(hub.x, hub.y, first.x, first.y), weak=False)
            else:
                yield Edge(_curve(hub.x, hub.y, *places[each.person]), weak)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    return f"M{x:.0f} {y:.1f}C{middle:.0f} {y:.1f} {middle:.0f} {to_y:.1f} {to_x:.0f} {to_y:.1f}"
