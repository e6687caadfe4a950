"""What came of the leads with one set of rules, counted day by day. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Tally = dict[str, Any]
"""See `empty`."""
MOST_WAITING = 20_000
"""So many leads are tried again each day, the best and oldest; those beyond wait until the end."""
COUNTS = ("same_day", "later", "waiting", "beyond", "desk", "pooled", "aside", "full", "unpriced")


def empty() -> Tally:
    """Of no leads.

    `same_day`, `later`: leads offered on their day, and on a later one; `waiting`: without a store until now, and
    `beyond` of them so many that they are not tried again; `desk`: for a person to decide; `pooled`: came into the open
    pool, where nobody knows what stores would claim; `aside`: could not be decided. `unpriced`: steps that were routed
    without prices, which took too long. `full`: days on which a store ended full. `hours`: until a store
    that was offered one could claim it, in all. `expected`: sales, by the leads' chances and the stores' records.
    `placed`, `km`: leads offered whose place is known, and their kilometres to the best store; `kms`: of them by
    kilometre, `counties`: code → [leads, kilometres]. `gini`: of the leads by store, all active ones.
    """
    return {
        **dict.fromkeys(COUNTS, 0),
        "hours": 0.0,
        "expected": 0.0,
        "placed": 0,
        "km": 0.0,
        "kms": {},
        "counties": {},
        "gini": None,
    }


def offered(tally: Tally, *, late: bool, hours: float, expected: float, km: float | None, code: str) -> None:
    """Count a lead that was offered."""
    tally["later" if late else "same_day"] += 1
    tally["hours"] += hours
    tally["expected"] += expected
    if km is not None:
        tally["placed"] += 1
        tally["km"] += km
        near = str(int(km))
        tally["kms"][near] = tally["kms"].get(near, 0) + 1
        county = tally["counties"].setdefault(code, [0, 0.0])
        county[0] += 1
        county[1] += km


def gini(loads: Sequence[int]) -> float | None:
    """Gini's coefficient: 0: every store has as many; towards 1: one has them all. None without a lead."""
    total, count = sum(loads), len(loads)
    if not total:
        return None
    ranked = sorted(loads)
    return float(2 * sum(place * load for place, load in enumerate(ranked, 1)) / (count * total) - (count + 1) / count)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A tally as a page shows it.

    Attributes:
        hours: until a store could claim, on average.
        mean_km, far_km: to the best store: the mean, and the whole kilometres that nine of ten stay below.
    """

    same_day: int
    later: int
    waiting: int
    beyond: int
    desk: int
    pooled: int
    aside: int
    full: int
    unpriced: int
    expected: float
    hours: float | None
    mean_km: float | None
    far_km: float | None
    gini: float | None

    @classmethod
    def of(cls, tally: Mapping[str, Any]) -> Outcome:
        """The figures of a tally."""
        offers, placed = tally["same_day"] + tally["later"], tally["placed"]
        return cls(
            **{name: tally[name] for name in COUNTS},
            expected=tally["expected"],
            hours=tally["hours"] / offers if offers else None,
            mean_km=tally["km"] / placed if placed else None,
            far_km=next(_below(tally["kms"], 0.9 * placed), None) if placed else None,
            gini=tally["gini"],
        )


def _below(kms: Mapping[str, int], count: float) -> Iterator[float]:
    """The whole kilometres that so many leads stay below."""
    found = 0
    for near in sorted(map(int, kms)):
        found += kms[str(near)]
        if found >= count:
            yield near + 1.0
