"""The list of sign-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from hq.contacts.plain import phones_by_index
from hq.intake.imports.import_list import OfImport
from hq.signups.queries import became_of
from shared.campaigns.models import Campaign
from shared.contacts.models import ContactPhone
from shared.contacts.names import mask_name
from shared.identity.permissions import Permission
from shared.leads.metrics import BECAME, FAKE
from shared.platform.clock import BEIJING
from shared.signups.models import SOURCES, Signup
from shared.web.tables import Choice, Column, Dates, Flag, InCampaign, Search, Sought, Table, View
from shared.web.tables.filters import Args, Asked, Values
from shared.web.vocabulary import choices
from shared.web.words import later, say


@dataclass(frozen=True, slots=True)
class SignupLine:
    """A sign-up in the list; `phone` masked, None when it could not be used or is not decided yet."""

    signup: Signup
    campaign: str
    phone: str | None

    @property
    def became(self) -> str:
        """Where it is."""
        return became_of(self.signup)


def _query() -> Select[Any, Any, Any]:
    return (
        select(Signup, Campaign.name.label("campaign"), ContactPhone.masked.label("phone"))
        .outerjoin(Campaign, Campaign.campaign_id == Signup.campaign_id)
        .outerjoin(ContactPhone, ContactPhone.phone_bidx == Signup.phone_bidx)
    )


def _lines(_session: Session, rows: Sequence[Any]) -> list[SignupLine]:
    return [SignupLine(row.Signup, row.campaign, row.phone) for row in rows]


def _became(names: Sequence[str]) -> ColumnElement[bool]:
    kinds = {
        "aside": Signup.aside_at.is_not(None),
        "pending": (Signup.state == "received") & Signup.aside_at.is_(None),
    }
    return or_(*(kinds.get(name, (Signup.outcome == name) & Signup.aside_at.is_(None)) for name in names))


def _of_phone(sought: Sought) -> ColumnElement[bool]:
    if sought.whole is not None:
        return Signup.phone_bidx == sought.whole
    return Signup.phone_bidx.in_(select(ContactPhone.phone_bidx).where(ContactPhone.last4_bidx == sought.last4))


def _came_by(touchpoint: str) -> ColumnElement[bool]:
    return Signup.touchpoint.is_(None) if touchpoint == "none" else Signup.touchpoint == touchpoint


class _Hour:
    """One hour of acceptance in Beijing, `2026-11-20T15`: the bars of the overview lead here."""

    key, label, kind = "hour", _l("Hour"), "hidden"

    def read(self, args: Args) -> Values:
        """The hour, where it is one."""
        value = args.get("hour", "")
        return (value,) if _hour(value) else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """From its first moment to the next hour's."""
        begin = _hour(values[0]) or asked.now
        return (Signup.accepted_at >= begin) & (Signup.accepted_at < begin + timedelta(hours=1))

    def words(self, values: Values, asked: Asked) -> str:
        """Its day and clock times."""
        begin = _hour(values[0]) or asked.now
        return f"{begin:%m-%d} {begin.hour}:00\N{EN DASH}{begin.hour + 1}:00"


def _hour(text: str) -> datetime | None:
    try:
        begin = datetime.strptime(text, "%Y-%m-%dT%H").replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return begin if begin.year < MAXYEAR else None  # the hour after it must exist too


def _phones(session: Session, lines: Sequence[SignupLine]) -> Mapping[UUID, str]:
    numbers = phones_by_index(session, [line.signup.phone_bidx for line in lines])
    return {
        line.signup.signup_id: numbers.get(bytes(line.signup.phone_bidx), "")
        for line in lines
        if line.signup.phone_bidx is not None
    }


def _said(name: str) -> Any:
    return lambda line: line.signup.interest.get(name)


SIGNUPS = Table(
    name="signups",
    title=_l("Sign-ups"),
    unit=lambda number, shown: ngettext("%(count)s sign-up", "%(count)s sign-ups", number, count=shown),
    permission=Permission.SIGNUPS_READ,
    query=_query,
    counted=lambda: select(Signup.signup_id),
    key=Signup.signup_id,
    sort="-accepted",
    cells="signups/cells.html",
    address=lambda line: url_for("signups.show", signup_id=line.signup.signup_id),
    lines=_lines,
    columns=(
        Column(
            "accepted",
            _l("Received"),
            when=True,
            sort=Signup.accepted_at,
            descending=True,
            text=lambda line: line.signup.accepted_at,
        ),
        Column(
            "name",
            _l("Name"),
            head=True,
            text=lambda line: mask_name(line.signup.name or ""),
            plain=lambda line: line.signup.name,
        ),
        Column("phone", _l("Phone"), cell="phone", phone=True, text=lambda line: line.phone),
        Column(
            "verified", _l("Verified"), shown=False, text=lambda line: say(f"verified.{line.signup.phone_verified}")
        ),
        Column("campaign", _l("Campaign"), text=lambda line: line.campaign),
        Column("source", _l("Source"), text=lambda line: say(f"source.{line.signup.source}")),
        Column(
            "touchpoint",
            _l("Touchpoint"),
            text=lambda line: say(f"touchpoint.{line.signup.touchpoint}") if line.signup.touchpoint else None,
        ),
        Column("store", _l("Scanned store"), shown=False, text=lambda line: line.signup.store_code),
        Column("model", _l("Model"), shown=False, text=_said("model")),
        Column(
            "horizon",
            _l("Wants to buy"),
            shown=False,
            text=lambda line: (
                say(f"horizon.{line.signup.interest['purchase_horizon']}")
                if line.signup.interest.get("purchase_horizon")
                else None
            ),
        ),
        Column("occurred", _l("Signed up"), when=True, text=lambda line: line.signup.occurred_at),
        Column("became", _l("What became of it"), cell="became", text=lambda line: say(f"became.{line.became}")),
    ),
    filters=(
        Choice("became", _l("What became of it"), [(n, later(f"became.{n}")) for n in BECAME], _became, many=True),
        InCampaign(Signup.campaign_id),
        Choice(
            "source", _l("Source"), [(name, later(f"source.{name}")) for name in SOURCES], Signup.source.in_, many=True
        ),
        Choice("touchpoint", _l("Touchpoint"), [*choices("touchpoint"), ("none", _l("not told"))], _came_by),
        Choice(
            "verified",
            _l("Phone"),
            [(name, later(f"verified.{name}")) for name in ("wechat", "sms", "none")],
            Signup.phone_verified.in_,
            many=True,
        ),
        Dates("accepted", _l("Received"), Signup.accepted_at),
        Flag("fake", _l("Not believed"), lambda: _became(FAKE)),
        _Hour(),
        OfImport(lambda import_id: Signup.import_id == import_id),
    ),
    search=Search(
        _l("Phone, last four digits or name"),
        words=lambda words: Signup.name.contains(words, autoescape=True),
        phone=_of_phone,
    ),
    phones=_phones,
    views=(View("all", _l("All")), *(View(name, later(f"became.{name}"), f"became={name}") for name in BECAME)),
    empty=(_l("No sign-ups here"), _l("They come from the campaign page, the mini-program and imports.")),
)
