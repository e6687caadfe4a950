"""How much each attribute says, alone and over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hq.qualification.scoring.attributes import OTHER, Attribute, Categories
from hq.qualification.scoring.fitting.cells import Column
from hq.qualification.scoring.fitting.fine import Codes, cut
from hq.qualification.scoring.fitting.measures import auc, deciles, information_value, stability
from hq.qualification.scoring.fitting.posterior import Floats, sums
from hq.qualification.scoring.report import Bin, Strength

_PARTS = 5
_BEFORE, _AFTER = 0.5, 0.8  # drift: the first half of the time against the last fifth
_PRIOR = 5.0  # leads of the base rate that each bin begins with


def auc_alone(column: Column, won: Floats, seed: int) -> float:
    """The AUC of one column by itself, each fifth of the leads judged by the other four."""
    fine = cut(column)
    parts = np.random.default_rng(seed).integers(0, _PARTS, len(won))
    places = fine.codes(column) * _PARTS + parts
    leads = np.bincount(places, minlength=fine.size * _PARTS).reshape(fine.size, _PARTS)
    sales = sums(places, won, fine.size * _PARTS).reshape(fine.size, _PARTS)
    others, sold = leads.sum(1, keepdims=True) - leads, sales.sum(1, keepdims=True) - sales
    base = sold.sum(0) / np.maximum(others.sum(0), 1)
    rates = (sold + _PRIOR * base) / (others + _PRIOR)
    return _by_part(rates.reshape(-1)[places], won, parts)


def _by_part(values: Floats, won: Floats, parts: Codes) -> float:
    """The mean of the parts' AUC: rates of two parts are not to be compared."""
    found = np.array([auc(values[parts == part], won[parts == part]) for part in range(_PARTS)])
    return float(np.nanmean(found)) if not np.isnan(found).all() else 0.5


def strengths(
    attributes: Sequence[Attribute], places: Sequence[Codes], won: Floats, order: Codes
) -> tuple[Strength, ...]:
    """Every attribute of a card.

    Args:
        places: by attribute and row the bin.
        order: the rows in the order of time.
    """
    first, last = early_and_late(order)
    return tuple(
        Strength(
            attribute.facts,
            round(information_value(own, won), 4),
            round(_drift(own, len(attribute.points), first, last), 4),
            tuple(_bins(attribute, own, won)),
        )
        for attribute, own in zip(attributes, places, strict=True)
    )


def early_and_late(order: Codes) -> tuple[Codes, Codes]:
    """The first half of the time, and the last fifth."""
    return order[: int(len(order) * _BEFORE)], order[int(len(order) * _AFTER) :]


def score_drift(points: Codes, first: Codes, last: Codes) -> float:
    """PSI of a score: tenths of the earlier rows against the same ranges of the later ones."""
    if not len(first) or not len(last):
        return 0.0
    bounds = deciles(points[first].astype(np.float64))
    size = len(bounds) + 1
    counts = [np.bincount(np.searchsorted(bounds, points[rows], side="left"), minlength=size) for rows in (first, last)]
    return stability(counts[0].astype(np.float64), counts[1].astype(np.float64))


def _drift(places: Codes, size: int, first: Codes, last: Codes) -> float:
    before, after = (np.bincount(places[rows], minlength=size).astype(np.float64) for rows in (first, last))
    return stability(before, after)


def _bins(attribute: Attribute, places: Codes, won: Floats) -> list[Bin]:
    size = len(attribute.points)
    leads, sales = np.bincount(places, minlength=size), sums(places, won, size)
    return [
        Bin(_names(attribute, place), int(leads[place]), int(sales[place]), attribute.points[place])
        for place in np.flatnonzero(leads).tolist()
    ]


def _names(attribute: Attribute, place: int) -> tuple[tuple[str, ...], ...]:
    """By fact the words of a bin, or its range, or `missing`; a bin of all other words ends in `other`."""
    names: list[tuple[str, ...]] = []
    for side, own in zip(attribute.sides, attribute.places(place), strict=True):
        if isinstance(side, Categories) and own < len(side.groups):
            names.append((*side.groups[own], *((OTHER,) if side.other == own else ())))
        else:
            names.append((side.name(own),))
    return tuple(names)
