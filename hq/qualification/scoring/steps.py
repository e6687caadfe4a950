"""The steps in which a card is learnt, told while it goes on. No numpy here: pages list them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

READ, LOOK, FOLDS, RIVALS, POINTS, REPORT = "read", "look", "folds", "rivals", "points", "report"
STEPS = (READ, LOOK, FOLDS, RIVALS, POINTS, REPORT)
"""In their order: read what is learnt from, look at every column alone, learn and test in parts, other methods on the
same parts, whole points from everything, calibration and drift."""
_SHARE: Mapping[str, int] = {READ: 8, LOOK: 4, FOLDS: 44, RIVALS: 30, POINTS: 10, REPORT: 4}  # of the time, in 100

Tell = Callable[[str, int, int], None]
"""Is told a step, how many of its parts are done, and of how many. What it raises ends the learning."""


def silent(_step: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""


def percent(step: str, done: int, total: int) -> int:
    """How much is done, 0 to 99: the whole is done only when its report is kept."""
    before = sum(_SHARE[each] for each in STEPS[: STEPS.index(step)])
    return min(before + _SHARE[step] * done // max(total, 1), 99)
