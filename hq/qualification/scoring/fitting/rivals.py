"""What the card is held against on the same leads: naive Bayes as CRMs use it, and boosting, which nobody can read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import parallel_config
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.naive_bayes import CategoricalNB
from threadpoolctl import threadpool_limits

from hq.qualification.scoring.fitting.cells import Column, Sort
from hq.qualification.scoring.fitting.fine import cut
from hq.qualification.scoring.fitting.pairs import coarse
from hq.qualification.scoring.fitting.posterior import Floats

_MOST_WORDS = 200  # categories that boosting takes as such
_BAYES_BINS = 12  # of each fact
_TREES, _LEAVES, _RATE = 200, 15, 0.05


def naive_bayes(train: Sequence[Column], won: Floats, test: Sequence[Column]) -> Floats:
    """Chances by naive Bayes on a dozen bins per fact, with Laplace smoothing."""
    fines = [cut(column) for column in train]
    codes = [fine.codes(column) for fine, column in zip(fines, train, strict=True)]
    sides = [coarse(fine, own, _BAYES_BINS) for fine, own in zip(fines, codes, strict=True)]
    known = np.column_stack([side.of[own] for side, own in zip(sides, codes, strict=True)])
    asked = np.column_stack(
        [side.of[fine.codes(column)] for fine, side, column in zip(fines, sides, test, strict=True)]
    )
    model = CategoricalNB(alpha=1.0, min_categories=[side.size for side in sides]).fit(known, won)
    return np.asarray(model.predict_proba(asked)[:, 1], dtype=np.float64)


def boosting(train: Sequence[Column], won: Floats, test: Sequence[Column], seed: int) -> Floats:
    """Chances by gradient boosting on the columns as they are."""
    words = [column.sort is Sort.WORD for column in train]
    model = HistGradientBoostingClassifier(
        learning_rate=_RATE,
        max_leaf_nodes=_LEAVES,
        max_iter=_TREES,
        categorical_features=words if any(words) else None,
        random_state=seed,
    )
    orders = [_by_frequency(column) for column in train]
    known, asked = (
        np.column_stack([_values(*each) for each in zip(part, orders, strict=True)]) for part in (train, test)
    )
    known[:, np.isnan(known).all(axis=0)] = 0  # a column in which nothing is told cannot be cut
    # else it starts processes and threads that take longer than its work
    with parallel_config(backend="threading", n_jobs=1), threadpool_limits(limits=1):
        chances = model.fit(known, won).predict_proba(asked)
    return np.asarray(chances[:, 1], dtype=np.float64)


def _by_frequency(column: Column) -> dict[str, int]:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    order = sorted(range(len(column.words)), key=lambda i: (-int(counts[i]), i))
    return {column.words[i]: rank for rank, i in enumerate(order)}


def _values(column: Column, ranks: dict[str, int]) -> Floats:
    """Numbers as they are, words by their rank (the rare ones together), NaN for what is missing."""
    if column.sort is not Sort.WORD:
        return column.numbers
    table = np.array([*(min(ranks[word], _MOST_WORDS) for word in column.words), np.nan], dtype=np.float64)
    return table[column.codes]
