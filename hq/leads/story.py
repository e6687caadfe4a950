"""The whole story of a lead, in the order it happened: sign-ups, decisions, offers, and what people did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hq.leads.queries import GivenLine, LeadPage
from hq.qualification.models import SignupDecision
from shared.campaigns.models import Campaign
from shared.dealers.models import Store
from shared.identity.models import Staff
from shared.leads.events import SYSTEM
from shared.leads.models import Assignment, FollowUp, LeadEvent
from shared.leads.sellers.models import LeadGiving
from shared.platform.clock import beijing_day
from shared.signups.models import Signup


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the story.

    Attributes:
        kind: signup, decision, or the kind of a lead event or follow-up; names the sentence.
        who: the system, or a person's name.
        where: the store, when it happened at one.
        details: what the sentence needs, and the reasons.
        role: of a person, where it is known.
    """

    at: datetime
    kind: str
    who: str
    where: str | None
    details: Mapping[str, Any]
    role: str | None = None

    @property
    def side(self) -> str:
        """Whose doing it was: `machine`, or `people` (customers, stores, headquarters)."""
        return "machine" if self.who == SYSTEM else "people"


def of_lead(session: Session, page: LeadPage) -> list[Happening]:
    """Everything known about the lead, and about the person before it; in order. Four statements, five with stores
    that were looked at and not given it."""
    lead_id = page.lead.lead_id
    happenings = [
        *_signups(session, lead_id, page.lead.contact_id),
        *_events(session, lead_id, {str(line.store_id): line.store for line in page.given}),
        *_follow_ups(session, lead_id),
        *_givings(session, lead_id),
        *_seen(page.given),
    ]
    return sorted(happenings, key=lambda happening: happening.at)


def _signups(session: Session, lead_id: UUID, contact_id: UUID) -> Iterator[Happening]:
    """Of the person: those that count for the lead, and those that never led to one."""
    no_lead = (Signup.contact_id == contact_id) & Signup.lead_id.is_(None)
    rows = session.execute(
        select(Signup, Campaign.name, SignupDecision)
        .join(Campaign, Campaign.campaign_id == Signup.campaign_id)
        .outerjoin(SignupDecision, SignupDecision.signup_id == Signup.signup_id)
        .where((Signup.lead_id == lead_id) | no_lead)
        .order_by(Signup.accepted_at, Signup.signup_id, SignupDecision.run)
    ).all()
    seen = set()
    for signup, campaign, decision in rows:
        if signup.signup_id not in seen:
            seen.add(signup.signup_id)
            yield _signup(signup, campaign)
        if decision is not None:
            yield Happening(
                at=decision.at,
                kind="decision",
                who=SYSTEM,
                where=None,
                details={"outcome": decision.outcome, "run": decision.run, "rules": decision.rules, **decision.steps},
            )


def _signup(signup: Signup, campaign: str) -> Happening:
    return Happening(
        at=signup.accepted_at,
        kind="signup",
        who=signup.name or "",
        where=None,
        details={
            "campaign": campaign,
            "source": signup.source,
            "touchpoint": signup.touchpoint,
            "occurred_at": signup.occurred_at,
            "interest": signup.interest,
            "actions": signup.actions,
            "row": signup.import_row,
        },
    )


def _events(session: Session, lead_id: UUID, given: Mapping[str, str]) -> Iterator[Happening]:
    rows = session.scalars(select(LeadEvent).where(LeadEvent.lead_id == lead_id)).all()
    others = {store_id for event in rows for store_id in _stores_in(event.details)} - set(given)
    names = {**given, **_store_names(session, others)}
    for event in rows:
        details = dict(event.details)
        if "considered" in details:
            details["considered"] = [
                {**each, "name": names.get(each.get("store_id", ""), each.get("code"))}
                for each in details["considered"]
            ]
        where = names.get(details.get("store_id", ""))
        role = details.get("role")
        yield Happening(at=event.at, kind=event.kind, who=event.actor, where=where, details=details, role=role)


def _stores_in(details: Mapping[str, Any]) -> Iterator[str]:
    """The stores that a line names, as text ids."""
    if "store_id" in details:
        yield details["store_id"]
    yield from (each["store_id"] for each in details.get("considered", ()) if "store_id" in each)


def _store_names(session: Session, store_ids: set[str]) -> dict[str, str]:
    if not store_ids:
        return {}
    wanted = [UUID(store_id) for store_id in store_ids]
    rows = session.execute(select(Store.store_id, Store.name).where(Store.store_id.in_(wanted)))
    return {str(store_id): name for store_id, name in rows}


def _follow_ups(session: Session, lead_id: UUID) -> Iterator[Happening]:
    rows = session.execute(
        select(FollowUp, Staff.name, Staff.role, Store.name)
        .join(
            Assignment,
            (Assignment.dealer_id == FollowUp.dealer_id) & (Assignment.assignment_id == FollowUp.assignment_id),
        )
        .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
        .outerjoin(Staff, (Staff.dealer_id == FollowUp.dealer_id) & (Staff.user_id == FollowUp.user_id))
        .where(Assignment.lead_id == lead_id)
    ).all()
    for done, person, role, store in rows:
        yield Happening(
            at=done.at,
            kind=f"store_{done.kind}",
            who=person or "",
            where=store,
            details={"result": done.result, "note": done.note, "next_at": done.next_at},
            role=role,
        )


def _givings(session: Session, lead_id: UUID) -> Iterator[Happening]:
    """Who of a store got the lead from somebody there."""
    to, by = aliased(Staff), aliased(Staff)
    rows = session.execute(
        select(LeadGiving.at, LeadGiving.how, to.name, by.name, by.role, Store.name)
        .join(
            Assignment,
            (Assignment.dealer_id == LeadGiving.dealer_id) & (Assignment.assignment_id == LeadGiving.assignment_id),
        )
        .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
        .outerjoin(to, (to.dealer_id == LeadGiving.dealer_id) & (to.user_id == LeadGiving.to_user))
        .outerjoin(by, (by.dealer_id == LeadGiving.dealer_id) & (by.user_id == LeadGiving.by_user))
        .where(Assignment.lead_id == lead_id)
    ).all()
    for at, how, receiver, person, role, store in rows:
        told = {"to": receiver, "how": how}
        yield Happening(at=at, kind="store_given", who=person or "", where=store, details=told, role=role)


def _seen(given: Iterable[GivenLine]) -> Iterator[Happening]:
    """When stores first saw what they were offered: they read the notice of it."""
    for line in given:
        if line.read_at is not None:
            yield Happening(at=line.read_at, kind="seen", who="", where=line.store, details={})


def looks(happenings: Iterable[Happening]) -> list[Happening]:
    """Who has seen the number, the latest first."""
    return [each for each in happenings if each.kind == "store_reveal"][::-1]


def only(happenings: list[Happening], side: str | None) -> list[Happening]:
    """What one side did; everything for None."""
    return [each for each in happenings if side in (None, each.side)]


def by_day(happenings: list[Happening]) -> list[tuple[date, list[Happening]]]:
    """The story cut into Beijing days, in the order given."""
    return [(day, list(group)) for day, group in groupby(happenings, key=lambda each: beijing_day(each.at))]
