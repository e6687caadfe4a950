"""Two facts as one attribute, where together they say more than each for itself, and say it again on other leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hq.qualification.scoring.fitting.fine import Codes, Fine
from hq.qualification.scoring.fitting.posterior import Floats

_SIDE = ((2500, 12), (800, 9), (0, 6))  # outcomes of the rarer kind, and bins of each of the two facts then
_PARTS, _TIMES = 5, 3  # the leads are divided into; what four say is tried on the fifth; so many divisions
_PRIOR = 8.0  # precision of a cell's effect while pairs are compared
_LEAST, _ERRORS = 3.0, 0.5  # nats that a pair must gain on other leads, and standard errors of that gain
_TRIED = 40  # attributes whose pairs are looked at, those that say most alone


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """Fine bins put into fewer for a pair: by fine bin the new one (the last is for what is missing), and how many."""

    of: Codes
    size: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two attributes (places among the single ones) and the nats that they gain together on other leads."""

    first: int
    second: int
    gain: float


def side_bins(rarer: int) -> int:
    """How many bins each fact of a pair may have, that of the missing not counted."""
    return next(bins for least, bins in _SIDE if rarer >= least)


def coarse(fine: Fine, codes: Codes, most: int) -> Coarse:
    """Put the bins of one fact into at most `most`: of a number so that each has about as many leads, of words the
    most frequent ones, the rest together."""
    counts = np.bincount(codes, minlength=fine.size).astype(np.float64)
    told = fine.size - 1
    if fine.ordered:
        middle = np.cumsum(counts[:told]) - counts[:told] / 2
        part = np.minimum((middle / max(counts[:told].sum(), 1.0) * most).astype(np.int64), most - 1)
        _, places = np.unique(part, return_inverse=True)
    else:
        places = np.minimum(np.arange(told), most - 1)
    size = int(places.max()) + 2
    return Coarse(np.append(places, size - 1).astype(np.int64), size)


def worth_it(
    codes: Sequence[Codes], sides: Sequence[Coarse], chances: Floats, won: Floats, strength: Sequence[float], seed: int
) -> list[Pair]:
    """The pairs that gain on leads they have not seen, the best first.

    Args:
        codes: by attribute and row the fine bin.
        sides: the same attributes in coarser bins.
        chances: by row, what the single attributes say.
        strength: by attribute how much it says alone; only the strongest are tried.
    """
    rnd = np.random.default_rng(seed)
    divisions = [rnd.integers(0, _PARTS, len(won)) for _ in range(_TIMES)]
    rest, weight = won - chances, chances * (1 - chances)
    tried = sorted(sorted(range(len(codes)), key=lambda i: -strength[i])[:_TRIED])
    found = []
    for first, second in combinations(tried, 2):
        cells = sides[first].size * sides[second].size
        place = sides[first].of[codes[first]] * sides[second].size + sides[second].of[codes[second]]
        gains = np.array([_gains(place * _PARTS + parts, cells, rest, weight) for parts in divisions])
        gain = float(gains.sum(1).mean())
        error = float(gains.std(1, ddof=1).mean()) * np.sqrt(_PARTS)
        if gain > _LEAST + _ERRORS * error:
            found.append(Pair(first, second, gain))
    return sorted(found, key=lambda pair: (-pair.gain, pair.first, pair.second))


def _gains(place: Codes, cells: int, rest: Floats, weight: Floats) -> Floats:
    """By part the nats that its leads gain by what the other parts say of their cells."""
    slope = np.bincount(place, rest, cells * _PARTS).reshape(cells, _PARTS)
    spread = np.bincount(place, weight, cells * _PARTS).reshape(cells, _PARTS)
    others = (slope.sum(1, keepdims=True) - slope) / (spread.sum(1, keepdims=True) - spread + _PRIOR)
    return np.asarray((slope * others - spread * others**2 / 2).sum(0), np.float64)


def apart_from_each_other(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """The best pairs of which no two share one fact: what a second one would gain shows only after the first."""
    chosen: list[Pair] = []
    for pair in pairs:
        if len(chosen) == most:
            break
        if all({pair.first, pair.second}.isdisjoint({other.first, other.second}) for other in chosen):
            chosen.append(pair)
    return chosen
