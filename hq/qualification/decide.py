"""What becomes of each sign-up of a batch: pure, person by person, in order of acceptance."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from hq.qualification.decisions import (
    BatchDecisions,
    Decided,
    Geography,
    LeadChange,
    PersonDecisions,
    Place,
    Rulebook,
    Suspicion,
)
from hq.qualification.facts import BatchFacts, ContactFacts, Received, Said
from hq.qualification.links import LOOK_AGAIN, links_of
from hq.qualification.matching.engine import Arrival, Identity, Key, Known, Matching, match
from hq.qualification.profile import duplicate_of, scoring_facts, wish
from hq.qualification.quarantine.rulings import REJECTED, condemned, last_of, ruled
from hq.qualification.scoring.scorecard import Score, score
from hq.qualification.screened import Judge
from hq.qualification.screening.engine import Outcome, Reason, Verdict
from hq.qualification.thresholds.fates import told
from shared.work.aside import sift

_CONTACTED = frozenset(("contacted", "appointment", "visited", "won"))
_OVERRULES = frozenset(("visited", "won"))
_OUTCOMES = {
    Outcome.REJECT: "rejected",
    Outcome.NO_CONSENT: "no_consent",
    Outcome.QUARANTINE: "quarantined",
    Outcome.LOYALTY: "loyalty",
}


def decide_all(facts: BatchFacts, rules: Rulebook, geography: Geography, new_id: Callable[[], UUID]) -> BatchDecisions:
    """Match, screen and score a batch. What raises for one person puts that person's sign-ups aside."""
    arrivals = [Arrival(each.signup_id, facts.naming(each.said)) for each in facts.received]
    known = {contact.contact_id: known_as(contact) for contact in facts.contacts.values()}
    matching = _with_fresh(match(arrivals, facts.identities, known, new_id, facts.apart), facts)
    return decide_matched(facts, matching, rules, geography, new_id)


def decide_matched(
    facts: BatchFacts, matching: Matching, rules: Rulebook, geography: Geography, new_id: Callable[[], UUID]
) -> BatchDecisions:
    """Screen and score a batch whose people are known."""
    links = links_of(facts, matching.contact_of, rules.screening)
    joined = _joined(matching, facts)
    people = {}
    for group in _people(facts.received, matching):
        contact_id = matching.contact_of.get(group[0].signup_id)
        merged = joined.get(contact_id, ()) if contact_id else ()
        people[group[0].signup_id] = _Person(contact_id, group, merged, facts)
    bench = _Bench(Judge(facts, links, rules.screening, geography), rules, geography, new_id)
    decided, poison = sift(people.items(), bench.decide)
    aside = {each.signup_id: reason for first, reason in poison.items() for each in people[first].group}
    return BatchDecisions(matching, tuple(decided.values()), links.relook, links.relook_contacts, aside)


class _Person:
    """One contact of the batch with all that is known; `merged` are the contacts it is joined from."""

    def __init__(
        self, contact_id: UUID | None, group: Sequence[Received], merged: Iterable[UUID], facts: BatchFacts
    ) -> None:
        self.contact_id = contact_id
        self.group = group
        contacts = [facts.contacts[each] for each in merged]
        self.lead = next((each for each in contacts if each.contact_id == contact_id), None)
        self.merged_leads = {each.lead_id for each in contacts if each.contact_id != contact_id and each.lead_id}
        self.bought_at = max((each.bought_at for each in contacts if each.bought_at), default=None)
        self.returns = sum(each.returns for each in contacts)
        self.withdrawn_at = max((each.withdrawn_at for each in contacts if each.withdrawn_at), default=None)
        named = (*merged, *(each.signup_id for each in group))
        self.word = last_of(facts.words[each] for each in named if each in facts.words)
        earlier = (said for each in merged for said in facts.history.get(each, ()))
        self.history = sorted(earlier, key=lambda said: (said.accepted_at, said.signup_id))

    @property
    def lead_id(self) -> UUID | None:
        return self.lead.lead_id if self.lead else None

    @property
    def stage(self) -> str | None:
        return self.lead.stage if self.lead else None

    @property
    def overrules(self) -> bool:
        """A visit or a sale shows that there is a real person, whatever screening says."""
        return self.bought_at is not None or self.stage in _OVERRULES


@dataclass(frozen=True, slots=True)
class _Bench:
    """All that the decisions about one person need besides the person."""

    judge: Judge
    rules: Rulebook
    geography: Geography
    new_id: Callable[[], UUID]

    def decide(self, person: _Person) -> PersonDecisions:
        screened = self.judge.verdicts(person)
        in_store = {each.signup_id for each in person.group if each.said.source == "store"}
        verdicts = ruled(screened, person.word, overrules=person.overrules, in_store=in_store)
        suspect = next((each for each in person.group if _doubted(each, verdicts[each.signup_id])), None)
        run = _Run(self, person, None if suspect and person.stage not in _CONTACTED else person.lead_id)
        decided = tuple(run.step(each, verdicts[each.signup_id]) for each in person.group)
        if suspect is None:
            return PersonDecisions(person.contact_id, decided, run.change, None, frozenset())
        again = () if person.stage in _CONTACTED else person.history  # what a store works on stays as it is
        earlier = frozenset(said.signup_id for said in again if said.outcome in LOOK_AGAIN)
        suspicion = _suspicion(person, suspect, verdicts[suspect.signup_id])
        return PersonDecisions(person.contact_id, decided, run.change, suspicion, earlier)


class _Run:
    """One person's sign-ups, one after the other; `lead_id` is the open lead so far, `change` what became of it."""

    def __init__(self, bench: _Bench, person: _Person, lead_id: UUID | None) -> None:
        self.bench = bench
        self.person = person
        self.lead_id = lead_id
        self.change: LeadChange | None = None
        self.passed = [said for said in person.history if said.outcome in LOOK_AGAIN]

    def step(self, each: Received, verdict: Verdict) -> Decided:
        """Decide one sign-up: screened out, kept in its lead, taken back, a duplicate, nurtured or closed by the
        thresholds, or in a lead."""
        steps: dict[str, Any] = {"screening": {"outcome": verdict.outcome, "reasons": verdict.reasons}}
        outcome = _OUTCOMES.get(verdict.outcome)
        if kept := self._kept(each, verdict):
            steps["lead"] = {"what": "kept"} | ({"because": self.person.stage} if outcome else {})
            return Decided(each, "in_lead", self.person.contact_id, kept, steps)
        if outcome is None and self._taken_back(each):
            steps["consent"] = {"what": "withdrawn"}
            outcome = "withdrawn"
        if outcome is None:
            outcome = self._passed(each, steps)
        return Decided(each, outcome, self.person.contact_id, self.lead_id if outcome == "in_lead" else None, steps)

    def _taken_back(self, each: Received) -> bool:
        """Whether the person took the consent back after sending this, and before anybody read it."""
        said_at = min(each.said.occurred_at, each.said.accepted_at)
        return not each.runs and self.person.withdrawn_at is not None and said_at <= self.person.withdrawn_at

    def _kept(self, each: Received, verdict: Verdict) -> UUID | None:
        """The lead that an earlier run put it in, unless screening takes it out now. A store that is at work
        keeps it either way: only headquarters may end that."""
        lead_id = each.said.lead_id
        if each.said.outcome != "in_lead" or lead_id is None:
            return None
        lead_id = self.person.lead_id if lead_id in self.person.merged_leads else lead_id
        if verdict.outcome is Outcome.PASS:
            return lead_id
        return lead_id if _doubted(each, verdict) and self.lead_id is not None else None

    def _passed(self, each: Received, steps: dict[str, Any]) -> str:
        brought = each.said.brought and self.lead_id is None
        earlier = [said for said in self.passed if _order(said) < _order(each.said)]
        if not brought and (same := duplicate_of(each.said, earlier)):
            steps["duplicate"] = {"of": str(same.signup_id)}
            return "duplicate"
        self.passed = sorted([*self.passed, each.said], key=_order)
        card, geography = self.bench.rules.card, self.bench.geography
        place = geography.place(self.passed)
        as_of = max(said.accepted_at for said in self.passed)  # not the clock: the same decision whenever it is made
        scored = score(scoring_facts(self.passed, geography.store_km(place), as_of), card)
        steps["scoring"] = _told(scored)
        if self.lead_id is None and not brought:
            thresholds = self.bench.rules.thresholds
            fated = thresholds.fate(scored.grade, scored.probability, each.said.campaign_id)
            steps["thresholds"] = told(fated, thresholds)
            if outcome := fated.outcome:
                return outcome
        steps["lead"] = {"what": "opened" if self.lead_id is None else "strengthened"}
        self._strengthen(each, scored, place)
        return "in_lead"

    def _strengthen(self, each: Received, scored: Score, place: Place) -> None:
        opened = self.lead_id is None or (self.change is not None and self.change.points_before is None)
        by = self.change.by if self.change and opened else each
        before = None if opened or self.person.lead is None else self.person.lead.points
        self.lead_id = self.lead_id or self.bench.new_id()
        scanned = next((said.store_code for said in reversed(self.passed) if said.store_code), None)
        contact_id = self.person.contact_id or each.signup_id
        self.change = LeadChange(self.lead_id, contact_id, by, scored, before, wish(self.passed), place, scanned)


def _quarantined(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.QUARANTINE


def _doubted(each: Received, verdict: Verdict) -> bool:
    """Whether the person's lead may not go on by itself: in quarantine, turned away by headquarters, or turned away
    by a rule after the sign-up had led to a lead. A number that cannot be used says nothing against the person."""
    if _quarantined(verdict) or condemned(verdict):
        return True
    return each.said.outcome == "in_lead" and any(map(_turns_away, verdict.reasons))


def _suspicion(person: _Person, first: Received, verdict: Verdict) -> Suspicion | None:
    if person.lead_id is None or person.contact_id is None:
        return None
    reasons = tuple(reason for reason in verdict.reasons if _doubts(reason))
    return Suspicion(person.lead_id, person.contact_id, first.signup_id, person.stage in _CONTACTED, reasons)


def _doubts(reason: Reason) -> bool:
    return bool(reason["effect"] == "quarantine" or reason["code"] == REJECTED or _turns_away(reason))


def _turns_away(reason: Reason) -> bool:
    return bool(reason["effect"] == "reject" and reason["code"] != "phone_unusable")


def known_as(contact: ContactFacts) -> Known:
    """How far a contact has come, for the choice of the one that stays."""
    if contact.lead_id is None:
        return Known(contact.contact_id, 0, contact.created_at)
    leading = 1 + (contact.stage is not None) + (contact.stage in _CONTACTED) + (contact.stage in _OVERRULES)
    return Known(contact.contact_id, leading, contact.created_at)


def _with_fresh(matching: Matching, facts: BatchFacts) -> Matching:
    """A key that turns out at once to name nobody is brought all the same, as the first one's, so that of two batches
    that meet it at the same moment one waits for the other."""
    if not facts.fresh:
        return matching
    first: dict[Key, Identity] = {}
    for each in facts.received:
        contact_id = matching.contact_of.get(each.signup_id)
        for key in each.said.keys:
            if key in facts.fresh and contact_id is not None:
                first.setdefault(key, Identity(key, contact_id, each.signup_id))
    return replace(matching, identities=(*matching.identities, *first.values()))


def _joined(matching: Matching, facts: BatchFacts) -> dict[UUID, tuple[UUID, ...]]:
    """Per contact that stays: the known contacts it now is."""
    joined: dict[UUID, list[UUID]] = defaultdict(list)
    for contact_id in set(matching.contact_of.values()) & facts.contacts.keys():
        joined[contact_id].append(contact_id)
    for merge in matching.merges:
        joined[merge.survivor].append(merge.loser)
    return {contact_id: tuple(contacts) for contact_id, contacts in joined.items()}


def _people(received: Sequence[Received], matching: Matching) -> list[list[Received]]:
    """The batch by person; a sign-up that names nobody is alone."""
    groups: dict[UUID, list[Received]] = defaultdict(list)
    for each in received:
        groups[matching.contact_of.get(each.signup_id, each.signup_id)].append(each)
    return list(groups.values())


def _order(said: Said) -> tuple[Any, ...]:
    return said.accepted_at, said.signup_id


def _told(scored: Score) -> dict[str, Any]:
    return {
        "points": scored.points,
        "probability": round(scored.probability, 4),
        "grade": scored.grade,
        "reasons": scored.reasons,
    }
