"""From many fine bins to the few of a card: neighbours that do not really differ become one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hq.qualification.scoring.fitting.posterior import Floats

Labels = npt.NDArray[np.int64]
WORTH = 0.3  # nats that two bins must lose together to stay apart
MOST = 20  # bins that a person still reads


class _Group:
    """Bins that became one: which, their weights and effects (one column, or one per bin of a pair's other fact)."""

    __slots__ = ("bins", "effects", "weights")

    def __init__(self, bins: list[int], weights: Floats, effects: Floats) -> None:
        self.bins = bins
        self.weights = weights
        self.effects = effects

    def cost(self, other: _Group) -> float:
        """Nats lost when both have one effect: half the squared difference, each side weighed by what it knows."""
        together = self.weights * other.weights / (self.weights + other.weights)
        return float((together * (self.effects - other.effects) ** 2).sum() / 2)

    def with_(self, other: _Group) -> _Group:
        weights = self.weights + other.weights
        effects = (self.weights * self.effects + other.weights * other.effects) / weights
        return _Group(self.bins + other.bins, weights, effects)


def merge(effects: Floats, weights: Floats, *, ordered: bool, worth: float = WORTH, most: int = MOST) -> Labels:
    """Put bins together until every two neighbours differ by more than `worth`, and there are at most `most`.

    Args:
        effects: log-odds by bin, or by bin and column.
        weights: what is known of each (sum of p·(1−p)), of the same shape.
        ordered: only neighbours may become one; else bins are neighbours by their effects.

    Returns:
        by bin its group, numbered along the line.
    """
    values = effects.reshape(len(effects), -1)
    known = weights.reshape(len(weights), -1) + 1e-9
    mean = (values * known).sum(1) / known.sum(1)
    order = range(len(values)) if ordered else np.argsort(-mean, kind="stable").tolist()
    groups = [_Group([i], known[i], values[i]) for i in order]
    costs = [one.cost(other) for one, other in pairwise(groups)]
    while costs and (min(costs) <= worth or len(groups) > most):
        i = costs.index(min(costs))
        groups[i : i + 2] = [groups[i].with_(groups[i + 1])]
        del costs[i]
        if i > 0:
            costs[i - 1] = groups[i - 1].cost(groups[i])
        if i < len(costs):
            costs[i] = groups[i].cost(groups[i + 1])
    labels = np.empty(len(values), dtype=np.int64)
    for label, group in enumerate(groups):
        labels[group.bins] = label
    return labels


def monotone(effects: Floats, weights: Floats, *, rising: bool) -> Floats:
    """The nearest effects that never fall (or never rise): neighbours that do are pooled (Ayer et al. 1955)."""
    sign = 1.0 if rising else -1.0
    pools: list[tuple[float, float, int]] = []  # mean, weight, bins
    for effect, weight in zip(sign * effects, weights + 1e-9, strict=True):
        mean, known, bins = float(effect), float(weight), 1
        while pools and pools[-1][0] > mean:
            before, more, count = pools.pop()
            mean, known, bins = (before * more + mean * known) / (more + known), more + known, bins + count
        pools.append((mean, known, bins))
    return np.array([sign * mean for mean, _, bins in pools for _ in range(bins)])


def means(effects: Floats, weights: Floats, labels: Labels) -> Floats:
    """By group the mean effect, weighed by what is known of each bin."""
    count = int(labels.max()) + 1 if len(labels) else 0
    known = np.bincount(labels, weights + 1e-9, count)
    return np.asarray(np.bincount(labels, effects * (weights + 1e-9), count) / known)


def groups_of(labels: Labels, names: Sequence[str]) -> list[list[str]]:
    """The names in each group."""
    found: list[list[str]] = [[] for _ in range(int(labels.max()) + 1)]
    for label, name in zip(labels, names, strict=True):
        found[label].append(name)
    return found
