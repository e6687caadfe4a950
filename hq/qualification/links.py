"""Who was near whom: the crowds of a batch, and which earlier sign-ups they cast a new light on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from hq.qualification.facts import BatchFacts, Neighbour
from hq.qualification.screening.crowds import Crowd, Member, crowds
from hq.qualification.screening.engine import LinkFacts
from hq.qualification.screening.rules import ScreeningRules

LOOK_AGAIN = frozenset(("in_lead", "below_threshold", "duplicate"))
"""Outcomes that a new crowd may overturn; the others are as strict already."""


@dataclass(frozen=True, slots=True)
class Links:
    """The link facts of each sign-up of the batch, and the earlier sign-ups to look at again."""

    of: Mapping[UUID, LinkFacts]
    relook: frozenset[UUID] = field(default_factory=frozenset)


def links_of(facts: BatchFacts, contact_of: Mapping[UUID, UUID], rules: ScreeningRules) -> Links:
    """Count people per device and address around a batch.

    A person is a contact where matching knows it, else a phone, else an openid. Whole crowds that reach a limit are
    named: their earlier members were judged before the crowd was there. Only somebody new starts this, so that two
    sign-ups cannot have each other looked at for ever.
    """
    batch = {each.signup_id for each in facts.received}
    new = {each.signup_id for each in facts.received if each.runs == 0}
    person = _Persons(facts, contact_of)
    found: dict[UUID, dict[str, Crowd]] = defaultdict(dict)
    relook: set[UUID] = set()
    for kind, members in _groups(facts.neighbours):
        limit, minutes = _limit(kind, rules)
        if limit is None or len(members) < limit or len({person.of(each) for each in members}) < limit:
            continue
        counted = crowds(
            (Member(each.signup_id, person.of(each), each.occurred_at) for each in members), minutes=minutes
        )
        outcomes = {each.signup_id: each.outcome for each in members}
        for signup_id, crowd in counted.items():
            if signup_id in batch:
                found[signup_id][kind] = crowd
            elif crowd.people >= limit and outcomes[signup_id] in LOOK_AGAIN and not new.isdisjoint(outcomes):
                relook.add(signup_id)
    return Links({signup_id: LinkFacts(**kinds) for signup_id, kinds in found.items()}, frozenset(relook))


def _groups(neighbours: Iterable[Neighbour]) -> Iterable[tuple[str, list[Neighbour]]]:
    groups: dict[tuple[str, tuple[Any, ...]], list[Neighbour]] = defaultdict(list)
    for each in neighbours:
        groups[each.kind, each.shared].append(each)
    return ((kind, members) for (kind, _), members in groups.items())


def _limit(kind: str, rules: ScreeningRules) -> tuple[int | None, int]:
    return {
        "device": (rules.device_people, rules.device_minutes),
        "address": (rules.address_people, rules.address_minutes),
        "bare_address": (rules.bare_address_people, rules.bare_address_minutes),
    }[kind]


class _Persons:
    """One id per person, so that a person counted by phone and by contact is one."""

    def __init__(self, facts: BatchFacts, contact_of: Mapping[UUID, UUID]) -> None:
        self._facts = facts
        self._contact_of = contact_of

    @cached_property
    def _by_key(self) -> Mapping[bytes, UUID]:
        known = {key.value: contact for key, contact in self._facts.identities.items()}
        for each in self._facts.received:
            if each.signup_id in self._contact_of:
                known |= {key.value: self._contact_of[each.signup_id] for key in each.said.keys}
        for near in self._facts.neighbours:
            if near.contact_id is not None:
                for value in (near.phone_bidx, near.openid_bidx):
                    if value is not None:
                        known.setdefault(value, near.contact_id)
        return known

    def of(self, each: Neighbour) -> UUID | bytes:
        if each.signup_id in self._contact_of:
            return self._contact_of[each.signup_id]
        for value in (each.phone_bidx, each.openid_bidx):
            if value is not None:
                return self._by_key.get(value, value)
        return each.contact_id or each.signup_id
