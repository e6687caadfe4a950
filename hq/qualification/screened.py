"""What screening says of one person's sign-ups: their facts put together, and the verdicts of all of them as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from hq.qualification.decisions import Geography
from hq.qualification.facts import BatchFacts, Received, Said
from hq.qualification.links import Links
from hq.qualification.matching.engine import Key, accounts_of
from hq.qualification.profile import counted
from hq.qualification.screening.agents import is_script
from hq.qualification.screening.engine import Outcome, Verdict, outcome_of, screen
from hq.qualification.screening.facts import LinkFacts, SignupFacts
from hq.qualification.screening.rules import ScreeningRules
from shared.platform.clock import BEIJING

_NOBODY_NEAR = LinkFacts()


class Judged(Protocol):
    """The person as screening sees them (see `decide._Person`)."""

    @property
    def group(self) -> Sequence[Received]: ...
    @property
    def history(self) -> Sequence[Said]: ...
    @property
    def lead_id(self) -> UUID | None: ...
    @property
    def bought_at(self) -> datetime | None: ...
    @property
    def returns(self) -> int: ...
    @property
    def overrules(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Judge:
    """All that screening needs besides the person."""

    facts: BatchFacts
    links: Links
    rules: ScreeningRules
    geography: Geography

    def verdicts(self, person: Judged) -> dict[UUID, Verdict]:
        """Judge the person's sign-ups; one in quarantine makes all of them suspect, a visit or a sale overrules."""
        suspected = any(said.outcome == "quarantined" for said in person.history) and not person.overrules
        verdicts = {each.signup_id: self._screen(each, person, suspected=suspected) for each in person.group}
        if not suspected and any(map(_quarantined, verdicts.values())):
            if person.overrules:
                return {signup_id: _overruled(verdict) for signup_id, verdict in verdicts.items()}
            for each in person.group:
                if verdicts[each.signup_id].outcome in (Outcome.PASS, Outcome.LOYALTY):
                    verdicts[each.signup_id] = self._screen(each, person, suspected=True)
        return verdicts

    def _screen(self, each: Received, person: Judged, *, suspected: bool) -> Verdict:
        said, actions = each.said, each.said.actions
        usable = said.phone_bidx is not None
        listings = self.facts.listings.get(each.signup_id, ())
        wanted = said.brought or person.lead_id is not None  # somebody is selling to this person already
        facts = SignupFacts(
            phone_problem=None if usable else each.phone_problem or "phone_missing",
            virtual_operator=each.phone_virtual,
            share_consent=each.scope_id is not None,
            draws=counted(actions, "draws"),
            self_invited=each.inviter_bidx is not None and each.inviter_bidx == said.openid_bidx,
            suspected=suspected,
            script=is_script(each.user_agent),
            seconds_to_act=counted(actions, "seconds_to_act"),
            risk_rank=counted(actions, "risk_rank"),
            store_km=self._km(said),
            months_since_sale=None if wanted else _months(person, said.accepted_at),
            returns=person.returns,
            openid_phones=_phones(said, self.facts.crowded),
            listings=tuple(listing for listing in listings if not (wanted and listing.purpose == "owner")),
        )
        return screen(facts, self.links.of.get(each.signup_id, _NOBODY_NEAR), self.rules)

    def _km(self, said: Said) -> float | None:
        """Asked only when a rule looks at it: finding the nearest store is dear."""
        if self.rules.get("too_far") is None or said.store_code is not None:
            return None
        return self.geography.store_km(self.geography.place([said]))


def _phones(said: Said, crowded: Mapping[Key, int]) -> int | None:
    """The numbers seen with whichever of the accounts has had most, of those that name nobody."""
    return max((crowded[key] for key in accounts_of(said) if key in crowded), default=None) if crowded else None


def _months(person: Judged, at: datetime) -> int | None:
    """Whole months from the last sale to a moment; None when there was no sale before it."""
    if person.bought_at is None or person.bought_at > at:
        return None
    sold, now = person.bought_at.astimezone(BEIJING), at.astimezone(BEIJING)
    return (now.year - sold.year) * 12 + now.month - sold.month - (now.day < sold.day)


def _quarantined(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.QUARANTINE


def _overruled(verdict: Verdict) -> Verdict:
    """A visit or a sale shows that there is a real person: what asked for quarantine no longer decides."""
    if not _quarantined(verdict):
        return verdict
    rest: list[Any] = [each for each in verdict.reasons if each["effect"] != Outcome.QUARANTINE.value]
    overruled = {"code": "visit_or_sale_overrules", "effect": "flag"}
    return Verdict(outcome_of(rest), (*verdict.reasons, overruled))
