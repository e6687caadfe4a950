"""What is different between two versions of rules: one change per sentence, in codes (`rules.words` says them).

Scorecards are compared by what a person gets, not by how their bins are written: bins that were only cut or grouped in
another way give the same points and are told as such.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

from hq.qualification.scoring.attributes import MISSING, OTHER, Attribute, Categories, Numbers, Side, Value
from hq.qualification.scoring.scorecard import Scorecard

_NOBODY = "\N{REPLACEMENT CHARACTER}"  # a word that no bin names: stands for all of them
_MOST_CELLS = 8  # changes of one pair of facts that are told one by one
_HEAD = ("base_points", "base_odds", "double_odds")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different.

    Attributes:
        code: `setting`, `added`, `gone`, `points`, `points_many`, `neutral`, `recut`, `order`.
        params: what the sentence needs: `path` (names from outside in), `facts`, `bins`, `old`, `new`, …
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def of_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """The values that are different, by their path; what only one side has is None on the other."""
    before, after = flat(old), flat(new)
    return [
        Change("setting", {"path": path, "old": before.get(path), "new": after.get(path)})
        for path in dict.fromkeys([*after, *before])
        if before.get(path) != after.get(path)
    ]


def of_cards(old: Scorecard, new: Scorecard) -> list[Change]:
    """What is different between two scorecards, in the order of the new one; what is gone stands last."""
    before = {frozenset(each.facts): each for each in old.attributes}
    after = {frozenset(each.facts): each for each in new.attributes}
    changes = list(_heads(old, new))
    for facts, attribute in after.items():
        if facts not in before:
            changes.append(_whole("added", attribute))
        else:
            changes += _of_attributes(before[facts], attribute)
    changes += [_whole("gone", attribute) for facts, attribute in before.items() if facts not in after]
    if not changes and old != new:
        changes.append(Change("order"))
    return changes


def beside(old: Attribute, new: Attribute) -> list[tuple[int, ...]]:
    """For every bin of an attribute, the points that the old version gave to those in it, each once.

    Args:
        old: of the same facts, in whatever order.
    """
    sides = {side.fact: side for side in old.sides}
    cells = [_cells(sides[side.fact], side) for side in new.sides]
    found: list[dict[int, None]] = [{} for _points_of_bin in new.points]
    for each in product(*cells):
        found[new.place({fact: cell.value for fact, cell in zip(new.facts, each, strict=True)})][
            _points(old, new.facts, each)
        ] = None
    return [tuple(points) for points in found]


def flat(body: Mapping[str, Any], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """The values of nested settings by their path."""
    found: dict[tuple[str, ...], Any] = {}
    for name, value in body.items():
        path = (*above, str(name))
        found |= flat(value, path) if isinstance(value, Mapping) else {path: value}
    return found


def _heads(old: Scorecard, new: Scorecard) -> Iterator[Change]:
    pairs: list[tuple[tuple[str, ...], float, float]] = [
        ((name,), getattr(old, name), getattr(new, name)) for name in _HEAD
    ]
    pairs += [(("grades", grade), least, dict(new.grades)[grade]) for grade, least in old.grades]
    for path, before, after in pairs:
        if before != after:
            yield Change("setting", {"path": path, "old": before, "new": after})


def _whole(code: str, attribute: Attribute) -> Change:
    span = {"least": min(attribute.points), "most": max(attribute.points)}
    return Change(code, {"facts": attribute.facts, **span})


def _of_attributes(old: Attribute, new: Attribute) -> list[Change]:
    sides = {side.fact: side for side in old.sides}
    both = [(sides[side.fact], side) for side in new.sides]
    if any(type(before) is not type(after) for before, after in both):
        return [_whole("gone", old), _whole("added", new)]
    changes = _single(old, new, *both[0]) if len(both) == 1 else _pair(old, new, both)
    if not changes and old.neutral == new.neutral and old != new:
        return [Change("recut", {"facts": new.facts})]
    if round(old.neutral, 1) != round(new.neutral, 1):
        told = {"facts": new.facts, "old": round(old.neutral, 1), "new": round(new.neutral, 1)}
        changes.append(Change("neutral", told))
    return changes


@dataclass(frozen=True, slots=True)
class _Cell:
    """Values of one fact that both versions treat alike: one of them, and the name of their bin."""

    value: Value
    name: str


def _single(old: Attribute, new: Attribute, before: Side, after: Side) -> list[Change]:
    fact = after.fact
    cells = _cells(before, after)
    moves = [(_points(old, (fact,), (cell,)), _points(new, (fact,), (cell,))) for cell in cells]
    if isinstance(before, Numbers) and isinstance(after, Numbers):
        cells, moves = _joined(fact, _cuts(before, after), moves)
    groups: dict[tuple[int, int], list[str]] = {}
    for cell, move in zip(cells, moves, strict=True):
        if move[0] != move[1]:
            groups.setdefault(move, []).append(cell.name)
    return [
        Change("points", {"facts": (fact,), "bins": tuple((name,) for name in names), "old": move[0], "new": move[1]})
        for move, names in groups.items()
    ]


def _pair(old: Attribute, new: Attribute, both: Sequence[tuple[Side, Side]]) -> list[Change]:
    facts = new.facts
    cells = [list(each) for each in product(*(_cells(before, after) for before, after in both))]
    moves = [(_points(old, facts, each), _points(new, facts, each)) for each in cells]
    changed = [(each, move) for each, move in zip(cells, moves, strict=True) if move[0] != move[1]]
    if len(changed) > _MOST_CELLS:
        steps = [after - before for _each, (before, after) in changed]
        told = {"count": len(changed), "all": len(cells), "least": min(steps), "most": max(steps)}
        return [Change("points_many", {"facts": facts, **told})]
    return [
        Change(
            "points",
            {"facts": facts, "bins": (tuple(cell.name for cell in each),), "old": move[0], "new": move[1]},
        )
        for each, move in changed
    ]


def _points(attribute: Attribute, facts: Sequence[str], cells: Sequence[_Cell]) -> int:
    return attribute.points[attribute.place({fact: cell.value for fact, cell in zip(facts, cells, strict=True)})]


def _cells(before: Side, after: Side) -> list[_Cell]:
    """Every kind of value of a fact that either version tells apart, the missing last."""
    missing = _Cell(None, MISSING)
    if isinstance(before, Numbers) and isinstance(after, Numbers):
        both = Numbers(after.fact, _cuts(before, after))
        starts = (-math.inf, *both.cuts)
        return [*(_Cell(start, both.name(place)) for place, start in enumerate(starts)), missing]
    words = dict.fromkeys(word for side in (after, before) for group in _groups(side) for word in group)
    others = (
        [_Cell(_NOBODY, OTHER)] if any(getattr(side, "other", None) is not None for side in (before, after)) else []
    )
    return [*(_Cell(word, word) for word in words), *others, missing]


def _names_others(side: Side) -> bool:
    return isinstance(side, Categories) and side.other is not None


def _groups(side: Side) -> tuple[tuple[str, ...], ...]:
    return side.groups if isinstance(side, Categories) else ()


def _cuts(before: Numbers, after: Numbers) -> tuple[float, ...]:
    return tuple(sorted({*before.cuts, *after.cuts}))


def _joined(
    fact: str, cuts: tuple[float, ...], moves: Sequence[tuple[int, int]]
) -> tuple[list[_Cell], list[tuple[int, int]]]:
    """Neighbouring ranges that change alike as one."""
    told, missing = moves[:-1], moves[-1]
    kept = tuple(cut for cut, (left, right) in zip(cuts, pairwise(told), strict=True) if left != right)
    firsts = [told[0], *(right for left, right in pairwise(told) if left != right)]
    joined = Numbers(fact, kept)
    cells = [_Cell(None, joined.name(place)) for place in range(len(kept) + 1)]
    return [*cells, _Cell(None, MISSING)], [*firsts, missing]
