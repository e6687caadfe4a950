"""From log-odds to whole points: bins as the card stores them, a base that absorbs what rounding would cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hq.qualification.scoring.attributes import Attribute, Categories, Numbers, Side
from hq.qualification.scoring.fitting.fine import Codes, Fine
from hq.qualification.scoring.fitting.merging import Labels, merge
from hq.qualification.scoring.fitting.pairs import Coarse
from hq.qualification.scoring.fitting.posterior import Floats, expit
from hq.qualification.scoring.scorecard import Scorecard

_BASE_POINTS = 100
_DOUBLE_ODDS = (20, 30, 40, 60, 80, 100)
_COST = 5e-5  # nats per lead that rounding may cost; where it costs more, more points double the odds
_SHARES = (0.10, 0.30, 0.60)  # of the leads: those of grade A, of A and B, of A to C
_STEPS = 50  # Newton's, for the base


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """An attribute before it has points: its sides, by bin the log-odds, and by row the bin."""

    sides: tuple[Side, ...]
    effects: Floats
    places: Codes


def single_line(fine: Fine, codes: Codes, labels: Labels, effects: Floats) -> Line:
    """One fact.

    Args:
        labels: by fine bin, without that of the missing, its group.
        effects: by group, and last of the missing.
    """
    places = np.append(labels, labels.max() + 1)[codes]
    counts = np.bincount(places, minlength=len(effects))
    return Line((_side(fine, labels),), _with_strangers(effects, counts), places)


def pair_line(
    fines: tuple[Fine, Fine], sides: tuple[Coarse, Coarse], cells: Codes, effects: Floats, known: Floats
) -> Line:
    """Two facts: rows of bins that do not differ become one, then columns.

    Args:
        cells: by row of the file the cell.
        effects, known: by both bins the log-odds, and what is known of them (sum of p·(1-p)).
    """
    down = merge(effects[:-1], known[:-1], ordered=fines[0].ordered)
    effects, known = _pooled(effects, known, down)
    across = merge(effects.T[:-1], known.T[:-1], ordered=fines[1].ordered)
    turned, _ = _pooled(effects.T, known.T, across)
    first, second = (np.append(labels, labels.max() + 1) for labels in (down, across))
    places = first[cells // sides[1].size] * turned.shape[0] + second[cells % sides[1].size]
    told = _side(fines[0], down[sides[0].of[:-1]]), _side(fines[1], across[sides[1].of[:-1]])
    return Line(told, np.asarray(turned.T.reshape(-1), np.float64), places)


def pointed(lines: Sequence[Line], won: Floats) -> Scorecard:
    """Give every bin whole points, so that the card says of these rows what the log-odds say.

    Lines whose rounded points do not tell anybody apart are left out, all but the strongest.
    """
    centred = [line.effects - line.effects[line.places].mean() for line in lines]
    exact = _sum(centred, lines)
    best = _loss(exact + _base(exact, won), won)
    for double in _DOUBLE_ODDS:
        points = [np.rint(effects * double / math.log(2)) for effects in centred]
        rounded = _sum(points, lines) * math.log(2) / double
        base = _base(rounded, won)
        if _loss(rounded + base, won) - best <= _COST:
            break
    attributes, totals = _attributes(lines, points)
    least = _grades(totals + _BASE_POINTS)
    grades = tuple(zip(("A", "B", "C"), least, strict=True))
    return Scorecard(_BASE_POINTS, float(f"{math.exp(base):.6g}"), double, grades, attributes)


def _attributes(lines: Sequence[Line], points: Sequence[Floats]) -> tuple[tuple[Attribute, ...], Floats]:
    """The attributes, the strongest first, and by row what they give together."""
    told = [each[line.places] for each, line in zip(points, lines, strict=True)]
    spread = [float(each.std()) for each in told]
    order = sorted(range(len(lines)), key=lambda i: (-spread[i], i))
    kept = [i for i in order if spread[i] > 0] or order[:1]
    attributes = tuple(
        Attribute(lines[i].sides, tuple(int(each) for each in points[i]), round(float(told[i].mean()), 2)) for i in kept
    )
    return attributes, np.sum([told[i] for i in kept], axis=0)


def _side(fine: Fine, labels: Labels) -> Side:
    if fine.ordered:
        ends = np.flatnonzero(np.diff(labels))
        return Numbers(fine.name, tuple(float(cut) for cut in fine.cuts[ends]))
    groups: list[list[str]] = [[] for _ in range(int(labels.max()) + 1)]
    for label, word in zip(labels, fine.words, strict=False):  # the last label is that of all other words
        groups[label].append(word)
    return Categories(fine.name, tuple(map(tuple, groups)), other=int(labels[-1]))


def _with_strangers(effects: Floats, counts: Codes) -> Floats:
    """Bins that nobody was in get what people have on average."""
    mean = float((effects * counts).sum() / max(int(counts.sum()), 1))
    return np.where(counts > 0, effects, mean)


def _pooled(effects: Floats, known: Floats, labels: Labels) -> tuple[Floats, Floats]:
    """Rows of one label as one row; the last row, of what is missing, stays by itself."""
    table = np.append(labels, labels.max() + 1)
    weight = np.zeros((int(table.max()) + 1, effects.shape[1]))
    total = np.zeros_like(weight)
    np.add.at(weight, table, known + 1e-9)
    np.add.at(total, table, effects * (known + 1e-9))
    return total / weight, weight


def _sum(values: Sequence[Floats], lines: Sequence[Line]) -> Floats:
    total = np.zeros(len(lines[0].places))
    for each, line in zip(values, lines, strict=True):
        total += each[line.places]
    return total


def _base(log_odds: Floats, won: Floats) -> float:
    """The base with which the chances add up to the sales there were."""
    base = 0.0
    for _ in range(_STEPS):
        chances = expit(log_odds + base)
        step = float((won - chances).sum() / max(float((chances * (1 - chances)).sum()), 1e-12))
        base += float(np.clip(step, -2, 2))
        if abs(step) < 1e-10:
            break
    return base


def _loss(log_odds: Floats, won: Floats) -> float:
    return float((np.logaddexp(0, log_odds) - won * log_odds).mean())


def _grades(totals: Floats) -> tuple[int, int, int]:
    """The least points of A, B and C, so that about so many leads have them."""
    a, b, c = (math.ceil(float(np.quantile(totals, 1 - share))) for share in _SHARES)
    b = min(b, a - 1)
    return a, b, min(c, b - 1)
