"""Whether a sign-up looks like a person who may be given to a dealer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hq.qualification.screening.crowds import Crowd
from hq.qualification.screening.rules import ScreeningRules

Reason = Mapping[str, Any]
"""`{"code": …, "effect": "reject" | "no_consent" | "quarantine" | "flag", …the evidence's figures}`."""


class Outcome(StrEnum):
    """What screening says, the strongest first."""

    REJECT = "reject"
    NO_CONSENT = "no_consent"
    QUARANTINE = "quarantine"
    PASS = "pass"  # noqa: S105 - not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupFacts:
    """What one sign-up says by itself.

    Attributes:
        phone_problem: why there is no usable phone, or None.
        virtual_operator: its prefix is sold by virtual operators only.
        share_consent: the phone may be given to a dealer.
        draws: chances taken, None when not told.
        self_invited: the person named themselves as the one who invited them.
        suspected: another sign-up of the same contact stands in quarantine.
    """

    phone_problem: str | None = None
    virtual_operator: bool = False
    share_consent: bool = True
    draws: int | None = None
    self_invited: bool = False
    suspected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """Who else was on the same device and at the same address; None where there was nobody to ask about."""

    device: Crowd | None = None
    address: Crowd | None = None
    bare_address: Crowd | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with every reason that was found, also those that did not decide."""

    outcome: Outcome
    reasons: tuple[Reason, ...]


def screen(signup: SignupFacts, links: LinkFacts, rules: ScreeningRules) -> Verdict:
    """Judge one sign-up. The strongest effect among the reasons is the outcome; flags alone pass until
    there are `rules.flags` of them."""
    reasons = [*_own(signup), *_links(links, rules)]
    flags = list(_flags(signup, rules))
    if rules.flags is not None and len(flags) >= rules.flags:
        reasons.append({"code": "several_flags", "effect": "quarantine", "flags": len(flags)})
    reasons += flags
    effects = {reason["effect"] for reason in reasons}
    outcome = next((outcome for outcome in Outcome if outcome.value in effects), Outcome.PASS)
    return Verdict(outcome, tuple(reasons))


def _own(signup: SignupFacts) -> Iterator[Reason]:
    if signup.phone_problem is not None:
        yield {"code": "phone_unusable", "effect": "reject", "problem": signup.phone_problem}
    if not signup.share_consent:
        yield {"code": "no_share_consent", "effect": "no_consent"}
    if signup.self_invited:
        yield {"code": "invited_themselves", "effect": "quarantine"}
    if signup.suspected:
        yield {"code": "person_in_quarantine", "effect": "quarantine"}


def _links(links: LinkFacts, rules: ScreeningRules) -> Iterator[Reason]:
    for code, crowd, limit in (
        ("device_many_people", links.device, rules.device_people),
        ("address_many_people", links.address, rules.address_people),
        ("address_many_people", links.bare_address, rules.bare_address_people),
    ):
        if crowd is not None and limit is not None and crowd.people >= limit:
            yield {"code": code, "effect": "quarantine", "people": crowd.people, "minutes": crowd.minutes}


def _flags(signup: SignupFacts, rules: ScreeningRules) -> Iterator[Reason]:
    if signup.virtual_operator:
        yield {"code": "virtual_operator", "effect": "flag"}
    if rules.many_draws is not None and signup.draws is not None and signup.draws >= rules.many_draws:
        yield {"code": "many_draws", "effect": "flag", "draws": signup.draws}
