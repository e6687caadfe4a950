"""Logistic regression on bins with as much regularisation as the outcomes ask for.

The log-odds of a person are a base and one effect per attribute, of the bin that the person is in. Effects have a
normal prior: of words, around zero; of a number's neighbouring bins, around each other (a random walk), so that few
outcomes give a smooth line and many give steps. How wide each attribute's prior is follows from the outcomes
themselves (MacKay 1992, "Bayesian interpolation": precision = well-determined parameters / squared effects).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hq.qualification.scoring.fitting.fine import Codes

Floats = npt.NDArray[np.float64]

_LEVEL = 0.05  # the walk's own level is nearly free: the other attributes and the base tell it
_NARROWEST, _WIDEST = 2e3, 0.2  # precisions
_WORTH = 0.01  # nats of improvement below which the steps end
_STEADY = 0.2  # log change of all precisions below which they stand
_PAIR_S, _ROW_S, _FLOP_S = 1.2e-5, 4e-9, 1e-10  # what counting two blocks, each of its rows, and one product cost
_JITTER = 1e-8  # of the matrix's diagonal, for bins that nobody is in


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One attribute: by row the bin, how many bins, and the shape of the prior (size by size)."""

    codes: Codes
    size: int
    shape: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What was learnt.

    Attributes:
        base: log-odds where every effect is 0.
        effects: per attribute, log-odds by bin.
        precisions: of each attribute's prior.
        log_odds: by row.
    """

    base: float
    effects: tuple[Floats, ...]
    precisions: tuple[float, ...]
    log_odds: Floats

    @property
    def chances(self) -> Floats:
        """By row, the probability of a sale."""
        return expit(self.log_odds)


def expit(log_odds: Floats) -> Floats:
    """Log-odds as probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -500, 500))))


def sums(codes: Codes, values: Floats, size: int) -> Floats:
    """By bin the sum of the rows' values."""
    return np.asarray(np.bincount(codes, values, size), dtype=np.float64)


def walk(size: int) -> Floats:
    """The prior of a number's bins, the last of which is for what is missing."""
    told = size - 1
    shape = np.zeros((size, size))
    steps = np.diff(np.eye(told), axis=0)
    shape[:told, :told] = max(told - 1, 1) / 2 * (steps.T @ steps) + _LEVEL / told * np.eye(told)
    shape[told, told] = 1
    return shape


def apart(size: int) -> Floats:
    """The prior of bins that are no neighbours."""
    return np.eye(size)


def learn(blocks: Sequence[Block], won: Floats, precisions: Sequence[float], rounds: int = 6) -> Posterior:
    """Find the effects and how freely each attribute may speak.

    Args:
        won: by row 1 or 0.
        precisions: where the search begins, per block.
        rounds: how often the precisions are found anew, at most.
    """
    fit = _Fit(blocks, won)
    wide = np.array(precisions, dtype=np.float64)
    for round_ in range(rounds):
        prior = fit.prior(wide)
        information = fit.climb(prior, steps=8 if round_ == 0 else 3)
        if round_ == rounds - 1:
            break
        new = fit.precisions(
            wide, np.asarray(np.linalg.inv(information + prior + _JITTER * np.eye(len(prior))), np.float64)
        )
        steady = len(new) == 0 or float(np.abs(np.log(new / wide)).max()) < _STEADY
        if steady:
            break
        wide = new
    effects = tuple(fit.weights[start : start + block.size] for start, block in fit.placed)
    return Posterior(float(fit.weights[0]), effects, tuple(float(each) for each in wide), fit.log_odds)


class _Fit:
    """Newton's steps on the penalised likelihood; the first weight is the base, then block after block."""

    def __init__(self, blocks: Sequence[Block], won: Floats) -> None:
        starts = np.cumsum([1, *(block.size for block in blocks)])
        self.placed = list(zip((int(start) for start in starts[:-1]), blocks, strict=True))
        self._won = won
        self.weights = np.zeros(int(starts[-1]))
        share = float(np.clip(won.mean(), 1e-6, 1 - 1e-6))
        self.weights[0] = np.log(share / (1 - share))
        self.log_odds = self._log_odds(self.weights)
        self._table = self._spread_out()

    def prior(self, precisions: Floats) -> Floats:
        """The penalty's matrix."""
        prior = np.zeros((len(self.weights), len(self.weights)))
        for precision, (start, block) in zip(precisions, self.placed, strict=True):
            prior[start : start + block.size, start : start + block.size] = precision * block.shape
        return prior

    def climb(self, prior: Floats, steps: int) -> Floats:
        """Take Newton's steps, halved where one goes too far; returns the information (second derivatives)."""
        worst = self._loss(self.weights, self.log_odds, prior)
        for _ in range(steps):
            slope, information = self._derivatives()
            whole = information + prior + _JITTER * np.eye(len(prior))
            step = np.asarray(np.linalg.solve(whole, slope - prior @ self.weights), np.float64)
            weights, log_odds, loss = self._shortened(step, prior, worst)
            gained = worst - loss
            if loss <= worst:
                self.weights, self.log_odds, worst = weights, log_odds, loss
            if gained < _WORTH:
                break
        return information

    def precisions(self, old: Floats, spread: Floats) -> Floats:
        """MacKay's update, from the effects and their posterior spread."""
        new = np.empty_like(old)
        for i, (start, block) in enumerate(self.placed):
            effects = self.weights[start : start + block.size]
            own = spread[start : start + block.size, start : start + block.size]
            determined = block.size - old[i] * float((own * block.shape).sum())
            new[i] = (max(determined, 0.0) + 0.1) / (float(effects @ block.shape @ effects) + 0.05)
        return np.clip(new, _WIDEST, _NARROWEST)

    def _shortened(self, step: Floats, prior: Floats, worst: float) -> tuple[Floats, Floats, float]:
        length = 1.0
        while True:
            weights = self.weights + length * step
            log_odds = self._log_odds(weights)
            loss = self._loss(weights, log_odds, prior)
            if loss <= worst or length < 1e-3:
                return weights, log_odds, loss
            length /= 2

    def _log_odds(self, weights: Floats) -> Floats:
        log_odds = np.full(len(self._won), weights[0])
        for start, block in self.placed:
            log_odds += weights[start + block.codes]
        return log_odds

    def _loss(self, weights: Floats, log_odds: Floats, prior: Floats) -> float:
        likelihood = float(np.logaddexp(0, log_odds).sum() - self._won @ log_odds)
        return likelihood + 0.5 * float(weights @ prior @ weights)

    def _spread_out(self) -> Floats | None:
        """By row a one for each weight that it has, where multiplying such a table is quicker than counting pairs of
        blocks: of many narrow columns and few rows."""
        rows, size, blocks = len(self._won), len(self.weights), len(self.placed)
        if rows * size**2 * _FLOP_S > blocks * (blocks - 1) / 2 * (_PAIR_S + rows * _ROW_S):
            return None
        table = np.zeros((rows, size))
        table[:, 0] = 1
        for start, block in self.placed:
            table[np.arange(rows), start + block.codes] = 1
        return table

    def _derivatives(self) -> tuple[Floats, Floats]:
        chances = expit(self.log_odds)
        weight, rest = chances * (1 - chances), self._won - chances
        if self._table is not None:
            return self._table.T @ rest, (self._table.T * weight) @ self._table
        slope = np.empty(len(self.weights))
        information = np.zeros((len(self.weights), len(self.weights)))
        slope[0], information[0, 0] = rest.sum(), weight.sum()
        for i, (start, block) in enumerate(self.placed):
            mine = slice(start, start + block.size)
            slope[mine] = np.bincount(block.codes, rest, block.size)
            alone = np.bincount(block.codes, weight, block.size)
            information[mine, mine] = np.diag(alone)
            information[0, mine] = information[mine, 0] = alone
            for other_start, other in self.placed[:i]:
                theirs = slice(other_start, other_start + other.size)
                both = np.bincount(block.codes * other.size + other.codes, weight, block.size * other.size)
                information[mine, theirs] = both.reshape(block.size, other.size)
                information[theirs, mine] = information[mine, theirs].T
        return slope, information
