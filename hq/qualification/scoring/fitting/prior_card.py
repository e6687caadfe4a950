"""With few sales, what a person typed is worth more than what was counted: points lean on the typed card."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from hq.qualification.scoring.fitting.cells import Column, Sort
from hq.qualification.scoring.fitting.fine import Codes
from hq.qualification.scoring.fitting.posterior import Floats
from hq.qualification.scoring.many import Floats as Numbers
from hq.qualification.scoring.many import Told, score_many
from hq.qualification.scoring.scorecard import Scorecard


def told(column: Column) -> Told | Numbers:
    """A column as a scorecard takes it."""
    return Told((*column.words, None), column.codes) if column.sort is Sort.WORD else column.numbers


def typed_effects(
    card: Scorecard, columns: Sequence[Column], codes: Sequence[Codes], sizes: Sequence[int]
) -> Mapping[int, Floats]:
    """What the typed card says of each column's fine bins, in log-odds; columns that it does not know are not there."""
    found: dict[int, Floats] = {}
    for i, column in enumerate(columns):
        own = tuple(attribute for attribute in card.attributes if attribute.facts == (column.name,))
        if not own:
            continue
        alone = Scorecard(0, 1.0, card.double_odds, card.grades, own)
        points = score_many({column.name: told(column)}, alone, len(codes[i])).points
        counts = np.bincount(codes[i], minlength=sizes[i])
        sums = np.bincount(codes[i], points, sizes[i]) * math.log(2) / card.double_odds
        found[i] = np.where(counts > 0, sums / np.maximum(counts, 1), sums.sum() / max(int(counts.sum()), 1))
    return found


def blended(effects: Sequence[Floats], typed: Mapping[int, Floats], weight: float) -> list[Floats]:
    """Effects between what was learnt (`weight` 1) and what was typed (0; nothing, where the typed card is silent)."""
    return [weight * own + (1 - weight) * typed[i] if i in typed else weight * own for i, own in enumerate(effects)]
