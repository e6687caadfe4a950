"""What two sets of rules say of the same people, counted: who goes to a store, grades, what became of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hq.qualification.screening.engine import Reason

IN_LEAD = "in_lead"
#: Fates of people whom a rule of screening stops.
STOPPED = frozenset(("quarantined", "rejected", "loyalty"))
#: What became of somebody, the farthest first; `invalid`: a store sent the lead back as nobody real; `none`: never a
#: lead.
BECAME = ("won", "visited", "contacted", "lost", "invalid", "claimed", "unreached", "none")
FIGURES = ("stores", "reached", "visited", "won")
WAYS = ("touchpoint", "campaign", "province", "store")
STEP = 10
"""Points of a bar of the distribution."""
Tally = dict[str, Any]
"""See `add`; of rules also `ruling.add`."""


@dataclass(frozen=True, slots=True)
class PastPerson:
    """Somebody at the moment of a decision.

    Attributes:
        at: of the decision; of several sign-ups in the period the first.
        became: one of `BECAME`.
        touchpoint, campaign, province, store: where the person came in, lives and was sent; empty when nobody knows.
        signup_id: the first sign-up of the period, None where people are read by their leads.
        verdict: headquarters' own (`genuine`, `fraud`), empty when it never judged the person.
        stood: the fate that was really decided, as far as it stands today; empty when it is not asked.
    """

    contact_id: UUID | None
    lead_id: UUID | None
    at: datetime
    became: str
    touchpoint: str = ""
    province: str = ""
    store: str = ""
    campaign: str = ""
    signup_id: UUID | None = None
    verdict: str = ""
    stood: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody stands with one set of rules.

    Attributes:
        fate: an outcome of sign-ups, of several the one nearest to a store.
        grade: empty where nothing was scored.
        reasons: of screening, those that decided the fate.
        met: codes of every rule that was met, also of those that did not decide.
    """

    fate: str
    grade: str = ""
    points: int | None = None
    reasons: tuple[Reason, ...] = ()
    met: frozenset[str] = frozenset()

    @property
    def goes(self) -> bool:
        """Whether the person goes to a store."""
        return self.fate == IN_LEAD

    @property
    def stopped(self) -> bool:
        """Whether screening stops the person."""
        return self.fate in STOPPED


@dataclass(frozen=True, slots=True)
class Compared:
    """A person with the rules in force and with those that are tried."""

    person: PastPerson
    before: Stand
    after: Stand

    @property
    def way(self) -> str:
        """`enter` or `leave` for a store; `other`: another fate without a store; empty: the same."""
        if self.before.goes != self.after.goes:
            return "enter" if self.after.goes else "leave"
        return "other" if self.before.fate != self.after.fate else ""


def empty() -> Tally:
    """Of nobody."""
    return {name: {} for name in ("cards", "grades", "became", "points", "moves", *WAYS)}


def add(tally: Tally, people: Sequence[Compared]) -> None:
    """Count people into a tally.

    `cards`: figure → [before, after]; `grades`: grade → [people before, after, won before, after];
    `became`: → [people, went, goes, enter, leave]; `points`: lower bound → [before, after];
    `moves`: fate before → fate after → people whose fate is another;
    ways: word → [people, went, goes, won and went, won and goes].
    """
    for each in people:
        person, won = each.person, each.person.became == "won"
        went, goes = each.before.goes, each.after.goes
        plus(tally["cards"], "stores", went, goes)
        for figure, reached in _figures(person.became):
            plus(tally["cards"], figure, reached and went, reached and goes)
        _add_scores(tally, each, won=won)
        plus(tally["became"], person.became, 1, went, goes, goes and not went, went and not goes)
        if each.way:
            plus(tally["moves"].setdefault(each.before.fate, {}), each.after.fate, 1)
        for way in WAYS:
            plus(tally[way], getattr(person, way), 1, went, goes, won and went, won and goes)


def _add_scores(tally: Tally, each: Compared, *, won: bool) -> None:
    for stand, counts in ((each.before, (1, 0, won, 0)), (each.after, (0, 1, 0, won))):
        if stand.grade:
            plus(tally["grades"], stand.grade, *counts)
        if stand.points is not None:
            plus(tally["points"], str(stand.points // STEP * STEP), *counts[:2])


def _figures(became: str) -> tuple[tuple[str, bool], ...]:
    return (
        ("won", became == "won"),
        ("visited", became in ("won", "visited")),
        ("reached", became in ("won", "visited", "contacted", "lost")),
    )


def plus(counts: dict[str, list[int]], word: str, *numbers: int) -> None:
    """Add numbers to those of a word."""
    have = counts.setdefault(word, [0] * len(numbers))
    for place, number in enumerate(numbers):
        have[place] += int(number)


def moved(tally: Mapping[str, Any]) -> tuple[int, int, int]:
    """People who enter, who leave, and who have another fate without a store."""
    moves = tally.get("moves", {})
    enter = sum(counts.get(IN_LEAD, [0])[0] for fate, counts in moves.items() if fate != IN_LEAD)
    leave = sum(number for (number,) in moves.get(IN_LEAD, {}).values())
    everybody = sum(number for counts in moves.values() for (number,) in counts.values())
    return enter, leave, everybody - enter - leave
