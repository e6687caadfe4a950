"""Headquarters judges people, and takes it back. What follows is decided anew by `qualify`, not here.

Locks as everywhere: sign-ups, contacts, leads. A batch of `qualify` that has read a person before the verdict finds
the contact changed and leaves the person for the next batch, which knows the verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from hq.qualification.quarantine import people
from hq.qualification.quarantine.errors import TooManyAtOnce
from hq.qualification.quarantine.models import VERDICTS, ScreeningVerdict
from hq.qualification.quarantine.people import Judged
from hq.qualification.quarantine.rulings import GENUINE, Word
from hq.qualification.quarantine.standing import words_of
from hq.routing import service as routing
from shared.audit import service as audit
from shared.identity.actor import Actor
from shared.leads.models import Lead
from shared.platform.errors import Invalid, Missing
from shared.platform.ids import new_id, next_id
from shared.work.doorbell import ring_after_commit

MOST = 400
"""People that one act may judge."""
MOST_NOTE = 500

_DECIDED_ANEW = text(
    f"""
    UPDATE signups s SET state = 'received'
    FROM (
        SELECT t.signup_id FROM signups t WHERE {people.DUE_AGAIN} ORDER BY t.signup_id FOR NO KEY UPDATE OF t
    ) AS again
    WHERE s.signup_id = again.signup_id
    RETURNING s.signup_id
    """  # noqa: S608 (names of this module)
)


@dataclass(frozen=True, slots=True)
class Act:
    """One act of judging: how many people it was about, how many sign-ups are decided anew."""

    act_id: UUID
    people: int
    signups: int


def judge(
    session: Session,
    *,
    signup_ids: Collection[UUID],
    ring_key: UUID,
    verdict: str,
    note: str,
    actor: Actor,
    now: datetime,
) -> Act:
    """Give a verdict about the people of some sign-ups. Who has the same verdict already is left as they are.

    Args:
        signup_ids: one or more of each person.
        ring_key: the ring they were looked at in.
        verdict: `genuine` or `fraud`.

    Raises:
        Invalid: no such verdict, nobody, or a note that is too long; `field` says which.
        Missing: one of the sign-ups does not exist.
        TooManyAtOnce: more people than one act may judge.
    """
    note = note.strip()
    for field, wrong in (
        ("verdict", verdict not in VERDICTS),
        ("people", not signup_ids),
        ("note", len(note) > MOST_NOTE),
    ):
        if wrong:
            raise Invalid(field=field)
    named = people.lock(session, signup_ids)
    if len(named) > MOST:
        raise TooManyAtOnce(most=MOST)
    people.lock_contacts(session, named, now=now)
    words = _words(session, named)
    fresh = [each for each in named if _says_something(words.get(each.key), verdict)]
    act_id = new_id(now)
    if not fresh:
        return Act(act_id, 0, 0)
    _write(session, fresh, act_id=act_id, ring_key=ring_key, verdict=verdict, note=note, actor=actor, now=now)
    if verdict == GENUINE:
        _leave_with_stores(session, fresh, actor=actor, now=now)
    again = _decide_anew(session, fresh)
    counts = {"people": len(fresh), "signups": again}
    audit.record(session, actor, f"verdict:{verdict}", act_id, at=now, details=counts, ring=str(ring_key))
    return Act(act_id, len(fresh), again)


def undo(session: Session, *, act_id: UUID, actor: Actor, now: datetime) -> Act:
    """Take an act back: its people stand as if it had not been, and are decided anew.

    Returns:
        the act, with 0 people when it was taken back before.

    Raises:
        Missing: no such act.
    """
    query = select(ScreeningVerdict.signup_id).where(ScreeningVerdict.act_id == act_id)
    judged = session.scalars(query).all()
    if not judged:
        raise Missing(act=str(act_id))
    named = people.lock(session, judged)
    people.lock_contacts(session, named, now=now)
    taken_back = session.execute(
        update(ScreeningVerdict)
        .where(ScreeningVerdict.act_id == act_id, ScreeningVerdict.undone_at.is_(None))
        .values(undone_at=now, undone_by=actor.name)
        .returning(ScreeningVerdict.verdict_id)
    ).all()
    if not taken_back:
        return Act(act_id, 0, 0)
    again = _decide_anew(session, named)
    audit.record(session, actor, "verdict:undo", act_id, at=now, people=len(taken_back), signups=again)
    return Act(act_id, len(taken_back), again)


def _says_something(standing: Word | None, verdict: str) -> bool:
    return standing is None or standing.verdict != verdict or (standing.upset and verdict == GENUINE)


def _words(session: Session, named: Sequence[Judged]) -> Mapping[UUID, Word]:
    keys = people.keys_of(named)
    return words_of(session, keys["contacts"], keys["alone"])


def _write(
    session: Session,
    named: Sequence[Judged],
    *,
    act_id: UUID,
    ring_key: UUID,
    verdict: str,
    note: str,
    actor: Actor,
    now: datetime,
) -> None:
    codes = people.reasons_known(session, named)
    act = {"act_id": act_id, "ring_key": ring_key, "verdict": verdict, "note": note, "author": actor.name, "at": now}
    rows = [
        {"verdict_id": next_id(now), "signup_id": each.signup_id, "codes": codes.get(each.key, []), **act}
        for each in named
    ]
    session.execute(insert(ScreeningVerdict), rows)


def _leave_with_stores(session: Session, named: Sequence[Judged], *, actor: Actor, now: datetime) -> None:
    """Suspected leads of people who are genuine stay where they are; nobody need look at them on the desk."""
    suspected = session.scalars(
        select(Lead.lead_id)
        .where(
            Lead.contact_id.in_(people.keys_of(named)["contacts"]),
            Lead.state == "placed",
            Lead.state_reason["code"].astext == "suspected",
        )
        .order_by(Lead.lead_id)
    ).all()
    for lead_id in suspected:
        routing.keep(session, lead_id=lead_id, actor=actor, now=now)


def _decide_anew(session: Session, named: Sequence[Judged]) -> int:
    again = session.execute(_DECIDED_ANEW, people.keys_of(named)).all()
    ring_after_commit(session, "hq.qualify")
    return len(again)
