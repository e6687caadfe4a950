"""Past leads out of a file, ready to be learnt from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hq.intake.imports.columns import plain
from hq.qualification.scoring.fitting.cells import Column, Sort, read_column
from hq.qualification.scoring.fitting.choosing import Dropped, check_monotone, choose, unknown_names
from hq.qualification.scoring.fitting.fine import Codes
from hq.qualification.scoring.fitting.learning import Wishes
from hq.qualification.scoring.fitting.outcome import Told, read_outcome
from hq.qualification.scoring.fitting.posterior import Floats
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.fitting.table import Table, read_table
from hq.qualification.scoring.fitting.translating import translated
from hq.qualification.scoring.fitting.validation import Split
from hq.qualification.scoring.foreign import Meaning
from hq.qualification.scoring.report import Remark

_NAMES = 40  # columns that an error lists


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know of a file.

    Attributes:
        exclude: columns to leave out.
        won, unworked: words of the outcome column that mean a sale, and that nobody worked on the lead.
        facts: columns that are facts of Koi; `only_facts`: a card may look at nothing else.
        when: the column with the time; None: the first column of days, else the order of the file.
    """

    outcome: str
    exclude: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    unworked: tuple[str, ...] = ()
    facts: Mapping[str, Meaning] = field(default_factory=dict)
    only_facts: bool = False
    when: str | None = None
    split: Split = Split.FOLDS
    wishes: Wishes = field(default_factory=Wishes)
    rivals: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Past leads, ready to be learnt from.

    Attributes:
        columns, dropped: what a card may look at, and what it cannot.
        everything: all columns, by name.
        won: by worked lead 1 or 0.
        order: worked leads in the order of time; `moments` their seconds since 1970, None in the order of the file.
        unworked: leads that nobody worked on; they are in none of the above.
    """

    columns: tuple[Column, ...]
    dropped: tuple[Dropped, ...]
    everything: Mapping[str, Column]
    won: Floats
    order: Codes
    moments: Floats | None
    unworked: int
    remarks: tuple[Remark, ...]


def past_of(path: Path, asked: Asked) -> Past:
    """Read a file of past leads.

    Raises:
        Refused: it is no table. FitRefused: a column that is named is not there, or the outcome makes no sense.
    """
    table = read_table(path, asked.outcome)
    named = (*asked.exclude, *asked.facts, *((asked.when,) if asked.when else ()))
    for name in unknown_names(named, table.names):
        raise FitRefused("no_such_column", column=name, names=list(table.names)[:_NAMES])
    outcome = read_outcome(table.columns[table.outcome], asked.outcome, won=asked.won, unworked=asked.unworked)
    worked = np.flatnonzero(outcome.values >= 0).astype(np.int64)
    columns = [
        read_column(name, cells).taken(worked)
        for i, (name, cells) in enumerate(zip(table.names, table.columns, strict=True))
        if i != table.outcome
    ]
    when = _when(columns, asked.when)
    unwanted = (*asked.exclude, *((asked.when,) if asked.when else ()))
    given, facts, unread = translated(
        columns, {name: asked.facts[name] for name in asked.facts if name not in unwanted}
    )
    kept, dropped = choose(given, unwanted)
    if asked.only_facts:
        dropped += [Dropped(column.name, "no_fact") for column in kept if column.name not in facts]
        kept = [column for column in kept if column.name in facts]
    check_monotone(asked.wishes.monotone, given)
    return Past(
        columns=tuple(kept),
        dropped=tuple(dropped),
        everything={column.name: column for column in given},
        won=outcome.values[worked].astype(np.float64),
        order=_order(when, len(worked)),
        moments=when.numbers if when is not None and when.sort is Sort.DAY else None,
        unworked=table.rows - len(worked),
        remarks=(*_remarks(table, outcome, when), *unread, *_foreign(dropped)),
    )


def _foreign(dropped: Sequence[Dropped]) -> Iterator[Remark]:
    names = [each.name for each in dropped if each.reason == "no_fact"]
    if names:
        yield Remark("no_facts", {"columns": names[:_NAMES]})


def _when(columns: Sequence[Column], name: str | None) -> Column | None:
    """The column that tells the time: the named one, else the first of days."""
    if name is not None:
        return next(column for column in columns if plain(column.name) == plain(name))
    return next((column for column in columns if column.sort is Sort.DAY), None)


def _order(when: Column | None, rows: int) -> Codes:
    if when is None:
        return np.arange(rows, dtype=np.int64)
    if when.sort is Sort.WORD:
        raise FitRefused("not_a_time", column=when.name)
    return np.argsort(when.numbers, kind="stable").astype(np.int64)  # what has no time comes last


def _remarks(table: Table, outcome: Told, when: Column | None) -> tuple[Remark, ...]:
    remarks = [Remark(f"note_{note.code}", dict(note.params)) for note in table.notes]
    if table.damaged:
        remarks.append(Remark("damaged", {"count": table.damaged}))
    if outcome.guessed:
        remarks.append(Remark("outcome_guessed", {"won": list(outcome.won), "lost": list(outcome.lost)}))
    if outcome.unworked:
        words = [word for word in outcome.unworked if word]
        remarks.append(Remark("unworked", {"count": sum(outcome.unworked.values()), "words": words}))
    if when is None:
        remarks.append(Remark("file_order", {}))
    return tuple(remarks)
