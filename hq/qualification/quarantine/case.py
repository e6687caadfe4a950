"""One ring with everything that helps to judge it: who is in it, what stops them, who else is near, what they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.quarantine.rings import Ring, Shared
from hq.qualification.quarantine.rulings import Word
from hq.qualification.quarantine.service import MOST
from hq.qualification.quarantine.standing import words_of

_NEAR_FOR = timedelta(hours=24)
_MOST_NEAR = 40
_OVERRULES = frozenset(("visited", "won"))

# Who used the same devices and addresses at about the same time and was not stopped: perhaps honest, perhaps missed.
_NEAR = text(
    f"""
    SELECT n.signup_id, n.device_bidx, host(n.ip), n.user_agent FROM signups n
    WHERE n.state = 'decided' AND n.outcome IN ('in_lead', 'nurture', 'below_threshold', 'duplicate', 'no_consent')
      AND n.occurred_at BETWEEN :low AND :high AND n.touchpoint IS DISTINCT FROM 'store_qr'
      AND (n.device_bidx = ANY(CAST(:devices AS bytea[]))
           OR n.ip = ANY(CAST(:ips AS inet[])) AND n.user_agent = ANY(CAST(:agents AS text[])))
      AND n.signup_id <> ALL(CAST(:ring AS uuid[]))
    ORDER BY n.occurred_at, n.signup_id LIMIT {_MOST_NEAR}
    """  # noqa: S608 (numbers of this module)
)
_SIGNUPS = text(
    """
    SELECT s.signup_id, coalesce(s.contact_id, s.signup_id) AS person, s.contact_id, s.name, p.masked AS phone,
           s.occurred_at, s.touchpoint, c.name AS campaign, s.actions, s.interest, s.outcome,
           d.steps -> 'screening' -> 'reasons' AS reasons, l.lead_id, l.grade, a.stage,
           EXISTS (SELECT 1 FROM leads w WHERE w.contact_id = s.contact_id AND w.state = 'won') AS bought
    FROM signups s
    JOIN campaigns c ON c.campaign_id = s.campaign_id
    LEFT JOIN contact_phones p ON p.phone_bidx = s.phone_bidx
    LEFT JOIN signup_decisions d ON d.signup_id = s.signup_id AND d.run = s.runs
    LEFT JOIN leads l ON l.contact_id = s.contact_id AND l.closed_at IS NULL
    LEFT JOIN holds h ON h.lead_id = l.lead_id
    LEFT JOIN assignments a ON a.dealer_id = h.dealer_id AND a.assignment_id = h.assignment_id
    WHERE s.signup_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY s.occurred_at, s.signup_id
    """
)


@dataclass(slots=True)
class Suspect:
    """A person of a ring, or somebody near it.

    Attributes:
        signup_id: of the first sign-up that was looked at.
        stage: of the assignment that holds the open lead.
        real: a visit or a sale shows that there is a person.
        draws: chances taken in all; None when nobody said.
        outcome: of the last sign-up.
        near: not stopped, only seen on the same device or at the same address.
        word: what headquarters said before.
    """

    person: UUID
    signup_id: UUID
    contact_id: UUID | None
    name: str | None
    phone: str | None
    touchpoint: str | None
    campaign: str
    lead_id: UUID | None
    grade: str | None
    stage: str | None
    real: bool
    near: bool
    outcome: str | None = None
    model: str | None = None
    draws: int | None = None
    booked: bool = False
    times: list[datetime] = field(default_factory=list)
    word: Word | None = None


class Evidence(NamedTuple):
    """A reason with the largest figures that anybody has, and how many people it stops."""

    reason: Mapping[str, Any]
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A ring as its page shows it.

    Attributes:
        people: of the ring, by their first sign-up; at most `MOST`, whom one act may judge.
        near: who is only near.
        left_out: people of the ring beyond that.
        evidence: what stops them, then what is only a sign; each by the people it stops.
        ties: what is shared, with those who are only near among the people.
    """

    ring: Ring
    people: Sequence[Suspect]
    near: Sequence[Suspect]
    left_out: int
    evidence: Sequence[Evidence]
    ties: Mapping[Shared, frozenset[UUID]]


def case_of(session: Session, ring: Ring) -> Case:
    """Everything about a ring; three statements."""
    ids = [each.signup_id for each in ring.doubts]
    near = _near(session, ring, ids)
    rows = session.execute(_SIGNUPS, {"ids": [*ids, *(row.signup_id for row in near)]}).all()
    stopped = {each.person for each in ring.doubts}
    suspects = _suspects(rows, stopped)
    people = [each for each in suspects.values() if not each.near]
    shown = people[:MOST]
    _add_words(session, suspects)
    person_of = {row.signup_id: row.person for row in rows}
    return Case(
        ring=ring,
        people=shown,
        near=[each for each in suspects.values() if each.near],
        left_out=len(people) - len(shown),
        evidence=_evidence(row for row in rows if row.person in stopped),
        ties=_ties(ring, near, person_of),
    )


def _near(session: Session, ring: Ring, ids: Sequence[UUID]) -> Sequence[Any]:
    shares = {shared for each in ring.doubts for shared in each.shares}
    addresses = [shared.value for shared in shares if shared.kind == "address" and shared.value[1] is not None]
    devices = [shared.value[0] for shared in shares if shared.kind == "device"]
    if not devices and not addresses:
        return []
    asked = {
        "devices": devices,
        "ips": [ip for ip, _agent in addresses],
        "agents": [agent for _ip, agent in addresses],
        "ring": ids,
        "low": ring.began - _NEAR_FOR,
        "high": ring.ended + _NEAR_FOR,
    }
    return session.execute(_NEAR, asked).all()


def _suspects(rows: Iterable[Any], stopped: set[UUID]) -> dict[UUID, Suspect]:
    found: dict[UUID, Suspect] = {}
    for row in rows:
        each = found.get(row.person)
        if each is None:
            each = found[row.person] = Suspect(
                person=row.person,
                signup_id=row.signup_id,
                contact_id=row.contact_id,
                name=row.name,
                phone=row.phone,
                touchpoint=row.touchpoint,
                campaign=row.campaign,
                lead_id=row.lead_id,
                grade=row.grade,
                stage=row.stage,
                real=row.bought or row.stage in _OVERRULES,
                near=row.person not in stopped,
            )
        each.times.append(row.occurred_at)
        each.outcome = row.outcome
        each.model = row.interest.get("model") or each.model
        each.booked = each.booked or row.actions.get("booked_test_ride") is True
        if isinstance(row.actions.get("draws"), int):
            each.draws = (each.draws or 0) + row.actions["draws"]
    return found


def _add_words(session: Session, suspects: Mapping[UUID, Suspect]) -> None:
    contacts = [each.contact_id for each in suspects.values() if each.contact_id is not None]
    words = words_of(session, contacts, [each.signup_id for each in suspects.values() if each.contact_id is None])
    for person, word in words.items():
        suspects[person].word = word


def _evidence(rows: Iterable[Any]) -> list[Evidence]:
    strongest: dict[str, Mapping[str, Any]] = {}
    stopped: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        for reason in row.reasons or ():
            code = reason["code"]
            stopped[code].add(row.person)
            if code not in strongest or _size(reason) > _size(strongest[code]):
                strongest[code] = reason
    found = [Evidence(reason, len(stopped[code])) for code, reason in strongest.items()]
    return sorted(found, key=lambda each: (each.reason["effect"] == "flag", -each.people, each.reason["code"]))


def _size(reason: Mapping[str, Any]) -> int:
    return max((value for value in reason.values() if type(value) is int), default=0)


def _ties(ring: Ring, near: Iterable[Any], person_of: Mapping[UUID, UUID]) -> dict[Shared, frozenset[UUID]]:
    """The ring's ties, and what somebody who is only near shares with anybody of it."""
    used: dict[Shared, set[UUID]] = defaultdict(set)
    for each in ring.doubts:
        for shared in each.shares:
            used[shared].add(each.person)
    ties = {shared: set(people) for shared, people in ring.ties.items()}
    for row in near:
        for shared in (Shared("device", (row.device_bidx,)), Shared("address", (row.host, row.user_agent))):
            if shared in used:
                ties.setdefault(shared, set(used[shared])).add(person_of[row.signup_id])
    return {shared: frozenset(people) for shared, people in ties.items()}
