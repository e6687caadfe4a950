"""The audit log as a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, select

from hq.admin import audit_words
from shared.audit.models import AuditEntry
from shared.dealers.models import Dealer
from shared.identity.permissions import Permission
from shared.platform.ids import NIL
from shared.web.tables import Choice, Column, Dates, Search, Table, View
from shared.web.tables.filters import Args, Asked, Values, tidy


def _query() -> Select[Any, Any]:
    return select(AuditEntry, Dealer.name.label("dealer")).outerjoin(Dealer, Dealer.dealer_id == AuditEntry.dealer_id)


class _Action(Choice):
    """What was done; also an act that has no words yet, as links from entries name it."""

    def __init__(self) -> None:
        super().__init__("action", _l("What was done"), list(audit_words.ACTIONS.items()), AuditEntry.action.__eq__)

    def read(self, args: Args) -> Values:
        """The act asked for."""
        value = args.get(self.key, "")
        return (value,) if value and tidy(value) else ()


class _Subject:
    """To what: a whole subject `lead:018f…`, an id, or a part of one."""

    key, label, kind = "subject", _l("Id"), "text"

    def read(self, args: Args) -> Values:
        """What was asked for."""
        value = args.get("subject", "").strip()
        return (value,) if value and tidy(value) else ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """By index where the whole is known."""
        subject = values[0]
        if ":" in subject:
            return AuditEntry.subject == subject
        try:
            return AuditEntry.subject.in_([f"{kind}:{UUID(subject)}" for kind in audit_words.SUBJECTS])
        except ValueError:
            return AuditEntry.subject.contains(subject, autoescape=True)

    def words(self, values: Values, asked: Asked) -> str:
        """Its kind in words and the end of its id."""
        return audit_words.subject_words(values[0]) if ":" in values[0] else values[0]


def _side(side: str) -> ColumnElement[bool]:
    return AuditEntry.dealer_id == NIL if side == "hq" else AuditEntry.dealer_id != NIL


def _details(row: Any) -> str:
    shown = [audit_words.detail_words(detail) for detail in row.AuditEntry.details.items() if detail[1] is not None]
    return "　".join(shown)


AUDIT = Table(
    name="audit",
    title=_l("Audit log"),
    unit=lambda number, shown: ngettext("%(count)s entry", "%(count)s entries", number, count=shown),
    permission=Permission.AUDIT_READ,
    query=_query,
    counted=lambda: select(AuditEntry.entry_id),
    key=AuditEntry.entry_id,
    sort="-at",
    cells="admin/audit_cells.html",
    columns=(
        Column("at", _l("When"), cell="at", sort=AuditEntry.at, descending=True, text=lambda row: row.AuditEntry.at),
        Column("actor", _l("Who"), cell="actor", head=True, text=lambda row: row.AuditEntry.actor),
        Column("dealer", _l("Dealer"), cell="dealer", text=lambda row: row.dealer),
        Column(
            "action", _l("What was done"), cell="action", text=lambda row: audit_words.act_words(row.AuditEntry.action)
        ),
        Column("subject", _l("To what"), cell="subject", text=lambda row: row.AuditEntry.subject),
        Column("address", _l("Address"), text=lambda row: row.AuditEntry.address),
        Column("details", _l("Details"), cell="details", text=_details),
    ),
    filters=(
        _Action(),
        Dates("at", _l("When"), AuditEntry.at),
        Choice("side", _l("Whose"), [("hq", _l("Headquarters")), ("dealer", _l("Dealers"))], _side),
        _Subject(),
    ),
    search=Search(_l("Name of the person"), words=lambda words: AuditEntry.actor.contains(words, autoescape=True)),
    views=(
        View("all", _l("All"), count=False),
        View("numbers", _l("Numbers looked at"), "action=phone:reveal", count=False),
        View("exports", _l("Exports"), "action=export:take", count=False),
        View("plain", _l("Exports with numbers"), "action=export:phones", count=False),
        View("signins", _l("Sign-ins"), "action=session:begin", count=False),
    ),
    empty=(_l("Nothing yet"), _l("What people do is written down here by itself.")),
)
