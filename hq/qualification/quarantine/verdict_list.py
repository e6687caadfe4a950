"""The list of what headquarters has judged, person by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from hq.qualification.quarantine.asked import uuid
from hq.qualification.quarantine.models import VERDICTS, ScreeningVerdict
from hq.qualification.quarantine.words import stop_words
from shared.campaigns.models import Campaign
from shared.contacts.models import ContactPhone
from shared.contacts.names import mask_name
from shared.identity.permissions import Permission
from shared.signups.models import Signup
from shared.web.tables import Choice, Column, Dates, Flag, InCampaign, Table, View
from shared.web.tables.filters import Args, Asked, Values
from shared.web.words import later, listing, say

_V = ScreeningVerdict


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """One verdict about one person; `phone` masked."""

    verdict: ScreeningVerdict
    name: str | None
    phone: str | None
    campaign: str


class _OfRing:
    """What was judged in the ring of a sign-up, or of its person at another time; links only."""

    key, label, kind = "ring", _l("Ring"), "hidden"

    def read(self, args: Args) -> Values:
        """The sign-up asked for."""
        found = uuid(args.get("ring", ""))
        return (str(found),) if found else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """Everything of the acts that this ring or person was judged by."""
        return _V.act_id.in_(acts_of(UUID(values[0])))

    def words(self, values: Values, asked: Asked) -> str:
        """The end of its id, enough to tell two apart."""
        return f"…{values[0][-6:]}"


def acts_of(signup_id: UUID) -> Select[Any]:
    """The acts that judged the ring or the person of a sign-up."""
    one, same = aliased(Signup), aliased(Signup)
    person = (
        select(same.signup_id)
        .join(one, (one.signup_id == same.signup_id) | (one.contact_id == same.contact_id))
        .where(one.signup_id == signup_id)
    )
    return select(_V.act_id).where((_V.ring_key == signup_id) | _V.signup_id.in_(person))


def _query() -> Select[Any, Any, Any, Any]:
    return (
        select(
            _V,
            Signup.name.label("name"),
            ContactPhone.masked.label("phone"),
            Campaign.name.label("campaign"),
        )
        .join(Signup, Signup.signup_id == _V.signup_id)
        .outerjoin(Campaign, Campaign.campaign_id == Signup.campaign_id)
        .outerjoin(ContactPhone, ContactPhone.phone_bidx == Signup.phone_bidx)
    )


def _lines(_session: Session, rows: Sequence[Any]) -> list[VerdictLine]:
    return [VerdictLine(row.ScreeningVerdict, row.name, row.phone, row.campaign) for row in rows]


def _reasons(line: VerdictLine) -> str:
    return listing(stop_words(code) for code in line.verdict.codes)


VERDICT_LIST = Table(
    name="verdicts",
    title=_l("What was judged"),
    unit=lambda number, shown: ngettext("%(count)s verdict", "%(count)s verdicts", number, count=shown),
    permission=Permission.SCREENING_DECIDE,
    query=_query,
    counted=lambda: select(_V.verdict_id).join(Signup, Signup.signup_id == _V.signup_id),
    key=_V.verdict_id,
    sort="-at",
    cells="quarantine/verdict_cells.html",
    address=lambda line: url_for("signups.show", signup_id=line.verdict.signup_id),
    lines=_lines,
    columns=(
        Column("name", _l("Name"), head=True, text=lambda line: mask_name(line.name or "")),
        Column("phone", _l("Phone"), cell="phone", text=lambda line: line.phone),
        Column("verdict", _l("Verdict"), cell="verdict", text=lambda line: say(f"ruling.{line.verdict.verdict}")),
        Column("reasons", _l("What had stopped them"), text=_reasons),
        Column("campaign", _l("Campaign"), shown=False, text=lambda line: line.campaign),
        Column("note", _l("Note"), text=lambda line: line.verdict.note),
        Column("author", _l("By"), text=lambda line: line.verdict.author),
        Column("at", _l("When"), when=True, sort=_V.at, descending=True, text=lambda line: line.verdict.at),
        Column("undone", _l("Undone"), cell="undone", text=lambda line: line.verdict.undone_at),
    ),
    filters=(
        Choice("verdict", _l("Verdict"), [(name, later(f"ruling.{name}")) for name in VERDICTS], _V.verdict.__eq__),
        Flag("standing", _l("Not taken back"), lambda: _V.undone_at.is_(None)),
        InCampaign(Signup.campaign_id),
        Dates("at", _l("Judged"), _V.at),
        _OfRing(),
    ),
    views=(
        View("all", _l("All")),
        View("fraud", later("ruling.fraud"), "verdict=fraud&standing=1"),
        View("genuine", later("ruling.genuine"), "verdict=genuine&standing=1"),
    ),
    empty=(_l("Nothing was judged here"), _l("What you decide about rings is kept here, with its reasons.")),
)
