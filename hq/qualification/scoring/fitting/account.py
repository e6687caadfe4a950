"""From past leads to a card and its report: trying out, learning, telling."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hq.qualification.scoring.fitting.cells import Column
from hq.qualification.scoring.fitting.fine import Codes
from hq.qualification.scoring.fitting.learning import ENOUGH_WON, Learnt, learn_card
from hq.qualification.scoring.fitting.measures import auc, calibration_error, measure
from hq.qualification.scoring.fitting.past import Asked, Past, past_of
from hq.qualification.scoring.fitting.posterior import Floats
from hq.qualification.scoring.fitting.prior_card import told
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.fitting.strength import auc_alone, early_and_late, score_drift, strengths
from hq.qualification.scoring.fitting.validation import FEWEST, Tried, try_out
from hq.qualification.scoring.many import Scores, score_many
from hq.qualification.scoring.report import Band, Block, ColumnTold, Measures, Remark, Report, Strength
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.scoring.steps import LOOK, POINTS, READ, REPORT, Tell, silent

_LEAK = 0.95  # AUC of one column alone above which it cannot have been known at sign-up
_COIN = 0.55  # AUC below which a card is not worth its points
_DRIFT = 0.25  # PSI from which people are others than before
_BLOCKS = 5
_TOGETHER = 3  # columns with the same marks from which one sentence is enough
_EDGE = 1e-9  # chances are kept this far from 0 and 1
_WIDTHS, _BANDS = (5, 10, 20, 50, 100, 1000), 25  # points of a band of the distribution, and bands at most


def fit_file(path: Path, asked: Asked, tell: Tell = silent) -> Report:
    """Learn a card from a file, telling the steps.

    Raises:
        Refused: the file is no table. FitRefused: nothing can be learnt from it.
    """
    tell(READ, 0, 1)
    return report_of(past_of(path, asked), asked, tell)


def report_of(past: Past, asked: Asked, tell: Tell = silent) -> Report:
    """Try out, learn from everything, and tell.

    Raises:
        FitRefused: `no_columns`, `too_few`, `time_too_short`.
    """
    started = time.perf_counter()
    _refuse(past)
    tell(LOOK, 0, 1)
    alone = {column.name: auc_alone(column, past.won, asked.wishes.seed) for column in past.columns}
    tried = try_out(past.columns, past.won, past.order, asked.split, asked.wishes, rivals=asked.rivals, tell=tell)
    tell(POINTS, 0, 1)
    learnt = learn_card(past.columns, past.won, asked.wishes)
    tell(REPORT, 0, 1)
    scores = score_many({column.name: told(column) for column in past.columns}, learnt.card, len(past.won))
    attributes = strengths(learnt.card.attributes, scores.places, past.won, past.order)
    card, trees = _measured(tried.card, tried, past.won), _rival(tried.boosting, tried, past.won)
    return Report(
        rows=len(past.won) + past.unworked,
        won=int(past.won.sum()),
        lost=int(len(past.won) - past.won.sum()),
        unworked=past.unworked,
        split=asked.split.value,
        folds=len(tried.folds),
        seed=asked.wishes.seed,
        card=card,
        naive_bayes=_rival(tried.naive_bayes, tried, past.won),
        boosting=trees,
        gap=None if trees is None else trees.auc - card.auc,
        blocks=_blocks(past, tried, scores),
        attributes=attributes,
        columns=_columns(past, learnt, alone),
        score_psi=round(score_drift(scores.points, *early_and_late(past.order)), 4),
        remarks=(*past.remarks, *_signal(card), *_remarks(past, learnt, alone, attributes)),
        scorecard=learnt.card.as_body(),
        learnt=learnt.weight,
        seconds=round(time.perf_counter() - started, 2),
        bands=_bands(tried, past.won, learnt.card),
    )


def _refuse(past: Past) -> None:
    sales = int(past.won.sum())
    if min(sales, len(past.won) - sales) < FEWEST:
        raise FitRefused("too_few", won=sales, lost=len(past.won) - sales, least=FEWEST)
    if not past.columns:
        raise FitRefused("no_columns" if past.dropped else "only_outcome", names=[each.name for each in past.dropped])


def _measured(chances: Floats, tried: Tried, won: Floats) -> Measures:
    tested = tried.tested
    places = np.full(len(won), -1, dtype=np.int64)
    places[tested] = np.arange(len(tested))
    return measure(chances[tested], won[tested], [places[fold] for fold in tried.folds])


def _rival(chances: Floats | None, tried: Tried, won: Floats) -> Measures | None:
    return None if chances is None else _measured(chances, tried, won)


def _bands(tried: Tried, won: Floats, card: Scorecard) -> tuple[Band, ...]:
    """The tested leads by what they got while nobody knew their end, in points of the card that was learnt of all."""
    chances = np.clip(tried.card[tried.tested], _EDGE, 1 - _EDGE)
    log_odds = np.log(chances / (1 - chances)) - math.log(card.base_odds)
    points = np.rint(card.base_points + log_odds * card.double_odds / math.log(2))
    width = next((each for each in _WIDTHS if np.ptp(points) <= _BANDS * each), _WIDTHS[-1])
    lows, places = np.unique(points // width * width, return_inverse=True)
    leads, sales = np.bincount(places), np.bincount(places, won[tried.tested])
    counted = {int(low): (int(many), int(sold)) for low, many, sold in zip(lows, leads, sales, strict=True)}
    return tuple(Band(low, *counted.get(low, (0, 0))) for low in range(int(lows[0]), int(lows[-1]) + 1, width))


def _blocks(past: Past, tried: Tried, scores: Scores) -> tuple[Block, ...]:
    """The tested leads in stretches of time, the earliest first."""
    inside = np.zeros(len(past.won), dtype=bool)
    inside[tried.tested] = True
    order = past.order[inside[past.order]]
    first, _ = early_and_late(past.order)
    parts = [part for part in np.array_split(order, _BLOCKS) if len(part)]
    return tuple(_block(past, tried.card, scores, part, first) for part in parts)


def _block(past: Past, chances: Floats, scores: Scores, rows: Codes, first: Codes) -> Block:
    said, won = chances[rows], past.won[rows]
    area = auc(said, won)
    start, end = _span(past, rows)
    return Block(
        start=start,
        end=end,
        leads=len(rows),
        won=int(won.sum()),
        predicted=float(said.mean()),
        actual=float(won.mean()),
        auc=None if np.isnan(area) else area,
        ece=calibration_error(said, won),
        brier=float(((said - won) ** 2).mean()),
        psi=round(score_drift(scores.points, first, rows), 4),
    )


def _span(past: Past, rows: Codes) -> tuple[str, str]:
    """The days of a stretch, or its rows (from 1) where nobody knows the time."""
    if past.moments is None or np.isnan(past.moments[rows]).all():
        return str(int(rows.min()) + 1), str(int(rows.max()) + 1)
    ends = float(np.nanmin(past.moments[rows])), float(np.nanmax(past.moments[rows]))
    start, end = (f"{datetime.fromtimestamp(each, UTC):%Y-%m-%d}" for each in ends)
    return start, end


def _columns(past: Past, learnt: Learnt, alone: Mapping[str, float]) -> tuple[ColumnTold, ...]:
    used, left = set(learnt.card.facts), {each.name: each.reason for each in past.dropped}
    return tuple(
        ColumnTold(
            name=column.name,
            sort=column.sort.value,
            use=left.get(name) or ("card" if name in used else "no_use"),
            missing=round(float(column.missing.mean()), 4),
            distinct=column.distinct,
            auc=round(alone[name], 4) if name in alone else None,
            marks=dict(column.marks),
        )
        for name, column in past.everything.items()
    )


def _signal(card: Measures) -> Iterator[Remark]:
    if card.auc < _COIN:
        yield Remark("no_signal", {"auc": round(card.auc, 3)})


def _marked(columns: Sequence[Column]) -> Iterator[Remark]:
    """What was read as not told; columns with the same marks together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for column in columns:
        if column.marks:
            groups.setdefault(tuple(sorted(column.marks)), []).append(column.name)
    for marks, names in groups.items():
        if len(names) < _TOGETHER:
            yield from (Remark("marks", {"column": name, "marks": list(marks)}) for name in names)
        else:
            yield Remark("marks_together", {"count": len(names), "marks": list(marks)})


def _remarks(past: Past, learnt: Learnt, alone: Mapping[str, float], attributes: tuple[Strength, ...]) -> list[Remark]:
    """What a person must know before this card is used."""
    remarks = [
        Remark("leak", {"column": name, "auc": round(area, 3)})
        for name, area in alone.items()
        if max(area, 1 - area) > _LEAK
    ]
    sales = int(past.won.sum())
    if sales < ENOUGH_WON:
        code = "few_won_leaning" if learnt.weight < 1 else "few_won"
        remarks.append(Remark(code, {"won": sales, "enough": ENOUGH_WON, "percent": round(100 * learnt.weight)}))
    told_of = [
        Remark(f"left_out_{each.reason}", {"column": each.name, "other": each.other})
        for each in past.dropped
        if each.reason not in ("excluded", "no_fact")
    ]
    marked = list(_marked(past.columns))
    drifted = [
        Remark("drift", {"column": " × ".join(strength.facts), "psi": round(strength.psi, 2)})
        for strength in attributes
        if strength.psi >= _DRIFT
    ]
    return [*remarks, *told_of, *marked, *drifted]
