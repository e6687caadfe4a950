"""How headquarters' word about a person bears on what screening says of the person's sign-ups: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hq.qualification.screening.engine import Outcome, Reason, Verdict, outcome_of

GENUINE, FRAUD = "genuine", "fraud"
REJECTED = "headquarters_verdict"
"""The reason with which headquarters' word rejects a sign-up."""
CLEARED = "cleared_by_headquarters"
FOLLOWS = "person_in_quarantine"
"""A reason that only repeats what another sign-up of the person was stopped for."""


@dataclass(frozen=True, slots=True)
class Word:
    """What headquarters said of a person last.

    Attributes:
        verdict: `GENUINE` or `FRAUD`.
        codes: the reasons for quarantine that were known then.
        upset: a sign-up of the person was put into quarantine since, so there is evidence that headquarters has not
            seen. It takes the force from a `GENUINE` until headquarters looks again.
    """

    verdict: str
    at: datetime
    codes: frozenset[str] = frozenset()
    upset: bool = False


def last_of(words: Iterable[Word]) -> Word | None:
    """The word that counts, of all about one person."""
    return max(words, key=lambda word: word.at, default=None)


def ruled(
    verdicts: Mapping[UUID, Verdict], word: Word | None, *, overrules: bool, in_store: Collection[UUID] = ()
) -> dict[UUID, Verdict]:
    """One person's verdicts as headquarters' word makes them.

    Args:
        verdicts: by sign-up, as screening alone says.
        overrules: a visit or a sale has shown that there is a real person; then no word turns anybody away.
        in_store: sign-ups that a store entered with the person before it: a word is not enough to reject them, they
            are put before headquarters again.
    """
    if word is None or (word.verdict == FRAUD and overrules):
        return dict(verdicts)
    if word.verdict == FRAUD:
        return {key: _rejected(verdict, word, soft=key in in_store) for key, verdict in verdicts.items()}
    if word.upset or any(_is_news(reason, word) for verdict in verdicts.values() for reason in verdict.reasons):
        return dict(verdicts)
    return {key: _cleared(verdict, word) for key, verdict in verdicts.items()}


def condemned(verdict: Verdict) -> bool:
    """Whether headquarters' word is among the reasons that turn a sign-up away."""
    return any(reason["code"] == REJECTED for reason in verdict.reasons)


def _rejected(verdict: Verdict, word: Word, *, soft: bool) -> Verdict:
    effect = Outcome.QUARANTINE if soft else Outcome.REJECT
    return _with(verdict.reasons, {"code": REJECTED, "effect": effect.value, "at": word.at.isoformat()})


def _cleared(verdict: Verdict, word: Word) -> Verdict:
    if verdict.outcome is not Outcome.QUARANTINE:
        return verdict
    reason = {"code": CLEARED, "effect": "flag", "at": word.at.isoformat()}
    rest = [each for each in verdict.reasons if each["effect"] != Outcome.QUARANTINE.value]
    return Verdict(outcome_of(rest), (*verdict.reasons, reason))


def _is_news(reason: Reason, word: Word) -> bool:
    stops = reason["effect"] == Outcome.QUARANTINE.value
    return stops and reason["code"] != FOLLOWS and reason["code"] not in word.codes


def _with(reasons: tuple[Reason, ...], reason: Mapping[str, Any]) -> Verdict:
    told = (reason, *reasons)
    return Verdict(outcome_of(told), told)
