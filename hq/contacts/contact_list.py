"""The list of customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from hq.contacts.finding import name_contains
from hq.contacts.plain import plain_phones
from shared.contacts.models import Consent, Contact, ContactPhone
from shared.contacts.names import mask_name
from shared.identity.permissions import Permission
from shared.leads.models import Lead
from shared.signups.models import Signup
from shared.web.tables import Choice, Column, Dates, InCampaign, Search, Sought, Table, View
from shared.web.tables.filters import Asked, Values
from shared.web.words import later, say

_OF_CONTACT = ContactPhone.contact_id == Contact.contact_id
_PHONE = (
    select(func.jsonb_build_array(ContactPhone.masked, ContactPhone.verified))
    .where(_OF_CONTACT)
    .order_by(ContactPhone.created_at)
    .limit(1)
    .correlate(Contact)
    .scalar_subquery()
)
_LEAD = (
    select(func.jsonb_build_array(Lead.lead_id, Lead.state, Lead.grade))
    .where(Lead.contact_id == Contact.contact_id)
    .order_by(Lead.opened_at.desc())
    .limit(1)
    .correlate(Contact)
    .scalar_subquery()
)
_SIGNUPS = select(func.count()).where(Signup.contact_id == Contact.contact_id).correlate(Contact).scalar_subquery()
_AGREES = exists(select(1).where(Consent.contact_id == Contact.contact_id).correlate(Contact))
# Shown, it is asked row by row: an EXISTS among the columns would read all consents into a hash first.
_AGREED = (
    select(literal(True)).where(Consent.contact_id == Contact.contact_id).limit(1).correlate(Contact).scalar_subquery()
)
_OPEN = exists(select(1).where(Lead.contact_id == Contact.contact_id, Lead.closed_at.is_(None)).correlate(Contact))
_ANY_LEAD = exists(select(1).where(Lead.contact_id == Contact.contact_id).correlate(Contact))


def _query() -> Select[Any]:
    return select(
        Contact,
        _PHONE.label("phone"),
        _LEAD.label("lead"),
        _SIGNUPS.label("signups"),
        _AGREED.label("agrees"),
    ).where(Contact.merged_into.is_(None))


class _SignedUpTo(InCampaign):
    """Customers with a sign-up of one campaign."""

    def __init__(self) -> None:
        """Declare it."""
        super().__init__(Signup.campaign_id)

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """The condition."""
        signed_up = select(Signup.contact_id).where(Signup.campaign_id == UUID(values[0]))
        return Contact.contact_id.in_(signed_up.where(Signup.contact_id.is_not(None)))


def _of_phone(sought: Sought) -> ColumnElement[bool]:
    found = select(ContactPhone.contact_id).where(sought.among(ContactPhone.phone_bidx, ContactPhone.last4_bidx))
    return Contact.contact_id.in_(found)


def _verified(values: Sequence[str]) -> ColumnElement[bool]:
    return exists(select(1).where(_OF_CONTACT, ContactPhone.verified.in_(values)))


def _with_lead(kinds: Sequence[str]) -> ColumnElement[bool]:
    return or_(*({"open": _OPEN, "over": _ANY_LEAD & ~_OPEN, "none": ~_ANY_LEAD}[kind] for kind in kinds))


def _phones(session: Session, rows: Sequence[Any]) -> Mapping[UUID, str]:
    return plain_phones(session, [row.Contact.contact_id for row in rows])


def _lead_words(row: Any) -> str | None:
    return f"{row.lead[2]} {say(f'lead.{row.lead[1]}')}" if row.lead else None


CONTACTS = Table(
    name="contacts",
    title=_l("Customers"),
    unit=lambda number, shown: ngettext("%(count)s customer", "%(count)s customers", number, count=shown),
    permission=Permission.CONTACTS_READ,
    query=_query,
    counted=lambda: select(Contact.contact_id).where(Contact.merged_into.is_(None)),
    key=Contact.contact_id,
    sort="-seen",
    cells="contacts/cells.html",
    address=lambda row: url_for("contacts.show", contact_id=row.Contact.contact_id),
    columns=(
        Column(
            "name",
            _l("Name"),
            head=True,
            text=lambda row: mask_name(row.Contact.name or ""),
            plain=lambda row: row.Contact.name,
        ),
        Column("phone", _l("Phone"), cell="phone", phone=True, text=lambda row: row.phone[0] if row.phone else None),
        Column("verified", _l("Verified"), text=lambda row: say(f"verified.{row.phone[1]}") if row.phone else None),
        Column("signups", _l("Sign-ups"), number=True, text=lambda row: row.signups),
        Column("lead", _l("Latest lead"), cell="lead", text=_lead_words),
        Column(
            "agrees", _l("Shared with dealers"), cell="agrees", text=lambda row: _l("yes") if row.agrees else _l("no")
        ),
        Column(
            "seen",
            _l("First seen"),
            when=True,
            sort=Contact.created_at,
            descending=True,
            text=lambda row: row.Contact.created_at,
        ),
        Column("changed", _l("Changed"), when=True, shown=False, text=lambda row: row.Contact.changed_at),
    ),
    filters=(
        _SignedUpTo(),
        Choice(
            "lead",
            _l("Lead"),
            [("open", _l("open")), ("over", _l("over")), ("none", _l("none yet"))],
            _with_lead,
            many=True,
        ),
        Choice(
            "verified",
            _l("Verified"),
            [(name, later(f"verified.{name}")) for name in ("wechat", "sms", "none")],
            _verified,
            many=True,
        ),
        Choice(
            "agrees",
            _l("Shared with dealers"),
            [("yes", _l("yes")), ("no", _l("no"))],
            lambda value: _AGREES if value == "yes" else ~_AGREES,
        ),
        Dates("seen", _l("First seen"), Contact.created_at),
    ),
    search=Search(
        _l("Phone, last four digits or name"),
        words=name_contains,
        phone=_of_phone,
    ),
    phones=_phones,
    views=(
        View("all", _l("All")),
        View("open", _l("With an open lead"), "lead=open", count=False),
        View("none", _l("Without a lead"), "lead=none", count=False),
        View("alone", _l("Shared with no dealer"), "agrees=no", count=False),
    ),
    empty=(_l("No customers yet"), _l("Each person who signs up becomes a customer within seconds.")),
)
