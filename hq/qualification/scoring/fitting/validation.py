"""Trying a way of learning on leads that it has not seen: everything is learnt anew within each fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from sklearn.model_selection import StratifiedKFold

from hq.qualification.scoring.fitting.cells import Column
from hq.qualification.scoring.fitting.fine import Codes
from hq.qualification.scoring.fitting.learning import Wishes, learn_card
from hq.qualification.scoring.fitting.posterior import Floats
from hq.qualification.scoring.fitting.prior_card import told
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.fitting.rivals import boosting, naive_bayes
from hq.qualification.scoring.many import score_many
from hq.qualification.scoring.steps import FOLDS, RIVALS, Tell, silent

_PARTS = 5
FEWEST = 10
"""Sales, and leads lost, that there must be to learn anything."""


class Split(StrEnum):
    """How leads are held back."""

    FOLDS = "folds"  # five parts with the same share of sales; each is tested by what the others teach
    TIME = "time"  # five stretches of time; each but the first is tested by what the earlier ones teach


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What each model says of leads it has not seen; NaN for leads that were never tested.

    Attributes:
        folds: the tested leads of each.
        naive_bayes, boosting: None when they were not asked for.
    """

    folds: tuple[Codes, ...]
    card: Floats
    naive_bayes: Floats | None
    boosting: Floats | None

    @property
    def tested(self) -> Codes:
        """The leads that were tested."""
        return np.flatnonzero(~np.isnan(self.card)).astype(np.int64)


def try_out(
    columns: Sequence[Column],
    won: Floats,
    order: Codes,
    split: Split,
    wishes: Wishes,
    *,
    rivals: bool = True,
    tell: Tell = silent,
) -> Tried:
    """Learn and test, fold by fold: the card in all of them, then the rivals.

    Args:
        order: the rows in the order of time, the first first.

    Raises:
        FitRefused: `too_few`, or in no stretch of time both outcomes come before another one.
    """
    pairs = _folds(won, wishes.seed) if split is Split.FOLDS else _stretches(won, order)
    card, bayes, trees = (np.full(len(won), np.nan) for _ in range(3))
    for i, (train, test) in enumerate(pairs):
        tell(FOLDS, i, len(pairs))
        known, asked = _parted(columns, train, test)
        learnt = learn_card(known, won[train], wishes).card
        card[test] = score_many({column.name: told(column) for column in asked}, learnt, len(test)).probability
    for i, (train, test) in enumerate(pairs if rivals else ()):
        tell(RIVALS, i, len(pairs))
        known, asked = _parted(columns, train, test)
        bayes[test] = naive_bayes(known, won[train], asked)
        trees[test] = boosting(known, won[train], asked, wishes.seed)
    tested = tuple(test for _, test in pairs)
    return Tried(tested, card, bayes if rivals else None, trees if rivals else None)


def _parted(columns: Sequence[Column], train: Codes, test: Codes) -> tuple[list[Column], list[Column]]:
    return [column.taken(train) for column in columns], [column.taken(test) for column in columns]


def _folds(won: Floats, seed: int) -> list[tuple[Codes, Codes]]:
    parts = StratifiedKFold(_PARTS, shuffle=True, random_state=seed).split(np.zeros(len(won)), won)
    return [(np.asarray(train, np.int64), np.asarray(test, np.int64)) for train, test in parts]


def _stretches(won: Floats, order: Codes) -> list[tuple[Codes, Codes]]:
    parts = [part.astype(np.int64) for part in np.array_split(order, _PARTS)]
    pairs = []
    for i in range(1, _PARTS):
        train = np.sort(np.concatenate(parts[:i]))
        sales = won[train].sum()
        if min(sales, len(train) - sales) >= FEWEST:
            pairs.append((train, np.sort(parts[i])))
    tested = np.concatenate([test for _, test in pairs]) if pairs else np.empty(0, np.int64)
    if not len(tested) or won[tested].min() == won[tested].max():
        raise FitRefused("time_too_short", least=FEWEST)
    return pairs
