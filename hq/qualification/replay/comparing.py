"""Two cards over the same people, all at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hq.qualification.replay.tally import Compared, PastPerson
from hq.qualification.scoring.many import Scores, Told, score_many
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.rules import Fate


def compared(
    people: Sequence[PastPerson], before: Scorecard, after: Scorecard, thresholds: Standing
) -> Iterator[Compared]:
    """Score people with both cards, in order, and judge them by the same thresholds."""
    names = dict.fromkeys((*before.facts, *after.facts))
    columns = {name: Told.of([each.facts.get(name) for each in people]) for name in names}
    old, new = (score_many(columns, card, len(people)) for card in (before, after))
    for person, (points_before, grade_before, chance_before), (points, grade, chance) in zip(
        people, _said(old), _said(new), strict=True
    ):
        went = person.brought or thresholds.fate(grade_before, chance_before, person.campaign_id).fate is Fate.STORES
        goes = person.brought or thresholds.fate(grade, chance, person.campaign_id).fate is Fate.STORES
        yield Compared(person, points_before, points, grade_before, grade, went, goes)


def _said(scores: Scores) -> Iterator[tuple[int, str, float]]:
    """Points, grade and chance of each person."""
    return zip(scores.points.tolist(), scores.grade.tolist(), scores.probability.tolist(), strict=True)
