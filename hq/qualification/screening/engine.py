"""Whether a sign-up looks like a person who may be given to a dealer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hq.qualification.screening.facts import LinkFacts, SignupFacts
from hq.qualification.screening.kinds import FLAG, SEVERAL
from hq.qualification.screening.rules import ScreeningRules

Reason = Mapping[str, Any]
"""`{"code": …, "effect": "reject" | "no_consent" | "quarantine" | "loyalty" | "flag", …the evidence}`."""


class Outcome(StrEnum):
    """What screening says, the strongest first."""

    REJECT = "reject"
    NO_CONSENT = "no_consent"
    QUARANTINE = "quarantine"
    LOYALTY = "loyalty"
    PASS = "pass"  # noqa: S105 - not a password


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with every reason that was found, also those that did not decide."""

    outcome: Outcome
    reasons: tuple[Reason, ...]


def screen(signup: SignupFacts, links: LinkFacts, rules: ScreeningRules) -> Verdict:
    """Judge one sign-up. The strongest effect among the reasons is the outcome; flags alone pass until there are as
    many as the rule `several_flags` says."""
    reasons = [*_always(signup), *_found(signup, links, rules)]
    flags = sum(reason["effect"] == FLAG for reason in reasons)
    together = rules.get(SEVERAL.code)
    if together is not None and flags >= together["flags"]:
        reasons.append({"code": SEVERAL.code, "effect": together.effect, "flags": flags})
    reasons.sort(key=_rank)
    return Verdict(outcome_of(reasons), tuple(reasons))


def outcome_of(reasons: Sequence[Reason]) -> Outcome:
    """What the strongest of the reasons says."""
    effects = {reason["effect"] for reason in reasons}
    return next((outcome for outcome in Outcome if outcome.value in effects), Outcome.PASS)


def _always(signup: SignupFacts) -> Iterator[Reason]:
    """What no rule can turn off: the law, and that a person is judged as one."""
    if not signup.share_consent:
        yield {"code": "no_share_consent", "effect": Outcome.NO_CONSENT.value}
    if signup.suspected:
        yield {"code": "person_in_quarantine", "effect": Outcome.QUARANTINE.value}


def _found(signup: SignupFacts, links: LinkFacts, rules: ScreeningRules) -> Iterator[Reason]:
    for rule in rules:
        evidence = rule.kind.find(signup, links, rule.values)
        if evidence is not None:
            yield {"code": rule.code, "effect": rule.effect, **evidence}


_ORDER = {outcome.value: rank for rank, outcome in enumerate(Outcome)}


def _rank(reason: Reason) -> int:
    return _ORDER.get(reason["effect"], len(_ORDER))
