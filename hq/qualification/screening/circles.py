"""People who invited each other in a circle."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Set
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)
_N = TypeVar("_N", bound=Hashable)


def circles(edges: Mapping[Node, Set[Node]]) -> Mapping[Node, frozenset[Node]]:
    """For each node on a circle of two or more: all the nodes that can be reached from it and lead back to it.

    Args:
        edges: where each node leads to; a node that only leads to itself is on no circle.
    """
    back: dict[Node, set[Node]] = defaultdict(set)
    for node, afters in edges.items():
        for after in afters:
            back[after].add(node)

    found: dict[Node, frozenset[Node]] = {}
    for node in edges:
        if node not in found and node in back:
            circle = frozenset(_reached(node, edges) & _reached(node, back))
            if len(circle) > 1:
                found |= dict.fromkeys(circle, circle)
    return found


def _reached(start: _N, edges: Mapping[_N, Set[_N]]) -> Set[_N]:
    seen: set[_N] = {start}
    ahead = [start]
    while ahead:
        new = edges.get(ahead.pop(), set()) - seen
        seen |= new
        ahead += new
    return seen
