"""A scorecard from columns and outcomes: fine bins, their effects, pairs, few bins, whole points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from threadpoolctl import threadpool_limits

from hq.qualification.scoring.fitting.cells import Column, Floats, Sort
from hq.qualification.scoring.fitting.fine import Codes, Fine, bins_for, cut
from hq.qualification.scoring.fitting.measures import line as slope_of
from hq.qualification.scoring.fitting.merging import Labels, means, merge, monotone
from hq.qualification.scoring.fitting.pairs import Coarse, Pair, apart_from_each_other, coarse, side_bins, worth_it
from hq.qualification.scoring.fitting.pointing import Line, pair_line, pointed, single_line
from hq.qualification.scoring.fitting.posterior import Block, Posterior, apart, learn, sums, walk
from hq.qualification.scoring.fitting.prior_card import blended, typed_effects
from hq.qualification.scoring.scorecard import Scorecard

ENOUGH_WON = 100
"""Sales below which the points lean on the typed card."""
_PAIRS, _AT_ONCE = 8, 4
_PAIR_PRECISION = 8.0
_COLUMNS, _BINS_ALONE = 80, 12  # columns learnt at once, and bins by which more than these are compared
_LITTLE, _LITTLE_ROWS = 500, 30_000  # outcomes of the rarer kind, and rows, with which effects are put right
_PARTS, _STRETCH = 5, (0.3, 1.5)
_PAIRS_FROM = 200  # of the rarer outcome; below, pairs are chance


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a card is to be learnt.

    Attributes:
        monotone: facts whose points must never turn, with +1 (rising), -1 (falling) or 0 (as the outcomes say).
        pairs: whether two facts may be one attribute.
        typed: the card that points lean on while sales are few.
    """

    monotone: Mapping[str, int] = field(default_factory=dict)
    pairs: bool = True
    typed: Scorecard | None = None
    seed: int = 42


@dataclass(frozen=True, slots=True)
class Learnt:
    """A card, and the weight of what was learnt in its points (1: all; less: the rest is the typed card's)."""

    card: Scorecard
    weight: float


def learn_card(columns: Sequence[Column], won: Floats, wishes: Wishes) -> Learnt:
    """Learn a card.

    Args:
        columns: what it may look at.
        won: by row 1 or 0; both occur.
    """
    with threadpool_limits(limits=1):  # matrices are small: threads would wait for each other, long on a busy machine
        return _learnt(_strongest(columns, won), won, wishes)


def _learnt(columns: Sequence[Column], won: Floats, wishes: Wishes) -> Learnt:
    study = _studied(columns, won, wishes)
    stretch = _stretch(columns, won, wishes) if _is_little(won) else 1.0
    effects = list(study.posterior.effects)
    weight = 1.0
    if wishes.typed is not None and won.sum() < ENOUGH_WON:
        typed = typed_effects(wishes.typed, columns, study.codes, [fine.size for fine in study.fines])
        if typed:
            weight = float(won.sum()) / ENOUGH_WON
            effects = blended(effects, {i: own / stretch for i, own in typed.items()}, weight)
    lines = [replace(line, effects=stretch * line.effects) for line in _lines(study, effects)]
    return Learnt(pointed(lines, won), weight)


def _studied(columns: Sequence[Column], won: Floats, wishes: Wishes) -> _Study:
    study = _Study.of(columns, won, wishes)
    enough = min(won.sum(), len(won) - won.sum()) >= _PAIRS_FROM
    return _with_pairs(study) if wishes.pairs and enough else study


def _is_little(won: Floats) -> bool:
    return min(won.sum(), len(won) - won.sum()) < _LITTLE and len(won) <= _LITTLE_ROWS


def _stretch(columns: Sequence[Column], won: Floats, wishes: Wishes) -> float:
    """What effects must be multiplied by to be right on leads not seen: of few outcomes they are learnt too large.

    The slope of the outcomes on log-odds that four fifths teach about the fifth (van Houwelingen and le Cessie 1990).
    """
    rnd = np.random.default_rng(wishes.seed)
    parts = np.empty(len(won), dtype=np.int64)
    for outcome in (0, 1):
        rows = rnd.permutation(np.flatnonzero(won == outcome))
        parts[rows] = np.arange(len(rows)) % _PARTS
    said = np.empty(len(won))
    for part in range(_PARTS):
        known, asked = (np.flatnonzero(inside).astype(np.int64) for inside in (parts != part, parts == part))
        study = _studied([column.taken(known) for column in columns], won[known], wishes)
        said[asked] = study.log_odds([column.taken(asked) for column in columns])
    slope, _ = slope_of(said, won)
    return float(np.clip(slope, *_STRETCH))


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """What is being learnt from: the columns' fine bins, the pairs so far, and the effects."""

    fines: tuple[Fine, ...]
    codes: tuple[Codes, ...]
    sides: tuple[Coarse, ...]
    won: Floats
    wishes: Wishes
    pairs: tuple[Pair, ...]
    posterior: Posterior

    @classmethod
    def of(cls, columns: Sequence[Column], won: Floats, wishes: Wishes) -> _Study:
        numbers = sum(column.sort is not Sort.WORD for column in columns)
        rarer = int(min(won.sum(), len(won) - won.sum()))
        bins = bins_for(numbers, rarer)
        fines = tuple(cut(column, bins) for column in columns)
        codes = tuple(fine.codes(column) for fine, column in zip(fines, columns, strict=True))
        blocks = [_block(fine, own) for fine, own in zip(fines, codes, strict=True)]
        sides = tuple(coarse(fine, own, side_bins(rarer)) for fine, own in zip(fines, codes, strict=True))
        return cls(fines, codes, sides, won, wishes, (), learn(blocks, won, [1.0] * len(blocks)))

    def cells(self, pair: Pair) -> Codes:
        """By row the cell of a pair."""
        return self._cells(pair, self.codes)

    def log_odds(self, columns: Sequence[Column]) -> Floats:
        """What was learnt, of other rows of the same columns."""
        codes = [fine.codes(column) for fine, column in zip(self.fines, columns, strict=True)]
        places = [*codes, *(self._cells(pair, codes) for pair in self.pairs)]
        told = np.full(len(codes[0]), self.posterior.base)
        for effects, place in zip(self.posterior.effects, places, strict=True):
            told += effects[place]
        return told

    def _cells(self, pair: Pair, codes: Sequence[Codes]) -> Codes:
        first, second = self.sides[pair.first], self.sides[pair.second]
        return first.of[codes[pair.first]] * second.size + second.of[codes[pair.second]]

    def shape(self, pair: Pair) -> tuple[int, int]:
        """Bins of a pair's facts."""
        return self.sides[pair.first].size, self.sides[pair.second].size


def _with_pairs(study: _Study) -> _Study:
    """Add pairs, a few that do not touch each other at a time, as long as one is worth it."""
    while len(study.pairs) < _PAIRS:
        strength = [
            _strength(effects, codes) for effects, codes in zip(study.posterior.effects, study.codes, strict=False)
        ]
        known = {(pair.first, pair.second) for pair in study.pairs}
        bound = {i for i, fine in enumerate(study.fines) if fine.name in study.wishes.monotone}
        found = worth_it(study.codes, study.sides, study.posterior.chances, study.won, strength, study.wishes.seed)
        free = [
            pair
            for pair in found
            if (pair.first, pair.second) not in known and bound.isdisjoint((pair.first, pair.second))
        ]
        new = apart_from_each_other(free, min(_AT_ONCE, _PAIRS - len(study.pairs)))
        if not new:
            break
        pairs = (*study.pairs, *new)
        blocks = [_block(fine, own) for fine, own in zip(study.fines, study.codes, strict=True)]
        for pair in pairs:
            first, second = study.shape(pair)
            blocks.append(Block(study.cells(pair), first * second, apart(first * second)))
        start = [*study.posterior.precisions, *(_PAIR_PRECISION for _ in new)]
        study = replace(study, pairs=pairs, posterior=learn(blocks, study.won, start, rounds=4))
    return study


def _strongest(columns: Sequence[Column], won: Floats) -> Sequence[Column]:
    """At most so many columns as can be learnt at once: those that say most alone, in the order of the file."""
    if len(columns) <= _COLUMNS:
        return columns
    rest = won - won.mean()
    spread = float(won.mean() * (1 - won.mean()))
    gains = []
    for column in columns:
        fine = cut(column, _BINS_ALONE)
        codes = fine.codes(column)
        known = np.bincount(codes, minlength=fine.size) * spread
        gains.append(float((sums(codes, rest, fine.size) ** 2 / (known + _PAIR_PRECISION)).sum()) - fine.size)
    best = sorted(sorted(range(len(columns)), key=lambda i: (-gains[i], i))[:_COLUMNS])
    return [columns[i] for i in best]


def _block(fine: Fine, codes: Codes) -> Block:
    return Block(codes, fine.size, walk(fine.size) if fine.ordered else apart(fine.size))


def _strength(effects: Floats, codes: Codes) -> float:
    """How much an attribute moves people's log-odds: their variance."""
    return float(effects[codes].var())


def _lines(study: _Study, effects: Sequence[Floats]) -> list[Line]:
    """The attributes in few bins, the strongest first."""
    chances = study.posterior.chances
    weight = chances * (1 - chances)
    lines = [
        single_line(fine, codes, *_few(fine, codes, own, weight, study.wishes.monotone.get(fine.name)))
        for fine, codes, own in zip(study.fines, study.codes, effects, strict=False)
    ]
    for pair, own in zip(study.pairs, effects[len(study.fines) :], strict=True):
        fines = study.fines[pair.first], study.fines[pair.second]
        sides = study.sides[pair.first], study.sides[pair.second]
        known = sums(study.cells(pair), weight, sides[0].size * sides[1].size)
        lines.append(
            pair_line(fines, sides, study.cells(pair), own.reshape(study.shape(pair)), known.reshape(study.shape(pair)))
        )
    return lines


def _few(fine: Fine, codes: Codes, effects: Floats, weight: Floats, direction: int | None) -> tuple[Labels, Floats]:
    """By fine bin (without that of the missing) its group, and by group the effect."""
    known = sums(codes, weight, fine.size)
    told, know = effects[:-1], known[:-1]
    if direction is not None and fine.ordered:
        told = monotone(told, know, rising=direction > 0 or (direction == 0 and _rises(told, know)))
    if fine.ordered or not len(fine.words):
        labels = merge(told, know, ordered=fine.ordered)
    else:
        labels = np.append(merge(told[:-1], know[:-1], ordered=False), -1)  # the bin of all others stays by itself
        labels[-1] = labels[:-1].max() + 1
    return labels, np.append(means(told, know, labels), effects[-1])


def _rises(effects: Floats, weights: Floats) -> bool:
    places = np.arange(len(effects), dtype=np.float64)
    known = weights + 1e-9
    middle, mean = np.average(places, weights=known), np.average(effects, weights=known)
    return float((known * (places - middle) * (effects - mean)).sum()) >= 0
