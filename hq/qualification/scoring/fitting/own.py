"""Koi's own past leads as something to learn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hq.qualification.past_leads import Ended
from hq.qualification.scoring.attributes import Value, as_text
from hq.qualification.scoring.catalogue import Fact, Kind, choosable
from hq.qualification.scoring.fitting.cells import Column, Sort
from hq.qualification.scoring.fitting.choosing import check_monotone, choose, unknown_names
from hq.qualification.scoring.fitting.past import Asked, Past
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.report import Remark


def past_of_own(ended: Ended, asked: Asked) -> Past:
    """The catalogue's facts of past leads as columns.

    Raises:
        FitRefused: `no_leads`, or `no_such_column` for a name that is no fact.
    """
    if not ended.leads:
        raise FitRefused("no_leads", untold=ended.untold)
    facts = choosable()
    names = [fact.name for fact in facts]
    for name in unknown_names(asked.exclude, names):
        raise FitRefused("no_such_column", column=name, names=names)
    columns = [_column(fact, [lead.facts.get(fact.name) for lead in ended.leads]) for fact in facts]
    check_monotone(asked.wishes.monotone, columns)
    kept, dropped = choose(columns, asked.exclude)
    remarks = (Remark("untold", {"count": ended.untold}),) if ended.untold else ()
    return Past(
        columns=tuple(kept),
        dropped=tuple(dropped),
        everything={column.name: column for column in columns},
        won=np.array([lead.won for lead in ended.leads], dtype=np.float64),
        order=np.arange(len(ended.leads), dtype=np.int64),
        moments=np.array([lead.opened_at.timestamp() for lead in ended.leads], dtype=np.float64),
        unworked=ended.untold,
        remarks=remarks,
    )


def _column(fact: Fact, values: Sequence[Value]) -> Column:
    if fact.kind is Kind.NUMBER:
        numbers = [np.nan if value is None else float(value) for value in values]
        return Column(fact.name, Sort.NUMBER, np.array(numbers, np.float64), np.empty(0, np.int64), (), {})
    words: dict[str, int] = {}
    codes = [-1 if value is None else words.setdefault(as_text(value), len(words)) for value in values]
    return Column(fact.name, Sort.WORD, np.empty(0), np.array(codes, np.int64), tuple(words), {})
