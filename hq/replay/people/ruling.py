"""What rules of screening do to the same people, counted by rule and beside headquarters' own verdicts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hq.replay.people.tally import Compared, Stand, Tally, plus

_VERDICTS = ("fraud", "genuine")


def empty() -> Tally:
    """Of nobody."""
    return {"rules": {}, "verdicts": {}, "again": {}}


def add(tally: Tally, people: Sequence[Compared]) -> None:
    """Count people into a tally.

    `rules`: code → what → counts: `met`, `stops`, `fraud` and `genuine` (of the stopped, by headquarters' verdict) →
    [before, after], `new` and `freed` (stopped only after, only before) → what became of them → people;
    `verdicts`: verdict → [people, stopped before, stopped after];
    `again`: `people` → [whose decision of then is known, of these the rules in force say the same].
    """
    for each in people:
        for side, stand in enumerate((each.before, each.after)):
            _add_rules(tally["rules"], each, stand, side)
        if each.person.verdict:
            plus(tally["verdicts"], each.person.verdict, 1, each.before.stopped, each.after.stopped)
        if each.person.stood:
            plus(tally["again"], "people", 1, each.person.stood == each.before.fate)


def _add_rules(rules: dict[str, dict[str, Any]], each: Compared, stand: Stand, side: int) -> None:
    one = (1, 0) if side == 0 else (0, 1)
    stops = {reason["code"] for reason in stand.reasons} if stand.stopped else set()
    for code in sorted(stand.met | stops):
        counts = rules.setdefault(code, {"new": {}, "freed": {}})
        plus(counts, "met", *one)
        if code not in stops:
            continue
        plus(counts, "stops", *one)
        if each.person.verdict in _VERDICTS:
            plus(counts, each.person.verdict, *one)
        if each.before.stopped != each.after.stopped:
            plus(counts["new" if side else "freed"], each.person.became, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One rule beside itself: pairs are before and after, `new` and `freed` what became of people → how many."""

    code: str
    met: Sequence[int]
    stops: Sequence[int]
    fraud: Sequence[int]
    genuine: Sequence[int]
    new: Mapping[str, int]
    freed: Mapping[str, int]

    @property
    def precision(self) -> tuple[float | None, float | None]:
        """Prize hunters among the stopped whom headquarters judged, 0 to 1; None where it judged nobody."""
        before, after = (_share(hits, hits + misses) for hits, misses in zip(self.fraud, self.genuine, strict=True))
        return before, after


def lines(tally: Mapping[str, Any], order: Iterable[str]) -> list[Line]:
    """Every rule of an order of codes that somebody met."""
    rules = tally.get("rules", {})
    return [_line(code, rules[code]) for code in order if code in rules]


def _line(code: str, counts: Mapping[str, Any]) -> Line:
    pairs = [counts.get(name, (0, 0)) for name in ("met", "stops", *_VERDICTS)]
    became = [{word: number for word, (number,) in counts[name].items()} for name in ("new", "freed")]
    return Line(code, *pairs, *became)


@dataclass(frozen=True, slots=True)
class Yardstick:
    """All rules of one side by headquarters' verdicts.

    Attributes:
        precision: prize hunters among the stopped who were judged; recall: the stopped among the prize hunters;
            stopped_genuine: the stopped among the genuine. All 0 to 1, None where nobody was judged so.
    """

    precision: float | None
    recall: float | None
    stopped_genuine: float | None


def yardsticks(tally: Mapping[str, Any]) -> tuple[Yardstick, Yardstick] | None:
    """Before and after; None when headquarters judged none of these people."""
    verdicts = tally.get("verdicts", {})
    if not verdicts:
        return None
    fraud, genuine = (verdicts.get(name, (0, 0, 0)) for name in _VERDICTS)
    before, after = (
        Yardstick(
            _share(fraud[side], fraud[side] + genuine[side]),
            _share(fraud[side], fraud[0]),
            _share(genuine[side], genuine[0]),
        )
        for side in (1, 2)
    )
    return before, after


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
