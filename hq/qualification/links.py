"""Who was near whom: the crowds and circles of a batch, and which earlier sign-ups they cast a new light on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any
from uuid import UUID

from hq.qualification.facts import BatchFacts, Neighbour
from hq.qualification.screening.circles import circles
from hq.qualification.screening.crowds import Member, crowds
from hq.qualification.screening.facts import Gathering, LinkFacts
from hq.qualification.screening.kinds import gathered
from hq.qualification.screening.rules import Rule, ScreeningRules

LOOK_AGAIN = frozenset(("in_lead", "nurture", "below_threshold", "duplicate", "loyalty"))
"""Outcomes that a new crowd may overturn; the others are as strict already."""

Person = UUID | bytes
"""A contact where one is known, else a phone, else an openid, else the sign-up."""

_RULES = {
    "device": "device_many_people",
    "address": "address_many_people",
    "bare_address": "bare_address_many_people",
    "inviter": "invite_crowd",
}

_GATHERINGS = {"bare_address": "bare_address", "inviter": "invited"}
"""Kinds of neighbours of whom the draws count as well, and the fact that tells of them."""


@dataclass(frozen=True, slots=True)
class Links:
    """The link facts of each sign-up of the batch, the earlier sign-ups to look at again, and the contacts whose
    invited sign-ups are to be looked at again."""

    of: Mapping[UUID, LinkFacts]
    relook: frozenset[UUID] = frozenset()
    relook_contacts: frozenset[UUID] = frozenset()


def links_of(facts: BatchFacts, contact_of: Mapping[UUID, UUID], rules: ScreeningRules) -> Links:
    """Count people per device, address and inviter around a batch, and find those who invited each other in a circle.

    Whole crowds that reach a limit are named: their earlier members were judged before the crowd was there. Only
    somebody new starts this, so that two sign-ups cannot have each other looked at for ever.
    """
    return _Linking(facts, contact_of, rules).links()


class _Linking:
    def __init__(self, facts: BatchFacts, contact_of: Mapping[UUID, UUID], rules: ScreeningRules) -> None:
        self._facts = facts
        self._rules = rules
        self._person = _Persons(facts, contact_of)
        self._batch = {each.signup_id for each in facts.received}
        self._new = {each.signup_id for each in facts.received if each.runs == 0}
        self._found: dict[UUID, dict[str, Any]] = defaultdict(dict)
        self._relook: set[UUID] = set()
        self._contacts: set[UUID] = set()

    def links(self) -> Links:
        for kind, members in _groups(self._facts.neighbours):
            if (rule := self._rules.get(_RULES[kind])) is not None:
                self._crowd(kind, members, rule)
            if kind == "address" and (rule := self._rules.get("many_a_minute")) is not None:
                self._rate(members, rule)
        if self._facts.invitations:
            self._circles()
        of = {signup_id: LinkFacts(**kinds) for signup_id, kinds in self._found.items()}
        return Links(of, frozenset(self._relook), frozenset(self._contacts))

    def _crowd(self, kind: str, members: Sequence[Neighbour], rule: Rule) -> None:
        limit = rule["people"]
        persons = {each.signup_id: self._person.of(each) for each in members}
        if len(members) < limit or len(set(persons.values())) < limit:
            return
        counted = crowds(
            (Member(each.signup_id, persons[each.signup_id], each.occurred_at) for each in members),
            minutes=rule["minutes"],
        )
        if kind in _GATHERINGS:
            draws = _draws(members, persons)
            gatherings = {each: Gathering(crowd, draws) for each, crowd in counted.items()}
            self._note(members, _GATHERINGS[kind], gatherings)
            suspects = {each for each, found in gatherings.items() if gathered(found, rule.values) is not None}
        else:
            self._note(members, kind, counted)
            suspects = {each for each, crowd in counted.items() if crowd.people >= limit}
        self._look_again(members, suspects)

    def _rate(self, members: Sequence[Neighbour], rule: Rule) -> None:
        if len(members) < rule["signups"]:
            return
        counted = crowds((Member(each.signup_id, each.signup_id, each.occurred_at) for each in members), minutes=1)
        rates = {signup_id: crowd.people for signup_id, crowd in counted.items()}
        self._note(members, "rate", rates)
        self._look_again(members, {each for each, rate in rates.items() if rate >= rule["signups"]})

    def _note(self, members: Sequence[Neighbour], name: str, facts: Mapping[UUID, Any]) -> None:
        for each in members:
            if each.signup_id in self._batch:
                self._found[each.signup_id][name] = facts[each.signup_id]

    def _look_again(self, members: Sequence[Neighbour], suspects: set[UUID]) -> None:
        if self._new.isdisjoint(each.signup_id for each in members):
            return
        self._relook |= {
            each.signup_id
            for each in members
            if each.signup_id in suspects and each.signup_id not in self._batch and each.outcome in LOOK_AGAIN
        }

    def _circles(self) -> None:
        edges: dict[Person, set[Person]] = defaultdict(set)
        for each in self._facts.invitations:
            edges[self._person.known(each.invited, each.contact_id)].add(self._person.known(each.inviter))
        size = circles(edges)
        fresh: set[frozenset[Person]] = set()
        for received in self._facts.received:
            openid = received.said.openid_bidx
            if received.inviter_bidx is None or openid is None:
                continue
            circle = size.get(self._person.known(openid))
            if circle is not None:
                self._found[received.signup_id]["circle"] = len(circle)
                if received.signup_id in self._new:
                    fresh.add(circle)
        self._contacts |= {person for circle in fresh for person in circle if isinstance(person, UUID)}


def _draws(members: Iterable[Neighbour], persons: Mapping[UUID, Person]) -> float | None:
    """The draws of a person, the most that any of the sign-ups tells, on average over those who told."""
    most: dict[Person, int] = {}
    for each in members:
        if each.draws is not None:
            person = persons[each.signup_id]
            most[person] = max(most.get(person, 0), each.draws)
    return fmean(most.values()) if most else None


def _groups(neighbours: Iterable[Neighbour]) -> Iterable[tuple[str, list[Neighbour]]]:
    groups: dict[tuple[str, tuple[Any, ...]], list[Neighbour]] = defaultdict(list)
    for each in neighbours:
        groups[each.kind, each.shared].append(each)
    return ((kind, members) for (kind, _), members in groups.items())


class _Persons:
    """One id per person, so that a person counted by phone and by contact is one."""

    def __init__(self, facts: BatchFacts, contact_of: Mapping[UUID, UUID]) -> None:
        self._facts = facts
        self._contact_of = contact_of

    @cached_property
    def _by_key(self) -> Mapping[bytes, UUID]:
        known = {key.value: contact for key, contact in self._facts.identities.items()}
        for step in self._facts.invitations:
            if step.contact_id is not None:
                known.setdefault(step.invited, step.contact_id)
        for each in self._facts.received:
            if each.signup_id in self._contact_of:
                known |= {key.value: self._contact_of[each.signup_id] for key in each.said.keys}
        for near in self._facts.neighbours:
            if near.contact_id is not None:
                for value in (near.phone_bidx, near.openid_bidx):
                    if value is not None:
                        known.setdefault(value, near.contact_id)
        return known

    def known(self, openid: bytes, contact_id: UUID | None = None) -> Person:
        """Whoever has this openid."""
        return self._by_key.get(openid) or contact_id or openid

    def of(self, each: Neighbour) -> Person:
        """Whoever sent this sign-up."""
        if each.signup_id in self._contact_of:
            return self._contact_of[each.signup_id]
        for value in (each.phone_bidx, each.openid_bidx):
            if value is not None:
                return self._by_key.get(value, value)
        return each.contact_id or each.signup_id
