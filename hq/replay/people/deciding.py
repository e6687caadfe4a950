"""Two rulebooks over the same people, each by the decision that `qualify` makes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hq.qualification.decide import decide_matched
from hq.qualification.decisions import Decided, Geography, Rulebook
from hq.qualification.facts import BatchFacts, Received
from hq.qualification.quarantine.rulings import FOLLOWS
from hq.qualification.screening.engine import Reason
from hq.replay.people.past import Past
from hq.replay.people.tally import IN_LEAD, Compared, PastPerson, Stand

#: Fates from the nearest to a store on: of somebody with several sign-ups the first one that any of them has.
_NEAREST = (
    IN_LEAD,
    "quarantined",
    "nurture",
    "below_threshold",
    "duplicate",
    "loyalty",
    "rejected",
    "no_consent",
    "withdrawn",
)
_EFFECTS = {"quarantined": "quarantine", "rejected": "reject", "loyalty": "loyalty"}
FATED = "thresholds"
"""The reason of somebody whom the thresholds kept from stores: what `fates.told` says, and the grade."""


@dataclass(frozen=True, slots=True)
class Side:
    """One set of rules, and the facts as far as these rules ask for them."""

    rules: Rulebook
    facts: BatchFacts


def compared(
    past: Past, before: Side, after: Side, geography: Geography, new_id: Callable[[], UUID]
) -> Iterator[Compared]:
    """Decide about everybody with both rulebooks, in order; somebody about whom either cannot is left out."""
    old, new = (_stands(past, side, geography, new_id) for side in (before, after))
    signups: dict[UUID, list[Received]] = {}
    for each in past.facts.received:
        signups.setdefault(each.said.contact_id or each.signup_id, []).append(each)
    for row in past.rows:
        key = row.contact_id or row.id
        if key in old and key in new:
            first = signups[key][0]
            person = PastPerson(
                contact_id=row.contact_id,
                lead_id=row.lead_id,
                at=row.at,
                became=row.became,
                touchpoint=first.said.touchpoint or "",
                province=(geography.place([first.said]).get("code") or "")[:2],
                store=row.store,
                campaign=row.campaign,
                signup_id=row.id,
                verdict=past.verdicts.get(key, ""),
                stood=fate_of(past.stood[each.signup_id] or "" for each in signups[key]),
            )
            yield Compared(person, old[key], new[key])


def fate_of(outcomes: Iterable[str]) -> str:
    """The fate of somebody whose sign-ups have these outcomes."""
    found = set(outcomes)
    return next((fate for fate in _NEAREST if fate in found), "")


def _stands(past: Past, side: Side, geography: Geography, new_id: Callable[[], UUID]) -> Mapping[UUID, Stand]:
    decisions = decide_matched(side.facts, past.matching, side.rules, geography, new_id)
    return {
        person.contact_id or person.decided[0].received.signup_id: _stand(person.decided) for person in decisions.people
    }


def _stand(decided: Sequence[Decided]) -> Stand:
    fate = fate_of(each.outcome for each in decided)
    reasons = [reason for each in decided for reason in each.steps["screening"]["reasons"]]
    grades = [each.steps["scoring"]["grade"] for each in decided if "scoring" in each.steps]
    return Stand(
        fate,
        grades[-1] if grades else "",
        None,
        (*_deciding(fate, reasons), *_fated(fate, decided)),
        frozenset(reason["code"] for reason in reasons) - {FOLLOWS},
    )


def _fated(fate: str, decided: Sequence[Decided]) -> Iterator[Reason]:
    """What the thresholds said of the last sign-up that has the fate because of them."""
    steps = [each.steps for each in decided if each.outcome == fate != IN_LEAD and "thresholds" in each.steps]
    for last in steps[-1:]:
        yield {"code": FATED, "effect": fate, "grade": last["scoring"]["grade"], **last["thresholds"]}


def _deciding(fate: str, reasons: Iterable[Reason]) -> Iterator[Reason]:
    """The reasons that ask for the fate, each once."""
    seen: set[str] = {FOLLOWS}
    for reason in reasons:
        if reason["effect"] == _EFFECTS.get(fate) and reason["code"] not in seen:
            seen.add(reason["code"])
            yield reason
