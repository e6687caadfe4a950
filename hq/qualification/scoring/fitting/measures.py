"""How good probabilities are, held against what became of the leads."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hq.qualification.scoring.fitting.fine import Codes
from hq.qualification.scoring.fitting.posterior import Floats, expit, sums
from hq.qualification.scoring.report import Group, Measures

_GROUPS = 10
_GAINS = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90, 1.0)
_EDGE = 1e-9  # probabilities are kept this far from 0 and 1, where only their logarithm matters
_STEPS = 50


def measure(chances: Floats, won: Floats, folds: Sequence[Codes] = ()) -> Measures:
    """All figures.

    Args:
        chances: by lead what was said, 0 to 1.
        won: by lead 1 or 0; both occur.
        folds: the leads of each fold.
    """
    safe = np.clip(chances, _EDGE, 1 - _EDGE)
    slope, intercept = line(np.log(safe / (1 - safe)), won)
    share = float(won.mean())
    return Measures(
        leads=len(won),
        won=int(won.sum()),
        auc=auc(chances, won),
        auc_by_fold=tuple(_auc_or_none(chances[fold], won[fold]) for fold in folds),
        lift_10=found(chances, won, 0.10) / 0.10,
        gains=tuple((part, found(chances, won, part)) for part in _GAINS),
        calibration=calibration(chances, won),
        ece=calibration_error(chances, won),
        ece_width=_ece_width(chances, won),
        brier=float(((chances - won) ** 2).mean()),
        brier_base=share * (1 - share),
        log_loss=float(-(won * np.log(safe) + (1 - won) * np.log(1 - safe)).mean()),
        slope=slope,
        intercept=intercept,
    )


def auc(values: Floats, won: Floats) -> float:
    """The area under the curve, by ranks (Mann and Whitney); NaN where only one outcome occurs."""
    sales = float(won.sum())
    losses = len(won) - sales
    if not sales or not losses:
        return float("nan")
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[won > 0].sum() - sales * (sales + 1) / 2) / (sales * losses))


def _auc_or_none(values: Floats, won: Floats) -> float | None:
    area = auc(values, won)
    return None if math.isnan(area) else area


def found(values: Floats, won: Floats, part: float) -> float:
    """The share of the sales among the best `part` of the leads; leads of equal value count in proportion."""
    wanted = part * len(won)
    distinct, places = np.unique(-values, return_inverse=True)
    leads = np.bincount(places, minlength=len(distinct))
    sales = sums(places, won, len(distinct))
    inside = np.clip((wanted - (np.cumsum(leads) - leads)) / leads, 0, 1)
    return float((inside * sales).sum() / max(float(won.sum()), 1.0))


def calibration(chances: Floats, won: Floats) -> tuple[Group, ...]:
    """Ten groups of equally many leads."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, _GROUPS) if len(part)]
    return tuple(Group(len(part), float(chances[part].mean()), float(won[part].mean())) for part in parts)


def calibration_error(chances: Floats, won: Floats) -> float:
    """ECE: the mean gap between said and actual in ten groups of equally many leads."""
    groups = calibration(chances, won)
    return sum(group.leads * abs(group.predicted - group.actual) for group in groups) / len(won)


def line(log_odds: Floats, won: Floats) -> tuple[float, float]:
    """Slope and intercept of the outcome on the log-odds."""
    weights = np.array([0.0, 1.0])
    design = np.column_stack([np.ones_like(log_odds), log_odds])
    for _ in range(_STEPS):
        chances = expit(design @ weights)
        curve = chances * (1 - chances)
        information = (design * curve[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(information, design.T @ (won - chances))
        weights = weights + np.clip(step, -1, 1)
        if float(np.abs(step).max()) < 1e-8:
            break
    return float(weights[1]), float(weights[0])


def information_value(places: Codes, won: Floats) -> float:
    """IV of a binned attribute: sum of (share of sales - share of losses) times the logarithm of their ratio."""
    size = int(places.max()) + 1
    sales = sums(places, won, size) + 0.5
    losses = sums(places, 1 - won, size) + 0.5
    here = np.bincount(places, minlength=size) > 0
    good, bad = sales[here] / sales[here].sum(), losses[here] / losses[here].sum()
    return float(((good - bad) * np.log(good / bad)).sum())


def stability(before: Floats, after: Floats) -> float:
    """PSI between two distributions over the same bins (counts): below .10 stable, from .25 another population."""
    seen = (before + after) > 0
    first, second = before[seen] + 0.5, after[seen] + 0.5
    share, now = first / first.sum(), second / second.sum()
    return float(((now - share) * np.log(now / share)).sum())


def deciles(values: Floats) -> Floats:
    """Bounds that cut values into ten groups, for `stability` of a score."""
    return np.unique(np.quantile(values, np.linspace(0.1, 0.9, 9)))


def _ece_width(chances: Floats, won: Floats) -> float:
    places = np.minimum((chances * _GROUPS).astype(np.int64), _GROUPS - 1)
    counts = np.bincount(places, minlength=_GROUPS)
    gaps = np.abs(np.bincount(places, chances, _GROUPS) - np.bincount(places, won, _GROUPS))
    return float(gaps.sum() / max(int(counts.sum()), 1))
