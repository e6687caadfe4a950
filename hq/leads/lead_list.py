"""The list of leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.orm import Session, aliased

from hq.contacts.finding import name_contains
from hq.contacts.plain import plain_phones
from hq.intake.imports.import_list import OfImport
from hq.leads.elsewhere import ELSEWHERE
from hq.leads.lead_filters import PROVINCE, TOUCHPOINT, Step
from hq.leads.reasons import CLOSE_REASONS, RECALL_REASONS
from hq.routing.service import ON_THE_DESK
from shared.campaigns.models import Campaign
from shared.contacts.models import Contact, ContactPhone
from shared.contacts.names import mask_name
from shared.dealers.models import Store
from shared.identity.permissions import Permission
from shared.leads.models import GRADES, Assignment, Hold, Lead
from shared.regions import divisions
from shared.signups.models import Signup
from shared.web.counted import Counted
from shared.web.tables import (
    Act,
    Choice,
    Column,
    Dates,
    InCampaign,
    OfStore,
    Pick,
    Search,
    Sought,
    Table,
    View,
)
from shared.web.words import later, say

STATES = ("waiting", "offered", "held", "desk", "pooled", "won", "lost", "closed")

# A store has it, and a ring showed since, or the store is late: only a person may end that.
_IS_ASKED = and_(Lead.state == "placed", Lead.state_reason["code"].astext.in_(ON_THE_DESK))
_IS_HELD = exists(select(1).where(Hold.lead_id == Lead.lead_id).correlate(Lead))
SHOWN_PHONE = (
    select(ContactPhone.masked)
    .where(ContactPhone.contact_id == Lead.contact_id)
    .order_by(ContactPhone.created_at)
    .limit(1)
    .correlate(Lead)
    .scalar_subquery()
)

# Of the offers of a lead that wait, the one whose deadline is nearest. No MIN: so the index on deadlines gives the
# order, and a page reads no more offers than it shows.
_OFFERED, _SOONER = aliased(Assignment, name="offered"), aliased(Assignment, name="sooner")
_NEAREST = and_(
    _OFFERED.lead_id == Lead.lead_id,
    _OFFERED.stage == "offered",
    _OFFERED.ended_at.is_(None),
    ~exists(
        select(1).where(
            _SOONER.lead_id == _OFFERED.lead_id,
            _SOONER.stage == "offered",
            _SOONER.ended_at.is_(None),
            tuple_(_SOONER.deadline_at, _SOONER.assignment_id) < tuple_(_OFFERED.deadline_at, _OFFERED.assignment_id),
        )
    ),
)


_ON_OFFER = select(Assignment.lead_id).where(Assignment.stage == "offered", Assignment.ended_at.is_(None)).distinct()


@dataclass(frozen=True, slots=True)
class LeadLine:
    """A lead in the list; `store`, `stage` and `deadline_at` are those of the store that has it now."""

    lead: Lead
    name: str | None
    phone: str | None  # masked
    campaign: str
    held: bool
    store_id: UUID | None
    store: str | None
    stage: str | None
    deadline_at: datetime | None

    @property
    def state(self) -> str:
        """Its state, those at a store as offered or held."""
        return ("held" if self.held else "offered") if self.lead.state == "placed" else self.lead.state

    @property
    def place(self) -> str:
        """The district, as far as known."""
        code = self.lead.place.get("code")
        return " ".join(divisions.names_of([code]).values()) if code else ""


def _query() -> Select[Any]:
    return (
        select(
            Lead,
            Contact.name.label("name"),
            Campaign.name.label("campaign"),
            SHOWN_PHONE.label("phone"),
        )
        .select_from(Lead)
        .outerjoin(Contact, Contact.contact_id == Lead.contact_id)
        .outerjoin(Campaign, Campaign.campaign_id == Lead.campaign_id)
        .outerjoin(_OFFERED, _NEAREST)
    )


def _lines(session: Session, rows: Sequence[Any]) -> list[LeadLine]:
    live = live_stores(session, [row.Lead.lead_id for row in rows])
    return [_line(row, live.get(row.Lead.lead_id)) for row in rows]


def _line(row: Any, live: Any) -> LeadLine:
    return LeadLine(
        lead=row.Lead,
        name=row.name,
        phone=row.phone,
        campaign=row.campaign,
        held=live is not None and live.held,
        store_id=live.store_id if live else None,
        store=live.name if live else None,
        stage=live.stage if live else None,
        deadline_at=live.deadline_at if live and live.stage == "offered" else None,
    )


def live_stores(session: Session, lead_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Per lead: the store that has it now (the one that holds it, else the first it is offered to)."""
    rows = session.execute(
        select(
            Assignment.lead_id,
            Store.store_id,
            Store.name,
            Assignment.stage,
            Assignment.deadline_at,
            Hold.lead_id.is_not(None).label("held"),
        )
        .outerjoin(Hold, Hold.lead_id == Assignment.lead_id)
        .join(Store, (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id))
        .where(Assignment.lead_id.in_(lead_ids), Assignment.ended_at.is_(None))
        .order_by((Assignment.stage == "offered").desc(), Assignment.offered_at.desc())
    ).all()
    return {row.lead_id: row for row in rows}


def of_states(states: Sequence[str]) -> ColumnElement[bool]:
    kinds = {
        "offered": and_(Lead.state == "placed", ~_IS_HELD),
        "held": and_(Lead.state == "placed", _IS_HELD),
        "desk": or_(Lead.state == "desk", _IS_ASKED),
    }
    return or_(*(kinds.get(state, Lead.state == state) for state in states))


def _given_to(store_ids: Any) -> ColumnElement[bool]:
    return Lead.lead_id.in_(_leads_of(Store.store_id.in_(store_ids)))


def _leads_of(stores: ColumnElement[bool]) -> Any:
    # by way of the stores: assignments are found by dealer and store together
    here = (Store.dealer_id == Assignment.dealer_id) & (Store.store_id == Assignment.store_id)
    return select(Assignment.lead_id).join(Store, here).where(stores)


def _of_import(import_id: UUID) -> ColumnElement[bool]:
    return Lead.lead_id.in_(select(Signup.lead_id).where(Signup.import_id == import_id, Signup.outcome == "in_lead"))


def _of_phone(sought: Sought) -> ColumnElement[bool]:
    found = select(ContactPhone.contact_id).where(sought.among(ContactPhone.phone_bidx, ContactPhone.last4_bidx))
    return Lead.contact_id.in_(found)


def _of_words(words: str) -> ColumnElement[bool]:
    people = select(Contact.contact_id).where(name_contains(words))
    theirs = select(Lead.lead_id).where(Lead.contact_id.in_(people))
    here = _leads_of(or_(Store.name.contains(words, autoescape=True), Store.code == words))
    return Lead.lead_id.in_(union(theirs, here))


def _view(state: str) -> View:
    if state == "offered":  # few leads are on offer at a time and very many are held, so offers are counted
        return View(state, later("lead.offered"), "state=offered", counted=lambda: _ON_OFFER)
    return View(state, later(f"lead.{state}"), f"state={state}&sort=-opened")


def _state_text(line: LeadLine) -> str:
    return say(f"lead.{line.state}")


def _phones(session: Session, lines: Sequence[LeadLine]) -> dict[UUID, str]:
    numbers = plain_phones(session, [line.lead.contact_id for line in lines])
    return {line.lead.lead_id: numbers.get(line.lead.contact_id, "") for line in lines}


LEADS = Table(
    name="leads",
    title=_l("Leads"),
    unit=lambda number, shown: ngettext("%(count)s lead", "%(count)s leads", number, count=shown),
    permission=Permission.LEADS_READ,
    query=_query,
    counted=lambda: select(Lead.lead_id),
    key=Lead.lead_id,
    sort="deadline",
    cells="leads/cells.html",
    address=lambda line: url_for("leads.show", lead_id=line.lead.lead_id),
    lines=_lines,
    columns=(
        Column("grade", _l("Grade"), cell="grade", sort=Lead.grade, text=lambda line: line.lead.grade),
        Column(
            "points", _l("Score"), number=True, sort=Lead.points, descending=True, text=lambda line: line.lead.points
        ),
        Column(
            "name",
            _l("Customer"),
            head=True,
            text=lambda line: mask_name(line.name or "") or "–",
            plain=lambda line: line.name,
        ),
        Column("phone", _l("Phone"), cell="phone", phone=True, text=lambda line: line.phone),
        Column("state", _l("State"), cell="state", text=_state_text),
        Column("place", _l("District"), text=lambda line: line.place),
        Column("store", _l("Store"), cell="store", text=lambda line: line.store),
        Column("hop", _l("Stores before"), number=True, shown=False, text=lambda line: line.lead.hops),
        Column(
            "deadline",
            _l("Claim before"),
            cell="deadline",
            sort=_OFFERED.deadline_at,
            nullable=True,
            text=lambda line: line.deadline_at,
        ),
        Column("campaign", _l("Campaign"), shown=False, text=lambda line: line.campaign),
        Column(
            "chance",
            _l("Chance"),
            cell="chance",
            number=True,
            shown=False,
            text=lambda line: round(line.lead.probability, 3),
        ),
        Column(
            "opened",
            _l("Opened"),
            when=True,
            sort=Lead.opened_at,
            descending=True,
            text=lambda line: line.lead.opened_at,
        ),
    ),
    filters=(
        Choice("state", _l("State"), [(state, later(f"lead.{state}")) for state in STATES], of_states, many=True),
        Choice("grade", _l("Grade"), [(grade, grade) for grade in GRADES], Lead.grade.in_, many=True),
        InCampaign(Lead.campaign_id),
        OfStore(_given_to),
        OfImport(_of_import),
        Step(),
        TOUCHPOINT,
        PROVINCE,
        ELSEWHERE,
        Dates("opened", _l("Opened"), Lead.opened_at),
    ),
    search=Search(_l("Phone, last four digits, name or store"), words=_of_words, phone=_of_phone),
    acts=(
        Act(
            "recall",
            _l("Recall to the desk…"),
            endpoint="desk.recall_many",
            permission=Permission.LEADS_ASSIGN,
            pick=Pick("reason", _l("Why?"), list(RECALL_REASONS.items())),
            confirm=Counted(
                "Recall %(count)s lead? Its store loses it at once and is told.",
                "Recall %(count)s leads? Their stores lose them at once and are told.",
            ),
        ),
        Act(
            "return",
            _l("Let the rules choose"),
            endpoint="desk.return_many",
            permission=Permission.LEADS_ASSIGN,
            confirm=Counted(
                "Let the rules choose a store for %(count)s lead? Only those on the desk or in the pool are given out.",
                "Let the rules choose a store for %(count)s leads? Only those on the desk or in the pool are "
                "given out.",
            ),
        ),
        Act(
            "pool",
            _l("Into the open pool"),
            endpoint="desk.pool_many",
            permission=Permission.LEADS_ASSIGN,
            confirm=Counted(
                "Put %(count)s lead into the open pool? Only leads that wait or are on the desk can be put there.",
                "Put %(count)s leads into the open pool? Only leads that wait or are on the desk can be put there.",
            ),
        ),
        Act(
            "close",
            _l("Close…"),
            endpoint="desk.close_many",
            permission=Permission.LEADS_ASSIGN,
            pick=Pick("reason", _l("Why?"), list(CLOSE_REASONS.items())),
            confirm=Counted(
                "Close %(count)s lead without a sale? Its store loses it at once.",
                "Close %(count)s leads without a sale? Their stores lose them at once.",
            ),
        ),
    ),
    phones=_phones,
    views=(View("all", _l("All")), *map(_view, STATES)),
    empty=(
        _l("No leads here"),
        _l("Import sign-ups, or open a campaign: what qualifies becomes a lead within seconds."),
    ),
)
